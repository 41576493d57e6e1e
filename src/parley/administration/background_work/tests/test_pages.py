"""Background work on its page in the settings."""

from parley.administration.background_work.pages import QUEUES as NAMES
from parley.administration.background_work.tests.conftest import SECRET
from parley.kernel.jobs.registry import QUEUES
from tests.cast import Cast
from tests.plain_browser import PlainBrowser, window_of

PATH = "/settings/background"


async def opened(cast: Cast) -> PlainBrowser:
    """Return a window in which an owner came there by the settings."""
    window = await window_of(cast, cast.alice)
    await window.open("/settings/members")
    return await window.follow("Background work")


async def test_an_owner_reads_that_nothing_fails(cast, fail):
    window = await opened(cast)
    assert (window.status, window.path) == (200, PATH)
    assert "Nothing has failed." in window.page.one("section", aria_labelledby="failed").text
    assert "No webhook fails." in window.page.one("section", aria_labelledby="webhooks").text
    shown = window.page.texts("th", scope="row")
    assert set(shown) == {NAMES[queue] for queue in ("event", *QUEUES)}


async def test_an_owner_tries_again_what_failed(cast, fail, row_of, project):
    id, other = await fail(project.id), await fail(project.id, attempts=1, dead_at=None)
    window = await opened(cast)
    failed = window.page.one("section", aria_labelledby="failed")
    assert "The mail server refused the recipient." in failed.text
    assert "9 attempts" in failed.text and "given up" in failed.text and "tries again now" in failed.text
    assert SECRET not in window.answer.text
    await window.press("Try again")
    assert window.page.one(role="status").text == "It is tried again now."
    assert (await row_of(id)).dead_at is None
    assert (await row_of(other)).attempts == 1
    await window.press("Try all again")
    assert (await row_of(other)).attempts == 0
    assert not [one for one in window.page.all("button") if "Try" in one.name]


async def test_of_very_many_the_first_are_shown_and_all_are_tried_again(cast, fail, row_of, project):
    ids = [await fail(project.id) for _ in range(101)]
    window = await opened(cast)
    assert len([one for one in window.page.all("button") if one.name.startswith("Try again")]) == 100
    assert "There may be more." in window.page.one("section", aria_labelledby="failed").text
    await window.press("Try all again")
    assert not any([(await row_of(id)).dead_at for id in ids])


async def test_only_owners_get_there(cast, api, fail, project):
    for level in (1, 8):
        await api.patch(f"/api/organizations/@current/members/{cast.bob.user_uuid}/", json={"level": level})
        window = await window_of(cast, cast.bob)
        await window.open("/settings/members")
        assert "Background work" not in window.answer.text
        assert (await window.open(PATH)).status == 403
        token = (await window.open("/settings/account")).page.all("input", name="csrf_token")[0]["value"]
        for path in ("/retry", "/webhooks/retry"):
            answer = await window.client.post(f"{PATH}{path}", data={"csrf_token": token})
            assert answer.status_code == 403


async def test_the_page_reaches_into_no_other_organization(cast, fail, row_of, mallory):
    id = await fail(mallory.project_id)
    body = {"url": "https://hooks.invalid/secret-token"}
    root = f"/api/projects/{mallory.project_id}/webhooks/"
    webhook = (await mallory.client.post(root, json=body)).json()
    window = await opened(cast)
    token = window.page.all("input", name="csrf_token")[0]["value"]
    fields = {"csrf_token": token, "id": str(id)}
    await window.client.post(f"{PATH}/retry", data=fields, follow_redirects=True)
    assert (await row_of(id)).dead_at is not None
    of_webhook = {"csrf_token": token, "id": webhook["id"], "project_id": str(mallory.project_id)}
    answer = await window.client.post(f"{PATH}/webhooks/retry", data=of_webhook)
    assert answer.headers["location"] == f"{PATH}?notice=gone"


async def test_forms_that_make_no_sense_do_nothing(cast, fail, row_of, project):
    id = await fail(project.id)
    window = await opened(cast)
    token = window.page.all("input", name="csrf_token")[0]["value"]
    for path, fields in (
        ("/retry", {"id": "x"}),
        ("/webhooks/retry", {}),
        ("/webhooks/retry", {"project_id": str(project.id), "id": "☃"}),
        ("/webhooks/retry", {"project_id": "0", "id": str(id)}),
    ):
        answer = await window.client.post(f"{PATH}{path}", data={"csrf_token": token, **fields})
        assert (answer.status_code, answer.headers["location"]) == (303, f"{PATH}?notice=gone")
    assert (await row_of(id)).dead_at is not None
