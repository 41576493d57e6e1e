"""What SDKs are told at their start: what to record, and that Parley has no feature flags, in the format of each version."""

from typing import Any

import msgspec

from parley.accounts.projects.recording_settings import RecordingMasking, recording_settings_of
from parley.kernel.http.authorization import Project

_FIXED: dict[str, Any] = {
    "supportedCompression": ["gzip", "gzip-js"],
    "hasFeatureFlags": False,
    "captureDeadClicks": False,
    "capturePerformance": False,
    "autocapture_opt_out": True,
    "autocaptureExceptions": False,
    "analytics": {"endpoint": "/i/v0/e/"},
    "elementsChainAsString": True,
    "errorTracking": {"autocaptureExceptions": False, "suppressionRules": []},
    "heatmaps": False,
    "surveys": False,
    "productTours": False,
    "defaultIdentifiedOnly": True,
    "siteApps": [],
}
"""Everything that Parley has no server for is off, so that the SDK doesn't ask for it."""
SNAPSHOT_ENDPOINT = "/s/"
CHAT = "#ph-conversations-widget-container"
"""The widget, as posthog-js names it. A conversation belongs to its ticket, and not to who may watch a recording."""
OF_OLD_SDKS = {"config": {"enable_collect_everything": True}, "toolbarParams": {}, "isAuthenticated": False}


def remote_config(project: Project | None) -> dict[str, Any]:
    """Return what old SDKs take from their answer to `/decide`, newer ones from `/array/<token>/config`."""
    return {**_FIXED, "sessionRecording": session_recording(project)}


def session_recording(project: Project | None) -> dict[str, Any] | bool:
    """Return what a recorder may do and where it sends to; False where nothing is to be recorded."""
    if project is None:
        return False
    settings = recording_settings_of(project.recording_settings)
    if not settings.session_recording_opt_in:
        return False
    return {
        "endpoint": SNAPSHOT_ENDPOINT,
        "recorderVersion": "v2",
        "scriptConfig": {"script": "posthog-recorder"},
        "sampleRate": settings.session_recording_sample_rate,
        "minimumDurationMilliseconds": settings.session_recording_minimum_duration_milliseconds,
        "consoleLogRecordingEnabled": settings.capture_console_log_opt_in,
        "masking": _masking(settings.session_recording_masking_config),
        "recordCanvas": False,
        "networkPayloadCapture": None,
        "linkedFlag": None,
        "urlTriggers": [],
        "urlBlocklist": [],
        "eventTriggers": [],
    }


def _masking(settings: RecordingMasking) -> dict[str, Any]:
    blocked = ", ".join(filter(None, (CHAT, settings.block_selector)))
    return {**msgspec.to_builtins(settings), "blockSelector": blocked}


def flags_answer(version: str, config: dict[str, Any] | None, request_id: str) -> dict[str, Any]:
    """Return what `/flags` says: `flags` from version 2 on, only the older keys before."""
    answer: dict[str, Any] = {
        "errorsWhileComputingFlags": False,
        "featureFlags": {},
        "featureFlagPayloads": {},
        "requestId": request_id,
    }
    if version not in ("", "1"):
        answer["flags"] = {}
    return {**(config or {}), **answer}


def decide_answer(version: str, config: dict[str, Any]) -> dict[str, Any]:
    """Return what `/decide` says: flags are a list up to version 1, an object from 2 and `flags` from 4 on."""
    answer: dict[str, Any] = {**OF_OLD_SDKS, **config, "errorsWhileComputingFlags": False}
    if version in ("", "1"):
        return {**answer, "featureFlags": []}
    if version in ("2", "3"):
        return {**answer, "featureFlags": {}, "featureFlagPayloads": {}}
    return {**answer, "flags": {}, "featureFlags": {}, "featureFlagPayloads": {}}
