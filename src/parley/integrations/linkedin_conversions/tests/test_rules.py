"""What counts as a conversion, and what LinkedIn is told."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from parley.integrations.linkedin_conversions.actions.sending import body_of
from parley.integrations.linkedin_conversions.rules import (
    RETRIES_S,
    check_trigger,
    check_value,
    counts,
    email_hash,
    event_of,
    next_attempt,
)
from parley.integrations.linkedin_conversions.schemas import ConversionToSend
from parley.kernel.errors import Invalid
from parley.kernel.ids import new_uuid

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def test_an_address_is_hashed_as_linkedin_wants_it():
    expected = hashlib.sha256(b"ada@example.com").hexdigest()
    for spelled in ("ada@example.com", " Ada@Example.COM ", "ADA@example.com\n"):
        assert email_hash(spelled) == expected


@pytest.mark.parametrize(
    ("trigger", "value", "code"),
    [
        ("ticket_opened", "", None),
        ("ticket_opened", "x", "invalid_input"),
        ("ticket_status_changed", "resolved", None),
        ("ticket_status_changed", "done", "invalid_choice"),
        ("ticket_status_changed", "", "required"),
        ("ticket_tagged", "qualified", None),
        ("ticket_tagged", "", "required"),
        ("ticket_tagged", "\u200d", "required"),
        ("ticket_tagged", "\u0958" * 101, "max_length"),
        ("event_captured", "signed_up", None),
        ("event_captured", "$conversation_ticket_created", "invalid_input"),
    ],
)
def test_a_trigger_has_the_value_that_it_needs(trigger, value, code):
    if code is None:
        assert check_trigger(trigger, value) == value
        return
    with pytest.raises(Invalid) as error:
        check_trigger(trigger, value)
    assert (error.value.code, error.value.attr) == (code, "trigger_value")


def test_a_tag_counts_as_tickets_have_it():
    assert check_trigger("ticket_tagged", "VIP\u200d") == "vip"


def test_only_the_wanted_status_counts():
    assert event_of("ticket_status_changed", "resolved") == "$conversation_ticket_status_changed"
    assert event_of("event_captured", "signed_up") == "signed_up"
    assert counts("ticket_status_changed", "resolved", {"new_status": "resolved"})
    others: list[Any] = [{"new_status": "open", "old_status": "resolved"}, {}, None, []]
    for properties in others:
        assert not counts("ticket_status_changed", "resolved", properties)
    assert counts("event_captured", "signed_up", None)


def test_a_value_has_a_currency():
    check_value(None, None)
    check_value("9.50", "EUR")
    for amount, currency in (("9.50", None), (None, "EUR")):
        with pytest.raises(Invalid):
            check_value(amount, currency)


def test_attempts_are_repeated_for_hours_and_not_before_linkedin_wants_them():
    waits = [next_attempt(n, NOW, 0) for n in range(1, len(RETRIES_S) + 2)]
    assert waits == [*(NOW + timedelta(seconds=one) for one in RETRIES_S), None]
    assert next_attempt(1, NOW, 900) == NOW + timedelta(seconds=900)


def test_the_body_has_a_hash_and_milliseconds_and_no_address():
    one = ConversionToSend(
        project_id=1, id=new_uuid(), event_id=new_uuid(), happened_at=NOW + timedelta(milliseconds=7),
        email_hash="ab" * 32, attempts=0, integration_id=5, conversion_rule_id="104012", amount="9.50", currency="EUR",
    )  # fmt: skip
    assert msgspec.json.decode(body_of(one)) == {
        "conversion": "urn:lla:llaPartnerConversion:104012",
        "conversionHappenedAt": 1795953600007,
        "eventId": str(one.event_id),
        "user": {"userIds": [{"idType": "SHA256_EMAIL", "idValue": "ab" * 32}]},
        "conversionValue": {"currencyCode": "EUR", "amount": "9.50"},
    }
    without = msgspec.structs.replace(one, amount=None, currency=None)
    assert "conversionValue" not in msgspec.json.decode(body_of(without))
