"""Tickets with a random history, written straight into the tables, and a slow second way to their figures."""

import math
from datetime import timedelta
from random import Random
from typing import Any
from uuid import uuid4

from sqlalchemy import insert

from parley.conversations.ticket_changes.rules.kinds import SENT, STATUS_CHANGED
from parley.conversations.tickets.tables import ticket, ticket_tag
from parley.people.events.tables import event

CHANNELS, TAGS = ("widget", "email", "sms"), ("billing", "vip", "bug")


class History:
    """Random tickets of a project up to `now`, and what happened to them; about a sixth is deleted."""

    def __init__(self, seed, project_id, people, now, n=60):
        self.random, self.project_id, self.people, self.now = Random(seed), project_id, people, now
        self.tickets, self.events, self.tags = [], [], []
        for number in range(1, n + 1):
            self._add(number)

    def _moment(self, start):
        gap = (self.now - start).total_seconds()
        return start + timedelta(seconds=self.random.randrange(int(gap) + 1))

    def _add(self, number):
        pick, id = self.random.random, uuid4()
        created = self._moment(self.now - timedelta(days=45))
        made = {
            "project_id": self.project_id, "id": id, "number": number, "priority": None,
            "status": self.random.choice(("new", "open", "pending", "on_hold", "resolved")),
            "channel_source": self.random.choice(CHANNELS), "channel_detail": None, "distinct_id": f"v{number}",
            "widget_session_id": uuid4(), "anonymous_traits": {}, "session_context": {}, "ai_resolved": False,
            "message_count": 1, "unread_team_count": 0, "unread_customer_count": 0, "cc_participants": [],
            "created_at": created, "updated_at": created, "deleted_at": created if pick() < 0.16 else None,
            "assignee_user_id": self.people[0] if pick() < 0.5 else None,
            "sla_due_at": self._moment(created) if pick() < 0.5 else None,
        }  # fmt: skip
        self.tickets.append(made)
        self.tags += [(id, name) for name in TAGS if pick() < 0.3]
        for _ in range(self.random.randrange(4)):
            self._answer(made)
        for _ in range(self.random.randrange(3)):
            self._resolve(made)

    def _answer(self, of):
        at = self._moment(of["created_at"])
        said = self._said(of)
        if all(one["ticket"] is not of or one["name"] != SENT.event for one in self.events):
            said["first_response_seconds"] = (at - of["created_at"]).total_seconds()
        if self.random.random() < 0.6:
            due = of["created_at"] + timedelta(days=self.random.choice((1, 5)))
            left = (due - at).total_seconds()
            said |= {"sla_due_at": due.isoformat(), "sla_active": True, "sla_delta_seconds": left}
        self.events.append({"ticket": of, "name": SENT.event, "at": at, "said": said})

    def _resolve(self, of):
        at = self._moment(of["created_at"])
        said = {**self._said(of), "new_status": self.random.choice(("resolved", "resolved", "open"))}
        said["resolution_seconds"] = (at - of["created_at"]).total_seconds()
        self.events.append({"ticket": of, "name": STATUS_CHANGED.event, "at": at, "said": said})

    def _said(self, of):
        user_id = self.random.choice((*self.people, None))
        return {"ticket_id": str(of["id"]), **({"actor_id": str(user_id)} if user_id else {})}

    async def store(self, database):
        rows = [
            {
                "project_id": self.project_id, "id": uuid4(), "event": one["name"], "distinct_id": "x",
                "properties": one["said"], "timestamp": one["at"], "created_at": one["at"],
            }
            for one in self.events
        ]  # fmt: skip
        tags = [{"project_id": self.project_id, "ticket_id": id, "name": name} for id, name in self.tags]
        async with database.transaction() as db:
            await db.execute(insert(ticket), self.tickets)
            await db.execute(insert(event), rows)
            await db.execute(insert(ticket_tag), tags)


class Expected:
    """What a report should say of the tickets that are there, counted one by one; `hidden` are ids that aren't seen."""

    def __init__(self, history, span, hidden=()):
        self.span = span
        self.live = [one for one in history.tickets if one["deleted_at"] is None and one["id"] not in hidden]
        self.all = [one for one in history.events if one["ticket"] in self.live]
        self.events = [one for one in self.all if self._is_in(one["at"])]
        self.tags = history.tags

    def _is_in(self, at):
        return self.span.start <= at < self.span.end

    def opened(self):
        return [one for one in self.live if self._is_in(one["created_at"])]

    def sent(self):
        return [one for one in self.events if one["name"] == SENT.event]

    def done(self):
        return [one for one in self.events if one["said"].get("new_status") == "resolved"]

    def figures(self):
        sent, done = self.sent(), self.done()
        missed, met = self.due_times()
        return {
            "opened": len(self.opened()),
            "answers": len(sent),
            "answered": len(numbers_of(sent)),
            "first_response": times(
                one["said"]["first_response_seconds"]
                for one in sent
                if "first_response_seconds" in one["said"]
            ),
            "resolution": times(
                max(one["said"]["resolution_seconds"] for one in done if one["ticket"]["number"] == number)
                for number in numbers_of(done)
            ),
            "sla_met": len(met),
            "sla_missed": len(missed),
        }

    def due_times(self):
        """Each due time is decided by the first answer under it, wherever that lies."""
        first: dict[tuple[int, str], dict[str, Any]] = {}
        for one in sorted(self.all, key=lambda one: one["at"]):
            if one["said"].get("sla_active"):
                first.setdefault((one["ticket"]["number"], one["said"]["sla_due_at"]), one)
        mine = [one for one in first.values() if self._is_in(one["at"])]
        missed = numbers_of(one for one in mine if one["said"]["sla_delta_seconds"] < 0)
        return missed, numbers_of(mine) - missed

    def agent(self, user_id):
        key = str(user_id) if user_id else None
        sent = [one for one in self.sent() if one["said"].get("actor_id") == key]
        first = [one["said"].get("first_response_seconds") for one in sent]
        done = [one for one in self.done() if one["said"].get("actor_id") == key]
        return {
            "answers": len(sent),
            "answered": len(numbers_of(sent)),
            "resolved": len(numbers_of(done)),
            "first_response": times(one for one in first if one is not None),
        }


def numbers_of(events):
    return {one["ticket"]["number"] for one in events}


def times(found):
    numbers = sorted(found)
    return {
        "tickets": len(numbers),
        "median_seconds": between(numbers, 0.5),
        "p90_seconds": between(numbers, 0.9),
    }


def between(numbers, share):
    """The value at a share of the way, as percentile_cont of PostgreSQL has it."""
    if not numbers:
        return None
    place = share * (len(numbers) - 1)
    low, high = numbers[math.floor(place)], numbers[math.ceil(place)]
    return low + (high - low) * (place - math.floor(place))
