"""Signatures and the provider's findings, as tables."""

from datetime import UTC, datetime

import pytest

from parley.email.inbound.rules.provider import CONTENT_TYPE, provider_findings, signed_findings
from parley.email.interpretation.rules.authentication import is_authenticated
from parley.email.mail_webhook.composing import MOST_HEADERS, read_headers
from parley.email.mail_webhook.form import PostedForm
from parley.email.mail_webhook.rules import authentication_of, header_lines, is_signed
from parley.email.mail_webhook.tests.posted import SIGNING_KEY, signed
from parley.kernel.secrets import Vault
from parley.kernel.storage.errors import StorageAway


@pytest.mark.parametrize(
    ("changes", "key", "is_good"),
    [
        ({}, SIGNING_KEY, True),
        ({}, "another key", False),
        ({}, None, False),
        ({}, "", False),
        ({"token": ""}, SIGNING_KEY, False),
        ({"signature": ""}, SIGNING_KEY, False),
        ({"signature": "é"}, SIGNING_KEY, False),
        ({"timestamp": "0"}, SIGNING_KEY, False),
        ({"timestamp": "nan"}, SIGNING_KEY, False),
    ],
)
def test_a_signature_is_made_with_the_key(changes, key, is_good):
    assert is_signed({**signed(), **changes}, key, datetime.now(UTC)) is is_good


@pytest.mark.parametrize(
    ("age_s", "is_good"), [(0, True), (290, True), (310, False), (-290, True), (-310, False)]
)
def test_a_signature_is_good_for_five_minutes(age_s, is_good):
    fields = signed(age_s=age_s)
    assert is_signed(fields, SIGNING_KEY, datetime.now(UTC)) is is_good
    assert not is_signed(signed("another key", age_s=age_s), SIGNING_KEY, datetime.now(UTC))


SPF = ("X-Mailgun-Spf", "Pass")
RECEIVED = ("Received", "from mail.example.com by mxa.mailgun.org")
AS_FILTERED = [("X-Mailgun-Sscore", "0.1"), SPF, ("X-Mailgun-Incoming", "Yes"), RECEIVED]
AS_SENT = [("Received", "by mail.example.com"), ("From", "ada@example.com")]


@pytest.mark.parametrize(
    ("fields", "headers", "is_proven"),
    [
        ({"X-Mailgun-Spf": "Pass", "sender": "ada@example.com"}, [], True),
        ({"X-Mailgun-Spf": "Pass", "sender": "bounce@mail.example.com"}, [], True),
        ({"X-Mailgun-Spf": "Pass", "sender": "eve@example.net"}, [], False),
        ({"X-Mailgun-Spf": "SoftFail", "sender": "ada@example.com"}, [], False),
        ({"sender": "ada@example.com"}, [("X-Mailgun-Spf", "Pass")], True),
        ({"sender": "ada@example.com"}, [("X-Mailgun-Spf", "Pass"), ("x-mailgun-spf", "Fail")], False),
        ({"X-Mailgun-Spf": "Fail", "sender": "ada@example.com"}, [("X-Mailgun-Spf", "Pass")], False),
        ({"X-Mailgun-Dkim-Check-Result": "Pass"}, [("Dkim-Signature", "v=1; d=example.com; s=x")], True),
        ({"X-Mailgun-Dkim-Check-Result": "Fail"}, [("Dkim-Signature", "v=1; d=example.com; s=x")], False),
        ({"X-Mailgun-Dkim-Check-Result": "Pass"}, [("Dkim-Signature", "v=1; d=example.net; s=x")], False),
        ({"X-Mailgun-Dkim-Check-Result": "Pass"}, [], False),
        (
            {"X-Mailgun-Dkim-Check-Result": "Pass"},
            [("Dkim-Signature", "d=example.com"), ("Dkim-Signature", "d=example.net")],
            False,
        ),
        ({"X-Mailgun-Dkim-Check-Result": "Pass"}, [("Dkim-Signature", "d=example.com; l=10")], False),
        ({"X-Mailgun-Spf": "Pass", "sender": "ada@example.com"}, [*AS_FILTERED, *AS_SENT], True),
        ({"X-Mailgun-Spf": "Pass", "sender": "ada@example.com"}, [RECEIVED, *AS_SENT], True),
        # The sender's own, which the provider passes on; with the filter, beside the provider's.
        ({"X-Mailgun-Spf": "Pass", "sender": "ada@example.com"}, [RECEIVED, *AS_SENT, SPF], False),
        ({"X-Mailgun-Spf": "Pass", "sender": "ada@example.com"}, [*AS_FILTERED, *AS_SENT, SPF], False),
        ({"sender": "ada@example.com"}, [RECEIVED, *AS_SENT, ("x-mailgun-SPF", "pass")], False),
    ],
)
def test_a_sender_is_proven_by_what_agrees_with_their_address(fields, headers, is_proven):
    assert is_authenticated(authentication_of(fields, headers), "ada@example.com") is is_proven


def test_no_field_of_the_form_adds_lines_to_the_header():
    fields = {"From": "a\r\nBcc: eve@example.net", "subject": "x\ny"}
    assert [*header_lines(fields, [])] == [("From", "a Bcc: eve@example.net"), ("subject", "x y")]
    listed = [
        ("X: y", "1"),
        ("", "1"),
        ("Content-Type", "1"),
        ("mime-version", "1"),
        ("Ä", "1"),
        ("X-A", "1"),
    ]
    assert [*header_lines({}, listed)] == [("X-A", "1")]


def test_only_our_own_part_holds_findings():
    vault = Vault("a key of a server")
    ours = signed_findings(vault, 1, "a", "b")
    found = provider_findings(vault, 1, f"{CONTENT_TYPE}; x=1", ours)
    assert found is not None and (found.stripped_text, found.stripped_signature) == ("a", "b")
    assert provider_findings(vault, 1, "text/plain", ours) is None
    assert provider_findings(vault, 2, CONTENT_TYPE, ours) is None
    assert provider_findings(Vault("another key"), 1, CONTENT_TYPE, ours) is None
    changed = ours.replace(b'"a"', b'"ab"').replace(b'"b"', b'""')
    for forged in (
        b"nonsense",
        b'{"stripped_text":"a"}',
        changed,
        b'{"stripped_text":"a","proof":"\xc3\xa4"}',
    ):
        assert provider_findings(vault, 1, CONTENT_TYPE, forged) is None


async def test_a_folder_that_takes_no_file_is_the_storage_being_away(tmp_path):
    async def chunks():
        yield b"x" * 10_000_000

    with PostedForm(tmp_path / "gone") as form, pytest.raises(StorageAway):
        await form.add("attachment-1", "film.mp4", chunks())


@pytest.mark.parametrize("name", ["X-Mailgun-Spf", "sender"])
def test_a_field_that_is_posted_twice_proves_nothing(name):
    fields = {"X-Mailgun-Spf": "Pass", "sender": "ada@example.com"}
    assert is_authenticated(authentication_of(fields, []), "ada@example.com")
    assert not is_authenticated(authentication_of(fields, [], {name}), "ada@example.com")


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ([], []),
        (['[["From","a"]]'], [("From", "a")]),
        (['[["From","\\udce9"]]'], [("From", "\ufffd")]),  # a byte that is no ASCII, as Python's JSON has it
        (['[["From"'], None),
        (["[" * 100_000], None),
        (['[["From",1]]'], None),
        (["[" + '["X","y"],' * MOST_HEADERS + '["X","y"]]'], None),
        (["[]", '[["From","a"]]'], None),
    ],
    ids=["none", "plain", "half a letter", "broken", "deep", "a number", "too many", "two"],
)
async def test_a_list_of_headers_that_a_sender_may_have_broken_or_written_is_none(tmp_path, listed, expected):
    async def chunks(text):
        yield text.encode()

    with PostedForm(tmp_path) as form:
        for one in listed:
            await form.add("message-headers", None, chunks(one))
        assert read_headers(form) == expected
