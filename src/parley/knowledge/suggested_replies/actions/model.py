"""Calls of a language model, by HTTP as OpenAI's chat completions are called. None is made inside a transaction."""

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
import structlog

from parley.kernel.config.values import LanguageModel
from parley.kernel.network.addresses import AddressRefused
from parley.kernel.network.outbound import CallFailed, OutgoingRequest, Reply, Session
from parley.knowledge.suggested_replies.rules.prompts import Message

log = structlog.get_logger(__name__)

CALL_S = 20.0
RETRIES_S = (0.5, 1.0)
"""Seconds to wait before each of two retries."""
MOST_BYTES = 256 * 1024
FINAL = frozenset((400, 401, 403, 404, 422))
"""Statuses after which the same call would fail again."""


class ModelFailed(Exception):
    """A model gave no answer; the text says why, for the log."""


class ModelTimeout(ModelFailed):
    """A model took too long, each time that it was asked."""


class CompletionChoice(msgspec.Struct):
    """What is read of a choice."""

    message: dict[str, Any]


class Completion(msgspec.Struct):
    """What is read of an answer; there may be much more in it."""

    choices: list[CompletionChoice]


async def completion(session: Session, model: LanguageModel, messages: Sequence[Message]) -> str:
    """Return what a model answers; a call that fails is made twice more. Raises ModelFailed and ModelTimeout."""
    for pause_s in (*RETRIES_S, None):
        try:
            return await _once(session, model, messages)
        except ModelFailed as error:
            log.warning("model_call_failed", reason=str(error)[:300])
            if pause_s is None or isinstance(error.__cause__, AddressRefused):
                raise
        except _Final as error:
            raise ModelFailed(str(error)) from error
        await asyncio.sleep(pause_s)
    raise AssertionError  # the last round returns or raises


class _Final(Exception):
    """An answer that says that the call itself is wrong."""


async def _once(session: Session, model: LanguageModel, messages: Sequence[Message]) -> str:
    body = {"model": model.name, "messages": messages, "stream": False}
    headers = {"Content-Type": "application/json"}
    if model.api_key:
        headers["Authorization"] = f"Bearer {model.api_key}"
    request = OutgoingRequest(
        url=model.url,
        headers=headers,
        body=msgspec.json.encode(body),
        timeout_s=CALL_S,
        most_bytes=MOST_BYTES,
    )
    try:
        return _content(await session.send(request))
    except (AddressRefused, CallFailed) as error:
        is_late = "Timeout" in type(error.__cause__).__name__
        raise (ModelTimeout if is_late else ModelFailed)(str(error)) from error


def _content(reply: Reply) -> str:
    if reply.status != 200:
        text = f"The model's endpoint answered with status {reply.status}."
        raise (_Final if reply.status in FINAL else ModelFailed)(text)
    if reply.is_cut:
        raise ModelFailed("The model's answer is too large.")
    try:
        found = msgspec.json.decode(reply.body, type=Completion)
        content = found.choices[0].message["content"]
    except (msgspec.MsgspecError, UnicodeDecodeError, LookupError, RecursionError) as error:
        raise ModelFailed("The model's answer is no chat completion.") from error
    if not isinstance(content, str):
        raise ModelFailed("The model's answer has no text.")
    return content
