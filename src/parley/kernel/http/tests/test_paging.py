"""Which part of a list a query asks for."""

from typing import Any

import pytest

from parley.kernel.http.paging import MAX_OFFSET, PageRequest, page_request
from parley.kernel.http.request import ParleyRequest


def asked(query, **limits):
    scope: Any = {"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": query.encode()}
    return page_request(ParleyRequest(scope), **limits)


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
def test_a_page_request_is_what_can_be_read_and_no_larger_than_allowed(query, limit, offset):
    assert asked(query) == PageRequest(limit, offset)


def test_a_list_may_have_limits_of_its_own():
    assert asked("limit=900", default=50, most=200).limit == 200
    assert asked("", default=50, most=200).limit == 50


async def test_a_page_beyond_the_end_is_empty_and_leads_back(alice):
    await alice.client.post(alice.project.tickets, json={"distinct_id": "ada"})
    page = (await alice.client.get(alice.project.tickets, params={"offset": "9" * 30})).json()
    assert (page["count"], page["results"], page["next"]) == (1, [], None)
    assert f"offset={MAX_OFFSET - 100}" in page["previous"]


async def test_no_page_repeats_the_key_of_the_query(cast, alice):
    for number in range(3):
        await alice.client.post(alice.project.tickets, json={"distinct_id": f"ada{number}"})
    client = cast.client()
    root = f"/api/projects/{alice.project_id}"
    for path in (alice.project.tickets, f"{root}/events/", "/api/organizations/@current/members/"):
        query = f"personal_api_key={alice.key}"
        page = (await client.get(f"{path}?{query}&limit=1&{query}")).json()
        assert page["next"] is not None, path
        assert (await client.get(page["next"])).status_code == 401
        again = await client.get(f"{page['next']}&{query}")
        assert again.status_code == 200 and len(again.json()["results"]) == 1
        for answer in (page, again.json()):
            assert alice.key not in f"{answer.get('next')} {answer.get('previous')}"
