"""The inbox says how an answer goes out, and what became of it."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import update

from parley.email.channels.tables import email_domain
from parley.email.outbound.schemas import OutboundEmailOut, OutboundRecipientOut
from parley.email.outbound.sentences import delivery_view
from parley.email.outbound.tests.conftest import channel, post
from tests.plain_browser import window_of

__all__ = ["channel", "post"]


async def test_the_way_stands_beside_the_form_and_the_outcome_below_the_message(window, post, desk):
    await post.ticket()
    await window.open("/inbox/1")
    assert "By mail to ada@example.com." in window.page.text
    await window.press("Send reply", content="It left.")
    await window.open("/inbox/1")
    assert "Mailed to" not in window.page.text
    await post.go_out()
    await window.open("/inbox/1")
    assert "Mailed to" not in window.page.text
    assert "Not mailed to ada@example.com: kept as a file; no mail server is set." in window.page.text


async def test_the_list_shows_what_was_said_and_not_what_the_mail_is_called(window, post, desk):
    await desk.open(email="ada@example.com")
    await window.open("/inbox/1")
    await window.press("Send reply", content="We are on it.")
    await post.go_out()
    await window.open("/inbox/1")
    assert (await desk.ticket(1))["email_subject"] == "#1"
    assert "We are on it." in window.page.one("ul", id="rows").text


async def test_without_mail_the_form_says_so(window, desk):
    await desk.open(email="ada@example.com")
    await window.open("/inbox/1")
    assert "In the widget only: e-mail is switched off for this project." in window.page.text


def below_messages(window):
    return [one.text for one in window.page.all("p") if "delivery-failed" in one.get("class", "")]


async def test_an_answer_by_mail_says_so_where_the_project_sends_none(window, post, desk, alice, project):
    await post.ticket()
    off = {"conversations_settings": {"email_enabled": False}}
    answer = await alice.client.patch(f"/api/projects/{project.id}/", json=off)
    assert answer.status_code == 200, answer.text
    await window.open("/inbox/1")
    await window.press("Send reply", content="It left.")
    assert await post.go_out() == []
    await window.open("/inbox/1")
    assert below_messages(window) == [
        "Not delivered: e-mail is switched off for this project. "
        "Connect an address in the settings, page E-mail, then send the answer again."
    ]


async def verify(services, desk, at):
    async with services.database.transaction() as db:
        mine = email_domain.c.project_id == desk.project.id
        await db.execute(update(email_domain).where(mine).values(verified_at=at))


async def test_an_answer_that_reaches_nobody_says_so_to_everybody_until_a_channel_is_verified(
    window, post, desk, cast, services
):
    await post.ticket()
    await verify(services, desk, None)
    await window.open("/inbox/1")
    assert "The customer can't be reached: no e-mail channel of this project is verified." in window.page.text
    await window.press("Send reply", content="It left.")
    assert await post.go_out() == []
    said = (
        "Not delivered: no e-mail channel of this project is verified. "
        "Verify one in the settings, page E-mail, then send the answer again."
    )
    for member in (cast.alice, cast.bob):
        reader = await window_of(cast, member)
        await reader.open("/inbox/1")
        assert below_messages(reader) == [said]
    await verify(services, desk, services.clock.now())
    await window.open("/inbox/1")
    await window.press("Send reply", content="Again: it left.")
    await post.go_out()
    await window.open("/inbox/1")
    assert below_messages(window) == [said]


def recipient(name="ada", state="accepted", answer="250 OK", bounce=None, kind="to"):
    times = {"accepted_at": None, "bounced_at": None}
    return OutboundRecipientOut(
        address=f"{name}@example.com", kind=kind, state=state, answer=answer, bounce=bounce, **times
    )


CAROL = recipient("carol", kind="cc")
REFUSED = recipient("carol", "failed", "550 5.1.1 Unknown", kind="cc")
WAITS = [recipient(state="waiting")]
RETRIED = {"state": "waiting", "attempts": 1, "last_error": "451 Later"}
ADA = "ada@example.com"


@pytest.mark.parametrize(
    ("fields", "recipients", "kind", "text"),
    [
        ({}, [recipient()], "sent", f"Mailed to {ADA}."),
        (
            {},
            [recipient(answer="250 Written to a file.")],
            "waiting",
            f"Not mailed to {ADA}: kept as a file; no mail server is set.",
        ),
        ({}, [recipient(), CAROL], "sent", f"Mailed to {ADA} and 1 other."),
        (
            {},
            [recipient(), REFUSED],
            "failed",
            f"Mailed to {ADA}. Not to carol@example.com: 550 5.1.1 Unknown",
        ),
        (
            {"state": "failed"},
            [recipient(state="failed", answer="554 Spam")],
            "failed",
            f"Could not be mailed to {ADA}: 554 Spam",
        ),
        (
            {"state": "failed"},
            [recipient(state="bounced", bounce="5.1.1 No")],
            "failed",
            f"Came back from {ADA}: 5.1.1 No",
        ),
        ({"state": "waiting"}, WAITS, "waiting", f"Is being mailed to {ADA}."),
        (
            {"state": "waiting", "kind": "unread"},
            WAITS,
            "waiting",
            f"Is mailed to {ADA} unless they see it in the widget first.",
        ),
        (RETRIED, WAITS, "waiting", f"Not mailed to {ADA} yet, it is tried again. 451 Later"),
        (
            {"state": "held"},
            WAITS,
            "waiting",
            f"Held before it is mailed to {ADA}: too much mail in an hour.",
        ),
        (
            {"state": "cancelled", "reason": "by_team"},
            [recipient()],
            "failed",
            "Not mailed: your team gave it up.",
        ),
        ({"state": "cancelled", "reason": "read"}, [recipient()], None, None),
    ],
)
def test_what_became_of_a_mail_in_a_sentence(fields, recipients, kind, text):
    id, at = uuid4(), datetime.now(UTC)
    given = {
        "id": id, "ticket_id": id, "ticket_number": 1, "message_ids": [id], "kind": "reply", "state": "sent",
        "reason": None, "subject": "Hi", "message_id": "x@y", "attempts": 0, "next_at": None, "last_error": None,
        "created_at": at, "finished_at": None,
    }  # fmt: skip
    view = delivery_view(OutboundEmailOut(**{**given, **fields}, recipients=recipients))
    assert (view and view.kind, view and view.text) == (kind, text)
