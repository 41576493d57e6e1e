"""The page of one's own account."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from tests.cast import PASSWORD, Cast
from tests.plain_browser import window_of


async def test_people_change_their_name_and_password(cast: Cast):
    window = await window_of(cast, cast.bob)
    await window.open("/settings/account")
    await window.press("Save", first_name="Robert", last_name="")
    assert window.page.one("input", name="first_name")["value"] == "Robert"
    await window.press("Change the password", current_password="wrong", password="a whole new password")
    assert window.page.one("input", name="current_password")["aria-invalid"] == "true"
    await window.press("Change the password", current_password=PASSWORD, password="a whole new password")
    assert window.page.one(role="status", class_="notice").text.startswith("Your password is changed.")


async def test_the_account_is_shown_inside_the_project_with_every_tab(cast: Cast):
    window = await window_of(cast, cast.alice)
    name = (await cast.alice.client.get(f"/api/projects/{cast.project.id}/")).json()["name"]
    for path in ("/settings", "/settings/account"):
        await window.open(path)
        navigation = window.page.one("nav", aria_label="Settings")
        groups = {str(part["aria-label"]): part.texts("a") for part in navigation.all("ul")}
        assert groups["You"] == ["Your account", "Security"], path
        assert groups["Security and privacy"] == [
            "Domains and sign-on",
            "Connected apps",
            "Personal data",
            "Audit log",
        ]
        assert groups["Developers"][-1] == "Background work", path
        here = [str(link["href"]) for link in navigation.all("a", aria_current="page")]
        assert here == [path] and all(groups.values())
        assert name in window.page.one("header").text, path


async def test_every_tab_that_somebody_is_shown_opens(cast: Cast):
    for user in (cast.alice, cast.bob):
        window = await window_of(cast, user)
        await window.open("/settings")
        for path in [str(link["href"]) for link in window.page.one("nav", aria_label="Settings").all("a")]:
            await window.open(path)
            assert window.status == 200, f"{user.email} is led to {path}"


async def test_somebody_without_a_project_is_led_to_where_one_is_chosen(cast: Cast):
    window = await window_of(cast, cast.alice)
    made = (await cast.alice.client.post("/api/projects/", json={"name": "Second"})).json()
    await window.open("/settings/account")
    await window.press("Go there", project=str(made["id"]))
    assert (await cast.alice.client.delete(f"/api/projects/{made['id']}/")).status_code == 204
    await window.open("/inbox")
    assert window.path == "/settings/account?notice=no-project"
    await window.press("Go there", project=str(cast.project.id))
    await window.open("/inbox")
    assert window.path == "/inbox"


async def test_light_or_dark_is_kept_with_the_person(cast: Cast):
    window, other = await window_of(cast, cast.bob), await window_of(cast, cast.bob)
    root = (await window.open("/settings/account")).page.one("html")
    assert "data-theme" not in root.attributes
    await window.press("Save appearance", theme_mode="dark")
    assert window.page.one("html")["data-theme"] == "dark"
    assert (await other.open("/inbox")).page.one("html")["data-theme"] == "dark"
    assert (await cast.bob.client.get("/api/users/@me/")).json()["theme_mode"] == "dark"
    alice = await window_of(cast, cast.alice)
    assert "data-theme" not in (await alice.open("/inbox")).page.one("html").attributes
    await window.press("Save appearance", theme_mode="system")
    assert "data-theme" not in window.page.one("html").attributes
    answer = await cast.bob.client.patch("/api/users/@me/", json={"theme_mode": "blue"})
    assert (answer.status_code, answer.json()["attr"]) == (400, "theme_mode")


async def test_who_is_away_says_so_on_their_account_and_colleagues_see_it(cast: Cast):
    bob, alice, mallory = [await window_of(cast, one) for one in (cast.bob, cast.alice, cast.mallory)]
    await bob.open("/settings/account")
    await bob.press("Set yourself away")
    assert bob.path == "/settings/account?notice=away"
    for window, n_away in ((alice, 1), (mallory, 0)):
        people = (await window.open("/settings/members")).page.one("section", aria_labelledby="members")
        assert len([one for one in people.all("li") if "Away" in one.texts("span")]) == n_away
    me = f"/api/projects/@current/conversations/availability/{cast.bob.user_uuid}/"
    found = (await cast.alice.client.get("/api/projects/@current/conversations/availability/")).json()
    assert [one["user"]["email"] for one in found["results"] if not one["is_available"]] == [cast.bob.email]
    await bob.press("Set yourself available")
    assert "You are available now." in bob.page.text
    await alice.open("/settings/members")
    assert "Away" not in alice.page.one("section", aria_labelledby="members").texts("span")
    assert (await cast.alice.client.put(me, json={"is_available": False})).status_code == 200
    assert "You are away." in (await bob.open("/settings/account")).page.text


async def test_who_is_away_until_a_day_says_so_and_a_day_in_the_past_is_refused(cast: Cast, clock):
    clock.freeze()
    project = cast.bob.project.id
    given = {"timezone": "Pacific/Auckland"}
    assert (await cast.alice.client.patch(f"/api/projects/{project}/", json=given)).status_code == 200
    today = clock.now().astimezone(ZoneInfo("Pacific/Auckland")).date()
    bob = await window_of(cast, cast.bob)
    for day in (today.isoformat(), "tomorrow", f"{today.year + 3}-01-01"):
        await bob.open("/settings/account")
        await bob.press("Set yourself away", until=day)
        assert "Choose a day after today, within a year." in bob.page.one(id="until-help").text
        assert "You are available." in bob.page.text
    back = today + timedelta(days=2)
    await bob.press("Set yourself away", until=back.isoformat())
    said = f"{back.day} {back:%b}" + (f" {back.year}" if back.year != today.year else "")
    assert f"You are away until {said}." in (await bob.open("/settings/account")).page.text
    people = (await (await window_of(cast, cast.alice)).open("/settings/members")).page
    assert f"Away until {said}" in people.one("section", aria_labelledby="members").texts("span")
    begins = datetime.combine(back, time(), ZoneInfo("Pacific/Auckland")) - clock.now()
    clock.advance(begins - timedelta(seconds=1))
    assert "You are away until" in (await bob.open("/settings/account")).page.text
    clock.advance(timedelta(seconds=1))
    assert "You are available." in (await bob.open("/settings/account")).page.text


async def test_availability_is_one_of_two_words(cast: Cast):
    window = await window_of(cast, cast.bob)
    token = (await window.open("/settings/account")).page.all("input", name="csrf_token")[0]["value"]
    for form in ({}, {"availability": "perhaps"}):
        answer = await window.client.post(
            "/settings/account/availability", data={"csrf_token": token, **form}
        )
        assert answer.status_code in (400, 422), answer.status_code
    assert "You are available." in (await window.open("/settings/account")).page.text
