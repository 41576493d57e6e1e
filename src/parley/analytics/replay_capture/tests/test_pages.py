"""The page of the settings of recordings."""

import pytest
from sqlalchemy import insert

from parley.analytics.recordings.actions.storing import note_limit
from parley.analytics.recordings.tables import recording_usage
from tests.plain_browser import window_of


async def settings_of(cast):
    found = (await cast.alice.client.get(f"/api/projects/{cast.project.id}/")).json()
    return {name.removeprefix("session_recording_"): value for name, value in found.items() if "_rec" in name}


async def test_recording_is_set_up_by_a_form(cast):
    window = await window_of(cast, cast.alice)
    await window.open("/settings/recordings")
    await window.press(
        "Save",
        opt_in="on",
        sample_percent="29",
        minimum_s="3",
        retention_period="90d",
        block_selector=".account",
        limit_mb="50",
    )
    assert window.page.one(role="status").text == "Saved."
    stored = await settings_of(cast)
    assert (stored["opt_in"], stored["sample_rate"], stored["retention_period"]) == (True, "0.29", "90d")
    assert (stored["minimum_duration_milliseconds"], stored["limit_mb"]) == (3000, 50)
    assert stored["masking_config"] == {
        "maskAllInputs": True,
        "maskTextSelector": None,
        "blockSelector": ".account",
    }
    for name, value in {"sample_percent": "29", "minimum_s": "3", "limit_mb": "50"}.items():
        assert window.page.one("input", name=name)["value"] == value
    await window.press("Save", sample_percent="", minimum_s="", limit_mb="", opt_in=[])
    assert (await settings_of(cast))["sample_rate"] is None
    assert (await settings_of(cast))["limit_mb"] == 100


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sample_percent", "101"),
        ("minimum_s", "1.5"),
        ("limit_mb", "0"),
        ("limit_mb", "x"),
        ("mask_text_selector", "p..address["),
    ],
)
async def test_a_bad_value_is_named_and_nothing_is_stored(cast, field, value):
    window = await window_of(cast, cast.alice)
    await window.open("/settings/recordings")
    await window.press("Save", **{"opt_in": "on", field: value})
    assert window.status == 422
    assert window.page.one("input", name=field)["aria-invalid"] == "true"
    assert (await settings_of(cast))["opt_in"] is False


async def test_what_the_page_shows_is_saved_as_it_is(cast):
    def named(**values):
        return {f"session_recording_{name}": value for name, value in values.items()}

    selectors = {"maskAllInputs": False, "maskTextSelector": ".card\n.number", "blockSelector": None}
    before = named(sample_rate="0.5", minimum_duration_milliseconds=1500, masking_config=selectors)
    path = f"/api/projects/{cast.project.id}/"
    assert (await cast.alice.client.patch(path, json=before)).status_code == 200
    window = await window_of(cast, cast.alice)
    await window.open("/settings/recordings")
    shown = window.page.one("input", name="minimum_s")
    assert (shown["value"], shown["step"]) == ("1.5", "any")
    assert window.page.one("input", name="mask_text_selector")["value"] == ".card .number"
    await window.press("Save", opt_in="on")
    assert window.page.one(role="status").text == "Saved."
    after = (await cast.alice.client.get(path)).json()
    assert {name: after[name] for name in before} == before
    assert after["session_recording_opt_in"] is True


async def test_a_member_sees_the_settings_and_cannot_change_them(cast):
    window = await window_of(cast, cast.bob)
    await window.open("/settings/recordings")
    assert all("disabled" in found.attributes for found in window.page.all("fieldset"))


async def test_the_page_says_which_limit_was_reached(cast, services, clock):
    window = await window_of(cast, cast.alice)
    await window.open("/settings/recordings")
    assert not window.page.all(role="status")
    async with services.database.transaction() as db:
        await note_limit(db, cast.project.id, "day_bytes", clock.now())
    await window.open("/settings/recordings")
    assert "Recording goes on at midnight UTC" in window.page.one(role="status").text


async def test_little_data_is_not_said_to_be_none(cast, services, clock):
    used = {"project_id": cast.project.id, "counted_on": clock.now().date(), "n_recordings": 3}
    async with services.database.transaction() as db:
        await db.execute(insert(recording_usage).values(**used, size_bytes=20_480))
    window = await window_of(cast, cast.alice)
    await window.open("/settings/recordings")
    assert "3 recordings with 20 KB." in window.page.text
