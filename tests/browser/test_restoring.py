"""PostHog's own widget: lost conversations come back by its "Recover them here" and the mail that it causes."""

import asyncio
import re
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.browser.conftest import OWN_SITE
from tests.browser.test_widget import answer
from tests.browser.widget import Visitor
from tests.parley_server import ParleyServer, Project

pytestmark = pytest.mark.browser

# As the widget has it: both are lost with the storage of the browser.
SAYS_WHO = "posthog.conversations.sendMessage({text}, {{name: 'Ada', email: '{email}'}})"


async def write_as(visitor: Visitor, text: str, email: str) -> None:
    """Write as a page does that knows the address."""
    await visitor.page.evaluate(SAYS_WHO.format(text=repr(text), email=email))


async def link_mailed_to(server: ParleyServer, email: str) -> str:
    """Wait for the mail, and return the link in it."""
    folder = Path(server.settings["PARLEY_DATA_DIR"]) / "mail"
    async with asyncio.timeout(60):
        while True:
            mails: list[Any] = [
                message_from_bytes(file.read_bytes(), policy=default) for file in folder.glob("*.eml")
            ]
            for mail in mails:
                if mail["To"] == email:
                    text = mail.get_body(("plain",)).get_content()
                    link: str = re.findall(r"http://\S+ph_conv_restore=\S+", text)[0]
                    return link
            await asyncio.sleep(0.1)


async def recover(visitor: Visitor, email: str) -> None:
    """Ask in the widget for a link."""
    await visitor.chat.get_by_role("button", name="Recover them here").click()
    await visitor.chat.get_by_role("textbox").fill(email)
    async with visitor.page.expect_response(lambda one: one.url.endswith("/restore/request")) as asked:
        await visitor.chat.get_by_role(
            "button", name=re.compile("Send|restore|link", re.IGNORECASE)
        ).last.click()
    assert (await asked.value).status == 200


async def test_a_visitor_who_has_lost_the_session_sees_the_conversation_again_by_the_mailed_link(
    new_visitor, team, server, shop
):
    email = "ada@widget.example"
    visitor = await (await new_visitor()).arrive()
    await write_as(visitor, "Where is my fern?", email)
    listed = await team.get(
        f"/api/projects/{shop.project_id}/conversations/tickets/", params={"search": email}
    )
    ticket_id = listed.json()["results"][0]["id"]
    await answer(team, shop, ticket_id, "It is being watered")

    # Another browser stands for one whose storage was cleared.
    again = await (await new_visitor()).arrive()
    await again.does_not_see("Where is my fern?")
    await recover(again, email)
    link = await link_mailed_to(server, email)
    assert link.startswith(f"{again.address}?ph_conv_restore=")
    again.address = link
    await again.arrive()
    await again.sees("Where is my fern?", "It is being watered")
    assert "ph_conv_restore" not in again.page.url
    assert (await again.say("Thank you"))["ticket_id"] == ticket_id

    # The link works once, and the lost session is no longer one of the conversation.
    third = await new_visitor()
    third.address = link
    await third.arrive()
    await third.does_not_see("Where is my fern?")
    await visitor.arrive()
    await visitor.does_not_see("It is being watered")


async def test_it_works_on_a_site_of_its_own_that_the_project_lists(new_shop_page, server, team, shop):
    email = "grace@widget.example"
    await set_domains(team, shop, ["localhost"])
    try:
        visitor = await (await new_shop_page()).arrive()
        await write_as(visitor, "Where is my palm?", email)
        again = await (await new_shop_page()).arrive()
        await recover(again, email)
        link = await link_mailed_to(server, email)
        assert link.startswith(f"{OWN_SITE}?ph_conv_restore=")
        again.address = link
        await again.arrive()
        await again.sees("Where is my palm?")
    finally:
        await set_domains(team, shop, [])


async def set_domains(team: httpx.AsyncClient, shop: Project, domains: list[str]) -> None:
    body = {"conversations_settings": {"widget_domains": domains}}
    (await team.patch(f"/api/projects/{shop.project_id}/", json=body)).raise_for_status()
