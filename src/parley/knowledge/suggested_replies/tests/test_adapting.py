"""An answer to one customer becomes a draft for another."""

from time import process_time

import pytest

from parley.knowledge.suggested_replies.rules.adapting import (
    OtherCustomer,
    adapted,
    customer_of,
    first_name,
    greeted,
)

MARIA = OtherCustomer(("Maria Schmidt", "Maria"), ("Long Street 5", "ACME Ltd"))
NOBODY = OtherCustomer((), ())


@pytest.mark.parametrize(
    ("answer", "draft"),
    [
        ("Hi Maria,\n\nit is sent.", "Hi Tom,\n\nit is sent."),
        ("Hello Mrs. Schmidt, it is sent.", "Hello Tom,\n\nit is sent."),
        ("Hallo Maria!\nEs ist unterwegs.\n\nViele Grüße\nAlice", "Hallo Tom,\n\nEs ist unterwegs."),
        ("Dear Maria Schmidt,\nit is sent.\n\nKind regards,\nAlice\nSupport", "Hi Tom,\n\nit is sent."),
        ("it is sent. Thanks for waiting, Maria!", "Hi Tom,\n\nit is sent. Thanks for waiting, Tom!"),
        ("Hi, your parcel left today.", "Hi Tom,\n\nyour parcel left today."),
        ("Hinges are in the box.", "Hi Tom,\n\nHinges are in the box."),
        ("We know MARIA SCHMIDT of acme ltd.", "Hi Tom,\n\nWe know Tom of [removed]."),
        ("Write to maria.s+x@mail.example.com.", "Hi Tom,\n\nWrite to [e-mail address]."),
        ("Call 030/123 45 67 or +49 (30) 1234567!", "Hi Tom,\n\nCall [phone number] or [phone number]!"),
        ("Order #1042 of 2026-11-28 for 1,299.00 euros", "Hi Tom,\n\nOrder [number] of 2026-11-28 for 1,299.00 euros"),
        ("Use AB12-CD34-EF56 once.", "Hi Tom,\n\nUse [number] once."),
        ("IBAN DE89 3704 0044 0532 0130 00", "Hi Tom,\n\nIBAN [number]"),
        ("See https://shop.example/help/returns.", "Hi Tom,\n\nSee https://shop.example/help/returns."),
        ("See https://shop.example/o/829123 now", "Hi Tom,\n\nSee [link] now"),
        ("See www.shop.example/?mail=a now", "Hi Tom,\n\nSee [link] now"),
        ("Dear Mrs. Okafor,\nthank you. Okafor Ltd is known.", "Hi Tom,\n\nthank you. Tom Ltd is known."),
        ("30 days, 14 euros, version 4.2", "Hi Tom,\n\n30 days, 14 euros, version 4.2"),
    ],
)  # fmt: skip
def test_names_change_and_data_goes(answer, draft):
    assert adapted(answer, MARIA, "Tom") == draft


def test_without_a_name_nobody_is_named():
    assert (
        adapted("Hi Maria,\nthanks, Maria! We told Maria.", MARIA, None) == "Hi,\n\nthanks! We told [name]."
    )


def test_a_name_that_is_a_word_leaves_the_word():
    will = customer_of({"name": "Will May"})
    assert (
        adapted("You may ask Will; he will know.", will, "Tom") == "Hi Tom,\n\nYou may ask Tom; he will know."
    )


def test_a_prepared_text_keeps_its_own_addresses():
    assert (
        greeted("Hello!\nWrite to help@shop.example.", "Tom") == "Hello Tom,\n\nWrite to help@shop.example."
    )


def test_traits_that_identify_are_known():
    known = customer_of(
        {"first_name": "Ada", "plan": "Business", "Phone": 4930123456, "is_name": True}, {"city": "Köln"}
    )
    assert known == OtherCustomer(("Ada",), ("4930123456", "Köln"))


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Ada Lovelace", "Ada"),
        (" Jean-Luc  Picard", "Jean-Luc"),
        ("李 小龙", None),
        ("ada@example.com", None),
        ("http://evil.example click", None),
        ("x" * 300, None),
        (None, None),
        (7, None),
    ],
)
def test_somebody_is_addressed_by_what_looks_like_a_name(name, first):
    assert first_name(name) == first


@pytest.mark.parametrize(
    "text",
    [
        "\n" * 5_000,
        "-" * 5_000,
        "1 " * 2_500,
        "a@" * 2_500,
        "Hi " + "A " * 2_500,
        "a-" * 2_500,
        "https://" * 600,
    ],
)
def test_no_text_takes_long(text):
    many = customer_of({f"name {n}": f"Name{n} Other{n}" for n in range(5_000)})
    before = process_time()
    adapted(text, many, "Tom")
    assert process_time() - before < 1
