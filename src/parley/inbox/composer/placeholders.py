"""Placeholders of prepared texts, such as {{person.name}}: filled for one ticket, and found again where they stayed."""

from collections.abc import Mapping
from typing import Any

from parley.conversations.quick_actions.placeholders import IN_BRACES, KNOWN, MOST_NAMED, PLACEHOLDER
from parley.conversations.ticket_api.schemas import TicketOut
from parley.inbox.ticket_rows.customers import subject_of, traits_of
from parley.kernel.http.authorization import Principal
from parley.kernel.text.rich_content import MAX_DEPTH

MAX_VALUE = 300


def values_of(ticket: TicketOut, agent: Principal) -> dict[str, str]:
    """Return what the placeholders stand for on a ticket; empty for what did not come with it.

    What capture says of its person is for the team only: whoever writes may have claimed, or linked, another's distinct id,
    and would be told the name and the address of somebody else.
    """
    traits = traits_of(ticket)
    name, own_name = _words(traits.get("name")), " ".join(agent.name.split())
    values = (
        name,
        name.partition(" ")[0],
        _words(ticket.email_from or traits.get("email")),
        str(ticket.ticket_number),
        subject_of(ticket) or "",
        own_name,
        own_name.partition(" ")[0],
    )
    return {key: " ".join(value.split())[:MAX_VALUE] for key, value in zip(KNOWN, values, strict=True)}


def _words(text: Any) -> str:
    return " ".join(text.split()) if isinstance(text, str) else ""


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return the text with its placeholders filled; one that is unknown or has no value stays as it is.

    What was put in is not looked at again, whatever a customer calls themselves.
    """
    return PLACEHOLDER.sub(lambda found: values.get(found[1].lower()) or found[0], text)


def filled_document(node: Any, values: Mapping[str, str], depth: int = 0) -> Any:
    """Return a document of the editor with the placeholders in its texts filled."""
    if not isinstance(node, dict) or depth > MAX_DEPTH:
        return node
    made = dict(node)
    if isinstance(node.get("text"), str):
        made["text"] = filled(node["text"], values)
    if isinstance(node.get("content"), list):
        made["content"] = [filled_document(one, values, depth + 1) for one in node["content"]]
    return made


def unfilled(text: str) -> list[str]:
    """Return what a text still has in double braces, each once, the first ones only."""
    return list(dict.fromkeys(found[0] for found in IN_BRACES.finditer(text)))[:MOST_NAMED]
