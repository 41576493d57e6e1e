"""What a batch of a recorder may hold, and what it comes to."""

import gzip
import json
from datetime import UTC, datetime, timedelta

import pytest

from parley.analytics.replay_capture.rules.activity import active_ms
from parley.analytics.replay_capture.rules.batches import (
    MAX_EVENTS,
    MAX_SESSIONS,
    MAX_SNAPSHOTS,
    covered,
    snapshots_of,
)
from parley.analytics.replay_capture.tests.recorder import click, meta, snapshot
from parley.people.events.errors import CaptureRefused

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MS = NOW.timestamp() * 1000


def read(*events, whole=None):
    body = whole if whole is not None else list(events)
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return snapshots_of(data, None)[1]


def one(*events, **properties):
    return snapshot("phc_x", *events, session_id="s1", **properties)


@pytest.mark.parametrize(
    "body",
    [
        one(click(MS)),
        [one(click(MS))],
        {"api_key": "phc_x", "batch": [one(click(MS), token=None)], "sent_at": "2026-01-01"},
        {**one(click(MS), token=None), "api_key": "phc_x"},
        {**one(click(MS), distinct_id=None), "distinct_id": "visitor"},
        one(**{"$snapshot_data": click(MS)}),
        b"\xef\xbb\xbf " + json.dumps(one(click(MS))).encode(),
    ],
)
def test_each_form_of_a_request_is_read(body):
    [found] = read(whole=body)
    assert (found.session_id, found.window_id, found.distinct_id) == ("s1", "window-1", "visitor")
    assert (found.n_events, found.start_ms, found.activity.click_count) == (1, MS, 1)


def test_events_are_kept_as_they_came_in_a_line_each():
    odd = b'{"timestamp":1e3,"type":2, "data":"\\ud83d\\ude00\\u001f\\u008b"}'
    pretty = b'{\n "type": 3,\r\n "timestamp": 5, "data": {"source": 1}}'
    body = (
        b'{"event":"$snapshot","properties":{"token":"t","$session_id":"s","$window_id":"w",'
        b'"$snapshot_data":[' + odd + b"," + pretty + b"]}}"
    )
    [found] = read(whole=body)
    assert gzip.decompress(found.content) == (
        b'["w",' + odd + b']\n["w",{"type":3,"timestamp":5,"data":{"source":1}}]\n'
    )


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (r"\ud83d", r"\ufffd"),
        (r"a\ud83d\ud83d\ude00", r"a\ufffd\ud83d\ude00"),
        (r"\ude00\\ud83d\\\uDE00.", r"\ufffd\\ud83d\\\ufffd."),
        (r"\ud83d\ude00\ude00", r"\ud83d\ude00\ufffd"),
        (r"\ud83d\u0041", r"\ufffd\u0041"),
    ],
)
def test_halves_of_letters_are_replaced(sent, kept):
    body = json.dumps(one({"type": 3, "timestamp": 5, "data": "TEXT"})).replace("TEXT", sent)
    [found] = read(whole=body.encode())
    assert json.loads(gzip.decompress(found.content))[1]["data"] == json.loads(f'"{kept}"')


def test_what_happens_is_counted():
    def increment(at, **data):
        return {"type": 3, "timestamp": MS + at, "data": data}

    def console(level):
        payload = {"level": level, "payload": ["x"], "trace": []}
        return {"type": 6, "timestamp": MS, "data": {"plugin": "rrweb/console@1", "payload": payload}}

    [found] = read(
        one(
            meta(MS, "http://shop.test/" + "a" * 600),
            {"type": 2, "timestamp": MS, "data": "gzip", "cv": "2024-10"},
            increment(0, source=0, adds="gzip"),
            increment(0, source=1, positions=[]),
            increment(1000, source=2, type=2),
            increment(1500, source=2, type=5),
            *(increment(1600, source=2, type=kind) for kind in (3, 4, 7, 9)),
            increment(3000, source=5, text="***"),
            increment(60_000, source=3),
            *map(console, ("log", "info", "warn", "error", ["odd"])),
            {"type": 6, "timestamp": MS, "data": {"plugin": "rrweb/network@1", "payload": {}}},
            {"type": 3, "timestamp": MS, "data": 17},
            {"type": 99, "timestamp": MS - 5},
        )
    )
    counts = found.activity
    assert (counts.click_count, counts.keypress_count, counts.mouse_activity_count) == (1, 1, 7)
    assert (counts.console_log_count, counts.console_warn_count, counts.console_error_count) == (3, 1, 1)
    assert (counts.active_ms, found.start_ms, found.end_ms) == (3000, MS - 5, MS + 60_000)
    assert found.start_url is not None
    assert len(found.start_url) == 512


@pytest.mark.parametrize(
    ("moments", "wanted"), [([], 0), ([5], 0), ([0, 5000], 5000), ([9000, 0, 3000, 5001], 5001 + 3999)]
)
def test_pauses_of_more_than_five_seconds_are_not_activity(moments, wanted):
    assert active_ms(moments) == wanted


def test_halves_of_letters_are_replaced_in_large_requests():
    events = [click(MS) | {"text": "a" * 200_000 + chr(0xD83D)} for _ in range(15)]
    [batch] = read(one(*events))
    lines = gzip.decompress(batch.content)
    assert (lines.count(rb"\ufffd"), lines.count(rb"\ud83d")) == (15, 0)


@pytest.mark.parametrize("wrong", [0, 1, -1e15, 8e15, MS - 23 * 3_600_000, MS + 4_000_000])
def test_a_wrong_time_amid_good_ones_does_not_stretch_the_batch(wrong):
    [batch] = read(one(click(MS), click(wrong), click(MS + 60_000)))
    assert (batch.start_ms, batch.end_ms, batch.n_events) == (MS, MS + 60_000, 3)
    [batch] = read(one(click(wrong)))
    assert (batch.start_ms, batch.end_ms) == (wrong, wrong)


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (one(click(MS), **{"$session_id": None}), "without session id"),
        (one(click(MS), **{"$session_id": ""}), "without session id"),
        (one(click(MS), **{"$session_id": "a" * 71}), "with invalid session id"),
        (one(click(MS), **{"$session_id": "../../etc"}), "with invalid session id"),
        (one(click(MS), **{"$session_id": "a\n"}), "with invalid session id"),
        (one(click(MS), **{"$session_id": 5}), "with invalid session id"),
        (one(click(MS), **{"$session_id": {"a": []}}), "with invalid session id"),
        (one(click(MS), **{"$window_id": None}), "without window id"),
        (one(click(MS), **{"$window_id": '"]'}), "with invalid window id"),
        (one(), "without snapshot data"),
        (one(**{"$snapshot_data": None}), "without snapshot data"),
        (one(**{"$snapshot_data": "text"}), "with invalid snapshot data"),
        (one(17), "with invalid snapshot data"),
        (one({"type": 3}), "with invalid snapshot data"),
        (one({"type": 3, "timestamp": 1e308}), "with invalid snapshot data"),
        (one({"type": 3, "timestamp": -1e17}), "with invalid snapshot data"),
        (one(*[1] * 200_000), "with invalid snapshot data"),
        (one(click(MS), **{"$session_id": [[]] * 5_000}), "with invalid session id"),
        (one({"type": "3", "timestamp": 5}), "with invalid snapshot data"),
        (one({"type": 10**400, "timestamp": 5}), "with invalid snapshot data"),
        (
            one(*[{"type": 9, "timestamp": 5}] * (MAX_EVENTS + 1)),
            "with more than 20000 events in one request",
        ),
        ({**one(click(MS)), "event": "$pageview"}, "under another name than $snapshot"),
    ],
)
def test_what_is_no_batch_is_refused_in_plain_text(event, text):
    with pytest.raises(CaptureRefused) as refused:
        read(event)
    assert (refused.value.status, refused.value.text) == (400, f"replay event submitted {text}")


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"properties":' * 50_000,
        b'[{"event":"$snapshot","properties":{"$session_id":' + b"[" * 5_000 + b"]" * 5_000 + b"}}]",
        b"[1]",
        b"{",
        b'{"event":"$snapshot","properties":[]}',
        b"[" + b'{"event":1,"properties":{}},' * 100_000 + b"{}]",
        b"[]",
        b"",
        b'"text"',
        b"[" + b'{"event":1},' * 501 + b'{"event":1}]',
        [one(click(MS))] * (MAX_SNAPSHOTS + 1),
        [one(click(MS), **{"$session_id": f"s{n}"}) for n in range(MAX_SESSIONS + 1)],
    ],
)
def test_what_is_no_request_is_refused(body):
    with pytest.raises(CaptureRefused) as refused:
        read(whole=body)
    assert refused.value.status == 400


@pytest.mark.parametrize("off", [timedelta(0), timedelta(hours=23), timedelta(hours=-23)])
def test_a_clock_that_may_be_right_is_believed(off):
    start, end = covered(
        MS + off / timedelta(milliseconds=1), MS + off / timedelta(milliseconds=1) + 500, NOW
    )
    assert (start, end) == (NOW + off, NOW + off + timedelta(milliseconds=500))


@pytest.mark.parametrize("wrong", [0, -8.64e15, 8.64e15, MS + 90_000_000])
def test_a_clock_that_is_wrong_keeps_its_durations(wrong):
    start, end = covered(wrong, wrong + 1000, NOW)
    assert (end, end - start) == (NOW, timedelta(seconds=1))


def test_nothing_covers_more_than_a_day():
    assert covered(-8.64e15, 8.64e15, NOW) == (NOW - timedelta(hours=24), NOW)
    assert covered(0, MS, NOW) == (NOW - timedelta(hours=24), NOW)
