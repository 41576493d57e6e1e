"""Whatever stands in the query of the ticket list: it is answered, and only a view that isn't there is refused."""

import asyncio
import json
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parley.conversations.ticket_list.tests.list_model import BOUNDS, NO_BOUNDS, NO_NAMES
from tests.effort import examples

FUZZ = settings(
    max_examples=examples(50),
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
NAMES = (
    "status", "priority", "channel_source", "channel_detail", "assignee", "date_from", "date_to", "distinct_ids",
    "emails", "distinct_id", "sla", "snoozed", "tags", "tags_all", "tags_exclude", "ai_triage_result", "order_by",
    "limit", "offset", "after_mark", "search", "unread", "status[]", "",
)  # fmt: skip
WORDS = (
    "new,open", "me", "user:1", "role:01a1fdb4-75be-74e3-9fe6-93fa4c1b1cf1", "true", "-updated_at", "sla_due_at", "9" * 400,
    "-1", "1e308", "0x10", "\x00", "\u202e", "\ufeff", "İ", "ß", "😀" * 50, "%", "\\", "'; --", "," * 5000,
    "null", "[" * 3000 + "]" * 3000, '{"a":' * 500, '["\\u0000"]', '["\\ud800"]', "[1e999]", json.dumps(["x" * 300] * 60),
    "WyJudW1iZXIiLG51bGwsMl0", "WyJudW1iZXIiLG51bGwsLTFd", "-99999y", "99999yEnd", "0001-01-01", "9999-12-31T23:59:59-14:00",
    *BOUNDS, *NO_BOUNDS, *NO_NAMES,
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=10,
)
TEXTS = st.sampled_from(WORDS) | st.text() | JSON.map(json.dumps) | st.integers().map(str)
BYTES = st.binary(max_size=20).map(quote)
NAMED = st.lists(st.text(max_size=255), max_size=60)
SENSIBLE = {
    "status": st.lists(st.sampled_from(["open", "new"])),
    "priority": st.lists(st.sampled_from(["low", "critical"])),
    "channel": st.sampled_from([None, "all", "email"]),
    "sla": st.sampled_from(["all", "at-risk"]),
    "aiTriageResult": st.just(["suggested"]),
    "assignee": st.lists(
        st.sampled_from(["me", "unassigned", {"type": "user", "id": 2**31 - 1}]), max_size=200
    ),
    "tags": NAMED,
    "tagsMatch": st.sampled_from(["any", "all"]),
    "tagsExclude": NAMED,
    "dateFrom": st.sampled_from((*BOUNDS, *NO_BOUNDS, None)) | st.text(max_size=100),
    "dateTo": st.sampled_from((*BOUNDS, *NO_BOUNDS, None)),
    "sorting": st.fixed_dictionaries({"columnKey": st.text(max_size=100), "order": st.sampled_from([1, -1])}),
    "search": st.text(max_size=200),
    "own": JSON,
}


@pytest.fixture
async def busy(desk):
    """A project with some tickets."""
    for n in range(4):
        changes = {"sla_due_at": "2030-01-01T00:00:00Z"} if n % 2 else {}
        await desk.change((await desk.open(distinct_id=f"d{n}", tags=["vip"]))["id"], **changes)
    return desk


async def run(check):
    """Run hypothesis in a thread; what `check` gets waits for a coroutine on the application's loop."""
    loop = asyncio.get_running_loop()

    def wait(coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(60)

    await asyncio.to_thread(check, wait)


def check_page(answer):
    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert set(page) == {"count", "next", "previous", "results"}
    assert len(page["results"]) <= page["count"] <= 4


async def test_any_query_is_answered(busy):
    def check(wait):
        @FUZZ
        @given(st.lists(st.tuples(st.sampled_from(NAMES), TEXTS), max_size=6), BYTES)
        def ask(pairs, tail):
            query = urlencode([(name, text.encode("utf-8", "replace")) for name, text in pairs])
            check_page(wait(busy.client.get(f"{busy.tickets}?{query}&distinct_ids={tail}&{tail}=1")))

        ask()

    await run(check)


async def test_a_view_of_any_name_is_refused_or_ignored(busy):
    def check(wait):
        @FUZZ
        @given(TEXTS)
        def ask(text):
            query = urlencode([("view", text.encode("utf-8", "replace"))])
            answer = wait(busy.client.get(f"{busy.tickets}?{query}"))
            if not text:
                check_page(answer)
                return
            body = answer.json()
            assert (answer.status_code, body["type"], body["attr"]) == (400, "validation_error", "view")
            assert body["detail"] == "No saved ticket view matches this short_id."

        ask()

    await run(check)


async def test_any_filters_that_a_view_takes_can_be_listed(busy):
    views = f"/api/projects/{busy.project.id}/conversations/views/"
    taken = []

    def check(wait):
        @FUZZ
        @given(
            st.fixed_dictionaries({}, optional=SENSIBLE), st.none() | st.sampled_from(list(SENSIBLE)), JSON
        )
        def save(filters, key, value):
            filters = filters if key is None else {**filters, key: value}
            body = json.dumps({"name": "One", "filters": filters})
            made = wait(busy.client.post(views, content=body, headers={"Content-Type": "application/json"}))
            assert made.status_code in (201, 400), made.text
            if made.status_code == 201:
                taken.append(filters)
                check_page(wait(busy.client.get(busy.tickets, params={"view": made.json()["short_id"]})))

        save()

    await run(check)
    assert len(taken) > 20
