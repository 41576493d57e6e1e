"""Signatures, numbers and keywords, as tables and against Twilio's own library."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from parley.integrations.sms.addresses import is_reachable
from parley.integrations.sms.rules.keywords import keyword_of
from parley.integrations.sms.rules.numbers import e164_of, may_be_answered, sender_of, shown_number
from parley.integrations.sms.rules.signatures import fields_of, is_signed, signature_of

URL = "https://parley.example/api/conversations/v1/sms/inbound"
LETTERS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@given(st.dictionaries(LETTERS, LETTERS, max_size=8), LETTERS.filter(bool))
def test_a_signature_is_the_one_that_twilio_makes(fields, token):
    given_fields = fields_of(urlencode(fields).encode())
    assert given_fields is not None
    expected = RequestValidator(token).compute_signature(URL, fields)
    assert signature_of(token, URL, given_fields) == expected
    assert is_signed(expected, token, URL, given_fields)


@pytest.mark.parametrize(
    ("signed_url", "seen_url", "is_good"),
    [
        (URL, URL, True),
        (URL.replace("example", "example:443"), URL, True),
        (URL, URL.replace("example", "example:443"), True),
        (URL.replace("example", "example:8443"), URL, False),
        (URL + "?message=1", URL, False),
        (URL.replace("https", "http"), URL, False),
    ],
)
def test_a_signature_is_for_one_url_with_its_port_or_without(signed_url, seen_url, is_good):
    fields = [("From", "+15005550009"), ("Body", "Hello")]
    given_ = RequestValidator("key").compute_signature(signed_url, dict(fields))
    assert is_signed(given_, "key", seen_url, fields) is is_good
    assert not is_signed(given_, "other", seen_url, fields)
    assert not is_signed(given_, "key", seen_url, [("From", "+15005550009"), ("Body", "Hello!")])


def test_without_a_token_nothing_is_signed():
    assert not is_signed(signature_of("", URL, []), "", URL, [])


@pytest.mark.parametrize("body", [b"\xff\xfe=1", b"&".join([b"a=1"] * 201)])
def test_what_is_no_form_is_not_read(body):
    assert fields_of(body) is None


@pytest.mark.parametrize(
    ("text", "number", "is_answerable"),
    [
        ("+15005550009", "+15005550009", True),
        ("+1 (500) 555-0009", "+15005550009", True),
        ("+4915112345678", "+4915112345678", True),
        ("72975", "72975", True),
        ("ACME", "ACME", False),
        (" \u202e ", None, False),
        ("+" + "1" * 60, "+" + "1" * 19, True),
    ],
)
def test_senders_have_one_form(text, number, is_answerable):
    assert sender_of(text) == number
    assert number is None or may_be_answered(number) is is_answerable


def test_numbers_begin_with_a_plus_and_are_shown_for_people():
    assert e164_of("05005550009") is None and e164_of("+1") is None
    assert shown_number("+15005550009") == "+1 500-555-0009"
    assert shown_number("ACME") == "ACME"


@pytest.mark.parametrize(
    ("body", "kind", "is_out", "expected"),
    [
        ("STOP", "", False, "stop"),
        (" stop. ", "", False, "stop"),
        ("STOP\u200b", "", False, "stop"),
        ("\ufeffSTOP", "", False, "stop"),
        ("\u202eSTOP", "", False, "stop"),
        ("sto\u200dp", "", False, "stop"),
        ("ＳＴＯＰ！", "", False, "stop"),
        ("“Stop.”", "", False, "stop"),
        ("OPT  OUT", "", False, "stop"),
        ("„START“", "", True, "start"),
        ("\u200b", "", True, None),
        ("Please stop", "", False, None),
        ("Unsubscribe", "", True, "stop"),
        ("yes", "", False, None),
        ("Yes", "", True, "start"),
        ("START", "", False, None),
        ("HELP", "", False, None),
        ("HELP", "HELP", False, None),
        ("Arrêt", "STOP", False, "stop"),
        ("stop", "START", True, "start"),
        ("go on", "START", False, None),
    ],
)
def test_words_stop_and_start_messages(body, kind, is_out, expected):
    assert keyword_of(body, kind, is_opted_out=is_out, is_stopped_here=is_out) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://parley.example", True),
        ("http://localhost:8000", False),
        ("http://127.0.0.1:8000", False),
        ("http://192.168.1.5", False),
        ("https://[::1]", False),
        ("http://parley", False),
        ("https://8.8.8.8", True),
    ],
)
def test_twilio_is_told_only_addresses_that_it_can_reach(url, expected):
    assert is_reachable(url) is expected
