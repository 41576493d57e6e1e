"""What customers tell of themselves stays within limits, however often they tell it."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.conversations.ticket_api.rules import (
    CONTEXT,
    LISTED_BYTES,
    MAX_OF_TEAM_BYTES,
    TRAITS,
    TraitLimits,
    merged_traits,
    shortened,
)

SMALL = TraitLimits(4, 5, 60, ("name", "email"))
KEYS = st.sampled_from(["name", "email", "a", "b", "c", "d", "e", "f" * 20])
TOLD = st.dictionaries(KEYS, st.text(max_size=12) | st.none() | st.integers(0, 99), max_size=8)


@given(st.lists(TOLD, max_size=8))
def test_whatever_is_told_in_turn_stays_within_the_limits(messages):
    stored: dict[str, object] = {}
    for sent in messages:
        stored = merged_traits(stored, sent, SMALL)
        sizes = [len(msgspec.json.encode(item)) for item in stored.items()]
        texts = [key for key, value in stored.items() if key in SMALL.known and isinstance(value, str)]
        foreign = set(stored) - set(texts)
        assert not foreign or (len(stored) <= SMALL.max_keys and sum(sizes) <= SMALL.max_bytes)
        for key in {key for key, value in sent.items() if value is not None} & set(texts):
            assert str(sent[key]).startswith(str(stored[key]))


def test_the_oldest_fall_out_first_and_known_names_stay():
    stored = {"old": "1", "name": "Ada", "newer": "2", "email": "ada@example.com"}
    limits = TraitLimits(4, 500, 10_000, ("name", "email"))
    assert merged_traits(stored, {"newest": "3"}, limits) == {
        "name": "Ada",
        "newer": "2",
        "email": "ada@example.com",
        "newest": "3",
    }
    assert merged_traits(stored, {"old": "told again", "newest": "3"}, limits).keys() == {
        "name",
        "email",
        "old",
        "newest",
    }


def test_what_fits_is_left_as_it_is():
    stored = {"a": {"nested": [1, 2]}, "name": "x" * 600}
    assert merged_traits(stored, {"b": None}, TRAITS) == {**stored, "b": None}


def test_of_a_large_object_a_list_shows_texts_under_known_names():
    value = {"name": "n" * 600, "email": 7, "other": "x"}
    assert shortened(msgspec.Raw(msgspec.json.encode(value)), TRAITS.known) == {"name": "n" * 500}


async def test_many_messages_with_new_names_leave_a_ticket_and_a_list_of_bounded_size(desk, customer):
    first = await customer.write("Hello", traits={"name": "Ada", "email": "ada@example.com"})
    for n in range(30):
        traits = {f"{n} {i} {'k' * 150}": "v" * 500 for i in range(10)}
        context = {f"{n} {i}": "c" * 2000 for i in range(10)}
        sent = {"current_url": f"https://x.example/{n}", **context}
        await customer.write("More", first.ticket_id, traits=traits, session_context=sent)
    found = await desk.ticket(1)
    traits, context = found["anonymous_traits"], found["session_context"]
    assert (traits["name"], traits["email"]) == ("Ada", "ada@example.com")
    assert context["current_url"] == "https://x.example/29"
    assert {name.split()[0] for name in traits if name.startswith("29 ")} == {"29"}
    assert len(traits) <= TRAITS.max_keys and len(msgspec.json.encode(traits)) <= TRAITS.max_bytes
    assert len(context) <= CONTEXT.max_keys and len(msgspec.json.encode(context)) <= CONTEXT.max_bytes
    for query in ({}, {"search": "Hello"}, {"priority": "", "distinct_ids": "visitor"}):
        (line,) = (await desk.listed(**query))["results"]
        assert line["anonymous_traits"] == {"name": "Ada", "email": "ada@example.com"}
        assert line["session_context"] == {"current_url": "https://x.example/29"}
        assert len(msgspec.json.encode(line)) < 4 * LISTED_BYTES


async def test_what_capture_sets_of_a_person_does_not_swell_a_list(desk, customer, anonymous, project):
    await customer.write("Hello")
    sets = {"email": "ada@example.com", "name": "n" * 100_000, **{f"p{n}": "x" * 1000 for n in range(200)}}
    event = {"api_key": project.api_token, "event": "$identify", "distinct_id": "visitor"}
    answer = await anonymous.post("/e/", json={**event, "properties": {"$set": sets}})
    assert answer.status_code == 200
    (line,) = (await desk.listed())["results"]
    assert line["person"]["properties"] == {"email": "ada@example.com", "name": "n" * 500}
    assert len((await desk.ticket(1))["person"]["properties"]) == 202


@pytest.mark.parametrize("field", ["anonymous_traits", "session_context"])
async def test_the_team_is_told_what_is_too_much(desk, field):
    large = {"a": "x" * MAX_OF_TEAM_BYTES}
    answer = await desk.client.post(desk.tickets, json={"distinct_id": "ada", field: large})
    assert (answer.status_code, answer.json()["attr"], answer.json()["code"]) == (400, field, "max_length")
    opened = await desk.open(**{field: {"a": "x" * 1000}})
    if field == "anonymous_traits":
        answer = await desk.client.patch(f"{desk.tickets}{opened['id']}/", json={field: large})
        assert (answer.status_code, answer.json()["attr"]) == (400, field)
