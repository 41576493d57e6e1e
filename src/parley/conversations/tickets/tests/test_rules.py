"""Decisions about tickets and messages."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.conversations.ticket_changes.rules.changes import recipients
from parley.conversations.tickets.rules import assignees, comments, fields, ids, tags
from parley.conversations.tickets.rules.comments import Authorship, Comment
from parley.kernel.errors import Invalid

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def words(author_type="customer", *, is_private=False, created_by=None):
    return Comment(content="Hello", author_type=author_type, is_private=is_private, created_by=created_by)


@pytest.mark.parametrize(
    ("status", "said", "reopens", "after"),
    [
        ("resolved", words(), True, "open"),
        ("resolved", words(), False, "resolved"),
        ("resolved", words("support", created_by=1), True, "resolved"),
        ("resolved", words(is_private=True), True, "resolved"),
        ("on_hold", words(), True, "open"),
        ("pending", words(), True, "open"),
        ("pending", words(), False, "pending"),
        ("pending", words("support", created_by=1), True, "pending"),
        ("open", words(), True, "open"),
        ("new", words(), True, "new"),
    ],
)
def test_only_a_customers_public_words_open_a_ticket_that_waits_or_is_resolved(status, said, reopens, after):
    assert fields.status_after_message(status, said, reopens=reopens) == after


@pytest.mark.parametrize(
    ("before", "after", "status"),
    [
        (None, NOON, "on_hold"),
        (NOON, None, "open"),
        (NOON, NOON + timedelta(hours=1), "pending"),
        (None, None, "pending"),
    ],
)
def test_setting_and_ending_a_snooze_moves_the_status(before, after, status):
    assert fields.status_after_snooze("pending", before, after) == status


@pytest.mark.parametrize(
    ("status", "after"),
    [("new", "new"), ("open", "open"), ("pending", "open"), ("on_hold", "open"), ("resolved", "open")],
)
def test_waking_opens_every_ticket_but_a_new_one(status, after):
    assert fields.status_after_waking(status) == after


@pytest.mark.parametrize(
    ("said", "unread"),
    [
        (words("support", created_by=1), True),
        (words("AI", created_by=1), True),
        (words("AI"), False),
        (words(created_by=1), False),
        (words("support", created_by=1, is_private=True), False),
    ],
)
def test_a_public_message_of_a_team_member_is_unread_for_the_customer(said, unread):
    assert said.is_unread_for_customer is unread


@pytest.mark.parametrize(
    ("authorship", "name"),
    [
        (Authorship(author_type="AI", creator_name="Alice"), "Robin"),
        (Authorship(author_type="support", creator_name="Alice A", creator_email="a@x"), "Alice A"),
        (Authorship(author_type="support", creator_name=" ", creator_email="a@x"), "a@x"),
        (Authorship(author_type="support", context={"slack_author_name": "Ann"}), "Ann"),
        (Authorship(author_type="customer", traits={"name": "Bo", "email": "b@x"}), "Bo"),
        (Authorship(author_type="customer", traits={"name": " ", "email": "b@x"}), "b@x"),
        (Authorship(author_type="customer", traits={"name": 5, "email": None}), "Customer"),
        (Authorship(author_type="support"), "Support"),
        (Authorship(author_type=""), "Support"),
    ],
)
def test_an_author_is_called_by_the_best_name_that_is_known(authorship, name):
    assert comments.author_name(authorship, "Robin") == name


@pytest.mark.parametrize(
    ("author_type", "private", "kind"),
    [
        ("customer", False, "customer_message"),
        ("support", False, "sent_reply"),
        ("AI", False, "sent_reply"),
        ("support", True, "internal_note"),
        ("AI", True, "ai_draft"),
    ],
)
def test_messages_have_four_kinds(author_type, private, kind):
    assert comments.message_type(author_type, private=private) == kind


@pytest.mark.parametrize("value", [True, False, "true", 1, None])
def test_only_a_real_true_makes_a_message_private(value):
    assert comments.is_private({"is_private": value}) is (value is True)


UUID_TEXT = "01a1fdb4-75be-74e3-9fe6-93fa4c1b1cf1"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("7", 7),
        ("007", 7),
        ("0", None),
        ("²", None),
        ("٣", None),
        ("-1", None),
        ("1.0", None),
        ("2147483647", 2147483647),
        ("2147483648", None),
        ("9" * 400, None),
        (UUID_TEXT, UUID(UUID_TEXT)),
        (UUID_TEXT.upper(), UUID(UUID_TEXT)),
        (f"{{{UUID_TEXT}}}", None),
        ("x" * 36, None),
        ("", None),
    ],
)
def test_a_ticket_is_named_by_a_uuid_or_a_number(text, found):
    assert ids.id_or_number(text) == found


@given(st.text())
def test_any_text_names_a_ticket_or_nothing(text):
    assert isinstance(ids.id_or_number(text), UUID | int | None)


@given(
    st.datetimes(timezones=st.just(UTC)),
    st.none() | st.datetimes(timezones=st.just(UTC), max_value=datetime(9000, 1, 1)),
)
def test_a_message_is_later_than_the_one_before_it(now, before):
    at = comments.time_of_message(now, before)
    assert at >= now
    assert before is None or at > before


KEPT = [
    "❤\ufe0f", "👨\u200d👩\u200d👧", "👩🏽\u200d🚀", "👁\ufe0f\u200d🗨\ufe0f", "🏴\u200d☠\ufe0f", "1\ufe0f\u20e3", "🇩🇪",
    "🏴\U000e0067\U000e0062\U000e007f", "می\u200cخواهم", "ه\u200d", "क्\u200dष", "क्\u200cष", "ශ්\u200dරී", "ഞാന്\u200d",
    "ᠠ\u180b", "葛\U000e0100", "က\ufe00",
]  # fmt: skip
"""Emoji, keycaps and flags; Persian, Hindi, Sinhala, Malayalam, Mongolian, Han and Myanmar."""
UNSEEN = (
    "\0\x07\x9f\u034f\u115f\u17b4\u180b\u200b\u200c\u200d\u3164\ufe00\ufe0f\ufeff\ufff9"
    "\U0001d173\U000e0061\U000e007f\U000e0100"
)


@pytest.mark.parametrize("tag", KEPT)
def test_a_tag_keeps_what_changes_its_letters(tag):
    assert tags.normalised_tags([tag, f"\ufeff{tag}"]) == [tag]


@pytest.mark.parametrize("word", ["vip", "вип", "σοφία", "éa", "1 a", "ภาษา", "한글", "あア"])
@given(data=st.data())
def test_no_tag_of_a_writing_that_joins_nothing_looks_like_another_one(word, data):
    spoiled = "".join(letter + data.draw(st.text(UNSEEN, max_size=3)) for letter in word)
    assert tags.normalised_tags([spoiled]) == [word]


@given(st.text(UNSEEN + "".join(KEPT) + "aiİΣ \u0301\u0307\u064b\u2800", max_size=12))
def test_a_normal_tag_of_what_is_made_with_joiners_and_selectors_stays_as_it_is(text):
    once = tags.normalised_tags([text])
    assert tags.normalised_tags(once) == once


@pytest.mark.parametrize("text", ["\u2329\ufe0f", "\u232a\ufe0f\u200d\u2764"])
def test_a_picture_that_becomes_another_letter_keeps_nothing_unseen(text):
    once = tags.normalised_tags([text])
    assert tags.normalised_tags(once) == once


@given(st.lists(st.text()))
def test_normal_tags_are_sorted_and_stay_as_they_are(names):
    once = tags.normalised_tags(names)
    assert once == sorted(set(once)) == tags.normalised_tags(once)
    assert all(name == name.strip() != "" for name in once)


@pytest.mark.parametrize(
    ("value", "detail"),
    [
        ("alice", "must be an object"),
        ([], "must be an object"),
        ({}, "must have 'type' and 'id'"),
        ({"type": "user"}, "must have 'type' and 'id'"),
        ({"id": 1}, "must have 'type' and 'id'"),
        ({"type": "team", "id": 1}, "type must be 'user' or 'role'"),
        ({"type": "user", "id": "me"}, "user id must be an integer"),
        ({"type": "user", "id": True}, "user id must be an integer"),
        ({"type": "user", "id": 1.5}, "user id must be an integer"),
        ({"type": "user", "id": 2**63}, "user is not a member of this organization"),
        ({"type": "role", "id": 5}, "role id must be a valid UUID"),
        ({"type": "role", "id": "x"}, "role id must be a valid UUID"),
    ],
)
def test_an_assignee_is_a_user_or_a_role(value, detail):
    with pytest.raises(Invalid, match=detail) as caught:
        assignees.checked_assignee(value)
    assert caught.value.attr == "assignee"


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["type", "id"]) | st.text(), inner),
    max_leaves=5,
)


@given(json | st.fixed_dictionaries({"type": st.sampled_from(["user", "role"]), "id": json}))
def test_any_assignee_is_read_or_refused(value):
    try:
        named = assignees.checked_assignee(value)
    except Invalid as error:
        assert error.attr == "assignee"
    else:
        assert named.user_id is None or named.role_id is None


@pytest.mark.parametrize(
    ("settings", "ids"),
    [
        ({}, []),
        ({"notification_recipients": None}, []),
        ({"notification_recipients": [1, "2", True, 3]}, [1, 3]),
    ],
)
def test_recipients_are_ids_of_users(settings, ids):
    assert recipients(settings) == ids
