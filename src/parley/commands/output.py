"""What commands print: results on standard output, sentences for people on standard error."""

import sys
from typing import Any

import msgspec


class CommandRefused(Exception):
    """The command can't do what it was asked to; the text says why. Nothing was changed."""


def tell(result: dict[str, Any], *, as_json: bool) -> None:
    """Print a result: one JSON object on one line, or a line for each of its fields."""
    if as_json:
        sys.stdout.write(msgspec.json.encode(result).decode() + "\n")
    else:
        width = max(map(len, result))
        sys.stdout.writelines(f"{name:<{width}}  {value}\n" for name, value in result.items())
    sys.stdout.flush()


def say(sentence: str) -> None:
    """Print a sentence on standard output."""
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()


def complain(sentence: str) -> None:
    """Print a sentence on standard error."""
    sys.stderr.write(sentence + "\n")
    sys.stderr.flush()
