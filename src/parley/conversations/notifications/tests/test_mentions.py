"""Whom a note mentions."""

import pytest

from parley.conversations.notifications.rules.kinds import MENTIONS, MemberNotice, notices_of_mail
from parley.conversations.notifications.rules.mentions import Mentionable, mentioned_ids
from parley.kernel.ids import new_uuid

MEMBERS = [
    Mentionable(1, "ada@example.com", "Ada", "Lovelace"),
    Mentionable(2, "ada.b@example.com", "Ada", "Byron"),
    Mentionable(3, "grace@example.com", "Grace", "Hopper"),
    Mentionable(4, "gracie@example.com", "Gracie", ""),
    Mentionable(5, "ł@example.com", "Łukasz", "Nowak"),
    Mentionable(6, "nameless@example.com", "", ""),
]


@pytest.mark.parametrize(
    ("content", "ids"),
    [
        ("no one", set()), ("", set()), ("@", set()), ("@ grace", set()), ("@Grace, look", {3}), ("(@grace)", {3}),
        ("@grace hopper and @GRACIE", {3, 4}), ("@gracia", set()), ("@Ada", set()), ("@ada byron!", {2}),
        ("@ada@example.com", {1}), ("@ada.b@example.com?", {2}), ("write to grace@example.com", set()),
        ("x.@grace", set()), ("@łukasz", {5}), ("@LUKASZ", set()), ("@Grace\n@Ada  Lovelace", {3, 1}),
        ("@everybody @here @channel", set()), ("@" * 60 + "grace", set()), ("@nobody " * 50 + "@grace", set()),
    ],
)  # fmt: skip
def test_a_name_or_an_address_behind_an_at_mentions(content, ids):
    assert mentioned_ids(content, None, [], MEMBERS) == ids


@pytest.mark.parametrize(
    ("rich", "ids"),
    [
        (None, set()), ([], set()), ("x", set()), ({"type": "mention"}, set()), ({"type": "mention", "attrs": 5}, set()),
        ({"type": "ph-mention", "attrs": {"id": 3}}, {3}), ({"type": "ph-mention", "attrs": {"id": "3"}}, {3}),
        ({"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "mention", "attrs": {"id": 4}}]}]}, {4}),
        ({"type": "mention", "attrs": {"id": 77}}, set()), ({"type": "mention", "attrs": {"id": "³"}}, set()),
        ({"type": "mention", "attrs": {"id": {"a": 1}}}, set()), ({"type": "text", "attrs": {"id": 3}}, set()),
        ({"type": "mention", "attrs": {"id": "9" * 5000}}, set()), ({"content": {"content": [[[]]]}}, set()),
    ],
)  # fmt: skip
def test_a_mention_in_the_rich_form_mentions(rich, ids):
    assert mentioned_ids("", rich, [], MEMBERS) == ids


def test_only_members_are_mentioned_whatever_ids_come():
    assert mentioned_ids("", None, [1, 3, 77, -1, 2**70], MEMBERS) == {1, 3}


def test_what_is_urgent_comes_first_and_the_rest_is_counted():
    begun = [MemberNotice(kind="new_conversations", ticket_id=new_uuid()) for _ in range(30)]
    mention = MemberNotice(kind=MENTIONS, ticket_id=new_uuid(), comment_id=new_uuid())
    about = notices_of_mail(1, [*begun, mention])
    assert list(about.notices) == [mention, *begun[:19]]
    assert about.counts == {"new_conversations": 30, "mentions": 1}
