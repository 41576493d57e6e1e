"""The pages of roles."""

import pytest

from tests.cast import Cast
from tests.plain_browser import PlainBrowser, window_of


async def made_role(window: PlainBrowser, name: str) -> str:
    """Create a role on the page; return its path."""
    await window.open("/settings/roles")
    await window.press("Create role", name=name)
    assert window.page.one(role="status").text == "The role is created. Give it to the first member."
    return window.path.partition("?")[0]


async def test_a_role_is_made_given_renamed_taken_and_deleted(cast: Cast):
    window = await window_of(cast, cast.alice)
    path = await made_role(window, " Billing ")
    await window.press("Give", user_uuid=str(cast.bob.user_uuid))
    assert window.page.one(role="status").text == "The member has the role now."
    members = window.page.one("section", aria_labelledby="members")
    assert "Bob" in members.text
    assert str(cast.bob.user_uuid) not in [one["value"] for one in members.all("option")]
    await window.press("Rename", name="Invoices")
    await window.open("/settings/roles")
    listed = window.page.one("section", aria_labelledby="roles")
    assert (listed.one("a", href=path).text, "1 member" in listed.text) == ("Invoices", True)
    await window.open(path)
    await window.press("Take the role from Bob Example")
    assert "No member has this role." in window.page.one("section", aria_labelledby="members").text
    await window.press("Delete Invoices")
    assert window.page.one(role="status").text == "The role is deleted."
    assert "There is no role yet." in window.page.one("section", aria_labelledby="roles").text


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", "Enter a name."),
        ("  ", "Enter a name."),
        ("Billing", "There is already a role with this name."),
        ("x" * 201, "Ensure this field has no more than 200 characters."),
    ],
)
async def test_a_name_that_does_not_work_is_refused_beside_its_field(cast: Cast, name: str, problem: str):
    window = await window_of(cast, cast.alice)
    await made_role(window, "Billing")
    path = await made_role(window, "Sales")
    for button, at in (("Create role", "/settings/roles"), ("Rename", path)):
        await window.open(at)
        await window.press(button, name=name)
        assert (window.status, window.page.one(id="name-help").text) == (422, problem)
        assert window.page.one("input", id="name")["value"] == name.strip()
    await window.open(path)
    assert "Sales" in window.page.one("section", aria_labelledby="members").text


async def test_in_a_large_organization_the_member_is_searched(cast: Cast, services):
    window = await window_of(cast, cast.alice)
    path = await made_role(window, "Billing")
    assert not window.page.all("input", id="find")
    async with services.database.transaction() as db:
        made = [await cast.make_member(db, cast.project, level=1, name=f"aa{n:02}") for n in range(50)]
        zoe = await cast.make_member(db, cast.project, level=1, name="Zoë")
    await window.open(path)
    offered = [one["value"] for one in window.page.one("select", id="user_uuid").all("option")]
    assert len(offered) == 50 and str(zoe.user_uuid) not in offered
    for find in ("ZOE\u0308", zoe.email.upper(), " zoë ex"):
        await window.press("Search", find=find)
        [one] = window.page.one("select", id="user_uuid").all("option")
        assert one["value"] == str(zoe.user_uuid)
    await window.press("Give", user_uuid=str(zoe.user_uuid))
    assert "Zoë" in window.page.one("section", aria_labelledby="members").text
    await window.press("Search", find="zoë")
    assert "Nobody without the role is called so." in window.page.one(id="find-help").text
    assert not window.page.all("select", id="user_uuid") and made


async def test_nobody_has_a_role_twice(cast: Cast):
    window = await window_of(cast, cast.alice)
    path = await made_role(window, "Billing")
    await window.press("Give", user_uuid=str(cast.bob.user_uuid))
    token = window.page.all("input", name="csrf_token")[0]["value"]
    for user_uuid, problem in (
        (cast.bob.user_uuid, "This user already has the role."),
        ("", "Choose a member."),
    ):
        answer = await window.client.post(
            f"{path}/give", data={"csrf_token": token, "user_uuid": str(user_uuid)}
        )
        assert (answer.status_code, problem in answer.text) == (422, True)


async def test_members_look_and_change_nothing(cast: Cast):
    window = await window_of(cast, cast.alice)
    path = await made_role(window, "Billing")
    theirs = await window_of(cast, cast.bob)
    await theirs.open("/settings/roles")
    assert "Billing" in theirs.page.one("section", aria_labelledby="roles").text
    assert "Create role" not in theirs.page.texts("button")
    await theirs.open(path)
    assert {"Give", "Rename"}.isdisjoint(theirs.page.texts("button"))
    await theirs.open("/settings/account")
    token = theirs.page.all("input", name="csrf_token")[0]["value"]
    for change, fields in (
        ("/settings/roles", {"name": "Mine"}),
        (f"{path}/rename", {"name": "Mine"}),
        (f"{path}/give", {"user_uuid": str(cast.bob.user_uuid)}),
        (f"{path}/delete", {}),
    ):
        answer = await theirs.client.post(change, data={"csrf_token": token, **fields})
        assert answer.status_code == 403
    await window.open("/settings/roles")
    assert window.page.texts("a").count("Billing") == 1


async def test_roles_of_other_organizations_are_not_there(cast: Cast):
    mine = await window_of(cast, cast.alice)
    path = await made_role(mine, "Billing")
    await mine.press("Give", user_uuid=str(cast.bob.user_uuid))
    taking = next(one["action"] for one in mine.page.all("form") if one["action"].endswith("/take"))
    theirs = await window_of(cast, cast.mallory)
    await theirs.open("/settings/roles")
    assert "There is no role yet." in theirs.page.one("section", aria_labelledby="roles").text
    token = theirs.page.all("input", name="csrf_token")[0]["value"]
    assert (await theirs.client.get(path)).status_code == 404
    for change, fields in (
        (f"{path}/rename", {"name": "Mine"}),
        (f"{path}/give", {"user_uuid": str(cast.mallory.user_uuid)}),
        (f"{path}/delete", {}),
        (taking, {}),
    ):
        answer = await theirs.client.post(change, data={"csrf_token": token, **fields})
        assert answer.status_code == 404
    own = await made_role(theirs, "Theirs")
    answer = await theirs.client.post(
        f"{own}/give", data={"csrf_token": token, "user_uuid": str(cast.bob.user_uuid)}
    )
    assert answer.status_code == 404
    await mine.open(path)
    assert "Bob" in mine.page.one("section", aria_labelledby="members").text
