"""The examples of docs/webhooks.md, run on a message that Parley really sent."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from parley.conversations.ticket_changes.rules.kinds import EVENTS
from tests.cast import WEBHOOK_SECRET

PAGE = (Path(__file__).parents[5] / "docs" / "webhooks.md").read_text()
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES, ids=["library", "plain"])
async def test_an_example_reads_what_parley_sent_and_nothing_else(example, add, happen, queue, receiver):
    names: dict[str, Any] = {}
    exec(example, names)
    read_message = names["read_message"]
    await add()
    id = await happen()
    await queue.drain()
    [message] = receiver.received
    found = read_message(WEBHOOK_SECRET, message.headers, message.body)
    assert found == message.json() and found["data"]["id"] == id
    other = "whsec_" + "A" * 43 + "="
    assert read_message(other, message.headers, message.body) is None
    assert read_message(WEBHOOK_SECRET, message.headers, message.body + b" ") is None
    for change in ({"webhook-id": "another"}, {"webhook-timestamp": "1767614400"}):
        assert read_message(WEBHOOK_SECRET, message.headers | change, message.body) is None


async def test_the_message_shown_has_the_shape_of_those_sent(add, happen, queue, receiver):
    [shown] = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    await add()
    await happen()
    await queue.drain()
    sent, shown = receiver.received[0].json(), json.loads(shown)
    assert list(sent) == list(shown) and list(sent["data"]) == list(shown["data"])


async def test_the_request_shown_makes_a_webhook(api, path):
    [body] = re.findall(r"-d '(\{.*?\})'", PAGE, re.DOTALL)
    answer = await api.post(path, json=json.loads(body))
    assert (answer.status_code, len(answer.json()["events"])) == (201, 2)


def test_every_event_is_named():
    assert all(f"| `{name}` |" in PAGE for name in EVENTS)
