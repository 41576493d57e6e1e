"""The page on which a mailbox is set."""

from tests.plain_browser import window_of


async def test_a_mailbox_is_connected_on_its_page(fetched, cast):
    window = await window_of(cast, cast.alice)
    channel = f"/settings/email/{fetched.inbox.channel.id}"
    await window.open(channel)
    await window.follow("Have Parley fetch it from the mailbox")
    given = {name: str(value) for name, value in fetched.settings.items()}
    await window.press("Connect", **given | {"password": "wrong"})
    assert window.status == 422 and "can't be read" in window.page.one(role="alert").text
    assert "wrong" not in window.answer.text and window.page.one("input", id="host")["value"] == "127.0.0.1"
    await window.press("Connect", **given | {"port": "x"})
    assert window.page.one(id="port-help").text
    await window.press("Connect", **given)
    assert window.page.one(role="status").text == "The mailbox can be read. New mail comes in from now on."
    await window.press("Fetch no more from there")
    assert window.page.one(role="status").text == "Mail is not fetched from there any more."
    bob = await window_of(cast, cast.bob)
    assert (await bob.open(f"{channel}/imap")).status == 403
