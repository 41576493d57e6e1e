"""The real widget in a real page, as a person uses it."""

import re
from typing import Any, Self
from urllib.parse import urlsplit

from playwright.async_api import Locator, Page, Response, expect


class Visitor:
    """Somebody who looks at a page with the widget on it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address

    @property
    def chat(self) -> Locator:
        return self.page.locator("#ph-conversations-widget-container")

    async def arrive(self) -> Self:
        """Load the page and open the chat, if it isn't open already."""
        await self.page.goto(self.address)
        await self.open()
        return self

    async def open(self) -> None:
        opener = self.chat.get_by_role("button", name=re.compile("Open chat"))
        close = self.chat.get_by_role("button", name="Close")
        await expect(opener.or_(close)).to_be_visible()
        if await opener.is_visible():
            await opener.click()
        await expect(close).to_be_visible()

    async def say(self, text: str) -> dict[str, Any]:
        """Write and send; return the server's answer."""
        await self.chat.get_by_role("textbox").fill(text)
        async with self.page.expect_response(is_widget_message) as sent:
            await self.chat.get_by_role("button", name="Send message").click()
        answer = await sent.value
        assert answer.status == 200
        body: dict[str, Any] = await answer.json()
        return body

    async def sees(self, *texts: str) -> None:
        """Wait until each text is in the chat."""
        for text in texts:
            await expect(self.chat.get_by_text(text, exact=True)).to_be_visible()

    async def does_not_see(self, text: str) -> None:
        """Check that a text is nowhere on the page, shown or not."""
        assert text not in await self.page.content()

    async def second_tab(self) -> "Visitor":
        """Open the same page once more in the same browser."""
        return await Visitor(await self.page.context.new_page(), self.address).arrive()


def is_widget_message(response: Response) -> bool:
    """Say whether this answers a message of the widget."""
    return response.url.endswith("/api/conversations/v1/widget/message") and response.request.method == "POST"


def begins_a_conversation(response: Response) -> bool:
    """Say whether this answers a message of the widget that was taken."""
    return is_widget_message(response) and response.status == 200


def is_poll(response: Response) -> bool:
    """Say whether this answers the widget's question for new messages."""
    return "/api/conversations/v1/widget/messages/" in response.url and response.request.method == "GET"


def is_capture(response: Response) -> bool:
    """Say whether this answers events of the SDK."""
    return urlsplit(response.url).path in ("/e/", "/i/v0/e/")
