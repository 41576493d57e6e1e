"""Logging: one JSON object a line on standard error; standard output belongs to the commands."""

import logging
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager, suppress
from typing import Any, TextIO

import structlog

VALUES = ("DETAIL:", "[parameters:")
"""How the lines of a database's error begin that repeat what was to be stored."""


def _without_values(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Leave out of an exception what people have written: logs are kept longer, and read by others."""
    if isinstance(text := event.get("exception"), str):
        event["exception"] = "\n".join(line for line in text.split("\n") if not line.startswith(VALUES))
    return event


class LogStream:
    """A stream that a full disk or a reader that is gone makes no trouble on: a line that can't be written is left out.

    What logs is mostly about to handle another fault, often of the same full disk. That must go on.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write some text, or leave it out."""
        with suppress(OSError, ValueError):  # ValueError: it is closed
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Hand over what was written, as far as the other side takes it."""
        with suppress(OSError, ValueError):
            self._stream.flush()


@contextmanager
def silenced_logs() -> Iterator[None]:
    """Let nothing be logged meanwhile."""
    before = structlog.get_config()
    silent = structlog.make_filtering_bound_logger(logging.CRITICAL)
    structlog.configure(wrapper_class=silent, cache_logger_on_first_use=False)
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
        structlog.configure(**before)


def set_up_logs() -> None:
    """Send structlog and the standard library's loggers to standard error."""
    stream: Any = LogStream(sys.stderr)
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _without_values,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
            foreign_pre_chain=[*shared[1:]],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
