"""Message ids, reply addresses and subjects, as tables."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.email.threading.rules import (
    MOST_IDS,
    InboundAddress,
    bare_id,
    bare_ids,
    comment_of_own_id,
    digest_of,
    inbound_address,
    number_in_subject,
    own_message_id,
    reply_address,
)
from parley.kernel.secrets import Vault

VAULT, OTHER = Vault("one secret"), Vault("another secret")
TOKEN = "0123456789abcdef" * 2
COMMENT = UUID("0190a0b0-0000-7000-8000-00000000abcd")


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("<a@b.example>", "a@b.example"),
        (" <a@b.example>\r\n", "a@b.example"),
        ("a@b.example", "a@b.example"),
        ("<A@B.example>", "A@B.example"),
        ("<>", ""),
        ("", ""),
    ],
)
def test_an_id_is_known_without_its_brackets(text, bare):
    assert bare_id(text) == bare
    assert digest_of(text) == digest_of(bare)


def test_letter_case_tells_ids_apart():
    assert digest_of("<a@b>") != digest_of("<A@b>")


@given(st.lists(st.text(max_size=8), max_size=20))
def test_any_texts_make_ids_and_digests(texts):
    found = bare_ids(texts)
    assert len(set(found)) == len(found)
    assert all(len(digest_of(id)) == 64 for id in found)


def test_only_the_newest_of_very_many_ids_are_looked_at():
    assert bare_ids(f"<{n}@x>" for n in range(5000)) == [f"{n}@x" for n in range(5000 - MOST_IDS, 5000)]
    assert bare_ids(["x" * 999, "a\x00b", "<a@b>", "a@b"]) == ["a@b"]


def test_our_own_message_ids_are_recognised_and_nobody_elses():
    own = own_message_id(VAULT, 7, COMMENT, "mail.example")
    assert own.endswith("@mail.example")
    assert comment_of_own_id(VAULT, 7, f"<{own}>") == COMMENT
    flipped = own.replace("@", "0@")[1:]
    forged = f"{COMMENT.hex}.{'0' * 16}@mail.example"
    for foreign in (forged, flipped, own.upper(), f"x{own}", own.split("@")[0], "", f"{own} x"):
        assert comment_of_own_id(VAULT, 7, foreign) is None, foreign
    assert comment_of_own_id(VAULT, 8, own) is None, "another project"
    assert comment_of_own_id(OTHER, 7, own) is None, "another server"


def test_a_reply_address_names_its_ticket_only_with_its_signature():
    address = reply_address(VAULT, TOKEN, 12, "in.example")
    assert inbound_address(VAULT, address) == InboundAddress(TOKEN, 12)
    assert inbound_address(VAULT, address.upper()) == InboundAddress(TOKEN, 12)
    assert inbound_address(VAULT, address.replace("+12-", "+13-")) == InboundAddress(TOKEN, None)
    assert inbound_address(OTHER, address) == InboundAddress(TOKEN, None)
    elsewhere = address.replace(TOKEN, TOKEN[::-1])
    assert inbound_address(VAULT, elsewhere) == InboundAddress(TOKEN[::-1], None)
    assert inbound_address(VAULT, f"team-{TOKEN}@in.example") == InboundAddress(TOKEN)
    assert len(address.split("@")[0]) <= 75


@pytest.mark.parametrize(
    "address",
    ["", "a@b.example", "team-@b.example", f"team-{TOKEN}", f"team-{TOKEN}+@b", f"team-{TOKEN[:31]}@b", f"xteam-{TOKEN}@b",
     f"team-{TOKEN}+1-{'0' * 19}@b", f"team-{TOKEN}+-{'0' * 20}@b", f"team-{TOKEN}@b c"],
)  # fmt: skip
def test_other_addresses_are_none_of_ours(address):
    assert inbound_address(VAULT, address) is None


@given(st.integers(1, 2**31 - 1), st.integers(1, 2**31 - 1))
def test_no_signature_is_good_for_another_number(one, other):
    taken = reply_address(VAULT, TOKEN, one, "x.example").replace(f"+{one}-", f"+{other}-")
    found = inbound_address(VAULT, taken)
    assert found is not None
    assert found.ticket_number == (one if one == other else None)


@pytest.mark.parametrize(
    ("subject", "number"),
    [
        ("Re: #12", 12),
        ("Re: [#12] Order", 12),
        ("#1 and #2", 2),
        ("(#7)", 7),
        ("Order 12", None),
        ("abc#12", None),
        ("#12abc", None),
        ("#12-3", None),
        ("&#39;", None),
        ("#²", None),
        ("#99999999999", None),
        ("", None),
        ("#" * 100_000, None),
    ],
)
def test_a_subject_may_name_a_number(subject, number):
    assert number_in_subject(subject) == number


@given(st.text())
def test_no_subject_and_no_address_breaks_anything(text):
    number_in_subject(text)
    inbound_address(VAULT, text)
    comment_of_own_id(VAULT, 1, text)


def test_signatures_differ_by_what_they_are_for():
    comment = uuid4()
    own = own_message_id(VAULT, 1, comment, "x").split(".")[1].split("@")[0]
    assert own not in reply_address(VAULT, comment.hex, 1, "x")
