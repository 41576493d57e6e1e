"""What a tool is."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

import msgspec

PROJECT = "/api/projects/{project_id}"
TEAM_FIELDS = frozenset({"assignee", "created_by", "last_modified_by", "tags"})
"""What the team writes, wherever it stands."""


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """One request of the API, as a tool. Its inputs, their schemas and its scopes come from the OpenAPI document.

    `inputs` are the parameters of the query and the fields of the body that it takes; without any, it takes all. `names`
    maps parameters of the path to the names that they have as inputs. `shows` are the fields that it shows of an object;
    without any, all. `team` are those that the team writes: others count as a stranger's. `link` is the path of the page
    of an object. `sends` says that something may leave Parley, such as a mail to a customer.
    """

    name: str
    title: str
    about: str
    method: Literal["GET", "POST", "PATCH", "PUT", "DELETE"]
    path: str
    inputs: tuple[str, ...] | None = None
    names: Mapping[str, str] = {}
    shows: tuple[str, ...] | None = None
    team: frozenset[str] = frozenset()
    link: str | None = None
    only_reads: bool = False
    destroys: bool = False
    is_idempotent: bool = False
    sends: bool = False

    @property
    def reads_only(self) -> bool:
        return self.only_reads or self.method == "GET"

    @property
    def team_fields(self) -> frozenset[str]:
        return team_fields_with(self.team)


@lru_cache
def team_fields_with(more: frozenset[str]) -> frozenset[str]:
    """Return the fields of the team everywhere, and these; made once, for it is asked for each object of a list."""
    return TEAM_FIELDS | more


def named(names: str) -> tuple[str, ...]:
    """Return names that are written with spaces between."""
    return tuple(names.split())
