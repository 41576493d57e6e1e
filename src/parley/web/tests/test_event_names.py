"""What the program itself records has a name in words."""

import re
from pathlib import Path

from parley.conversations.ticket_changes.rules import kinds
from parley.conversations.widget import sdk
from parley.web.event_names import EVENT_NAMES, event_words

CAPTURED = re.compile(r'capture\("(\$conversations_[a-z_]+)"')
STORED = re.compile(r'"(\$conversation_[a-z]+_[a-z_]+[a-z])"')


def test_events_of_conversations_and_of_the_widget_are_named():
    widget = set(CAPTURED.findall((sdk.FOLDER / "conversations.js").read_text()))
    stored = set(STORED.findall(Path(kinds.__file__).read_text()))
    assert len(widget) > 4 and len(stored) > 4
    assert {name for name in widget | stored if event_words(name) == name} == set()


def test_no_two_events_have_one_name():
    assert len(set(EVENT_NAMES.values())) == len(EVENT_NAMES)
