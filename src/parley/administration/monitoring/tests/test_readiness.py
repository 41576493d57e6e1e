"""What /_readyz says of a server that answers, and stores nothing."""

from parley.administration.monitoring import routes


async def test_a_full_disk_of_sqlite_is_named(anonymous, settings, monkeypatch):
    assert (await anonymous.get("/_readyz")).status_code == 200
    monkeypatch.setattr(routes, "LEAST_FREE_BYTES", 2**60)  # of which no disk has so much
    answer = await anonymous.get("/_readyz")
    if settings.is_sqlite:
        assert answer.status_code == 503
        assert "database: the disk is full, nothing can be stored" in answer.text.splitlines()
    else:
        assert (answer.status_code, answer.text.splitlines()[0]) == (200, "database: ok")


async def test_a_full_disk_of_files_is_named(anonymous, services, monkeypatch):
    await services.storage.probe()  # its folder is made with the first object
    assert "storage: ok" in (await anonymous.get("/_readyz")).text.splitlines()
    monkeypatch.setattr(routes, "LEAST_FREE_BYTES", 2**60)
    assert (
        "storage: the disk is full, nothing can be stored"
        in (await anonymous.get("/_readyz")).text.splitlines()
    )
