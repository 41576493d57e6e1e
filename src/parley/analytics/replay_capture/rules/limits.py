"""How much a project may record."""

from parley.accounts.projects.recording_settings import KEPT, RecordingSettings
from parley.analytics.recordings.schemas import RecordingLimits

MB = 1_000_000
MOST_HOURS = 24
"""Sessions of SDKs end after so long."""


def limits_of(settings: RecordingSettings) -> RecordingLimits:
    """Return the limits that the settings of a project set."""
    return RecordingLimits(
        kept_days=KEPT[settings.session_recording_retention_period].days,
        recording_bytes=settings.session_recording_limit_mb * MB,
        recording_hours=MOST_HOURS,
        day_bytes=settings.session_recording_limit_mb_per_day * MB,
        day_recordings=settings.session_recording_limit_per_day,
    )
