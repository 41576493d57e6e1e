"""What the browser's SDK is told about a project (docs/wire/widget.md#configuration)."""

from collections.abc import Mapping
from typing import Any

from msgspec import structs

from parley.accounts.projects.rules import CHECKS
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Project
from parley.people.events.rules.flags import remote_config

PREVIEW_TOKEN = "preview"
TEXTS = ("widget_greeting", "widget_color", "widget_placeholder", "widget_position", "widget_identification")
WIDGET_DEFAULTS: dict[str, tuple[str, Any]] = {
    "widgetEnabled": ("widget_enabled", False),
    "greetingText": ("widget_greeting_text", "Hey, how can I help you today?"),
    "color": ("widget_color", "#1d4aff"),
    "placeholderText": ("widget_placeholder_text", "Type your message..."),
    "widgetPosition": ("widget_position", "bottom_right"),
    "requireEmail": ("widget_require_email", False),
    "collectName": ("widget_collect_name", False),
    "identificationFormTitle": ("widget_identification_form_title", "Before we start..."),
    "identificationFormDescription": (
        "widget_identification_form_description",
        "Please provide your details so we can help you better.",
    ),
    "domains": ("widget_domains", []),
}

GREETINGS = ("greetingText", "identificationFormTitle")


def widget_config(token: str, project: Project | None) -> dict[str, Any]:
    """Return the configuration for a project token; an unknown one gets a valid one without conversations."""
    return {"token": token, **remote_config(project), "conversations": _conversations(project)}


FLAGS = ("widget_require_email", "widget_collect_name")


def preview_config(project: Project, draft: Mapping[str, str]) -> dict[str, Any]:
    """Return the configuration of a widget that shows up everywhere and is connected to nothing.

    `draft` has fields of the form of the settings, where a box that isn't ticked isn't sent; if it is empty, the stored
    settings count. What is only half written, such as a color, looks as if it was empty.
    """
    settings = {**project.settings, **(_settings_of(draft) if draft else {})}
    shown = {**settings, "widget_enabled": True, "widget_domains": []}
    unreal = structs.replace(
        project,
        settings=shown,
        conversations_enabled=True,
        widget_token=PREVIEW_TOKEN,
        api_token=PREVIEW_TOKEN,
    )
    return {**widget_config(PREVIEW_TOKEN, None), "conversations": _conversations(unreal)}


def _settings_of(draft: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {name: name in draft for name in FLAGS}
    for name, _ in WIDGET_DEFAULTS.values():
        if name.startswith(TEXTS):
            found[name] = _checked(name, draft.get(name, ""))
    return found


def _checked(name: str, text: str) -> str | None:
    try:
        return str(CHECKS[name](name, text))
    except Invalid:
        return None


def _conversations(project: Project | None) -> dict[str, Any] | bool:
    # Without its token the SDK refuses to start, so the feature counts as off.
    if project is None or not project.conversations_enabled or not project.widget_token:
        return False
    shown: dict[str, Any] = {"enabled": True, "token": project.widget_token}
    for key, (setting, default) in WIDGET_DEFAULTS.items():
        value = project.settings.get(setting)
        shown[key] = default if value is None or value == "" else value
    greeting, title = (project.settings.get(WIDGET_DEFAULTS[key][0]) for key in GREETINGS)
    if shown["requireEmail"] and greeting and not title:
        shown["identificationFormTitle"] = greeting  # the SDK greets nobody to whom it shows its form first
    return shown
