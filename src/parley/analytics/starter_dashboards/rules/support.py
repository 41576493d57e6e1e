"""What a team wants to know of its support, from the events that Parley stores of tickets."""

from parley.analytics.starter_dashboards.rules.starters import Starter, StarterTile, event, trends
from parley.conversations.backlog_counts.rules import AGES
from parley.conversations.backlog_counts.rules import EVENT as COUNTED
from parley.conversations.ticket_changes.rules.kinds import CREATED, SENT, STATUS_CHANGED

DURATION = {"aggregationAxisFormat": "duration"}
RESOLVED = [{"type": "event", "key": "new_status", "operator": "exact", "value": ["resolved"]}]
AGE_TITLES = dict(zip(AGES, ("Under a day", "1 to 3 days", "3 to 7 days", "Over 7 days"), strict=True))


def _answers(title: str, *, is_late: bool) -> dict[str, object]:
    conditions = {"sla_active": "true", "sla_breached": "true" if is_late else "false"}
    properties = [
        {"type": "event", "key": key, "operator": "exact", "value": [value]}
        for key, value in conditions.items()
    ]
    return event(SENT.event, title, properties=properties)


SUPPORT = Starter(
    name="support",
    title="Support",
    description="How much comes in, how fast it is answered and resolved, and what is still open.",
    tiles=(
        StarterTile(
            name="Opened and resolved",
            description=(
                "How many conversations were opened, and how many times one was resolved, each day. One that is resolved "
                "twice counts twice; Reports counts it once."
            ),
            query=trends(
                event(CREATED.event, "Opened"),
                event(STATUS_CHANGED.event, "Times resolved", properties=RESOLVED),
            ),
            is_wide=True,
        ),
        StarterTile(
            name="First response",
            description="How long customers waited for the first answer of the team: half of them waited less.",
            query=trends(
                event(
                    SENT.event,
                    "Time to the first response",
                    math="median",
                    math_property="first_response_seconds",
                ),
                **DURATION,
            ),
        ),
        StarterTile(
            name="Resolution",
            description="How long it took from the opening until a ticket was resolved: half of them took less.",
            query=trends(
                event(
                    STATUS_CHANGED.event,
                    "Time to the resolution",
                    math="median",
                    math_property="resolution_seconds",
                    properties=RESOLVED,
                ),
                **DURATION,
            ),
        ),
        StarterTile(
            name="SLA",
            description="Answers on tickets that had a due time: in time, or too late.",
            query=trends(
                _answers("In time", is_late=False), _answers("Late", is_late=True), display="ActionsBar"
            ),
        ),
        StarterTile(
            name="Backlog by age",
            description="Tickets that weren't resolved at 23:00 UTC, by how long ago they were opened.",
            query=trends(
                *(
                    event(COUNTED, title, math="max", math_property=name)
                    for name, title in AGE_TITLES.items()
                ),
                display="ActionsAreaGraph",
            ),
        ),
        StarterTile(
            name="By channel",
            description="Where tickets came from.",
            query=trends(event(CREATED.event, "Opened"), display="ActionsPie", by="channel_source"),
        ),
        StarterTile(
            name="By tag",
            description="The tags of conversations, counted each time that one was resolved.",
            query=trends(
                event(STATUS_CHANGED.event, "Times resolved", properties=RESOLVED),
                display="ActionsBarValue",
                by="tags",
            ),
        ),
        StarterTile(
            name="By person",
            description="Who answered, and how often.",
            query=trends(event(SENT.event, "Answers"), display="ActionsBarValue", by="actor_name"),
            is_wide=True,
        ),
    ),
)
