"""Mail that waits, and the brake, under a clock that jumps."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from parley.accounts.projects.tables import project as project_table
from parley.email.outbound.jobs import bring_mails_forward
from parley.email.outbound.tables import outbound_email
from parley.kernel.jobs import Event
from parley.kernel.network.mail import Mailer
from tests.smtp_peer import smtp_peer


@pytest.mark.parametrize("ahead", [timedelta(hours=1), timedelta(days=400)])
async def test_a_mail_that_was_put_off_under_a_wrong_clock_goes_out_once_that_is_right(
    post, desk, services, clock, monkeypatch, ahead
):
    opened = await post.ticket()
    async with smtp_peer(at_mail="450 4.2.0 Later") as peer:
        mailer = Mailer(peer.url, services.settings.data_dir, "http://parley.test")
        monkeypatch.setattr(services, "mailer", mailer)
        clock.advance(ahead)
        await desk.say(opened, "Hello")
        await post.go_out()
        clock.advance(-ahead)
        peer.at_mail = "250 OK"
        await post.go_out()
        if (
            not peer.taken
        ):  # a jump of an hour looks like the longest pause, so the word that it happened has to help
            async with services.database.transaction() as db:
                await bring_mails_forward(db, services, Event(0, opened["id"], "clock.set_back", {}, 0))
            await post.go_out()
        assert len(peer.taken) == 1


async def test_mails_of_the_future_do_not_count_for_the_brake(post, desk, services, clock, project):
    limits = {"email_enabled": True, "email_limit_per_project": 1}
    async with services.database.transaction() as db:
        mine = update(project_table).where(project_table.c.id == project.id)
        await db.execute(mine.values(conversations_settings=limits))
    await services.live.publish("accounts", "project.changed")
    opened = await post.ticket()
    clock.advance(timedelta(hours=1))
    await desk.say(opened, "One")
    await post.go_out()
    clock.advance(timedelta(hours=-1))
    await desk.say(opened, "Two")
    assert len(await post.go_out()) == 2
    async with services.database.transaction(write=False) as db:
        states = await db.execute(
            select(outbound_email.c.state).where(outbound_email.c.project_id == project.id)
        )
        assert set(states.scalars()) == {"sent"}
