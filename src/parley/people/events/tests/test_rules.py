"""From decoded JSON to events, times and tokens."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.people.events.errors import CaptureRefused
from parley.people.events.rules.events import Captured, captured_events
from parley.people.events.rules.submission import RequestContext, submission_of
from parley.people.events.rules.times import happened_at

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
TOKEN = "phc_token"


def read(body: Any, context: RequestContext | None = None) -> list[Captured]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return captured_events(submission_of(data, context or RequestContext()), NOW)


def one(**event: Any) -> Captured:
    return read({"token": TOKEN, "event": "x", "distinct_id": "a", **event})[0]


def refusal(body: Any, context: RequestContext | None = None) -> tuple[int, str]:
    with pytest.raises(CaptureRefused) as refused:
        read(body, context)
    return refused.value.status, refused.value.text


@pytest.mark.parametrize(
    "body",
    [
        {"api_key": TOKEN, "event": "x", "distinct_id": "a"},
        {"token": TOKEN, "event": "x", "$distinct_id": "a"},
        {"event": "x", "properties": {"token": TOKEN, "distinct_id": "a"}},
        [{"event": "x", "properties": {"token": TOKEN, "$distinct_id": "a"}}],
        {"api_key": TOKEN, "batch": [{"event": "x", "distinct_id": "a"}]},
        {
            "api_key": TOKEN,
            "batch": [{"event": "x", "distinct_id": "a", "properties": {"token": "the user's"}}],
        },
        {"batch": [{"event": "x", "distinct_id": "a", "token": TOKEN}]},
    ],
)
def test_every_shape_is_the_same_event(body):
    (event,) = read(body)
    assert (event.name, event.distinct_id) == ("x", "a")
    assert submission_of(json.dumps(body).encode(), RequestContext()).token == TOKEN


def test_the_token_may_be_in_the_query():
    body = json.dumps([{"event": "x", "distinct_id": "a"}]).encode()
    assert submission_of(body, RequestContext(token=TOKEN)).token == TOKEN


EVENT = {"event": "x", "distinct_id": "a"}


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        (b"", 400, "request holds no event"),
        ([], 400, "request holds no event"),
        ({"api_key": TOKEN, "batch": []}, 400, "request holds no event"),
        ({**EVENT, "token": TOKEN, "event": ""}, 400, "event submitted with an empty event name"),
        ({**EVENT, "token": TOKEN, "event": "  "}, 400, "event submitted with an empty event name"),
        ({**EVENT, "token": TOKEN, "distinct_id": ""}, 400, "event submitted with an empty distinct_id"),
        ({**EVENT, "token": TOKEN, "distinct_id": " "}, 400, "event submitted with an empty distinct_id"),
        ({"event": "x", "token": TOKEN}, 400, "event submitted without a distinct_id"),
        ({**EVENT, "token": TOKEN, "distinct_id": None}, 400, "event submitted without a distinct_id"),
        (EVENT, 401, "event submitted without an api_key"),
        (
            [{**EVENT, "token": "a"}, {**EVENT, "token": "b"}],
            401,
            "batch submitted with inconsistent api_key values",
        ),
        (
            {"api_key": "a", "batch": [{**EVENT, "api_key": "b"}]},
            401,
            "batch submitted with inconsistent api_key values",
        ),
        ({**EVENT, "token": ""}, 401, "API key is not valid: empty"),
        ({**EVENT, "token": "  "}, 401, "API key is not valid: empty"),
        ({**EVENT, "token": 7}, 401, "API key is not valid: not_string"),
        ({**EVENT, "token": ["a"]}, 401, "API key is not valid: not_string"),
        ({**EVENT, "token": "x" * 65}, 401, "API key is not valid: too_long"),
        ({**EVENT, "token": "phc_ü"}, 401, "API key is not valid: not_ascii"),
        ({**EVENT, "token": "phx_secret"}, 401, "API key is not valid: personal_api_key"),
        ({"token": TOKEN, "distinct_id": "a"}, 400, "failed to parse request: missing field `event`"),
        ({**EVENT, "token": TOKEN, "event": 7}, 400, "failed to parse request: `event` must be a text"),
        (
            {**EVENT, "token": TOKEN, "properties": []},
            400,
            "failed to parse request: `properties` must be an object",
        ),
        ({"token": TOKEN, "batch": {}}, 400, "failed to parse request: `batch` must be a list of events"),
        ([EVENT, 7], 400, "failed to parse request: an event must be an object"),
        (b'"text"', 400, "failed to parse request: expected an object or a list of objects"),
        (b'{"a":', 400, "failed to parse request: Expecting value at character 5"),
        (b"[" * 100_000, 400, "failed to parse request: the JSON is nested too deeply"),
        ([EVENT] * 10_001, 400, "failed to parse request: more than 10000 events in one request"),
    ],
)
def test_what_cannot_be_taken_is_refused_in_the_words_of_the_wire(body, status, text):
    assert refusal(body) == (status, text)


def test_one_bad_event_refuses_the_whole_batch():
    assert refusal({"api_key": TOKEN, "batch": [EVENT, {"event": "x"}]})[0] == 400


def test_an_event_of_more_than_a_megabyte_is_refused():
    assert refusal({**EVENT, "token": TOKEN, "properties": {"a": "x" * (1024 * 1024)}}) == (
        400,
        "maximum event size exceeded",
    )


@pytest.mark.parametrize("depth", [63, 64, 65, 500])
def test_depth_is_limited(depth):
    nested: Any = 1
    for _ in range(depth - 1):
        nested = {"a": nested} if depth % 2 else [nested]
    body = {**EVENT, "token": TOKEN, "properties": {"a": nested}}
    if depth <= 64:
        assert read(body)
    else:
        assert refusal(body) == (400, "failed to parse request: the JSON is nested too deeply")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (7, "7"),
        (1.5, "1.5"),
        (True, "true"),
        ({"a": 1}, '{"a":1}'),
        ("ä" * 400, "ä" * 400),
        ("ä" * 401, "sha256:5eb2abc354d0dc3cb64b89c27089ec9463dcaad3b83aaca47e3fe1f25a39d36b"),
        ("a\x00b", "a\ufffdb"),
    ],
)
def test_distinct_ids_become_text_that_can_be_stored(value, text):
    assert one(distinct_id=value).distinct_id == text


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        (rb'"a\u0000b"', "a\ufffdb"),
        (rb'"\ud800"', "\ufffd"),
        (rb'"\ud83d\ude00"', "😀"),
        (b'"\xff\xfe"', "\ufffd\ufffd"),
        (b'"tab\there"', "tab\there"),
        (b"NaN", None),
        (b"-Infinity", None),
        (b"1e999", None),
        (b"9" * 5000, None),
        (b"12345678901234567890123", 12345678901234567890123),
    ],
)
def test_values_that_no_database_stores_are_replaced(raw, stored):
    event = read(b'{"token":"t","event":"x","distinct_id":"a","properties":{"v":' + raw + b"}}")[0]
    assert json.loads(event.properties)["v"] == stored


def test_recordings_are_taken_and_dropped():
    assert read({"token": TOKEN, "event": "$snapshot", "distinct_id": "a"}) == []


def test_engage_is_an_identification():
    body = {"token": TOKEN, "$distinct_id": "a", "$set": {"plan": "pro"}, "$unset": ["old"]}
    (event,) = read(body, RequestContext(is_engage=True))
    assert event.name == "$identify"
    assert event.operation.sets == {"plan": "pro"}
    assert event.operation.unsets == ("old",)


def test_the_uuid_of_the_client_is_kept_and_a_bad_one_replaced():
    uuid = "01a1fdb7-84ef-70e2-b0fb-09ca8ea4cd11"
    assert str(one(uuid=uuid).id) == uuid
    for bad in ("", "x", 7, None, "z" * 36, uuid + uuid):
        assert one(uuid=bad).id.version == 7


@pytest.mark.parametrize(
    ("event", "properties", "merges_with"),
    [
        ("$identify", {"$anon_distinct_id": "b"}, "b"),
        ("$identify", {"$anon_distinct_id": 7}, "7"),
        ("$create_alias", {"alias": "b"}, "b"),
        ("$merge_dangerously", {"alias": "b"}, "b"),
        ("$identify", {"alias": "b"}, None),
        ("x", {"$anon_distinct_id": "b", "alias": "c"}, None),
        ("$identify", {"$anon_distinct_id": "b", "$process_person_profile": False}, None),
    ],
)
def test_only_the_events_of_merging_merge_ids(event, properties, merges_with):
    assert one(event=event, properties=properties).operation.merges_with == merges_with


@pytest.mark.parametrize(
    ("properties", "sets"),
    [
        ({"$set": {"a": 1}}, {"a": 1}),
        ({"$set": [1]}, {}),
        ({"$set": "a"}, {}),
        ({"$set": None}, {}),
        ({}, {}),
    ],
)
def test_a_set_that_is_no_object_sets_nothing(properties, sets):
    assert one(properties=properties).operation.sets == sets


def test_a_set_beside_the_properties_counts():
    event = one(**{"$set": {"a": 1}, "$set_once": {"b": 2}, "$unset": {"c": ""}})
    assert (event.operation.sets, event.operation.sets_once, event.operation.unsets) == (
        {"a": 1},
        {"b": 2},
        ("c",),
    )
    assert json.loads(event.properties) == {"$set": {"a": 1}, "$set_once": {"b": 2}, "$unset": {"c": ""}}


HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.mark.parametrize(
    ("timestamp", "offset", "sent_at", "expected"),
    [
        (None, None, None, NOW),
        ("2026-05-01T11:00:00Z", None, None, NOW - HOUR),
        ("2026-05-01T13:00:00+02:00", None, None, NOW - HOUR),
        ("2026-05-01T11:00:00", None, None, NOW - HOUR),
        ("2026-05-01T11:00:00Z", None, NOW - HOUR, NOW),
        ("2026-05-01T15:00:00Z", None, NOW + 4 * HOUR, NOW - HOUR),
        # Less than five minutes may as well be the way that the request took.
        ("2026-05-01T11:00:00Z", None, NOW - 5 * MINUTE, NOW - HOUR),
        ("2026-05-01T11:00:00Z", None, NOW + 5 * MINUTE, NOW - HOUR),
        ("2026-05-01T11:00:00Z", None, NOW - 6 * MINUTE, NOW - HOUR + 6 * MINUTE),
        ("2026-05-01T11:00:00Z", None, NOW + 6 * MINUTE, NOW - HOUR - 6 * MINUTE),
        # Of what would lie in the future the clock must be ahead.
        ("2026-05-01T12:02:00Z", None, NOW + 3 * MINUTE, NOW - MINUTE),
        ("2030-01-01T00:00:00Z", None, None, NOW),
        ("9999-12-31T23:59:59Z", None, NOW - HOUR, NOW),
        ("0001-01-01T00:00:00Z", None, None, datetime(1900, 1, 1, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", None, NOW + HOUR, NOW),
        ("yesterday", None, None, NOW),
        ("", 60_000, None, NOW - timedelta(minutes=1)),
        (None, 3_600_000, None, NOW - HOUR),
        (None, -5, None, NOW),
        (None, 1e300, None, NOW),
        (None, "60000", None, NOW),
        ([], {}, None, NOW),
        (1777633200, None, None, NOW - HOUR),
        (1777633200000, None, None, NOW - HOUR),
        (float("1e300"), None, None, NOW),
        (True, True, None, NOW),
    ],
)
def test_an_event_happened_by_our_clock(timestamp, offset, sent_at, expected):
    assert happened_at(timestamp, offset, sent_at, NOW) == expected


def test_the_clock_at_sending_comes_from_the_batch_the_event_or_the_query():
    event = {**EVENT, "timestamp": "2026-05-01T10:00:00Z"}
    sent_at = "2026-05-01T11:00:00Z"
    for body, context in (
        ({"api_key": TOKEN, "sent_at": sent_at, "batch": [event]}, RequestContext()),
        ({"api_key": TOKEN, "sentAt": sent_at, "batch": [event]}, RequestContext()),
        ({**event, "token": TOKEN, "sent_at": sent_at}, RequestContext()),
        ({**event, "token": TOKEN}, RequestContext(sent_at=NOW - HOUR)),
    ):
        assert read(body, context)[0].timestamp == NOW - HOUR
    ignored = {**event, "token": TOKEN, "sent_at": sent_at, "properties": {"$ignore_sent_at": True}}
    assert read(ignored)[0].timestamp == NOW - 2 * HOUR


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
KEYS = (
    "event",
    "distinct_id",
    "properties",
    "timestamp",
    "offset",
    "uuid",
    "token",
    "api_key",
    "batch",
    "$set",
    "sent_at",
)


@given(st.dictionaries(st.sampled_from(KEYS), JSON_VALUES) | st.lists(JSON_VALUES, max_size=3))
def test_any_json_is_read_or_refused(body):
    try:
        for event in read(json.dumps(body).encode()):
            event.properties.encode()
            event.distinct_id.encode()
            assert event.timestamp <= NOW
    except CaptureRefused as refused:
        assert refused.status in (400, 401)
