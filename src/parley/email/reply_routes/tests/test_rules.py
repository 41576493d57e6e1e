"""Which way an answer takes, as a table."""

from uuid import uuid4

import msgspec
import pytest

from parley.email.reply_routes.queries import AnsweredTicket, MailedParticipant
from parley.email.reply_routes.rules import Sender, reply_route

ON = {"email_enabled": True}
SENDER = Sender(uuid4(), "help@parley.test", frozenset({"help@parley.test"}))
MERGE = uuid4()


def ticket(**fields):
    given = {
        "id": uuid4(), "number": 1, "channel_source": "widget", "distinct_id": "visitor", "identity_verified": False,
        "claim_email": None, "email_from": None, "email_to": None, "email_subject": None, "email_channel_id": None,
        "anonymous_traits": {}, "is_merged": False,
    }  # fmt: skip
    return AnsweredTicket(**{**given, **fields})


MAIL = {"channel_source": "email", "email_from": "ada@example.com"}
WIDGET = {"anonymous_traits": {"email": "Ada@Example.com"}}


@pytest.mark.parametrize(
    ("fields", "settings", "closed", "expected"),
    [
        (MAIL, ON, {}, ("email", "ada@example.com", "")),
        (
            MAIL | WIDGET | {"anonymous_traits": {"email": "x@y.example"}},
            ON,
            {},
            ("email", "ada@example.com", ""),
        ),
        (WIDGET, ON, {}, ("email", "ada@example.com", "")),
        (WIDGET | {"email_from": "old@example.com"}, ON, {}, ("email", "ada@example.com", "")),
        ({"claim_email": "ada@example.com"}, ON, {}, ("email", "ada@example.com", "")),
        (
            {"distinct_id": "ada@example.com", "identity_verified": True},
            ON,
            {},
            ("email", "ada@example.com", ""),
        ),
        (
            {"channel_source": "sms", "distinct_id": "+15005550006"} | WIDGET,
            ON,
            {},
            ("sms", "+15005550006", ""),
        ),
        ({"channel_source": "sms", "distinct_id": "+15005550006"}, {}, {}, ("sms", "+15005550006", "")),
        # Anybody can claim any distinct id.
        ({"distinct_id": "ada@example.com"}, ON, {}, ("widget", None, "no_address")),
        ({"anonymous_traits": {"email": "no address"}}, ON, {}, ("widget", None, "no_address")),
        ({"anonymous_traits": {"email": ["ada@example.com"]}}, ON, {}, ("widget", None, "no_address")),
        (
            {"anonymous_traits": {"email": "a@b.example\r\nBcc: c@d.example"}},
            ON,
            {},
            ("widget", None, "no_address"),
        ),
        (WIDGET, {}, {}, ("widget", "ada@example.com", "email_disabled")),
        (MAIL, {}, {}, ("none", "ada@example.com", "email_disabled")),
        (WIDGET, ON | {"email_replies_to_widget": False}, {}, ("widget", "ada@example.com", "switched_off")),
        (MAIL, ON | {"email_replies_to_widget": False}, {}, ("email", "ada@example.com", "")),
        (MAIL | {"email_from": "help@parley.test"}, ON, {}, ("none", "help@parley.test", "own_address")),
        (WIDGET, ON, {"ada@example.com": "unsubscribed"}, ("widget", "ada@example.com", "unsubscribed")),
        (MAIL, ON, {"ada@example.com": "unsubscribed"}, ("email", "ada@example.com", "")),
        (MAIL, ON, {"ada@example.com": "address_bounced"}, ("none", "ada@example.com", "address_bounced")),
    ],
)
def test_the_way_of_an_answer(fields, settings, closed, expected):
    found = reply_route(ticket(**fields), (), settings, SENDER, closed)
    assert (found.kind, found.address, found.reason) == expected
    assert found.sentence.endswith(".")


def test_without_a_verified_channel_nothing_goes_out():
    assert reply_route(ticket(**MAIL), (), ON, None, {}).reason == "no_verified_channel"


def test_who_came_by_a_merge_gets_a_mail_of_their_own():
    people = [
        MailedParticipant("c@example.com", None),
        MailedParticipant("d@example.com", MERGE),
        MailedParticipant("ada@example.com", None),
        MailedParticipant("help@parley.test", None),
        MailedParticipant("gone@example.com", None),
    ]
    found = reply_route(ticket(**MAIL), people, ON, SENDER, {"gone@example.com": "address_bounced"})
    assert (found.cc, found.alone) == (["c@example.com"], ["d@example.com"])
    assert found.sentence == "By mail to ada@example.com and 2 others."
    late = msgspec.structs.replace(found, is_delayed=True)
    assert late.sentence.endswith("unless they see it in the widget within two minutes.")
