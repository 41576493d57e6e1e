"""Who wrote a mail, and whom it was delivered to."""

import re

from parley.email.parsing.addresses import addresses, clean_address, first_name
from parley.email.parsing.headers import MailHeader
from parley.email.parsing.schemas import MailAddress

VIA = re.compile(r"\bvia\b|\büber\b", re.IGNORECASE)
RECOVERED_FROM = ("x-original-from", "x-original-sender", "reply-to")
DELIVERED_TO = ("delivered-to", "envelope-to", "x-envelope-to", "x-original-to", "x-forwarded-to")
RECEIVED_FOR = re.compile(r"\bfor\s+<?([^\s<>;,]{1,320}@[^\s<>;,]{1,253})>?", re.IGNORECASE)
MAX_DELIVERED_TO = 100


def sender_of(header: MailHeader) -> tuple[MailAddress, str]:
    """Return the sender and the field that named it.

    A list may have put its own address into From, with `Ada via Support` as the name. Then the sender is in
    X-Original-From, X-Original-Sender or Reply-To. Anybody can write these fields, so such a sender is never verified.
    """
    froms = listed(header, "from")
    name = froms[0].name if froms else first_name(header.first("from"))
    address = froms[0].address if froms else ""
    if address and (VIA.search(name) or header.first("x-original-from")):
        for field in RECOVERED_FROM:
            if found := listed(header, field):
                written = found[0].name or VIA.split(name)[0].strip("'\" ")
                return MailAddress(name=written, address=found[0].address), field
    for field in () if address else ("sender", "reply-to"):
        if found := listed(header, field):
            return MailAddress(name=name or found[0].name, address=found[0].address), field
    return MailAddress(name=name, address=address), "from"


def listed(header: MailHeader, name: str) -> tuple[MailAddress, ...]:
    """Return the addresses of all fields of this name."""
    return addresses(", ".join(header.all(name)))


def delivered_to(header: MailHeader) -> tuple[str, ...]:
    """Return the addresses that a mail was delivered to, those of our own servers first, those of To and Cc last."""
    found = [address.address for name in DELIVERED_TO for address in listed(header, name)]
    for line in header.all("received"):
        match = RECEIVED_FOR.search(line)
        found.append(clean_address(match[1]) if match else "")
    found += [address.address for name in ("to", "cc") for address in listed(header, name)]
    return tuple(dict.fromkeys(address for address in found if address))[:MAX_DELIVERED_TO]


def return_path(header: MailHeader) -> str | None:
    """Return the address of the topmost Return-Path; empty for `<>`, which wants no answers (RFC 5321 4.5.5)."""
    value = header.first("return-path").strip()
    if not value:
        return None
    found = addresses(value)
    return found[0].address if found else ""
