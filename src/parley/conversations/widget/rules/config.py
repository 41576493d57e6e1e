"""What the browser's SDK is told about a project (docs/wire/widget.md#configuration)."""

from typing import Any

from parley.kernel.http.authorization import Project
from parley.people.events.rules.flags import remote_config

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


def widget_config(token: str, project: Project | None) -> dict[str, Any]:
    """Return the configuration for a project token; an unknown one gets a valid one without conversations."""
    return {"token": token, **remote_config(project), "conversations": _conversations(project)}


def _conversations(project: Project | None) -> dict[str, Any] | bool:
    # Without its token the SDK refuses to start, so the feature counts as off.
    if project is None or not project.conversations_enabled or not project.widget_token:
        return False
    shown: dict[str, Any] = {"enabled": True, "token": project.widget_token}
    for key, (setting, default) in WIDGET_DEFAULTS.items():
        value = project.settings.get(setting)
        shown[key] = default if value is None or value == "" else value
    return shown
