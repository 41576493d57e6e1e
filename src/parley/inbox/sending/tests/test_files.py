"""Agents attach files in the inbox without script, and see those of messages."""

import io
from typing import Any
from uuid import UUID

import pytest
from PIL import Image

from parley.conversations.files.queries import used_bytes
from tests.plain_browser import read_html, window_of

MIB = 1024 * 1024


def picture():
    out = io.BytesIO()
    Image.new("RGB", (20, 10), "blue").save(out, "PNG")
    return out.getvalue()


@pytest.fixture
async def form(window, project, api):
    """The path of a ticket, its session's client, and the hidden fields of its form."""
    await api.post(project.tickets, json={"distinct_id": "a", "message": "Hello"})
    await window.open("/inbox/1")
    fields = window.page.one("form", class_="composer")
    assert fields["enctype"] == "multipart/form-data"
    hidden = {one["name"]: one["value"] for one in fields.all("input", type="hidden")}
    return window, hidden


async def send(form, files, **fields):
    window, hidden = form
    parts = [(name, (None, value)) for name, value in {**hidden, "kind": "reply", **fields}.items()]
    parts += [("files", file) for file in files]
    return await window.client.post("/inbox/1/messages", files=parts)


async def test_a_reply_with_files_is_sent_by_the_form(form, api, project):
    answer = await send(form, [("a.txt", b"hello"), ("b.png", picture())], content="Look")
    assert answer.status_code == 303
    page = read_html((await form[0].client.get("/inbox/1")).text)
    files = page.one("ul", class_="message-files")
    text, image = files.all("a")
    assert text.text == "a.txt 5 bytes" and "download" in text.attributes
    assert image.one("img")["alt"] == "b.png"
    assert image["href"].startswith("/files/")
    content = await form[0].client.get(text["href"])
    assert (content.status_code, content.content) == (200, b"hello")
    small = await form[0].client.get(image.one("img")["src"])
    assert small.headers["content-type"] == "image/webp"


async def test_files_need_no_text_and_an_empty_choice_is_none(form):
    assert (await send(form, [("", b"")], content=" ")).status_code == 422
    assert (await send(form, [("a.txt", b"hello")], content="")).status_code == 303
    assert "A file, without words" in (await form[0].client.get("/inbox")).text


async def test_files_of_a_form_that_is_refused_are_kept_in_it(form, api, project):
    answer = await send(form, [("a.txt", b"hello")], content="x" * 5001)
    assert answer.status_code == 422
    kept = read_html(answer.text).one("fieldset", class_="files-kept").one("input")
    for _ in range(2):
        again = await send(form, [], content="Shorter", file_ids=kept["value"])
        assert again.status_code == 303
    _, shown = (await api.get(f"{project.tickets}1/messages/")).json()["results"]
    assert [one["name"] for one in shown["attachments"]] == ["a.txt"]


async def test_a_file_that_is_too_large_is_said_and_nothing_is_sent(form, api, project):
    large = b"x" * (25 * MIB + 1)
    answer = await send(form, [("large.bin", large), ("a.txt", b"hello")], content="Look")
    assert answer.status_code == 422
    page = read_html(answer.text)
    assert "25 MB at most" in page.one("p", id="content-problem").text
    assert page.one("textarea").text == "Look"
    assert [one.text for one in page.all("label", class_="file-chip")] == ["a.txt 5 bytes"]
    assert (await api.get(f"{project.tickets}1/messages/")).json()["count"] == 1


async def test_the_same_form_is_sent_once(form, api, project):
    for _ in range(2):
        sent = await send(form, [("a.txt", b"hello")], content="Look")
        assert sent.status_code == 303, sent.text[-600:]
    assert (await api.get(f"{project.tickets}1/messages/")).json()["count"] == 2


async def test_a_form_of_another_site_stores_nothing(form, services, project):
    window, hidden = form
    for token in ("", "wrong", None):
        fields = {**hidden, "csrf_token": token} if token is not None else {"key": "x"}
        parts = [*((name, (None, value)) for name, value in fields.items()), ("files", ("a.txt", b"hello"))]
        answer = await window.client.post("/inbox/1/messages", files=parts)
        assert answer.status_code == 403
    first = [("files", ("a.txt", b"hello")), *((name, (None, value)) for name, value in hidden.items())]
    assert (await window.client.post("/inbox/1/messages", files=first)).status_code == 403
    async with services.database.transaction(write=False) as db:
        assert await used_bytes(db, project.id) == 0


@pytest.mark.parametrize("path", ["messages", "suggestion", "quick-actions", f"held/{UUID(int=7)}/undo"])
async def test_a_reader_attaches_nothing(form, cast, bob, project, api, services, path):
    await api.put(
        f"/api/projects/{project.id}/resource_access_controls/",
        json={"resource": "ticket", "access_level": "viewer"},
    )
    reader = await window_of(cast, bob)
    await reader.open("/inbox/1")
    token = reader.page.all("input", name="csrf_token")[0]["value"]
    parts: Any = [("csrf_token", (None, token)), ("files", ("a.txt", b"hello"))]
    answer = await reader.client.post(f"/inbox/1/{path}", files=parts)
    assert answer.status_code == 403, answer.text
    async with services.database.transaction(write=False) as db:
        assert await used_bytes(db, project.id) == 0


async def test_a_form_that_announces_too_much_is_refused_before_it_is_read(form):
    window, _ = form
    headers = {"Content-Length": str(101 * MIB), "Content-Type": "multipart/form-data; boundary=b"}

    read = []

    async def body():
        read.append(1)
        yield b""

    for path in ("/inbox/1/messages", "/compose"):
        answer = await window.client.post(path, content=body(), headers=headers)
        assert answer.status_code == 413 and "98 MB together" in answer.text
    assert read == []
