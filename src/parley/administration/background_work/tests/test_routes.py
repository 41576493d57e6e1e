"""Background work through the API: what owners see of it, whose it is, and trying it again."""

from uuid import uuid4

import pytest
from sqlalchemy import delete

from parley.accounts.organizations.tables import organization
from parley.administration.background_work.actions import retry_work
from parley.administration.background_work.queries import background_work, projects_shown
from parley.administration.background_work.rules import SENTENCES, sentence_of
from parley.administration.background_work.tests.conftest import SECRET

PATH = "/api/organizations/@current/background_work/"
RETRY = f"{PATH}retry/"


async def test_work_that_failed_is_shown_without_what_it_is_made_of(show, fail, project):
    given_up = await fail(project.id)
    retried = await fail(project.id, attempts=2, dead_at=None, last_error="gaierror: smtp.internal")
    found = await show()
    first, second = found["work"]
    assert (first["id"], second["id"]) == (str(given_up), str(retried))
    assert first["description"] == ("Send one mail to a member; its Message-ID is the same at every attempt.")
    assert (first["project_id"], first["attempts"], first["queue"]) == (project.id, 9, "mail")
    assert first["last_error"] == "The mail server refused the recipient."
    assert first["given_up_at"] and first["next_attempt_at"] is None and first["created_at"]
    assert second["last_error"] == "The name of another server could not be resolved."
    assert second["given_up_at"] is None and second["next_attempt_at"]
    [mail] = [one for one in found["queues"] if one["queue"] == "mail"]
    assert (mail["waiting"], mail["retried"], mail["dead"]) == (1, 1, 1)
    assert SECRET not in str(found) and "smtp.internal" not in str(found)


async def test_it_is_tried_again_from_the_start(api, fail, row_of, show, project):
    id, other = await fail(project.id), await fail(project.id)
    answer = await api.post(RETRY, json={"work_id": str(id)})
    assert (answer.status_code, answer.json()) == (200, {"retried": 1})
    row = await row_of(id)
    assert (row.attempts, row.dead_at) == (0, None)
    assert (await row_of(other)).dead_at is not None
    assert (await api.post(RETRY, json={"work_id": str(id)})).status_code == 404
    assert (await api.post(RETRY, json={})).json() == {"retried": 1}
    assert (await api.post(RETRY, json={})).json() == {"retried": 0}
    assert (await show())["work"] == []


async def test_what_somebody_is_at_is_left_alone(api, fail, row_of, project):
    id = await fail(project.id, attempts=3, dead_at=None, holder="a process")
    assert (await api.post(RETRY, json={"work_id": str(id)})).status_code == 404
    assert (await row_of(id)).attempts == 3


async def test_other_organizations_work_is_neither_shown_nor_counted_nor_tried_again(
    api, fail, row_of, show, mallory
):
    ids = [await fail(mallory.project_id), await fail(0)]
    found = await show()
    assert found["work"] == [] and not any(one["dead"] or one["waiting"] for one in found["queues"])
    for id in ids:
        assert (await api.post(RETRY, json={"work_id": str(id)})).status_code == 404
    assert (await api.post(RETRY, json={})).json() == {"retried": 0}
    assert all([(await row_of(id)).dead_at for id in ids])


async def test_other_organizations_are_closed(mallory, alice):
    for method, path in (("GET", ""), ("POST", "retry/")):
        url = f"/api/organizations/{alice.organization_id}/background_work/{path}"
        assert (await mallory.client.request(method, url, json={})).status_code == 403


class UndoneError(Exception):
    """Ends a transaction of which nothing is to stay."""


async def test_work_of_the_installation_is_for_whoever_has_it_alone(
    services, alice, fail, failing_job, project
):
    id, mine, now = await fail(0, "accounts.mail_password_reset"), alice.organization_id, services.clock.now()
    with pytest.raises(UndoneError):
        async with services.database.transaction() as db:
            await db.execute(delete(organization).where(organization.c.id != mine))
            projects = await projects_shown(db, mine)
            assert sorted(projects) == [0, project.id]
            found = await background_work(db, list(projects), now)
            assert [(one.id, one.project_id) for one in found.work] == [(id, None)]
            [job] = found.jobs
            assert (job.name, job.failures) == ("tickets.wake_snoozed", 3)
            assert job.description.startswith("Wake tickets whose snooze has ended")
            assert job.last_error == "It failed with ValueError. The log of the server says more."
            assert SECRET not in str(found)
            assert await retry_work(db, mine, id) == 1
            raise UndoneError


async def test_jobs_are_of_the_installation(show, fail, failing_job):
    assert (await show())["jobs"] == []


async def test_members_and_admins_see_nothing_of_it(bob, api, cast):
    for level in (1, 8):
        await api.patch(f"/api/organizations/@current/members/{bob.user_uuid}/", json={"level": level})
        assert (await bob.client.get(PATH)).status_code == 403
        assert (await bob.client.post(RETRY, json={})).status_code == 403


async def test_a_key_that_only_reads_retries_nothing(cast, alice, fail, row_of, project):
    id = await fail(project.id)
    reading = await cast.make_key(alice, ["organization:read"])
    assert (await reading.get(PATH)).status_code == 200
    assert (await reading.post(RETRY, json={"work_id": str(id)})).status_code == 403
    assert (await row_of(id)).dead_at is not None


@pytest.mark.parametrize(
    "body", [{"work_id": "x"}, {"work_id": 5}, {"work_id": ["a"]}, [], "text", {"work_id": str(uuid4())}]
)
async def test_bad_input_retries_nothing(api, fail, row_of, project, body):
    id = await fail(project.id)
    assert (await api.post(RETRY, json=body)).status_code in (400, 404)
    assert (await row_of(id)).dead_at is not None


@pytest.mark.parametrize(
    "error", ["", None, ": x", f"{SECRET}: x", SECRET, "<b>: x", f"{'x' * 500}: y", "KeyError: 'refund'"]
)
def test_a_sentence_never_repeats_the_text_of_an_error(error):
    said = sentence_of(error)
    assert said.endswith("The log of the server says more.") and len(said) < 200
    assert "refund" not in said and "<" not in said


def test_sentences_are_sentences():
    assert all(one[0].isupper() and one.endswith(".") for one in SENTENCES.values())
