"""Files are stored, attached, read, and forgotten."""

import asyncio
import io
import shutil
from datetime import timedelta
from uuid import uuid4

import pytest
from PIL import Image
from sqlalchemy import func, select

from parley.conversations.files.actions.attaching import attach_files
from parley.conversations.files.actions.reading import link_of, read_file
from parley.conversations.files.actions.storing import store_file
from parley.conversations.files.errors import FileTooLarge, NoSuchUpload, StorageQuotaReached, TooManyFiles
from parley.conversations.files.jobs import clear_uploads
from parley.conversations.files.queries import files_of, used_bytes
from parley.conversations.files.schemas import NewFile
from parley.conversations.files.tables import file
from parley.kernel.storage.errors import NoSuchObject, StorageAway

MIB = 1024 * 1024


def picture(size=(800, 600), kind="PNG", **more):
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, kind, **more)
    return out.getvalue()


async def rows(services, project):
    async with services.database.transaction(write=False) as db:
        mine = select(func.count()).select_from(file).where(file.c.project_id == project.id)
        return (await db.execute(mine)).scalar_one(), await used_bytes(db, project.id)


async def pieces(content, size=100_000):
    for at in range(0, len(content), size):
        yield content[at : at + size]


@pytest.mark.parametrize("is_stream", [False, True])
async def test_a_file_is_stored_as_what_it_is(services, project, is_stream):
    content = b"%PDF-1.7\n" + b"x" * 300_000
    given = pieces(content) if is_stream else content
    found = await store_file(services, project.id, NewFile(name="../Rechnung.pdf", content=given))
    assert (found.name, found.content_type, found.size_bytes) == (
        "Rechnung.pdf",
        "application/pdf",
        len(content),
    )
    assert await read_file(services, found) == content
    assert found.has_thumbnail is False
    assert await rows(services, project) == (1, len(content))


async def test_an_image_gets_a_thumbnail(services, project):
    found = await store_file(services, project.id, NewFile(name="a.png", content=picture()))
    assert found.has_thumbnail
    small = Image.open(io.BytesIO(await services.storage.read(found.thumbnail_key, MIB)))
    assert (small.format, small.size) == ("WEBP", (480, 360))


def many_scans(jpeg, n):
    """Return a progressive JPEG whose last scan is there once more, n times."""
    last, end = jpeg.rindex(b"\xff\xda"), jpeg.rindex(b"\xff\xd9")
    return jpeg[:end] + jpeg[last:end] * n + jpeg[end:]


@pytest.mark.parametrize(
    "content",
    [
        lambda: picture()[:500],
        lambda: picture((5000, 5000)),  # a bomb: 25 million pixels in 80 KB
        lambda: picture((5000, 5000), "JPEG", progressive=True),
        # Each scan costs as much as the picture.
        lambda: many_scans(picture((2000, 2000), "JPEG", progressive=True), 100),
        lambda: b"GIF89a/*<script>alert(1)</script>",
        lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    ],
)
async def test_what_is_no_whole_image_has_no_thumbnail(services, project, content):
    found = await store_file(services, project.id, NewFile(name="a.png", content=content()))
    assert not found.has_thumbnail
    with pytest.raises(NoSuchObject):
        await services.storage.read(found.thumbnail_key, 1)


async def test_a_file_that_is_too_large_leaves_nothing(services, project):
    with pytest.raises(FileTooLarge, match="25 MB at most"):
        await store_file(services, project.id, NewFile(name="a", content=pieces(b"x" * (25 * MIB + 1), MIB)))
    _, used = await rows(services, project)
    assert used == 0


async def test_a_project_has_a_quota_that_uploads_at_the_same_time_cannot_pass(services, project, api):
    settings = {"conversations_settings": {"storage_quota_mb": 1}}
    assert (await api.patch(f"/api/projects/{project.id}/", json=settings)).status_code == 200
    new = [NewFile(name="a", content=b"x" * 400_000) for _ in range(5)]
    done = await asyncio.gather(
        *(store_file(services, project.id, one) for one in new), return_exceptions=True
    )
    refused = [one for one in done if isinstance(one, StorageQuotaReached)]
    assert len(refused) == 3 and "1 MB together" in str(refused[0])
    assert await rows(services, project) == (2, 800_000)


async def test_a_file_is_attached_to_one_message_by_who_uploaded_it(services, project, a_message):
    files = [await store_file(services, project.id, NewFile(name=f"{n}.txt", content=b"x")) for n in range(2)]
    async with services.database.transaction() as db:
        for wrong in ([uuid4()], [files[0].id, uuid4()]):
            with pytest.raises(NoSuchUpload):
                await attach_files(db, project.id, a_message, wrong)
        with pytest.raises(NoSuchUpload):
            await attach_files(db, project.id, a_message, [files[0].id], uploaded_by=1)
        with pytest.raises(TooManyFiles):
            await attach_files(db, project.id, a_message, [uuid4() for _ in range(21)])
        ids = [files[1].id, files[0].id, files[1].id]
        attached = await attach_files(db, project.id, a_message, ids)
        assert [one.name for one in attached] == ["1.txt", "0.txt"]
        with pytest.raises(NoSuchUpload):
            await attach_files(db, project.id, a_message, [files[0].id])
        found = await files_of(db, project.id, [a_message, uuid4()])
        assert [one.name for one in found[a_message]] == ["0.txt", "1.txt"] and len(found) == 1


async def test_what_nobody_attaches_goes_after_a_day(services, project, queue, clock, a_message):
    kept, lost = [
        await store_file(services, project.id, NewFile(name="a.png", content=picture())) for _ in "12"
    ]
    async with services.database.transaction() as db:
        await attach_files(db, project.id, a_message, [kept.id])
    for hours, n_left in ((23, 2), (2, 1), (0, 1)):
        clock.advance(timedelta(hours=hours))
        async with services.database.transaction() as db:
            await clear_uploads(db, services)
        await queue.drain()
        assert (await rows(services, project))[0] == n_left
    assert await rows(services, project) == (1, kept.size_bytes)
    assert await read_file(services, kept)
    for key in (lost.key, lost.thumbnail_key):
        with pytest.raises(NoSuchObject):
            await services.storage.read(key, 1)


async def test_a_storage_that_is_away_is_said_and_leaves_no_file(services, project, tmp_path):
    await store_file(services, project.id, NewFile(name="a", content=b"x"))
    folder = services.storage.folder
    shutil.move(folder, tmp_path / "away")
    try:
        with pytest.raises(StorageAway):
            await store_file(services, project.id, NewFile(name="a", content=b"x"))
    finally:
        shutil.move(tmp_path / "away", folder)
    assert (await rows(services, project))[1] == 1


async def test_a_link_is_the_same_for_an_hour_so_that_it_can_be_cached(services, project, clock):
    found = await store_file(services, project.id, NewFile(name="ä b.txt", content=b"x"))
    clock.freeze()
    first = link_of(services, found)
    assert first.startswith(f"http://parley.test/files/{project.id}/{found.id}/content/")
    assert first.endswith("/%C3%A4%20b.txt")
    clock.advance(timedelta(hours=1))
    assert link_of(services, found) != first
