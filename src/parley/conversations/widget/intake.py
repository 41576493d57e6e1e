"""From a checked message of the widget to what tickets take in from every channel."""

from parley.conversations.threads.actions.messages import Incoming
from parley.conversations.widget.rules.identity import session_of
from parley.conversations.widget.rules.requests import NewMessage
from parley.kernel.http.authorization import Project


def incoming(project: Project, message: NewMessage) -> Incoming:
    """Return the message as the widget's channel hands it over; the visitor's identity is already verified."""
    identity = message.credentials.identity
    session = session_of(identity) if identity else message.credentials.session
    assert session is not None  # the request has been checked for one or the other
    return Incoming(
        project=project,
        ticket_id=message.ticket_id,
        widget_session_id=session,
        distinct_id=message.distinct_id,
        content=message.message,
        traits=message.traits,
        session_id=message.session_id,
        session_context=message.session_context,
        identity_verified=identity is not None,
        channel_detail="widget_embedded" if project.settings.get("widget_enabled") else "widget_api",
    )
