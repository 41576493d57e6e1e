"""The storage of objects: in a folder, and in a bucket of an S3 server that isn't ours."""

import os
import shutil
import socket
import stat
from uuid import uuid4

import httpx
import pytest

from parley.kernel.storage.errors import NoSuchObject, StorageAway
from parley.kernel.storage.keys import object_key
from parley.kernel.storage.storage import MIB, Storage

AWS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}


@pytest.fixture(scope="module")
def s3_endpoint():
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="module")
def bucket(s3_endpoint):
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (AWS | {"AWS_ENDPOINT_URL": s3_endpoint}).items():
            patch.setenv(name, value)
        assert httpx.put(f"{s3_endpoint}/files-of-parley").status_code == 200
        yield "s3://files-of-parley/some/prefix"


@pytest.fixture(params=["folder", "s3"])
def storage(request, tmp_path):
    return Storage(request.getfixturevalue("bucket") if request.param == "s3" else None, tmp_path)


def a_key():
    return object_key(1, "file", uuid4())


async def pieces(*contents):
    for content in contents:
        yield content


async def everything(opened):
    return b"".join([chunk async for chunk in opened.chunks])


@pytest.mark.parametrize("size", [0, 1, 300_000, 11 * MIB])
async def test_what_is_put_is_read_again_whole_and_in_ranges(storage, size):
    key, content = a_key(), os.urandom(size)
    await storage.put(key, content)
    opened = await storage.open(key)
    assert (opened.size, await everything(opened)) == (size, content)
    assert await everything(await storage.open(key, size // 3, size // 2)) == content[size // 3 : size // 2]
    assert await everything(await storage.open(key, size // 2)) == content[size // 2 :]
    assert await storage.read(key, 100) == content[:100]
    assert await storage.read(key, size + 100) == content


async def test_a_stream_is_stored_as_one_object(storage):
    key, parts = a_key(), [os.urandom(n) for n in (0, 1, 6 * MIB, 70_000)]
    await storage.put(key, pieces(*parts))
    assert await everything(await storage.open(key)) == b"".join(parts)


async def test_a_stream_that_breaks_off_leaves_nothing(storage):
    async def broken():
        yield b"half" * MIB
        raise ValueError("the client has gone")

    key = a_key()
    with pytest.raises(ValueError, match="the client has gone"):
        await storage.put(key, broken())
    with pytest.raises(NoSuchObject):
        await storage.open(key)


async def test_deleting_is_final_and_may_be_repeated(storage):
    keys = [a_key() for _ in range(3)]
    for key in keys[:2]:
        await storage.put(key, b"content")
    await storage.delete(keys)
    await storage.delete(keys)
    await storage.delete([])
    for key in keys:
        with pytest.raises(NoSuchObject):
            await storage.read(key, 10)


async def test_a_storage_that_works_passes_its_checks(storage):
    await storage.ping()
    await storage.probe()
    await storage.ping()


@pytest.mark.parametrize(
    "key", ["", "1/file/../../secret_key", "1/file/" + "g" * 32, "/etc/passwd", "1/file/x\0"]
)
async def test_a_key_is_made_of_ids_only(storage, key):
    for attempt in (storage.put(key, b""), storage.open(key), storage.read(key, 1), storage.delete([key])):
        with pytest.raises(ValueError, match="no key"):
            await attempt


def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


@pytest.fixture(params=["folder", "no server", "no bucket"])
async def lost(request, tmp_path, monkeypatch):
    """A storage that was there when Parley started, and has gone."""
    if request.param == "folder":
        storage = Storage(None, tmp_path)
        await storage.put(a_key(), b"content")
        shutil.rmtree(tmp_path / "files")  # as a disk that isn't mounted any more
        return storage
    request.getfixturevalue("bucket")
    if request.param == "no server":
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{closed_port()}")
    return Storage("s3://no-such-bucket", tmp_path)


async def test_a_storage_that_has_gone_says_so(lost, tmp_path):
    for attempt in (lost.put(a_key(), b""), lost.put(a_key(), pieces(b"a", b"b")), lost.probe()):
        with pytest.raises(StorageAway, match="not available"):
            await attempt
    assert not (tmp_path / "files").exists()


async def test_the_folder_is_for_its_owner_alone_and_may_be_named(tmp_path):
    storage = Storage(f"file://{tmp_path}/a%20folder", tmp_path)
    await storage.put(object_key(7, "file", uuid4()), b"content")
    folder = tmp_path / "a folder"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [one.name for one in folder.iterdir()] == ["7"]


async def test_everything_of_one_project_is_deleted_and_nothing_else(storage):
    gone = [object_key(7, kind, uuid4()) for kind in ("file", "thumbnail", "file")]
    kept = object_key(77, "file", uuid4())
    for key in (*gone, kept):
        await storage.put(key, b"content")
    await storage.delete_all(7)
    await storage.delete_all(7)
    for key in gone:
        with pytest.raises(NoSuchObject):
            await storage.read(key, 10)
    assert await storage.read(kept, 10) == b"content"


async def test_names_are_flushed_when_they_are_new_and_not_again(tmp_path, monkeypatch):
    flushed, fsync = [], os.fsync

    def note(descriptor):
        flushed.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    storage, root = Storage(None, tmp_path), str(tmp_path / "files")
    keys = [object_key(1, "file", uuid4()) for _ in range(3)]
    await storage.put(keys[0], b"a")
    assert flushed == [f"{root}/{keys[0]}", f"{root}/1/file", f"{root}/1", root]
    flushed.clear()
    await storage.put(keys[1], b"b")
    assert flushed == [f"{root}/{keys[1]}", f"{root}/1/file"]
    shutil.rmtree(tmp_path / "files" / "1")
    flushed.clear()
    await storage.put(keys[2], b"c")
    assert {f"{root}/1", root} <= set(flushed)


async def test_a_folder_that_is_new_within_one_tick_of_the_clock_is_flushed_too(tmp_path, monkeypatch):
    flushed, fsync = [], os.fsync

    def note(descriptor):
        flushed.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        fsync(descriptor)

    storage, root = Storage(None, tmp_path), tmp_path / "files"
    await storage.put(object_key(1, "file", uuid4()), b"a")
    (root / "2" / "file").mkdir(parents=True)
    if root.stat().st_nlink < 4:
        pytest.skip("this file system doesn't count the folders of a folder")
    first = storage._durable[root][0]
    os.utime(root, ns=(first, first))  # as if the clock had not gone on
    monkeypatch.setattr(os, "fsync", note)
    await storage.put(object_key(2, "file", uuid4()), b"b")
    assert str(root) in flushed


async def test_keys_after_one_are_those_of_its_project_and_kind(storage):
    keys = sorted(object_key(7, "recording", uuid4()) for _ in range(5))
    for key in (*keys, object_key(7, "file", uuid4()), object_key(70, "recording", uuid4())):
        await storage.put(key, b"x")
    found = [key async for some in storage.keys_after(keys[1]) for key in some]
    assert sorted(found) == keys[2:]
    assert [some async for some in storage.keys_after(object_key(8, "recording", uuid4()))] == []
