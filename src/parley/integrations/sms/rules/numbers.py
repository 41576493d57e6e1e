"""Phone numbers in one form: E.164, as the library of the numbering plans reads them."""

import re

MAX_NUMBER = 20
SHORT_CODE = re.compile(r"\d{3,8}", re.ASCII)


def e164_of(text: str) -> str | None:
    """Return a number in the form `+15005550006`; None for what is none. It must begin with `+`."""
    import phonenumbers

    try:
        found = phonenumbers.parse(text[:40], None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(found):
        return None
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)


def sender_of(text: str) -> str | None:
    """Return who has sent a message: a number, a short code, or a name, which can't be answered. None for nothing."""
    given = "".join(letter for letter in text.strip() if letter.isprintable())[:MAX_NUMBER]
    return e164_of(given) or given or None


def may_be_answered(number: str) -> bool:
    """Say whether messages can be sent there: to a number or a short code, not to a name."""
    return number.startswith("+") or SHORT_CODE.fullmatch(number) is not None


def shown_number(number: str) -> str:
    """Return a number as people of other countries read it: `+1 500-555-0006`."""
    import phonenumbers

    try:
        found = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
