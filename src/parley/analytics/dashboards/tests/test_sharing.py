"""Insights and dashboards that are shared by links."""

from typing import Any

import pytest

from parley.analytics.dashboards.tests.test_dashboards import change, save, save_insight
from parley.analytics.insights.kinds import ANSWERS
from parley.analytics.insights.tests.test_running import Counted, Slow
from parley.analytics.sharing.tests.shares import PASSWORD, bearer, unlocked

ROW: Any = {"label": "<b>Views</b>", "data": [1, 2], "labels": ["1-May", "2-May"], "days": [], "count": 3}


class Rows(Slow):
    async def __call__(self, services, asked, now):
        await super().__call__(services, asked, now)
        return Counted([ROW])


@pytest.fixture(autouse=True)
def rows(monkeypatch):
    made = Rows()
    monkeypatch.setitem(ANSWERS, "TrendsQuery", made)
    return made


@pytest.fixture(params=["insights", "dashboards"])
async def thing(request, alice):
    """What is shared: its path, and what a page shows it as."""
    insight = await save_insight(alice, name="Visits", description="Who came", tags=["secret-tag"])
    if request.param == "insights":
        return f"/api/projects/{alice.project_id}/insights/{insight['id']}/", insight
    made = await save(alice, name="Visits", tags=["secret-tag"])
    made = await change(
        alice, made, tiles=[{"insight": insight["id"]}, {"text": {"body": "<i>Hello</i>\n\n**Loud**"}}]
    )
    return f"/api/projects/{alice.project_id}/dashboards/{made['id']}/", made


async def share(member, path, **body):
    answer = await member.client.patch(f"{path}sharing/", json={"enabled": True, **body})
    assert answer.status_code == 200, answer.text
    return answer.json()["access_token"]


async def test_a_link_shows_the_answers_and_nothing_of_the_team(alice, anonymous, thing):
    path, _ = thing
    token = await share(alice, path)
    page = await anonymous.get(f"/shared/{token}")
    assert page.status_code == 200 and "Visits" in page.text and "2-May" in page.text
    assert "<b>Views" not in page.text and "<i>Hello" not in page.text
    if "/dashboards/" in path:
        assert "<strong>Loud</strong>" in page.text, "texts are Markdown here, too"
    shared = (await anonymous.get(f"/shared/{token}.json")).json()
    kind = "insight" if "insights" in path else "dashboard"
    found = shared[kind] if kind == "insight" else shared[kind]["tiles"][0]["insight"]
    assert found["result"] == [ROW] and found["name"] == "Visits"
    for text in (page.text, str(shared)):
        assert alice.email not in text and "secret-tag" not in text and "created_by" not in text


async def test_a_deleted_thing_is_shared_no_more(alice, anonymous, thing):
    path, _ = thing
    token = await share(alice, path)
    await alice.client.patch(path, json={"deleted": True})
    assert (await anonymous.get(f"/shared/{token}")).status_code == 404
    assert (await anonymous.get(f"/shared/{token}.json")).status_code == 404
    assert (await alice.client.get(f"{path}sharing/")).status_code == 404
    await alice.client.patch(path, json={"deleted": False})
    assert (await anonymous.get(f"/shared/{token}")).status_code == 200


async def test_before_the_password_nothing_is_told_and_nothing_computed(alice, anonymous, thing, rows):
    path, _ = thing
    token = await share(alice, path, password_required=True)
    answer = await alice.client.post(f"{path}sharing/passwords/", json={"raw_password": PASSWORD})
    assert answer.status_code == 201
    page = await anonymous.get(f"/shared/{token}")
    assert page.status_code == 200 and "Visits" not in page.text and rows.n_begun == 0
    assert (await anonymous.get(f"/shared/{token}.json")).status_code == 401
    proof = await unlocked(anonymous, token)
    page = await anonymous.get(f"/shared/{token}", headers=bearer(proof))
    assert "Visits" in page.text and rows.n_begun == 1


async def test_managing_takes_the_thing_and_the_right_to_edit_it(alice, bob, mallory, thing):
    path, made = thing
    level = {"resource": "ticket", "access_level": "viewer"}
    await alice.client.put("/api/projects/@current/resource_access_controls/", json=level)
    answer = await bob.client.patch(f"{path}sharing/", json={"enabled": True})
    name = "insight" if "insights" in path else "dashboard"
    assert answer.status_code == 403
    assert answer.json()["detail"] == f"You don't have edit permissions for this {name}."
    assert (await bob.client.get(f"{path}sharing/")).json()["enabled"] is False
    for id in ("1", "nothing"):
        for method, end in (
            ("GET", ""),
            ("PATCH", ""),
            ("POST", "refresh/"),
            ("POST", "passwords/"),
            ("GET", "accesses/"),
        ):
            url = path.replace(str(made["id"]), id) + f"sharing/{end}"
            answer = await alice.client.request(method, url, json={"enabled": True})
            assert (answer.status_code, answer.json()["detail"]) == (404, f"{name.title()} not found."), url
    theirs = path.replace(str(alice.project_id), str(mallory.project_id), 1)
    assert (await mallory.client.get(f"{theirs}sharing/")).status_code == 404


async def test_a_shared_dashboard_says_so(alice):
    made = await save(alice)
    path = f"/api/projects/{alice.project_id}/dashboards/{made['id']}/"
    await share(alice, path)
    assert (await alice.client.get(path)).json()["is_shared"] is True
    [listed] = (await alice.client.get("/api/projects/@current/dashboards/")).json()["results"]
    assert listed["is_shared"] is True and "tiles" not in listed
