"""What SDKs are told of recording, wherever they ask."""

import pytest


@pytest.fixture
def asked(anonymous, project):
    """Return what each way of asking says of `sessionRecording`."""
    token = project.api_token
    body = {"token": token, "distinct_id": "a"}

    async def ask():
        answers = [
            await anonymous.get(f"/array/{token}/config"),
            await anonymous.post("/flags/?v=2&config=true", json=body),
            await anonymous.post("/decide/?v=3", json=body),
        ]
        return [answer.json()["sessionRecording"] for answer in answers]

    return ask


async def test_nothing_is_recorded_by_default(anonymous, asked):
    assert await asked() == [False] * 3
    assert (await anonymous.get("/array/phc_unknown/config")).json()["sessionRecording"] is False


async def test_recorders_are_told_what_the_settings_say(alice, project, asked):
    changes = {
        "session_recording_opt_in": True,
        "session_recording_sample_rate": "0.25",
        "session_recording_minimum_duration_milliseconds": 2000,
        "session_recording_masking_config": {"maskTextSelector": ".address", "blockSelector": ".account"},
        "capture_console_log_opt_in": True,
    }
    answer = await alice.client.patch(f"/api/projects/{project.id}/", json=changes)
    assert answer.json()["session_recording_retention_period"] == "30d"
    for found in await asked():
        assert found["endpoint"] == "/s/"
        assert (found["sampleRate"], found["minimumDurationMilliseconds"]) == ("0.25", 2000)
        assert found["masking"] == {
            "maskAllInputs": True,
            "maskTextSelector": ".address",
            "blockSelector": "#ph-conversations-widget-container, .account",
        }
        assert found["consoleLogRecordingEnabled"] is True


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("session_recording_opt_in", "yes"),
        ("session_recording_sample_rate", "1.5"),
        ("session_recording_sample_rate", "0.123"),
        ("session_recording_minimum_duration_milliseconds", 30_001),
        ("session_recording_masking_config", {"blockSelector": "a" * 1001}),
        ("session_recording_masking_config", {"maskTextSelector": "p..address["}),
        ("session_recording_masking_config", {"foo": 1}),
        ("session_recording_retention_period", "7d"),
        ("session_recording_limit_mb", 0),
        ("session_recording_limit_per_day", 10**8),
    ],
)
async def test_a_bad_setting_is_refused(alice, project, asked, field, value):
    changes = {"session_recording_opt_in": True, field: value}
    answer = await alice.client.patch(f"/api/projects/{project.id}/", json=changes)
    assert (answer.status_code, answer.json()["attr"].split("__")[0]) == (400, field)
    assert await asked() == [False] * 3


@pytest.mark.parametrize(
    ("field", "value", "attr", "words"),
    [
        ("sample_rate", "2", "", "from 0 to 1"),
        ("masking_config", {"foo": 1}, "__foo", "Known are maskAllInputs, maskTextSelector, blockSelector."),
        ("masking_config", {"blockSelector": "a,"}, "__blockSelector", "nothing would be hidden"),
    ],
)
async def test_a_bad_setting_is_refused_in_plain_words(alice, project, field, value, attr, words):
    changes = {f"session_recording_{field}": value}
    answer = (await alice.client.patch(f"/api/projects/{project.id}/", json=changes)).json()
    assert answer["attr"] == f"session_recording_{field}{attr}" and words in answer["detail"]
