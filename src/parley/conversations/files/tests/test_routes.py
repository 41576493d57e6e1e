"""Files over the API: uploaded in one request or two, seen by those who see their message, downloaded by links."""

import hashlib
import shutil
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from parley.conversations.files.actions.attaching import attach_files
from parley.conversations.files.rules.ranges import NoSuchRange, wanted_range
from parley.conversations.files.tests.test_storing import picture, rows

MIB = 1024 * 1024


@pytest.fixture
def files(project):
    return f"/api/projects/{project.id}/conversations/files/"


@pytest.fixture
def upload(files):
    async def send(client, content=b"hello", name="a.txt", path=files):
        return await client.post(path, files={"file": (name, content)})

    return send


async def announce(client, files, content, **changes):
    body = {"name": "a.txt", "size": len(content), "sha256": hashlib.sha256(content).hexdigest(), **changes}
    return await client.post(files + "uploads/", json=body)


async def test_a_file_is_uploaded_described_and_downloaded(api, anonymous, files, upload):
    made = await upload(api, b"hello", "../g\u202er\u00fc\u00dfe.txt")
    assert made.status_code == 201
    shown = (await api.get(f"{files}{made.json()['id']}/")).json()
    assert shown == made.json()
    told = {key: shown[key] for key in ("name", "content_type", "size", "comment_id", "thumbnail_url")}
    assert list(told.values()) == ["gr\u00fc\u00dfe.txt", "text/plain", 5, None, None]
    answer = await anonymous.get(shown["url"])
    assert (answer.status_code, answer.content) == (200, b"hello")
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    saved_as = "attachment; filename=\"gr__e.txt\"; filename*=UTF-8''gr%C3%BC%C3%9Fe.txt"
    assert answer.headers["content-disposition"] == saved_as
    assert answer.headers["cache-control"].startswith("private, max-age=")
    head = await anonymous.head(shown["url"])
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", "5")
    again = await anonymous.get(shown["url"], headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("content", "name", "is_inline", "content_type"),
    [
        (picture((10, 10)), "a.png", True, "image/png"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', "a.png", False, "application/octet-stream"),
        (b"<!DOCTYPE html><html><script>alert(1)</script>", "a.html", False, "application/octet-stream"),
        (b"GIF89a/*<html><script>alert(1)</script>", "a.gif", False, "image/gif"),
        (b"%PDF-1.7\n", "a.pdf", False, "application/pdf"),
    ],
)  # fmt: skip
async def test_only_images_that_could_be_read_are_shown(
    api, anonymous, upload, content, name, is_inline, content_type
):
    shown = (await upload(api, content, name)).json()
    answer = await anonymous.get(shown["url"])
    assert answer.headers["content-disposition"].startswith("inline" if is_inline else "attachment")
    assert answer.headers["content-type"] == content_type
    assert (shown["thumbnail_url"] is not None) is is_inline
    if is_inline:
        small = await anonymous.get(shown["thumbnail_url"])
        assert (small.status_code, small.headers["content-type"]) == (200, "image/webp")


async def test_a_link_ends_and_opens_nothing_else(api, anonymous, upload, clock):
    one, other = [(await upload(api, picture((9, 9)), "a.png")).json() for _ in "12"]
    url = one["url"]
    parts = url.split("/")
    until, signature = parts[7], parts[8]
    for wrong in (
        url.replace(one["id"], other["id"]),
        url.replace("/content/", "/thumbnail/"),
        url.replace(until, str(int(until) + 1)),
        url.replace(signature, "0" * 40),
        url.replace(signature, signature[:-1]),
        url.replace("/content/", "/secrets/"),
        url.replace(f"/files/{parts[4]}/", "/files/99999/"),
    ):
        assert (await anonymous.get(wrong)).status_code == 404
    clock.advance(timedelta(minutes=59))
    assert (await anonymous.get(url)).status_code == 200
    clock.advance(timedelta(minutes=62))
    assert (await anonymous.get(url)).status_code == 404


async def test_a_link_that_was_made_while_the_clock_was_years_ahead_works_no_longer_than_others(
    api, anonymous, upload, clock
):
    clock.advance(timedelta(days=3650))
    url = (await upload(api, picture((9, 9)), "a.png")).json()["url"]
    assert (await anonymous.get(url)).status_code == 200
    clock.advance(timedelta(days=-3650))
    assert (await anonymous.get(url)).status_code == 404


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("", None), ("bytes=0-4", (0, 5)), ("bytes=3-", (3, 10)), ("bytes=-3", (7, 10)), ("bytes=-30", (0, 10)),
        ("bytes=9-100", (9, 10)), ("bytes=5-3", None), ("bytes=0-1,3-4", None), ("items=0-1", None),
        ("bytes=-", None), ("bytes=a-b", None), ("bytes=10-", NoSuchRange), ("bytes=-0", NoSuchRange),
        ("bytes=99999999999999999999-", None),
    ],
)  # fmt: skip
def test_a_range_of_ten_bytes(header, found):
    if found is NoSuchRange:
        with pytest.raises(NoSuchRange):
            wanted_range(header, 10)
    else:
        assert wanted_range(header, 10) == found


async def test_a_part_of_a_file_is_sent(api, anonymous, upload):
    content = bytes(range(256)) * 3000
    url = (await upload(api, content, "a.bin")).json()["url"]
    answer = await anonymous.get(url, headers={"Range": "bytes=300000-600000"})
    assert (answer.status_code, answer.content) == (206, content[300000:600001])
    assert answer.headers["content-range"] == f"bytes 300000-600000/{len(content)}"
    past = await anonymous.get(url, headers={"Range": "bytes=9999999-"})
    assert (past.status_code, past.headers["content-range"]) == (416, f"bytes */{len(content)}")
    other = await anonymous.get(url, headers={"Range": "bytes=0-1", "If-Range": '"other"'})
    assert (other.status_code, other.content) == (200, content)


async def test_a_large_file_is_announced_and_sent(api, anonymous, files):
    content = b"x" * (3 * MIB)
    made = await announce(api, files, content)
    assert made.status_code == 201
    assert (await api.get(f"{files}{made.json()['id']}/")).json()["url"] is None
    url = made.json()["upload_url"]
    for wrong, attr in ((content[:-1], "size"), (content + b"x", "size"), (b"y" * len(content), "sha256")):
        refused = await api.put(url, content=wrong)
        assert (refused.status_code, refused.json()["code"], refused.json()["attr"]) == (
            400,
            "upload_mismatch",
            attr,
        )
    sent = await api.put(url, content=content)
    assert (sent.status_code, sent.json()["size"]) == (200, len(content))
    assert (await anonymous.get(sent.json()["url"])).content == content
    again = await api.put(url, content=content)
    assert (again.status_code, again.json()["code"]) == (409, "upload_complete")


async def test_what_is_no_upload_is_refused(api, files, upload):
    for body, attr in (
        ({}, "name"),
        ({"name": "a"}, "size"),
        ({"name": "a", "size": 26 * MIB}, "size"),
        ({"name": "a", "size": 1, "sha256": "x"}, "sha256"),
    ):
        answer = await api.post(files + "uploads/", json=body)
        assert (answer.status_code, answer.json()["attr"]) == (400, attr)
    assert (await api.post(files, json={})).status_code == 415
    assert (await api.post(files, files={"other": ("a", b"x")})).json()["attr"] == "file"
    assert (await api.post(files, data={"file": "text"}, files={"x": ("a", b"x")})).json()[
        "code"
    ] == "required"
    broken = await api.post(
        files, content=b"--x\r\nnothing", headers={"Content-Type": "multipart/form-data; boundary=x"}
    )
    assert broken.status_code == 400
    assert (await api.get(f"{files}{uuid4()}/")).status_code == 404
    assert (await api.get(f"{files}nonsense/")).status_code == 404
    large = await upload(api, b"x" * (25 * MIB + 1))
    assert (large.status_code, large.json()["code"]) == (413, "file_too_large")


@pytest.mark.parametrize("is_waiting", [True, False])
async def test_what_is_announced_as_too_large_is_refused_before_it_is_stored_or_even_sent(
    api, files, services, project, is_waiting
):
    sent = 0

    async def body():
        nonlocal sent
        for _ in range(26):
            sent += MIB
            yield bytes(MIB)

    headers = {"Content-Length": str(26 * MIB), "Content-Type": "multipart/form-data; boundary=b"}
    headers |= {"Expect": "100-continue"} if is_waiting else {}
    announced = (await announce(api, files, b"x")).json()["upload_url"]
    for method, path in (("POST", files), ("PUT", announced)):
        sent = 0
        refused = await api.request(method, path, content=body(), headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (413, "file_too_large")
        assert sent == (0 if is_waiting else 26 * MIB)
    assert await rows(services, project) == (1, 0)  # the one that is announced


async def test_an_upload_is_its_uploaders_until_it_is_attached(alice, bob, mallory, anonymous, files, upload):
    made = (await upload(alice.client)).json()
    path = f"{files}{made['id']}/"
    announced = (await announce(alice.client, files, b"x")).json()
    for member, status in ((bob, 404), (mallory, 403)):
        assert (await member.client.get(path)).status_code == status
        assert (await member.client.delete(path)).status_code == status
        assert (await member.client.put(announced["upload_url"], content=b"x")).status_code == status
    for method in ("GET", "DELETE"):
        assert (await anonymous.request(method, path)).status_code == 401
    assert (await upload(anonymous)).status_code == 401
    assert (await upload(mallory.client)).status_code == 403
    assert (await alice.client.delete(path)).status_code == 204
    assert (await alice.client.get(path)).status_code == 404


async def test_keys_need_the_scope_of_tickets(cast, alice, files, upload):
    reader = await cast.make_key(alice, ["ticket:read"])
    other = await cast.make_key(alice, ["person:write"])
    assert (await upload(reader)).status_code == 403
    assert (await upload(other)).status_code == 403
    assert (await other.get(f"{files}{uuid4()}/")).status_code == 403


@pytest.fixture
async def attached(services, project, alice, a_message, upload):
    """The id of a file of a message."""
    made = (await upload(alice.client)).json()
    async with services.database.transaction() as db:
        await attach_files(db, project.id, a_message, [UUID(made["id"])], uploaded_by=alice.user_id)
    return made["id"]


async def test_whoever_sees_the_message_sees_the_file(
    project, alice, bob, mallory, anonymous, attached, a_message, files
):
    path = f"{files}{attached}/"
    shown = await bob.client.get(path)
    assert (shown.status_code, shown.json()["comment_id"]) == (200, str(a_message))
    assert (await mallory.client.get(path)).status_code == 403
    assert (await alice.client.delete(path)).status_code == 404
    url = shown.json()["url"]
    [ticket] = (await alice.client.get(project.tickets)).json()["results"]
    levels = f"{project.tickets}{ticket['id']}/access_controls/"
    assert (await alice.client.put(levels, json={"access_level": "none"})).status_code == 200
    assert (await bob.client.get(path)).status_code == 404
    assert (await alice.client.delete(f"{project.tickets}{ticket['id']}/")).status_code == 204
    assert (await alice.client.get(path)).status_code == 404
    assert (await anonymous.get(url)).status_code == 404
    await alice.client.post(f"{project.tickets}{ticket['id']}/restore/")
    assert (await anonymous.get(url)).status_code == 200


async def test_a_storage_that_is_away_is_503_with_a_sentence(services, api, anonymous, upload, tmp_path):
    url = (await upload(api)).json()["url"]
    folder = services.storage.folder
    shutil.move(folder, tmp_path / "away")
    try:
        answers = [await upload(api), await anonymous.get(url)]
    finally:
        shutil.move(tmp_path / "away", folder)
    for answer in answers:
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert answer.json()["code"] == "storage_unavailable"
    assert (await anonymous.get(url)).status_code == 200


async def test_a_repeated_upload_is_one_file(services, project, api, files):
    key = {"Idempotency-Key": str(uuid4())}
    sent = [await api.post(files, files={"file": ("a.txt", b"hello")}, headers=key) for _ in "12"]
    assert [one.status_code for one in sent] == [201, 201]
    assert sent[0].json() == sent[1].json()
    assert await rows(services, project) == (1, 5)
    other = await api.post(files, files={"file": ("a.txt", b"other")}, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
