"""What becomes of a mail, as tables."""

from itertools import product

import msgspec
import pytest

from parley.email.interpretation.rules.authentication import is_authenticated
from parley.email.interpretation.rules.decision import MOST_PER_HOUR, MailFacts, ThreadFacts, decide
from parley.email.parsing.schemas import AuthenticationResult

PROVEN, UNPROVEN = MailFacts(is_authenticated=True), MailFacts()
FOUND_BY = ("message_id", "named_id", "reply_address", "subject")
ROLES = ("requester", "participant", "other")


def thread(found_by="message_id", role="requester", **more):
    return ThreadFacts(found_by=found_by, role=role, **more)


@pytest.mark.parametrize(
    ("facts", "outcome", "reason"),
    [
        ({}, "open", None),
        ({"is_enabled": False}, "reject", "disabled"),
        ({"is_enabled": False, "is_forced": True}, "reject", "disabled"),
        ({"is_bounce": True}, "ignore", "bounce"),
        ({"is_bounce": True, "is_auto_reply": True}, "ignore", "bounce"),
        ({"is_repeat": True}, "ignore", "repeat"),
        ({"is_repeat": True, "is_forced": True}, "ignore", "repeat"),
        ({"is_own": True}, "ignore", "own_mail"),
        ({"is_auto_reply": True}, "ignore", "auto_reply"),
        ({"is_auto_reply": True, "is_forced": True}, "open", None),
        ({"is_automatic": True}, "open", None),
        ({"n_within_hour": MOST_PER_HOUR - 1}, "open", None),
        ({"n_within_hour": MOST_PER_HOUR}, "ignore", "too_many"),
        ({"n_within_hour": MOST_PER_HOUR, "is_forced": True}, "open", None),
    ],
)
def test_a_mail_without_a_thread_opens_a_ticket_unless_nobody_wrote_it(facts, outcome, reason):
    decision = decide(MailFacts(**facts), None)
    assert (decision.outcome, decision.reason) == (outcome, reason)


@pytest.mark.parametrize(
    ("found_by", "role", "is_verified", "unproven", "proven"),
    [
        ("message_id", "requester", False, "append", "append"),
        ("message_id", "requester", True, "unproven_sender", "append"),
        ("message_id", "participant", False, "append", "append"),
        ("message_id", "participant", True, "unproven_sender", "append"),
        ("message_id", "other", False, "append", "append"),
        ("message_id", "other", True, "unknown_sender", "unknown_sender"),
        ("named_id", "requester", False, "append", "append"),
        ("named_id", "requester", True, "unproven_sender", "append"),
        ("named_id", "other", False, "unknown_sender", "unknown_sender"),
        ("reply_address", "requester", False, "append", "append"),
        ("reply_address", "requester", True, "unproven_sender", "append"),
        ("reply_address", "other", False, "unknown_sender", "unknown_sender"),
        ("subject", "requester", False, "unproven_sender", "append"),
        ("subject", "participant", True, "unproven_sender", "append"),
        ("subject", "other", False, "unknown_sender", "unknown_sender"),
    ],
)
def test_a_sender_writes_where_they_belong(found_by, role, is_verified, unproven, proven):
    for facts, expected in ((UNPROVEN, unproven), (PROVEN, proven)):
        decision = decide(facts, thread(found_by, role, is_verified=is_verified))
        found = decision.outcome if decision.outcome == "append" else decision.reason
        assert found == expected
        assert decision.outcome == ("append" if expected == "append" else "open")


@pytest.mark.parametrize(("found_by", "role"), [*product(FOUND_BY, ROLES)])
def test_nobody_unproven_adds_anybody_and_no_stranger_ever_does(found_by, role):
    for is_verified in (True, False):
        one = thread(found_by, role, is_verified=is_verified)
        assert not decide(UNPROVEN, one).adds_participants
        decision = decide(PROVEN, one)
        assert decision.adds_participants is not (decision.outcome == "append" and role == "other")
        assert decide(PROVEN, None).adds_participants
        assert not decide(UNPROVEN, None).adds_participants


def test_an_agent_is_one_on_every_thread():
    agent = MailFacts(is_authenticated=True, is_agent=True)
    for found_by in FOUND_BY:
        decision = decide(agent, thread(found_by, "other", is_verified=True))
        assert (decision.outcome, decision.role) == ("append", "agent")
    assert decide(agent, None).role == "agent"


def test_a_deleted_thread_swallows_unless_somebody_wants_it():
    gone = thread(is_live=False)
    assert decide(PROVEN, gone).reason == "deleted_thread"
    forced = decide(msgspec.structs.replace(PROVEN, is_forced=True), gone)
    assert (forced.outcome, forced.reason) == ("open", None)


def test_what_nobody_wrote_reopens_nothing():
    assert decide(UNPROVEN, thread()).reopens
    assert not decide(MailFacts(is_automatic=True), thread()).reopens
    assert not decide(MailFacts(is_auto_reply=True, is_forced=True), thread()).reopens


@pytest.mark.parametrize(
    ("proven", "domain", "is_good"),
    [
        ("example.com", "example.com", True),
        ("bounces.example.com", "example.com", True),
        ("example.co.uk", "mail.example.co.uk", True),
        ("one.example.com", "two.example.com", False),
        ("eve.github.io", "github.io", False),
        ("github.io", "ada.github.io", False),
        ("eve.eu.org", "eu.org", False),
        ("com", "example.com", False),
        ("", "example.com", False),
    ],
)
def test_domains_agree_within_what_one_owner_has_registered(proven, domain, is_good):
    results = [AuthenticationResult("door", "dkim", "pass", proven)]
    assert is_authenticated(results, f"ada@{domain}") is is_good
