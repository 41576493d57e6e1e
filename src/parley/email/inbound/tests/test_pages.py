"""The ledger's pages."""

from parley.email.inbound.tests.mailbox import mail, make_mailbox
from tests.plain_browser import window_of

PATH = "/settings/inbound"


def subjects(window):
    return [one.text for one in window.page.all("a") if one.get("href").startswith(f"{PATH}/")]


async def test_the_page_shows_every_mail_and_filters_them(mailbox, cast, alice):
    await mailbox.get(mail(subject="<b>Order</b>"))
    await mailbox.get(mail(sender=mailbox.channel.from_email))
    window = await window_of(cast, alice)
    await window.open(PATH)
    assert subjects(window) == ["A question", "<b>Order</b>"]
    assert window.page.one("a", href="/inbox/1").text == "#1"
    await window.press("Apply", state="ignored")
    assert subjects(window) == ["A question"]


async def test_an_empty_list_says_how_mail_comes_in_and_a_filtered_one_that_nothing_fits(cast, alice):
    window = await window_of(cast, alice)
    await window.open(PATH)
    assert "No mail has come in yet." in window.page.text
    await window.press("Apply", search="fern")
    assert "No mail came in that fits." in window.page.text


async def test_older_mails_are_a_page_further(mailbox, cast, alice, monkeypatch):
    monkeypatch.setattr("parley.email.inbound.pages.PAGE_SIZE", 2)
    for number in range(3):
        await mailbox.take(mail(subject=f"number {number}"))
    window = await window_of(cast, alice)
    html = (await window.client.get(f"{PATH}?search=number")).text
    assert "number 2" in html
    assert "number 0" not in html
    link = html.split('href="/settings/inbound?search=number&amp;after_mark=')[1].split('"')[0]
    assert "number 0" in (await window.client.get(f"{PATH}?search=number&after_mark={link}")).text


async def test_one_mail_is_shown_as_it_came_and_replayed(mailbox, cast, alice):
    row = await mailbox.get(mail("<script>alert(1)</script>", sender=mailbox.channel.from_email))
    window = await window_of(cast, alice)
    await window.open(f"{PATH}/{row.id}")
    html = (await window.client.get(f"{PATH}/{row.id}")).text
    assert "&lt;script&gt;alert(1)" in html
    assert "<script>alert(1)" not in html
    await window.press("Interpret once more")
    assert window.page.one(role="status").text.startswith("The mail is interpreted once more.")
    await mailbox.queue.drain()
    assert (await mailbox.row(row.id)).state == "stored"


async def test_pages_of_others_are_not_found(mailbox, cast, alice, services, queue, mallory):
    theirs = await (await make_mailbox(services, queue, mallory)).get(mail())
    window = await window_of(cast, alice)
    for path in (f"{PATH}/{theirs.id}", f"{PATH}/nonsense"):
        assert (await window.client.get(path)).status_code == 404
    window = await window_of(cast, mallory)
    assert (await window.client.get(f"{PATH}/{theirs.id}")).status_code == 200
