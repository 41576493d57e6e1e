"""Which part of a list a query asks for."""

from typing import Any

import pytest

from parley.kernel.paging import MAX_OFFSET, Window, window_of
from parley.kernel.request import ParleyRequest


def asked(query, **limits):
    scope: Any = {"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": query.encode()}
    return window_of(ParleyRequest(scope), **limits)


@pytest.mark.parametrize(
    ("query", "limit", "offset"),
    [
        ("", 100, 0),
        ("limit=1&offset=7", 1, 7),
        ("limit=1000", 1000, 0),
        ("limit=1001", 1000, 0),
        ("limit=99999999999999999999", 1000, 0),
        (f"limit={'9' * 5000}", 1000, 0),
        ("limit=0", 100, 0),
        ("limit=-1&offset=-1", 100, 0),
        ("limit=abc&offset=1e3", 100, 0),
        ("limit=%C2%B2&offset=%D9%A3", 100, 0),
        ("limit=%00&offset=", 100, 0),
        ("offset=99999999999999999999", 100, MAX_OFFSET),
        ("limit=2&limit=3&offset=4&offset=5", 2, 4),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_window_is_what_can_be_read_and_no_larger_than_allowed(query, limit, offset):
    assert asked(query) == Window(limit, offset)


def test_a_list_may_have_limits_of_its_own():
    assert asked("limit=900", default=50, most=200).limit == 200
    assert asked("", default=50, most=200).limit == 50


async def test_a_page_beyond_the_end_is_empty_and_leads_back(alice):
    await alice.client.post(alice.project.tickets, json={"distinct_id": "ada"})
    page = (await alice.client.get(alice.project.tickets, params={"offset": "9" * 30})).json()
    assert (page["count"], page["results"], page["next"]) == (1, [], None)
    assert f"offset={MAX_OFFSET - 100}" in page["previous"]
