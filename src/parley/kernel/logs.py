"""Logging: one JSON object a line on standard error; standard output belongs to the commands."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

VALUES = ("DETAIL:", "[parameters:")
"""How the lines of a database's error begin that repeat what was to be stored."""


def _without_values(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Leave out of an exception what people have written: logs are kept longer, and read by others."""
    if isinstance(text := event.get("exception"), str):
        event["exception"] = "\n".join(line for line in text.split("\n") if not line.startswith(VALUES))
    return event


def set_up_logs(level: int = logging.INFO) -> None:
    """Send structlog and the standard library's loggers to standard error."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _without_values,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
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
