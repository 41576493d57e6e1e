"""A struct and the columns that fill it."""

import msgspec
import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, select

from parley.kernel.database.struct_columns import StructColumns

PERSON = Table("person", MetaData(), Column("id", Integer), Column("name", String), Column("age", Integer))


class Name(msgspec.Struct, frozen=True):
    id: int
    name: str


class Message(msgspec.Struct, frozen=True, kw_only=True):
    number: int
    author: Name | None
    is_new: bool = False


def test_a_row_fills_the_fields_by_their_names():
    found = StructColumns(Name, PERSON)
    assert [column.name for column in select(*found.columns).selected_columns] == ["id", "name"]
    assert found((7, "Ada")) == Name(7, "Ada")


def test_a_struct_inside_takes_the_columns_behind():
    found = StructColumns(Message, number=PERSON.c.age, author=StructColumns(Name, PERSON).or_none())
    assert [column.name for column in found.columns] == ["age", "id", "name"]
    assert found((1, 7, "Ada")) == Message(number=1, author=Name(7, "Ada"))
    assert found((1, None, None)) == Message(number=1, author=None)
    assert found((1, 7, "Ada", "what stands behind")) == Message(number=1, author=Name(7, "Ada"))


@pytest.mark.parametrize(
    "given", [{}, {"number": PERSON.c.age, "author": PERSON.c.name, "autor": PERSON.c.id}]
)
def test_a_field_without_a_column_and_a_column_without_a_field_are_errors(given):
    with pytest.raises(TypeError):
        StructColumns(Message, **given)
