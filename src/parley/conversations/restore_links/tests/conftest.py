"""A shop that may have links mailed, and visitors who have lost their conversations."""

import re
from typing import Any
from uuid import uuid4

import httpx
import pytest

from parley.conversations.tickets.tests.factories import Desk
from parley.conversations.widget.tests.visitor import PREFIX, Browser
from parley.kernel.jobs import Queue
from tests.cast import Cast, Member, TestProject

SHOP = "https://shop.example.com"
PAGE = f"{SHOP}/help?lang=en#chat"


class Restoring:
    """Asks for links as the widget does, and opens them."""

    def __init__(self, client: httpx.AsyncClient, project: TestProject, queue: Queue, mails: Any) -> None:
        self.client, self.project, self.queue, self.mails = client, project, queue, mails
        self.headers = {"X-Conversations-Token": project.widget_token, "Origin": SHOP}

    async def ask(self, email: Any, url: Any = PAGE, **headers: str) -> httpx.Response:
        body = {"email": email, "request_url": url}
        return await self.client.post(f"{PREFIX}/restore/request", json=body, headers=self.headers | headers)

    async def token(self, email: str) -> str:
        """Ask, and return the token out of the mail."""
        n_before = len(self._mails_to(email))
        answer = await self.ask(email)
        assert (answer.status_code, answer.json()) == (200, {"ok": True})
        await self.queue.drain()
        mails = self._mails_to(email)
        assert len(mails) == n_before + 1
        text = mails[-1].get_body(("plain",)).get_content()
        found = re.search(r"https://shop\.example\.com/help\?ph_conv_restore=(\w{43})&lang=en\s", text)
        assert found is not None, text
        return found.group(1)

    def _mails_to(self, email: str) -> list[Any]:
        """Return the mails with links; as the clock goes on, what other tests have left to be sent comes, too."""
        sent = [mail for mail in self.mails if mail["To"] == email.strip()]
        return [mail for mail in sent if "See my conversations" in str(mail.get_body(("html",)))]

    async def redeem(self, token: Any, session: Any = None, **headers: str) -> httpx.Response:
        body = {"restore_token": token, "widget_session_id": session or str(uuid4())}
        return await self.client.post(f"{PREFIX}/restore", json=body, headers=self.headers | headers)

    async def restored(self, email: str, session: Any) -> list[str]:
        """Ask and redeem; return the ids of the tickets."""
        answer = await self.redeem(await self.token(email), session)
        assert answer.status_code == 200, answer.text
        assert (answer.json()["status"], answer.json()["widget_session_id"]) == ("success", session)
        ids: list[str] = answer.json()["migrated_ticket_ids"]
        return ids


@pytest.fixture
async def shop(cast: Cast) -> TestProject:
    """A project whose pages are on shop.example.com."""
    async with cast.services.database.transaction() as db:
        return await cast.make_project(db, cast.project.organization_id, widget_domains=["*.example.com"])


@pytest.fixture
async def restoring(
    shop: TestProject, anonymous: httpx.AsyncClient, queue: Queue, sent_mail: Any
) -> Restoring:
    await queue.drain()  # other tests may have left mails to be sent
    return Restoring(anonymous, shop, queue, sent_mail)


@pytest.fixture
def desk(alice: Member, shop: TestProject) -> Desk:
    """Alice at work in the shop."""
    return Desk(alice, shop)


def browser_of(client: httpx.AsyncClient, project: TestProject, identity: str | None = None) -> Browser:
    """Return one more browser on the shop's page."""
    made = Browser(client, project, identity)
    made.headers["Origin"] = SHOP
    return made


@pytest.fixture
def lost(anonymous: httpx.AsyncClient, shop: TestProject) -> Browser:
    """The browser whose session is lost."""
    return browser_of(anonymous, shop)


@pytest.fixture
def new(anonymous: httpx.AsyncClient, shop: TestProject) -> Browser:
    """The browser in which the link is opened."""
    return browser_of(anonymous, shop)
