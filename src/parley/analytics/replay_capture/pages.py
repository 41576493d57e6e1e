"""Settings of session recordings."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.params import JSONBody
from msgspec import Meta

from parley.accounts.memberships.rules import check_admin
from parley.accounts.projects.actions.settings import update_project
from parley.accounts.projects.queries.projects import project_out
from parley.accounts.projects.recording_settings import (
    MOST_LIMIT,
    MOST_MINIMUM_MS,
    RecordingMasking,
    RecordingSettings,
)
from parley.accounts.projects.schemas import ProjectPatch
from parley.analytics.recordings.actions.storing import MOST_BLOCKS
from parley.analytics.replay_capture.queries import UsedToday, used_today
from parley.analytics.replay_capture.rules.limits import MOST_HOURS
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Actor
from parley.kernel.http.body import TRIM, read
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.web.guards import page_session
from parley.web.rendering import page, redirect

PATH = "/settings/recordings"
PREFIX = "session_recording_"
PERIODS = {"30d": "30 days", "90d": "90 days", "1y": "a year", "5y": "five years"}
SELECTORS = {"maskTextSelector": "mask_text_selector", "blockSelector": "block_selector"}
LIMITS = ("limit_mb", "limit_mb_per_day", "limit_per_day")
RANGES = {
    "sample_percent": (0, 100),
    "minimum_s": (0, MOST_MINIMUM_MS // 1000),
    **dict.fromkeys(LIMITS, (1, MOST_LIMIT)),
}
"""The least and the largest number of a field."""
REACHED = {
    "recording_bytes": "A recording has reached its limit of MB, and goes no further.",
    "recording_blocks": f"A recording has reached {MOST_BLOCKS:,} batches, and goes no further.",
    "recording_hours": f"A batch was left out that lies outside of the {MOST_HOURS} hours of its recording.",
    "day_bytes": "The project has reached its limit of MB for the day. Recording goes on at midnight UTC.",
    "day_recordings": "The project has reached its limit of recordings for the day. New ones begin at midnight UTC.",
}
Text = Annotated[str, Meta(extra=TRIM)]


class RecordingSettingsForm(msgspec.Struct, frozen=True, kw_only=True):
    """The form; a box that isn't ticked isn't sent. The sample rate is in percent, the duration in seconds."""

    opt_in: str = ""
    sample_percent: Text = ""
    minimum_s: Text = ""
    mask_all_inputs: str = ""
    mask_text_selector: Text = ""
    block_selector: Text = ""
    retention_period: str = "30d"
    console: str = ""
    limit_mb: Text = ""
    limit_mb_per_day: Text = ""
    limit_per_day: Text = ""


class RecordingSettingsPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `replay_capture/settings.html`; `problem` belongs to the field named `at`, or to all of them."""

    form: RecordingSettingsForm
    defaults: RecordingSettings
    used: UsedToday
    reached: str | None
    may_change: bool
    periods: dict[str, str]
    ranges: dict[str, tuple[int, int]]
    problem: str | None = None
    at: str | None = None
    notice: str | None = None


async def _page(
    request: ParleyRequest, actor: Actor, services: Services, sent: RecordingSettingsForm | None = None
) -> RecordingSettingsPage:
    """Show what was sent; without it, what is stored."""
    async with services.database.transaction(write=False) as db:
        project = await project_out(db, services.vault, actor.project_id, actor.principal)
        used = await used_today(db, actor.project_id, services.clock.now().date())
    return RecordingSettingsPage(
        form=sent or _form_of(project),
        defaults=RecordingSettings(),
        used=used,
        reached=REACHED.get(used.limit_reached or ""),
        may_change=actor.is_admin,
        periods=PERIODS,
        ranges=RANGES,
        notice="Saved." if request.query_params.get("notice") == "saved" else None,
    )


def _form_of(settings: RecordingSettings) -> RecordingSettingsForm:
    """Fill the form with what is stored; a limit that is the default stands empty."""
    masking, default = settings.session_recording_masking_config, RecordingSettings()
    rate = settings.session_recording_sample_rate
    shortest = settings.session_recording_minimum_duration_milliseconds
    limits = {
        name: ""
        if (value := getattr(settings, PREFIX + name)) == getattr(default, PREFIX + name)
        else str(value)
        for name in LIMITS
    }
    return RecordingSettingsForm(
        opt_in="on" if settings.session_recording_opt_in else "",
        sample_percent="" if rate is None else f"{100 * float(rate):g}",
        minimum_s="" if shortest is None else f"{shortest / 1000:g}",
        mask_all_inputs="on" if masking.mask_all_inputs else "",
        mask_text_selector=_in_one_line(masking.mask_text_selector),
        block_selector=_in_one_line(masking.block_selector),
        retention_period=settings.session_recording_retention_period,
        console="on" if settings.capture_console_log_opt_in else "",
        **limits,
    )


def _in_one_line(selector: str | None) -> str:
    """Return a selector with spaces in place of ends of lines, which a field of one line would drop."""
    return (selector or "").replace("\r\n", " ").replace("\r", " ").replace("\n", " ")


def _whole(form: RecordingSettingsForm, name: str) -> int | None:
    """Read a whole number; None where there is nothing, which means the default."""
    text, (least, most) = getattr(form, name), RANGES[name]
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most):
        raise Invalid(f"Enter a whole number from {least} to {most}.", attr=name)
    return int(text)


def _patch_of(form: RecordingSettingsForm, stored: RecordingSettings) -> ProjectPatch:
    """Say the form as the API would; raises Invalid.

    A field that comes back as it was shown is left as it is stored: the API takes more than can be entered here.
    """
    shown = _form_of(stored)
    changed = {name for name in form.__struct_fields__ if getattr(form, name) != getattr(shown, name)}
    fields: dict[str, Any] = {
        "opt_in": bool(form.opt_in),
        "masking_config": _masking_of(form, stored.session_recording_masking_config, changed),
        "retention_period": form.retention_period,
        **{name: _whole(form, name) for name in LIMITS if name in changed},
    }
    if "sample_percent" in changed:
        percent = _whole(form, "sample_percent")
        fields["sample_rate"] = None if percent is None else f"{percent / 100:.2f}"
    if "minimum_s" in changed:
        seconds = _whole(form, "minimum_s")
        fields["minimum_duration_milliseconds"] = None if seconds is None else 1000 * seconds
    named = {PREFIX + name: value for name, value in fields.items()}
    return read(ProjectPatch, {**named, "capture_console_log_opt_in": bool(form.console)})


def _masking_of(form: RecordingSettingsForm, stored: RecordingMasking, changed: set[str]) -> dict[str, Any]:
    selectors = {
        key: (getattr(form, name) or None) if name in changed else getattr(stored, name)
        for key, name in SELECTORS.items()
    }
    return {"maskAllInputs": bool(form.mask_all_inputs), **selectors}


@get(PATH, guards=[page_session], include_in_schema=False)
async def show_recording_settings(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show what is recorded, what is hidden, and how much."""
    return page(request, "replay_capture/settings.html", await _page(request, actor, services))


@post(PATH, guards=[page_session], include_in_schema=False)
async def save_recording_settings(
    request: ParleyRequest,
    data: JSONBody[RecordingSettingsForm],
    actor: ActorDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Store the form, or show it with the error."""
    check_admin(actor)
    try:
        async with services.database.transaction() as db:
            stored = await project_out(db, services.vault, actor.project_id, actor.principal)
            await update_project(db, services, actor, _patch_of(data, stored))
    except Invalid as error:
        shown = await _page(request, actor, services, data)
        at = (error.attr or "").removeprefix(PREFIX).removeprefix("masking_config__")
        refused = msgspec.structs.replace(shown, problem=error.detail, at=SELECTORS.get(at, at))
        return page(request, "replay_capture/settings.html", refused, status=422)
    return redirect(f"{PATH}?notice=saved")


handlers = [show_recording_settings, save_recording_settings]
