"""What stands beside the list while no conversation is open: the first steps, and the reader's own tickets."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from parley.accounts.members.actions import add_member
from parley.accounts.users.actions import create_user
from parley.conversations.tickets.tables import ticket
from parley.demo.rules import LOAD
from parley.email.channels.tables import email_domain
from parley.kernel.http.authorization import MEMBER
from parley.kernel.ids import new_token
from parley.kernel.jobs import outbox
from parley.kernel.services import Services
from tests.cast import Cast, TestProject
from tests.plain_browser import PlainBrowser, read_html, window_of


def open_steps(window: PlainBrowser) -> list[str]:
    """Return the steps that are not done yet."""
    steps = window.page.one("section", aria_label="First steps").all("li")
    return [step.text.split(" Done when")[0] for step in steps if ": done" not in step.text]


async def test_a_step_is_done_when_its_result_is_there(window, desk, customer, cast: Cast, project):
    await window.open("/inbox")
    # The cast has a second member from its start.
    names = ["Put the chat widget on your site", "Connect an e-mail address"]
    assert open_steps(window)[:2] == names and "Invite a colleague" not in open_steps(window)
    await desk.open()
    await window.open("/inbox")
    assert names[0] in open_steps(window)  # the team has written, no visitor
    await customer.write("from the site", channel_detail="widget_embedded")
    await window.open("/inbox")
    assert open_steps(window)[0] == names[1]
    path = f"/api/projects/{project.id}/conversations/email_channels/"
    made = await cast.alice.client.post(path, json={"from_email": "team@shop.example", "from_name": "Shop"})
    assert made.status_code in (200, 201), made.text
    await window.open("/inbox")
    assert open_steps(window)[0] == names[1]
    async with cast.services.database.transaction() as db:
        await db.execute(
            update(email_domain)
            .where(email_domain.c.project_id == project.id)
            .values(verified_at=cast.services.clock.now())
        )
    await window.open("/inbox")
    assert names[1] not in open_steps(window)


async def test_a_page_asks_which_steps_are_done_and_hears_only_what_is_new(
    window, customer, cast: Cast, project
):
    await window.open("/inbox")
    done = window.page.all("input", name="done")[0]["value"]
    path = f"/inbox/first-steps?done={done}"
    assert (await window.client.get(path)).status_code == 204
    await customer.write("from the site", channel_detail="widget_embedded")
    for place in ("beside", "above"):
        shown = await window.client.get(f"{path}&place={place}")
        assert "Put the chat widget on your site : done" in read_html(shown.text).text
    assert f"{int(done) + 1} of 4 done" in read_html(shown.text).text
    settings = {"conversations_settings": {"first_steps_dismissed": True}}
    await cast.alice.client.patch(f"/api/projects/{project.id}/", json=settings)
    assert "Nothing is left to do." in (await window.client.get(path)).text
    member = await window_of(cast, cast.bob)
    assert "Nothing is left to do." in (await member.client.get(path)).text


@pytest.mark.parametrize("distinct_id", ["demo-{project}-1", "demo-page-0192"])
async def test_tickets_of_the_demo_put_no_widget_on_a_site(
    window, customer, cast: Cast, project, distinct_id: str
):
    await customer.write("made up", channel_detail="widget_embedded")
    id = distinct_id.format(project=project.id)
    async with cast.services.database.transaction() as db:
        await db.execute(update(ticket).where(ticket.c.project_id == project.id).values(distinct_id=id))
    await window.open("/inbox")
    assert open_steps(window)[0] == "Put the chat widget on your site"
    hint = window.page.one("section", aria_label="First steps").all("li")[0].text
    assert "Done when a visitor of your site has written in it." in hint and "doesn't count" in hint


async def test_the_demo_step_is_done_by_the_colleagues_of_this_project(
    window, anonymous, services: Services, project
):
    async def is_open() -> bool:
        await window.open("/inbox")
        return "Look around in demo data" in " ".join(open_steps(window))

    seen = {"api_key": project.api_token, "event": "seen", "distinct_id": f"demo-{project.id}-1"}
    answer = await anonymous.post("/capture/", json={**seen, "properties": {"$set": {"name": "Ada"}}})
    assert answer.status_code == 200, answer.text
    assert await is_open()  # any visitor may say so
    for number, joins, then_open in (
        (project.id, False, True),
        (project.id + 1, True, True),
        (project.id, True, False),
    ):
        email = f"maya.{new_token(length=5)}.{number}@demo.example".lower()
        async with services.database.transaction() as db:
            user_id = await create_user(db, services, email=email, password_hash="x", first_name="Maya")
            if joins:
                organization = project.organization_id
                await add_member(db, services, organization_id=organization, user_id=user_id, level=MEMBER)
        assert await is_open() is then_open


async def test_the_steps_are_dismissed_for_all_admins_and_for_no_other_project(window, cast: Cast, project):
    await window.open("/inbox")
    await window.press("Don't show this again")
    assert (window.status, window.path) == (200, "/inbox")
    assert not window.page.all("section", aria_label="First steps")
    shown = (await cast.alice.client.get(f"/api/projects/{project.id}/")).json()
    assert shown["conversations_settings"]["first_steps_dismissed"] is True
    stranger = await window_of(cast, cast.mallory)
    await stranger.open("/inbox")
    assert stranger.page.all("section", aria_label="First steps")


async def n_asked(services: Services, project: TestProject) -> int:
    """Return how many times the demo data is asked for and not made yet."""
    mine = select(outbox.c.id).where(outbox.c.project_id == project.id, outbox.c.name == LOAD)
    async with services.database.transaction(write=False) as db:
        return len((await db.execute(mine)).all())


async def test_who_is_no_admin_has_no_steps_and_takes_none(cast: Cast, services: Services, project):
    member = await window_of(cast, cast.bob)
    await member.open("/inbox")
    assert not member.page.all("section", aria_label="First steps")
    token = member.page.all("input", name="csrf_token")[0]["value"]
    for path in ("/inbox/first-steps/dismiss", "/settings/demo-data"):
        answer = await member.client.post(path, data={"csrf_token": token})
        assert answer.status_code == 403
    assert await n_asked(services, project) == 0


async def test_demo_data_comes_into_no_project_that_tells_of_its_conversations(
    window, desk, cast: Cast, services: Services, project
):
    path, settings = f"/api/projects/{project.id}/", {"slack_enabled": True}
    await window.open("/inbox")
    assert "Look around in demo data" in " ".join(open_steps(window))
    await cast.alice.client.patch(path, json={"conversations_settings": settings})
    await window.open("/inbox")
    assert "Look around in demo data" not in " ".join(open_steps(window))
    form = {"csrf_token": window.page.all("input", name="csrf_token")[0]["value"]}
    refused = await window.client.post("/settings/demo-data", data=form)
    assert refused.status_code == 400 and "because Slack is connected" in refused.text
    await cast.alice.client.patch(path, json={"conversations_settings": {"slack_enabled": False}})
    for number in range(21):
        await desk.open(title=f"Ticket {number}")
    refused = await window.client.post("/settings/demo-data", data=form)
    assert refused.status_code == 400 and "because the project is in use" in refused.text
    assert await n_asked(services, project) == 0


async def test_demo_data_asked_for_at_the_same_moment_is_loaded_once(
    window, cast: Cast, services: Services, project
):
    await window.open("/inbox")
    form = {"csrf_token": window.page.all("input", name="csrf_token")[0]["value"]}
    answers = await asyncio.gather(*(window.client.post("/settings/demo-data", data=form) for _ in range(4)))
    assert [one.status_code for one in answers] == [303] * 4
    log = (await cast.alice.client.get("/api/organizations/@current/audit_log/")).json()["results"]
    assert [entry["action"] for entry in log].count("demo_data.loaded") == 1
    assert await n_asked(services, project) == 1
    await window.open("/inbox")
    assert (
        "Loading the demo data: 0 of 200 conversations"
        in window.page.one("section", class_="inbox-list").text
    )


async def test_ones_own_conversations_are_shown_while_none_is_open(window, desk, cast: Cast, clock):
    for number in range(1, 4):
        await desk.open(title=f"Ticket {number}")
    await desk.change(1, assignee={"type": "user", "id": cast.alice.user_id})
    late = (clock.now() - timedelta(hours=1)).isoformat()
    await desk.change(2, assignee={"type": "user", "id": cast.alice.user_id}, sla_due_at=late)
    await desk.change(3, assignee={"type": "user", "id": cast.bob.user_id}, sla_due_at=late)
    await window.open("/inbox")

    def numbers(title: str) -> set[str]:
        rows = window.page.one("section", aria_label=title).all("li")
        return {row.one("a")["href"].split("?")[0] for row in rows}

    assert numbers("Overdue") == {"/inbox/2"}
    assert numbers("Assigned to you") == {"/inbox/1", "/inbox/2"}
    await window.follow("Show as a list")  # the first of the two
    assert window.path == "/inbox?who=mine&sla=breached"
    await window.open("/inbox/1")
    assert not window.page.all("section", aria_label="Overdue")


async def test_a_test_address_connects_no_mail_and_keeps_no_demo_data_away(window, cast: Cast, project):
    path = f"/api/projects/{project.id}/conversations/email_channels/"
    new = {"from_email": "help@try.example", "from_name": "Help", "is_test": True}
    made = (await cast.alice.client.post(path, json=new)).json()
    await cast.services.live.publish("accounts", "project.changed")
    await window.open("/inbox")
    steps = open_steps(window)
    assert "Connect an e-mail address" in steps and any(one.startswith("Look around") for one in steps)
    real = await cast.alice.client.post(
        path, json={"from_email": f"team@own{project.id}.example", "from_name": "Shop"}
    )
    assert real.status_code == 201 and made["is_test"]
    await window.open("/inbox")
    assert not any(one.startswith("Look around") for one in open_steps(window))
