"""The list of persons, and what the team sets on the page of one."""

from tests.cast import Cast
from tests.plain_browser import window_of


async def seen(anonymous, project, distinct_id, **properties):
    event = {
        "event": "x",
        "distinct_id": distinct_id,
        "properties": {"$set": properties},
        "token": project.api_token,
    }
    assert (await anonymous.post("/e/", json=event)).status_code == 200


async def test_people_are_listed_found_and_paged(cast: Cast, project, anonymous):
    for number in range(52):
        name = f"Ada {number:02}"
        await seen(anonymous, project, f"id-{number}", name=name, email=f"ada{number:02}@x.test")
    await seen(anonymous, project, "zoe", name="<b>Zoe</b>", email="zoe@x.test")
    window = await window_of(cast, cast.alice)
    await window.open("/events")
    await window.follow("People")
    assert "53 persons" in window.page.one("main").text and "<b>Zoe</b>" in window.page.one("main").text
    await window.follow("More people")
    assert "Ada 00" in window.page.one("main").text and "Zoe" not in window.page.one("main").text
    for search, found in (("ada 07", "ada07@x.test"), ("ADA07@", "Ada 07"), ("zoe", "zoe@x.test")):
        await window.open(f"/persons?search={search}")
        assert found in window.page.one("main").text and "1 person" in window.page.one("main").text
    await window.open("/persons?search=nobody&after_mark=x")
    assert "Nobody's name" in window.page.one("main").text
    stranger = await window_of(cast, cast.mallory)
    assert "Nobody is known yet" in (await stranger.open("/persons")).page.one("main").text


async def test_the_address_of_a_person_is_set_and_the_way_back_stays(cast: Cast, project, anonymous):
    await seen(anonymous, project, "zoe", name="Zoe")
    window = await window_of(cast, cast.alice)
    await window.open("/persons")
    await window.follow("Zoe")
    await window.open(f"{window.path}?conversation=1")
    assert window.page.one("a", href="/inbox/1").text == "Back to conversation #1"
    await window.press("Save the address", email="Zoe@X.test")
    assert window.page.one("input", name="email")["value"] == "zoe@x.test"
    assert window.page.one("a", href="/inbox/1")
    await window.press("Save the address", email="no address")
    assert window.status == 400
    await window.open("/persons?search=zoe@x.test")
    await window.follow("Zoe")
    await window.press("Save the address", email="")
    assert window.page.one("input", name="email")["value"] == ""
    path = window.path.partition("?")[0]
    stranger = await window_of(cast, cast.mallory)
    await stranger.open("/persons")
    token = stranger.page.all("input", name="csrf_token")[0]["value"]
    answer = await stranger.client.post(f"{path}/email", data={"csrf_token": token, "email": "m@x.test"})
    assert answer.status_code == 404
