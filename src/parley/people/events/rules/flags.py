"""Answers to SDKs that ask for feature flags. Parley has none, and says so in the format of each version."""

from typing import Any

REMOTE_CONFIG: dict[str, Any] = {
    "supportedCompression": ["gzip", "gzip-js"],
    "hasFeatureFlags": False,
    "captureDeadClicks": False,
    "capturePerformance": False,
    "autocapture_opt_out": True,
    "autocaptureExceptions": False,
    "analytics": {"endpoint": "/i/v0/e/"},
    "elementsChainAsString": True,
    "errorTracking": {"autocaptureExceptions": False, "suppressionRules": []},
    "sessionRecording": False,
    "heatmaps": False,
    "surveys": False,
    "productTours": False,
    "defaultIdentifiedOnly": True,
    "siteApps": [],
}
"""What old SDKs take from their answer to `/decide`, newer ones from `/array/<token>/config`.

Everything that Parley has no server for is off, so that the SDK doesn't ask for it.
"""
OF_OLD_SDKS = {"config": {"enable_collect_everything": True}, "toolbarParams": {}, "isAuthenticated": False}


def flags_answer(version: str, *, with_config: bool, request_id: str) -> dict[str, Any]:
    """Return what `/flags` says: `flags` from version 2 on, only the older keys before."""
    answer: dict[str, Any] = {
        "errorsWhileComputingFlags": False,
        "featureFlags": {},
        "featureFlagPayloads": {},
        "requestId": request_id,
    }
    if version not in ("", "1"):
        answer["flags"] = {}
    return {**REMOTE_CONFIG, **answer} if with_config else answer


def decide_answer(version: str) -> dict[str, Any]:
    """Return what `/decide` says: flags are a list up to version 1, an object from 2 and `flags` from 4 on."""
    answer: dict[str, Any] = {**OF_OLD_SDKS, **REMOTE_CONFIG, "errorsWhileComputingFlags": False}
    if version in ("", "1"):
        return {**answer, "featureFlags": []}
    if version in ("2", "3"):
        return {**answer, "featureFlags": {}, "featureFlagPayloads": {}}
    return {**answer, "flags": {}, "featureFlags": {}, "featureFlagPayloads": {}}
