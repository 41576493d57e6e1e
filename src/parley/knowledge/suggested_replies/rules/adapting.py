"""An answer that one customer got becomes one for another: greeting and names change, personal data goes.

The text is a draft, which an agent reads before anything is sent. What identifies the other customer is masked all the same:
whoever may see that ticket isn't meant to send its customer's data to somebody else.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from parley.kernel.text.forms import normal_name

MAX_SUGGESTION = 5_000
MOST_KNOWN = 50
"""So many names, and so many other values, are looked for: anybody may give a customer thousands of properties."""
EMAIL_MASK, PHONE_MASK, NUMBER_MASK, LINK_MASK, NAME_MASK, DATA_MASK = (
    "[e-mail address]", "[phone number]", "[number]", "[link]", "[name]", "[removed]",
)  # fmt: skip

GREETING = re.compile(
    r"\s*(?P<word>(?i:hi|hello|hey|dear|good (?:morning|afternoon|evening)|hallo|guten (?:morgen|tag|abend)|lieber?|"
    r"sehr geehrter?|moin|servus|bonjour|salut|cher|chère|hola|buenos días|ciao|olá))\b"
    r"(?P<name>(?:\s+(?:there|all|[^\W\d_a-z][\w'’.-]*)){0,4})\s*(?:[,!.:–-]+\s*|\n+)"
)
CLOSING = re.compile(
    r"\n[ \t]*(?:(?:best|kind|kindest|warm|many|all the)\s+)?(?:regards|best|wishes|cheers|sincerely|yours|thanks|thank you|"
    r"viele grüße|liebe grüße|mit freundlichen grüßen|beste grüße|cordialement|saludos)[ ,.!]*(?:\n[^\n]{0,60}){0,4}\s*$",
    re.IGNORECASE,
)
EMAIL = re.compile(r"[^\s<>()\[\],;:\"@]{1,100}@[^\s<>()\[\],;:\"@]{1,200}\.[^\W\d_]{2,20}")
LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"]{1,2000}", re.IGNORECASE)
PHONE = re.compile(r"(?<![\w.])(?:\+|00|0|\()\d?[\d\s()/.-]{6,20}\d(?!\w)")
NUMBER = re.compile(r"#\s?\d+|(?<![\w.,-])\d[\d -]{3,30}\d(?![\w]|[.,]\d)")
IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,3})?\b")
CODE = re.compile(r"\b(?=[A-Z0-9-]{8,40}\b)(?=[A-Z-]{0,40}\d)(?=[\d-]{0,40}[A-Z])[A-Z0-9-]+\b", re.IGNORECASE)
KEY_IN_PATH = re.compile(r"\d{4}|[\w-]{25}")
ADDRESSED = re.compile(r"^\[name\],[ \t]+|,[ \t]{0,9}\[name\](?=[ \t]{0,9}[,!.?])", re.MULTILINE)
"""A name that only addresses somebody: the sentence is whole without it."""
DATE = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}[ .-]\d{1,2}[ .-]\d{2,4}")
PERSONAL = re.compile(
    r"name|mail|phone|tel|mobile|street|address|city|town|zip|post|compan|organi|birth|user|login|iban|account|card|\bip\b",
    re.IGNORECASE,
)
"""Traits whose values are masked, by parts of their names."""
_WORDS = "will may mark grace rose hope bill art june april joy faith dawn summer rich frank chase page"
ALSO_WORDS = frozenset(_WORDS.split())
"""Names that are words, too: they are masked only where they are written like a name."""


NO_NAMES = frozenset(
    ("there", "all", "everybody", "everyone", "team", "frau", "herr", "mrs", "customer", "sir", "madam")
)
"""What a greeting may call somebody beside a name."""


class OtherCustomer(msgspec.Struct, frozen=True):
    """What is known of the customer whose answer it was: names, and further values that identify them."""

    names: tuple[str, ...]
    values: tuple[str, ...]


def customer_of(*known: Mapping[str, Any]) -> OtherCustomer:
    """Return what identifies a customer, from their traits and the properties of their person."""
    names: dict[str, None] = {}
    values: dict[str, None] = {}
    for traits in known:
        for key, value in traits.items():
            if not isinstance(value, str | int) or isinstance(value, bool) or not PERSONAL.search(str(key)):
                continue
            text = normal_name(str(value)[:400])
            if "name" in str(key).lower() and 1 < len(text) <= 100:
                names[text] = None
            elif len(text) > 3:
                values[text] = None
    return OtherCustomer(tuple(names)[:MOST_KNOWN], tuple(values)[:MOST_KNOWN])


def first_name(name: object) -> str | None:
    """Return how to address somebody of this name; None where it doesn't look like a name."""
    if not isinstance(name, str):
        return None
    first = normal_name(name[:200]).split(" ")[0].strip(",.")
    is_name = 1 < len(first) <= 40 and all(letter.isalpha() or letter in "-'’." for letter in first)
    return first if is_name else None


def adapted(answer: str, other: OtherCustomer, name: str | None) -> str:
    """Return an answer that another customer got as a draft for somebody of this first name, or of none."""
    greeting, called, text = _without_greeting(answer[:MAX_SUGGESTION].replace("\r\n", "\n"))
    text = CLOSING.sub("", text)
    text = LINK.sub(_masked_link, EMAIL.sub(EMAIL_MASK, text))
    text = _without_values(_without_names(text, (*other.names, *called), name), other.values)
    return addressed(_without_numbers(text), name, greeting)


def addressed(text: str, name: str | None, greeting: str = "") -> str:
    """Return a text with a greeting in front, for somebody of this first name, or of none."""
    word = greeting or ("Hi" if name else "Hello")
    return f"{word} {name},\n\n{text.strip()}" if name else f"{word},\n\n{text.strip()}"


def greeted(text: str, name: str | None) -> str:
    """Return a text that the team has prepared for anybody, with a greeting of its own kind for somebody of this name."""
    greeting, _, rest = _without_greeting(text.replace("\r\n", "\n"))
    return addressed(rest, name, greeting)


def _without_greeting(text: str) -> tuple[str, tuple[str, ...], str]:
    """Return a greeting that suits everybody, the names that stood in it, and the text behind it."""
    found = GREETING.match(text)
    if found is None:
        return "", (), text
    word = found["word"]
    is_general = word.lower() in ("hi", "hello", "hey", "hallo", "bonjour", "hola", "ciao", "olá", "moin")
    is_general = is_general or word.lower().startswith(("good ", "guten ", "buenos "))
    called = tuple(one.strip(".,") for one in found["name"].split())
    names = tuple(one for one in called if len(one) > 2 and one.lower() not in NO_NAMES)
    return (word.capitalize() if is_general else ""), names, text[found.end() :]


def _without_names(text: str, names: Iterable[str], name: str | None) -> str:
    """Put the new customer's name where the other's was: the whole one first, then each of its parts."""
    parts = {part for whole in names for part in whole.replace(",", " ").split() if len(part) > 1}
    new = name or NAME_MASK
    for one in sorted({*names, *parts}, key=len, reverse=True):
        is_word = len(one) < 3 or one.lower() in ALSO_WORDS
        for pattern in [_as_written(one.title()), _as_written(one.upper())] if is_word else [_word(one)]:
            text = pattern.sub(lambda _: new, text)
    text = ADDRESSED.sub("", text)
    doubled = re.compile(rf"(?<!\w){re.escape(new)}(?:\s+{re.escape(new)})+(?!\w)")
    return doubled.sub(lambda _: new, text)


def _word(text: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(text)}(?!\w)", re.IGNORECASE)


def _as_written(text: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(text)}(?!\w)")


def _without_values(text: str, values: Iterable[str]) -> str:
    for value in sorted(values, key=len, reverse=True):
        text = _word(value).sub(DATA_MASK, text)
    return text


def _without_numbers(text: str) -> str:
    """Take out phone numbers, long numbers and codes; dates stay."""
    text = IBAN.sub(NUMBER_MASK, text)
    text = PHONE.sub(lambda found: found[0] if DATE.fullmatch(found[0].strip()) else PHONE_MASK, text)
    text = NUMBER.sub(_masked_number, text)
    return CODE.sub(lambda found: NUMBER_MASK, text)


def _masked_number(found: re.Match[str]) -> str:
    digits = sum(letter.isdigit() for letter in found[0])
    is_number = found[0].startswith("#") or digits >= 5
    return NUMBER_MASK if is_number and not DATE.fullmatch(found[0]) else found[0]


def _masked_link(found: re.Match[str]) -> str:
    link = found[0].rstrip(".,;:!?)")
    rest = found[0][len(link) :]
    path = link.split("://", 1)[-1].partition("/")[2]
    is_personal = any(letter in link for letter in "?#@&=") or KEY_IN_PATH.search(path)
    return (LINK_MASK if is_personal else link) + rest
