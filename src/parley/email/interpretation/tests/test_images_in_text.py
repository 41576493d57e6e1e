"""Images that stand in the text of a mail are shown there."""

import re
from email.message import EmailMessage
from types import SimpleNamespace
from typing import Any

from parley.conversations.files.tests.test_storing import picture
from parley.email.inbound.rules.provider import ProviderFindings
from parley.email.inbound.tests.mailbox import mail
from parley.email.interpretation import reading
from parley.email.parsing.mail import parse_mail
from tests.plain_browser import window_of

SHOWN = re.compile(r'<a href="([^"]+)"[^>]* class="file-image"[^>]*><img src="([^"]+)"')


def mail_with_images(text: str) -> bytes:
    """Return a mail as Outlook writes it, with two images and a file."""
    message = EmailMessage()
    message["From"], message["To"] = "Ada <ada@example.com>", "support@example.org"
    message["Subject"], message["Message-ID"] = "It fails", "<images@example.com>"
    message["In-Reply-To"] = "<first@example.com>"
    message.set_content(text)
    message.add_alternative('<p>See <img src="cid:one@x"></p>', subtype="html")
    html: Any = message.get_payload(1)
    for number, content in (("one", picture()), ("two", picture(size=(90, 60)))):
        html.add_related(
            content, maintype="image", subtype="png", cid=f"<{number}@x>", filename=f"{number}.png", disposition="inline"
        )  # fmt: skip
    message.add_attachment(b"log", maintype="application", subtype="octet-stream", filename="a.log")
    return message.as_bytes()


async def test_the_inbox_shows_images_in_the_place_where_the_mail_has_them(mailbox, desk, cast):
    await mailbox.get(mail("Question", message_id="<first@example.com>"))
    text = "See [cid:one@x] <b>there</b>\n\n> quoted [cid:two@x]\n\n[cid:gone@x]\n\nOn Monday Bob wrote:\n> [cid:two@x]\n"
    row = await mailbox.get(mail_with_images(text))
    said = (await desk.client.get(f"{desk.tickets}1/messages/")).json()["results"][1]
    assert "cid:" not in said["content"] and "See [one.png] <b>there</b>" in said["content"]
    placed = [(one["name"], one["is_inline"], one["placeholder"]) for one in said["attachments"]]
    assert placed == [("one.png", True, "[one.png]"), ("two.png", True, "[two.png]"), ("a.log", False, None)]
    window = await window_of(cast, cast.alice)
    thread = (await window.client.get("/inbox/1/messages")).text
    before, after = thread.split("See ", 1)[1].split("&lt;b&gt;there&lt;/b&gt;", 1)
    (url, thumbnail), *others = SHOWN.findall(before)
    assert others == []
    assert (await window.client.get(url)).headers["content-type"] == "image/png"
    assert (await window.client.get(thumbnail)).headers["content-type"] == "image/webp"
    assert "one.png" not in after and "a.log" in after.split("message-files")[1]
    assert "cid:" not in thread
    whole = (await window.client.get(f"/inbox/1/messages/{row.comment_id}/mail")).text
    assert len(SHOWN.findall(whole)) == 3 and "cid:" not in whole


async def test_images_of_a_plain_mail_stand_after_its_text(mailbox, cast):
    await mailbox.get(mail_with_images("Look"))
    window = await window_of(cast, cast.alice)
    text, files = (await window.client.get("/inbox/1/messages")).text.split('<ul class="message-files"', 1)
    assert SHOWN.search(text) is None
    assert len(SHOWN.findall(files)) == 2


def test_text_that_a_provider_has_taken_out_has_no_content_ids_either(monkeypatch):
    found = ProviderFindings(stripped_text="Look [cid:two@x]", stripped_signature="Ada [cid:one@x]")
    monkeypatch.setattr(reading, "provider_findings", lambda *about: found)
    services: Any = SimpleNamespace(vault=None)
    read = reading._with_findings(services, 1, parse_mail(mail_with_images("x")))
    assert (read.text, read.signature) == ("Look [two.png]", "Ada [one.png]")
