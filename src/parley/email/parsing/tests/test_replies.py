"""What is new in an answer: top, bottom, between the lines, in many languages, and nothing lost."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.email.parsing.replies import separated
from parley.email.parsing.tests.corpora import FOLDER, needs_corpora
from tests.effort import examples

# Of each file: how the new text begins and ends, how what it quotes begins, how the signature begins.
EXPECTED = {
    "correct_sig.txt": ("this is an email", "-- signature.", "", "-- \nrick"),
    "email_1_1.txt": ("Hi folks", "Java HTTP API.", "", "-Abhishek Kona"),
    "email_1_2.txt": ("Hi,\nOn Tue, 2011", 'all individually."', "> \n> -Abhishek", "_____"),
    "email_1_3.txt": ("Oh thanks.", "would be great.", "On 01/03/11 7:07 PM", "-Abhishek Kona"),
    "email_1_4.txt": ("Awesome!", "problem with it.", "On Aug 22, 2011", ""),
    "email_1_5.txt": ("One: Here's", "for a while.", "", ""),
    "email_1_6.txt": ("I get proper", "rendering as well.", "On Dec 16, 2011", "Sent from a magnificent"),
    "email_1_7.txt": (":+1:", ":+1:", "On Tue, Sep 25, 2012", ""),
    "email_1_8.txt": ("On Tue, Apr 29, 2014", "and under this.", ">\n> -- Tim", "--\nHey there"),
    "email_2_1.txt": ("Outlook with a reply", "with a reply", " ----", ""),
    "email_2_2.txt": ("Outlook with a reply directly", "above line", "_____", ""),
    "email_2_3.txt": ("Outlook with a reply directly", "above line", "From: CRM", ""),
    "email_BlackBerry.txt": ("Here is", "another email", "", "Sent from my BlackBerry"),
    "email_bullets.txt": ("test 2 this", "- and another", "On Fri, Feb 24", "-- \n\n*Joe Smith"),
    "email_iPhone.txt": ("Here is", "another email", "", "Sent from my iPhone"),
    "email_long_quote.txt": ("Hi folks", "Java HTTP API.", "", "-Abhishek Kona"),
    "email_multi_word_sent_from_my_mobile_device.txt": ("Here is", "email", "", "Sent from my Verizon"),
    "email_one_is_not_on.txt": ("Thank, this", "when I run...", "On Oct 1, 2012", ""),
    "email_sent_from_my_not_signature.txt": ("Here is", "my mobile phone.", "", ""),
    "email_sig_delimiter_in_middle_of_line.txt": ("Hi there!", "kthxbai", "", ""),
    "greedy_on.txt": ("On your remote host", "is not working.", "On 9 Jan 2014", ""),
    "pathological.txt": ("I think you're", "to a computer.", "On Dec 8, 2013", ""),
}


@needs_corpora
@pytest.mark.parametrize("name", EXPECTED)
def test_the_new_text_of_the_reply_corpus_is_found(name: str) -> None:
    body = (FOLDER / "replies" / name).read_text()
    found = separated(body)
    first, last, quoted, signature = EXPECTED[name]
    assert found.text.startswith(first)
    assert found.text.endswith(last)
    assert found.quoted_text.startswith(quoted) and bool(found.quoted_text) == bool(quoted)
    assert found.signature.startswith(signature) and bool(found.signature) == bool(signature)
    assert_nothing_is_lost(body)


QUOTES = [
    "On Mon, 2 Nov 2026 at 10:00, Ada <ada@example.com> wrote:\n> How?",
    "Am 02.11.2026 um 10:00 schrieb Ada Lovelace:\n> Wie?",
    "Am Mo., 2. Nov. 2026 um 10:00 Uhr schrieb Ada <ada@example.com>:\n\n> Wie?",
    "Le lun. 2 nov. 2026 à 10:00, Ada <ada@example.com> a écrit :\n> Comment ?",
    "El lun, 2 nov 2026 a las 10:00, Ada (<ada@example.com>) escribió:\n> ¿Cómo?",
    "Il giorno lun 2 nov 2026 alle ore 10:00 Ada <ada@example.com> ha scritto:\n> Come?",
    "Op ma 2 nov. 2026 om 10:00 schreef Ada <ada@example.com>:\n> Hoe?",
    "Em seg., 2 de nov. de 2026 às 10:00, Ada <ada@example.com> escreveu:\n> Como?",
    "Den mån 2 nov. 2026 kl 10:00 skrev Ada <ada@example.com>:\n> Hur?",
    "pon., 2 lis 2026 o 10:00 Ada <ada@example.com> napisał(a):\n> Jak?",
    "пн, 2 нояб. 2026 г. в 10:00, Ada <ada@example.com>:\n> Как?",
    "Ada <ada@example.com> 于2026年11月2日周一 10:00写道：\n> 怎么？",
    "2026年11月2日(月) 10:00 Ada <ada@example.com>:\n> どうやって",
    "2026-11-02 10:00 GMT+01:00 Ada <ada@example.com>:\n> How?",
    "Ada Lovelace wrote:\n> How?",
    "On Mon, 2 Nov 2026 at 10:00, Ada <ada@example.com>\nwrote:\nHow? (without marks)",
    "-----Original Message-----\nFrom: Ada\nSubject: How?\n\nHow?",
    "-----Ursprüngliche Nachricht-----\nVon: Ada\n\nWie?",
    "________________________________\nVon: Ada <ada@example.com>\nGesendet: Montag\nAn: b\nBetreff: Wie?\n\nWie?",
    "De : Ada <ada@example.com>\nEnvoyé : lundi\nÀ : b\nObjet : Comment ?\n\nComment ?",
    "*From:* Ada\n*Sent:* Monday\n*To:* b\n*Subject:* How?\n\nHow?",
    "发件人：Ada\n发送时间：2026年\n收件人：b\n主题：怎么\n\n怎么？",
    "> How?\n> I ask again.",
]


@pytest.mark.parametrize("quote", QUOTES)
def test_what_is_quoted_below_an_answer_is_found_in_many_languages(quote: str) -> None:
    found = separated(f"Like this.\n\nRegards\n\n{quote}\n")
    assert (found.text, found.quoted_text) == ("Like this.\n\nRegards", quote)


@pytest.mark.parametrize(
    "text",
    [
        "On Monday I wrote:\nthis text.",
        "In 2024 I asked this:\nwhy?",
        "Steps:\n1. On\n2. Off",
        "From: is a preposition\nand so on",
        "- one\n- two\n-three",
        "a -- b\n--flag",
        "To: whom it may concern\nSubject: to change",
    ],
)
def test_text_that_only_looks_alike_stays_text(text: str) -> None:
    found = separated(text)
    assert (found.text, found.quoted_text) == (text, "")


def test_an_answer_below_what_it_quotes_stands_alone() -> None:
    found = separated("On Mon, 2 Nov 2026, Ada wrote:\n> How?\n> Really?\n\nLike this.\n")
    assert (found.text, found.quoted_text) == (
        "Like this.",
        "On Mon, 2 Nov 2026, Ada wrote:\n> How?\n> Really?",
    )


def test_answers_between_the_lines_keep_what_they_answer() -> None:
    body = "> One?\nYes.\n> Two?\nNo."
    assert separated(body).text == body


def test_a_body_that_says_nothing_new_is_all_text() -> None:
    body = "On Mon, 2 Nov 2026, Ada wrote:\n> How?"
    assert separated(body).text == body


def test_what_a_forwarded_mail_forwards_is_text() -> None:
    body = "See below.\n\nFrom: Ada\nSent: Monday\nTo: b\nSubject: How?\n\nHow?"
    assert separated(body, is_forward=True).text == body
    assert separated(body).text == "See below."
    marked = (
        "FYI\n\n---------- Forwarded message ---------\nFrom: Ada\nDate: Monday\nSubject: How?\nTo: b\n\nHow?"
    )
    assert separated(marked).text == marked


LINES = st.sampled_from(
    [
        *("", "text", "> quoted", "On 1.1.2026 Ada wrote:", "-- ", "Sent from my iPhone"),
        *("From: a", "To: b", "Date: c", "-Ada", "___________", "-----Original Message-----"),
    ]
)


@settings(max_examples=examples(60), deadline=None)
@given(st.one_of(st.lists(LINES).map("\n".join), st.text()))
def test_no_line_is_lost(body: str) -> None:
    assert_nothing_is_lost(body)


def assert_nothing_is_lost(body: str) -> None:
    """Every line that isn't empty is in one of the three texts, as often as in the body."""
    found = separated(body)
    parts = "\n".join([found.text, found.quoted_text, found.signature])
    assert lines_of(parts) == lines_of(body)


def lines_of(text: str) -> Counter[str]:
    return Counter(line for line in text.split("\n") if line)
