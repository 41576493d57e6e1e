"""Reports as they travel."""

from collections.abc import Sequence
from datetime import date

import msgspec


class ReportTimes(msgspec.Struct, frozen=True):
    """How long something took, of so many tickets: half of them took less than the median, nine of ten less than p90."""

    tickets: int
    median_seconds: float | None
    p90_seconds: float | None


class SupportFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What happened in a time: `answers` are messages, everything else are tickets.

    Met and missed are tickets that were answered while they had a due time.
    """

    opened: int
    answers: int
    answered: int
    first_response: ReportTimes
    resolution: ReportTimes
    sla_met: int
    sla_missed: int

    @property
    def resolved(self) -> int:
        return self.resolution.tickets


class ReportInterval(msgspec.Struct, frozen=True):
    """A day, or a week, with how many tickets were opened, answered and resolved in it."""

    start: date
    opened: int
    answered: int
    resolved: int


class ReportChannel(msgspec.Struct, frozen=True):
    """How many tickets came in by a channel, and in the time before."""

    channel_source: str
    opened: int
    opened_before: int


class ReportTag(msgspec.Struct, frozen=True):
    """How many of the tickets that came in have a tag now, and of those of the time before."""

    tag: str
    opened: int
    opened_before: int


class AgentFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody of the team did; `first_response` is of the tickets to which they gave the first answer."""

    answers: int = 0
    answered: int = 0
    resolved: int = 0
    first_response: ReportTimes = ReportTimes(0, None, None)


class ReportAgent(msgspec.Struct, frozen=True):
    """Somebody of the team, and what they did now and before. Without a user: programs and workflows, all of them."""

    user_id: int | None
    name: str
    current: AgentFigures
    before: AgentFigures


class ReportBacklog(msgspec.Struct, frozen=True):
    """How many tickets of an age are not resolved now, how many of these nobody has, and how many are overdue."""

    age: str
    unresolved: int
    unassigned: int
    overdue: int


class SupportReport(msgspec.Struct, frozen=True, kw_only=True):
    """A report over whole days in the project's time zone, with the same number of days before."""

    date_from: date
    date_to: date
    before_from: date
    before_to: date
    timezone: str
    interval: str
    figures: SupportFigures
    before: SupportFigures
    intervals: Sequence[ReportInterval]
    channels: Sequence[ReportChannel]
    tags: Sequence[ReportTag]
    agents: Sequence[ReportAgent]
    backlog: Sequence[ReportBacklog]
