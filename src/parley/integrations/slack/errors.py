"""What Slack refuses, as sentences for those who can do something about it."""

from parley.integrations.connections.errors import UpstreamRefused
from parley.kernel.errors import Invalid

SENTENCES = {
    "channel_not_found": "Slack does not know the channel, or the app is not in it. Invite the app with /invite.",
    "not_in_channel": "The app is not in this channel. Invite it in Slack with /invite.",
    "is_archived": "The channel is archived in Slack. Choose another one.",
    "msg_too_long": "The message is longer than Slack takes. Send it in parts.",
    "missing_scope": "The app lacks a scope in Slack. Add all scopes of the manifest to it and connect it again.",
    "message_not_found": "The message is not in Slack any more.",
    "thread_not_found": "The thread is not in Slack any more.",
    "restricted_action": "The workspace does not let the app post in this channel.",
    "cant_update_message": "Slack does not let the app change this message.",
    "no_permission": "The workspace does not permit this to the app.",
}
"""By the error codes of Slack's Web API (https://docs.slack.dev/reference/methods)."""


class SlackRefused(UpstreamRefused):
    """Slack has understood a call and says no; `error` is its own code for the reason."""

    code = "slack_refused"

    def __init__(self, error: str) -> None:
        super().__init__("Slack", 200)
        self.error = error
        self.detail = SENTENCES.get(error, f"Slack refused the request: {error}.")


class WorkspaceInUse(Invalid):
    """A workspace belongs to one project, and a project to one workspace."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail, code="workspace_in_use", attr="kind")


def no_workspace() -> Invalid:
    """Return the error for a project without a workspace that works."""
    return Invalid("No Slack workspace is connected. Connect one first.", code="no_workspace")
