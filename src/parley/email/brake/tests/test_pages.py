"""Held mail by hand."""

import pytest
from sqlalchemy import select, update

from parley.accounts.projects.tables import project as project_table
from parley.email.brake import pages
from parley.email.inbound.rules import retention
from parley.email.outbound.rules.brake import DEFAULTS
from parley.email.outbound.tables import outbound_email
from tests.plain_browser import window_of

PATH = "/settings/outgoing"


@pytest.fixture
async def window(cast):
    return await window_of(cast, cast.alice)


@pytest.fixture
async def two_held(post, desk, services, project):
    """Hold two mails back, to Ada and to Bob."""
    mine = update(project_table).where(project_table.c.id == project.id)
    async with services.database.transaction() as db:
        settings = {"email_enabled": True, "email_limit_per_project": 0}
        await db.execute(mine.values(conversations_settings=settings))
    await services.live.publish("accounts", "project.changed")
    for name in ("ada", "bob"):
        opened = await post.ticket(f"{name}@example.com", distinct_id=name, subject="<b>Order</b>")
        await desk.say(opened, "Hello")
    await post.go_out()


async def test_held_mail_is_sent_or_given_up(window, two_held, post):
    await window.open(PATH)
    assert "2 mails." in window.page.text
    assert "many mails of the project" in window.page.text and "<b>Order</b>" in window.page.text
    newest = next(
        one for one in window.page.all("button") if one.name.startswith("Give up the mail about #2")
    )
    await window.press(newest.name)
    assert "It won't go out." in window.page.text
    await window.press("Send all")
    assert "It goes out now." in window.page.text and "No mail is held." in window.page.text
    assert [mail["To"] for mail in await post.go_out()] == ["ada@example.com"]


async def test_only_admins_see_it(cast, two_held, post):
    window = await window_of(cast, cast.bob)
    await window.open(PATH)
    assert window.status == 403 and "ada@example.com" not in window.page.text


async def test_who_names_nonsense_changes_nothing(window, two_held, post):
    await window.open(PATH)
    token = window.page.all("input", name="csrf_token")[0]["value"]
    for id in ("x", "0198c0de-0000-7000-8000-000000000001"):
        answer = await window.client.post(f"{PATH}/resume", data={"csrf_token": token, "id": id})
        assert answer.headers["location"] == f"{PATH}?notice=gone"
    assert await post.go_out() == []


async def test_what_a_server_has_put_off_is_shown_with_its_words(window, two_held, services, project):
    put_off = update(outbound_email).where(outbound_email.c.project_id == project.id)
    words = {"state": "waiting", "reason": None, "attempts": 2, "last_error": "451 Come again <soon>"}
    async with services.database.transaction() as db:
        await db.execute(put_off.values(**words))
    await window.open(PATH)
    assert window.page.one("h2", id="retried").text == "Tried again"
    assert window.page.text.count("451 Come again <soon>") == 2  # to Ada and to Bob


async def test_what_is_tried_again_is_shown_however_many_newer_mails_wait(
    window, two_held, services, project, monkeypatch
):
    monkeypatch.setattr(pages, "MOST_SHOWN", 1)
    of_project = update(outbound_email).where(outbound_email.c.project_id == project.id)
    oldest = select(outbound_email.c.id).where(outbound_email.c.project_id == project.id)
    async with services.database.transaction() as db:
        first = (await db.execute(oldest.order_by(outbound_email.c.id).limit(1))).scalar_one()
        await db.execute(of_project.values(state="waiting", reason=None))
        await db.execute(
            of_project.where(outbound_email.c.id == first).values(attempts=2, last_error="451 Come again")
        )
    await window.open(PATH)
    assert window.page.one("h2", id="retried").text == "Tried again"
    assert "451 Come again" in window.page.text


async def test_the_settings_name_the_limits_that_hold_where_none_is_set(window):
    await window.open("/settings")
    for name, default in {**DEFAULTS, retention.KEY: retention.DEFAULT_DAYS}.items():
        assert window.page.one("input", name=name)["placeholder"] == str(default)
        assert window.page.one("p", id=f"{name}-help").text.endswith(f"Empty: {default}.")


async def test_the_tab_tells_admins_that_mail_is_held(window, two_held, cast):
    await window.open("/settings")
    mark = window.page.one("span", hx_get=f"{PATH}/held")
    await window.open(mark["hx-get"])
    assert window.page.text == "2 held"
    await window.open(PATH)
    await window.press("Give up all")
    await window.open(f"{PATH}/held")
    assert window.page.text == ""


async def test_the_tab_asks_nothing_for_members(cast, two_held):
    window = await window_of(cast, cast.bob)
    await window.open("/settings")
    scripts = [one["src"] for one in window.page.all("script")]
    assert not window.page.all("span", hx_get=f"{PATH}/held") and "htmx" not in " ".join(scripts)
    await window.open(f"{PATH}/held")
    assert window.status == 403 and "2 held" not in window.page.text


async def test_held_mail_of_others_is_not_counted(cast, two_held):
    window = await window_of(cast, cast.mallory)
    await window.open(f"{PATH}/held")
    assert (window.status, window.page.text) == (200, "")
