"""Settings of session recordings, by the names that PostHog's API has for them; limits are ours."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from parley.accounts.projects.selectors import check_selector
from parley.kernel.http.body import TRIM

RetentionPeriod = Literal["30d", "90d", "1y", "5y"]
KEPT: Mapping[RetentionPeriod, timedelta] = {
    "30d": timedelta(days=30),
    "90d": timedelta(days=90),
    "1y": timedelta(days=365),
    "5y": timedelta(days=5 * 365),
}
RATE_WORDS = "Enter a number from 0 to 1, with at most two decimals."
SampleRate = Annotated[
    str, Meta(pattern=r"^(0(\.[0-9]{1,2})?|1(\.0{1,2})?)$", extra={**TRIM, "expected": RATE_WORDS})
]
MOST_MINIMUM_MS, MOST_LIMIT = 30_000, 10_000_000
MinimumDuration = Annotated[int, Meta(ge=0, le=MOST_MINIMUM_MS)]
Selector = Annotated[str, Meta(min_length=1, max_length=1000, extra=TRIM)]
Limit = Annotated[int, Meta(ge=1, le=MOST_LIMIT)]


class RecordingMasking(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What recorders hide: inputs, texts of elements, and whole elements, both found by a CSS selector."""

    mask_all_inputs: bool = True
    mask_text_selector: Selector | None = None
    block_selector: Selector | None = None


class RecordingSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of session recordings, with the defaults of those that nobody has set."""

    session_recording_opt_in: bool = False
    session_recording_sample_rate: SampleRate | None = None
    session_recording_minimum_duration_milliseconds: MinimumDuration | None = None
    session_recording_masking_config: RecordingMasking = RecordingMasking()
    session_recording_retention_period: RetentionPeriod = "30d"
    session_recording_limit_mb: Limit = 100
    session_recording_limit_mb_per_day: Limit = 5_000
    session_recording_limit_per_day: Limit = 10_000
    capture_console_log_opt_in: bool = False


class RecordingSettingsPatch(msgspec.Struct, frozen=True, kw_only=True):
    """What may be changed of the settings of recordings; null takes one back to its default."""

    session_recording_opt_in: bool | UnsetType | None = UNSET
    session_recording_sample_rate: SampleRate | UnsetType | None = UNSET
    session_recording_minimum_duration_milliseconds: MinimumDuration | UnsetType | None = UNSET
    session_recording_masking_config: RecordingMasking | UnsetType | None = UNSET
    session_recording_retention_period: RetentionPeriod | UnsetType | None = UNSET
    session_recording_limit_mb: Limit | UnsetType | None = UNSET
    session_recording_limit_mb_per_day: Limit | UnsetType | None = UNSET
    session_recording_limit_per_day: Limit | UnsetType | None = UNSET
    capture_console_log_opt_in: bool | UnsetType | None = UNSET


def recording_settings_of(stored: Mapping[str, Any] | None) -> RecordingSettings:
    """Return the settings that hold, of those that are stored with a project."""
    return msgspec.convert(stored or {}, RecordingSettings)


def check_masking(masking: RecordingMasking | None) -> None:
    """Raise Invalid for a selector that browsers don't understand."""
    for name, selector in msgspec.to_builtins(masking or RecordingMasking()).items():
        if isinstance(selector, str):
            check_selector(selector, f"session_recording_masking_config__{name}")


def with_changes(stored: Mapping[str, Any] | None, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is to be stored after changes of a RecordingSettingsPatch."""
    after = {**(stored or {}), **msgspec.to_builtins(changes)}
    return {name: value for name, value in after.items() if value is not None}
