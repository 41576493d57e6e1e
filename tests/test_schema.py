"""A row's identity includes its project: no key, index or reference can reach across projects."""

import importlib
import pkgutil

from sqlalchemy import ForeignKeyConstraint, Table, UniqueConstraint

import parley
from parley.kernel.database.columns import metadata


def load_all_tables():
    for module in pkgutil.walk_packages(parley.__path__, "parley."):
        if "tables" in module.name.split(".") and "tests" not in module.name.split("."):
            importlib.import_module(module.name)


def is_project_owned(table: Table):
    return "project_id" in table.columns


def project_tables():
    load_all_tables()
    return [table for table in metadata.sorted_tables if is_project_owned(table)]


def first_columns(table: Table):
    """Give the name of each key of a table with the first column that makes it up."""
    yield "its primary key", next(iter(table.primary_key.columns)).name
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield f"unique {constraint.columns.keys()}", next(iter(constraint.columns)).name
    for index in table.indexes:
        if index.unique:
            yield f"unique index {index.name}", next(iter(index.columns)).name


def foreign_keys(table: Table):
    return [key for key in table.constraints if isinstance(key, ForeignKeyConstraint)]


def test_there_are_project_owned_tables():
    assert {"ticket", "comment", "person"} <= {table.name for table in project_tables()}


def test_every_key_of_a_project_owned_table_starts_with_the_project():
    wrong = [
        f"{table.name}: {key} starts with {first}"
        for table in project_tables()
        for key, first in first_columns(table)
        if first != "project_id"
    ]
    assert wrong == []


def test_every_reference_to_a_project_owned_table_stays_in_the_project():
    wrong = [
        f"{table.name}.{key.column_keys} -> {key.referred_table.name}"
        for table in metadata.sorted_tables
        for key in foreign_keys(table)
        if is_project_owned(key.referred_table) and "project_id" not in key.column_keys
    ]
    assert wrong == []
