"""Retries, states and the brake, as tables."""

from datetime import UTC, datetime, timedelta

import pytest

from parley.email.outbound.rules.brake import Traffic, held_for
from parley.email.outbound.rules.retries import GIVEN_UP_AFTER, next_attempt, pause_after
from parley.email.outbound.rules.states import (
    delivery_status,
    due_time,
    email_state,
    is_bad_address,
    state_after,
)
from parley.kernel.network.smtp import Answer

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("failures", "minutes"), [(0, 1), (1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (8, 60), (10**6, 60)]
)
def test_pauses_double_up_to_an_hour(failures, minutes):
    assert pause_after(failures) == timedelta(minutes=minutes)


def test_a_mail_is_tried_for_five_days_and_once_more_at_their_end():
    assert next_attempt(1, NOW, NOW) == NOW + timedelta(minutes=1)
    late = NOW + GIVEN_UP_AFTER - timedelta(minutes=1)
    assert next_attempt(99, late, NOW) == NOW + GIVEN_UP_AFTER
    assert next_attempt(99, NOW + GIVEN_UP_AFTER, NOW) is None


@pytest.mark.parametrize(
    ("began", "latest", "due"), [(0, 0, 2), (0, 1, 3), (0, 7.9, 9.9), (0, 9, 10), (0, 10, 10)]
)
def test_a_burst_waits_for_two_quiet_minutes_but_not_for_ever(began, latest, due):
    times = [NOW + timedelta(minutes=n) for n in (began, latest, due)]
    assert due_time(times[0], times[1]) == times[2]


@pytest.mark.parametrize(
    ("answer", "state", "is_bad"),
    [
        (Answer(250, "2.0.0 OK"), "accepted", False),
        (Answer(451, "4.7.1 Later"), "waiting", False),
        (Answer(421, "Bye"), "waiting", False),
        (Answer(550, "5.1.1 Unknown"), "failed", True),
        (Answer(550, "5.1.10 Null MX"), "failed", True),
        (Answer(550, "5.7.1 Relaying denied"), "failed", False),
        (Answer(552, "5.2.2 Full"), "failed", False),
        (Answer(450, "5.1.1 odd"), "waiting", False),
        (Answer(550, "5.1.12 other"), "failed", False),
    ],
)
def test_what_an_answer_means_for_a_recipient(answer, state, is_bad):
    assert (state_after(answer), is_bad_address(answer)) == (state, is_bad)


@pytest.mark.parametrize(
    ("recipients", "state"),
    [
        ([("to", "waiting")], "waiting"),
        ([("to", "accepted"), ("cc", "waiting")], "waiting"),
        ([("to", "accepted"), ("cc", "failed")], "sent"),
        ([("to", "failed"), ("cc", "accepted")], "failed"),
        ([("to", "bounced")], "failed"),
    ],
)
def test_the_state_of_a_mail_is_that_of_its_addressee(recipients, state):
    assert email_state(recipients) == state


@pytest.mark.parametrize(
    ("emails", "status"),
    [
        ([], None),
        (["cancelled"], None),
        (["held"], "sending"),
        (["sent", "waiting"], "sending"),
        (["sent", "failed"], "failed"),
        (["sent", "cancelled"], "sent"),
    ],
)
def test_a_message_says_what_became_of_all_its_mails(emails, status):
    assert delivery_status(emails) == status


QUIET = {"to_recipient": 0, "of_ticket": 0, "of_project": 0}


@pytest.mark.parametrize(
    ("traffic", "settings", "reason"),
    [
        ({}, {}, None),
        ({"to_recipient": 19, "of_ticket": 29, "of_project": 1999}, {}, None),
        ({"to_recipient": 20}, {}, "recipient_limit"),
        ({"of_ticket": 30, "to_recipient": 20}, {}, "ticket_limit"),
        ({"of_project": 2000}, {}, "project_limit"),
        ({"is_ticket_held": True}, {}, "behind_held"),
        ({"is_project_held": True, "is_ticket_held": True}, {}, "project_limit"),
        ({"to_recipient": 20}, {"email_limit_per_recipient": 21}, None),
        ({}, {"email_limit_per_project": 0}, "project_limit"),
        ({"of_ticket": 29}, {"email_limit_per_ticket": "many"}, None),
        ({"of_ticket": 30}, {"email_limit_per_ticket": True}, "ticket_limit"),
    ],
)
def test_the_brake(traffic, settings, reason):
    assert held_for(Traffic(**{**QUIET, **traffic}), settings) == reason
