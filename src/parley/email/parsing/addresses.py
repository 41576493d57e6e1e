"""Lists of addresses, as they are and as they should be (RFC 5322 3.4, 4.4; RFC 6854 for groups)."""

import re
from collections.abc import Iterator

from parley.email.parsing.headers import ESCAPED, decoded_words, one_line
from parley.email.parsing.limits import MAX_ADDRESSES
from parley.email.parsing.schemas import MailAddress

TOKEN = re.compile(
    r"""(?P<word>=\?[^?\s]{1,80}\?[bBqQ]\?[^?]{0,1000}\?=)
    | "(?P<quoted>(?:[^"\\]|\\.)*)"
    | <(?P<angle>[^<>]*)>
    | (?P<special>[,;:()])
    | (?P<plain>[^\s,;:()<>"=]+|=)
    | (?P<other>\s+|.)""",
    re.VERBOSE | re.DOTALL,
)
ADDRESS = re.compile(r"[^\s@<>,;]{1,128}@[^\s@<>,;\"()]{1,253}")
COMMENT = re.compile(r"\([^()]*\)")
AROUND_DIVIDERS = re.compile(r"\s*([@.])\s*")
QUOTED_ADDRESS = re.compile(r'"[^"\r\n]{1,126}"@[^\s@<>,;"()]{1,253}')


class _Mailbox:
    """What was read of one mailbox so far."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.comments: list[str] = []
        self.angle: str | None = None

    def name(self) -> str:
        text = one_line("".join(self.words)) or one_line("".join(self.comments))
        return without_quotes(text)


def without_quotes(text: str) -> str:
    """Return a name without the quotation marks around it."""
    while len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1].strip()
    return text


def addresses(value: str) -> tuple[MailAddress, ...]:
    """Return the addresses of a field such as To, each once. Those of groups are among them; what is none is left out."""
    found: dict[str, MailAddress] = {}
    for mailbox in _mailboxes(value):
        if mailbox.address:
            found.setdefault(mailbox.address, mailbox)
            if len(found) == MAX_ADDRESSES:
                break
    if not found and "=?" in value:  # the whole field was encoded, which no reader should understand
        whole = decoded_words(value)
        return addresses(whole) if "=?" not in whole else ()
    return tuple(found.values())


def first_name(value: str) -> str:
    """Return the name of the first mailbox of a field, also when it has no address."""
    return next((mailbox.name for mailbox in _mailboxes(value) if mailbox.name), "")


def _mailboxes(value: str) -> Iterator[MailAddress]:
    """Yield each mailbox; the address is empty where none can be read.

    The comma in `Doe, Jane <jane@example.com>` divides nothing, though it should be in quotation marks.
    """
    unfinished = list[str]()
    for box in _divided(value):
        name, address = _read(box)
        if not address and box.angle is None:
            unfinished += [name] if name else []
            continue
        yield MailAddress(name=", ".join([*unfinished, name] if name else unfinished), address=address)
        unfinished = []
    if unfinished:
        yield MailAddress(name=", ".join(unfinished), address="")


def _read(box: _Mailbox) -> tuple[str, str]:
    """Return the name and the address of a mailbox; either may be empty."""
    if box.angle is not None:
        return box.name(), clean_address(AROUND_DIVIDERS.sub(r"\1", COMMENT.sub("", box.angle)))
    whole = "".join(box.words)
    if address := clean_address(whole):
        box.words.clear()
        return box.name(), address
    found = ADDRESS.search(whole)
    if found is None or whole[found.end() : found.end() + 1] == "@":
        return box.name(), ""
    box.words = [whole[: found.start()], whole[found.end() :]]
    return box.name(), clean_address(found.group())


def _divided(value: str) -> Iterator[_Mailbox]:
    box, depth = _Mailbox(), 0
    for found in TOKEN.finditer(value):
        kind, text = found.lastgroup, found.group()
        if text == "(":
            depth += 1
        elif text == ")":
            depth = max(0, depth - 1)
        elif depth:
            box.comments.append(decoded_words(text))
        elif text in (",", ";"):
            yield box
            box = _Mailbox()
        elif text == ":" and box.angle is None and not any("@" in word for word in box.words):
            box = _Mailbox()  # what was read was the name of a group
        elif kind == "angle" and box.angle is None:
            box.angle = found["angle"]
        elif kind == "quoted" and value[found.end() : found.end() + 1] != "@":
            box.words.append(decoded_words(ESCAPED.sub(r"\1", found["quoted"])))
        else:
            box.words.append(decoded_words(text))
    yield box


def clean_address(text: str) -> str:
    """Return an address with its domain in lower case and without a route (RFC 5322 4.4), or an empty text."""
    bare = text.strip(" \t\r\n'").removeprefix("mailto:")
    if bare.startswith("@"):
        bare = bare.rpartition(":")[2]
    bare = bare.rstrip(".")
    if not bare.isprintable() or not (ADDRESS.fullmatch(bare) or QUOTED_ADDRESS.fullmatch(bare)):
        return ""
    local, _, domain = bare.rpartition("@")
    return f"{local}@{domain.lower()}"
