"""What a request for a page of the ledger asks for. As in the list of tickets, what makes no sense is ignored."""

from collections.abc import Mapping
from typing import get_args
from uuid import UUID

from parley.email.inbound.queries.ledger import LedgerFilters
from parley.email.inbound.rules.states import STATES
from parley.email.inbound.schemas import LedgerPlace, Source
from parley.kernel.ids import uuid_or_none
from parley.kernel.text.cursors import decoded_cursor
from parley.people.events.rules.times import instant_of

MOST_SEARCHED = 200


def ledger_filters(query: Mapping[str, str]) -> LedgerFilters:
    """Read the filters of a query."""
    given = {name: text.replace("\x00", "") for name, text in query.items()}
    states = {part.strip() for part in given.get("state", "").split(",")}
    source = given.get("source", "")
    search = given.get("search", "").strip()
    place = decoded_cursor(given.get("after_mark"), LedgerPlace)
    return LedgerFilters(
        states=tuple(state for state in STATES if state in states),
        source=next((one for one in get_args(Source) if one == source), None),
        channel_id=_uuid(given.get("channel_id", "")),
        from_address=given.get("from_address", "").strip(),
        message_id=given.get("message_id", "").strip(),
        ticket_id=_uuid(given.get("ticket_id", "")),
        search=search if len(search) <= MOST_SEARCHED else "",
        since=instant_of(given["date_from"]) if given.get("date_from") else None,
        until=instant_of(given["date_to"]) if given.get("date_to") else None,
        before=place.id if place else None,
    )


def _uuid(text: str) -> UUID | None:
    return uuid_or_none(text) if text else None
