"""A language model that says what a test wants, behind a real HTTP server on loopback."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from tests.receiver import Received, Receiver, answers

GOOD = {
    "classify": '{"safe": true, "kind": "question", "query": "return jacket"}',
    "write": "You can return it within 30 days.",
    "check": '{"ok": true}',
}


def task_of(request: Received) -> str:
    """Return which of the three tasks a call is for."""
    system = request.json()["messages"][0]["content"]
    return {"You sort": "classify", "You draft": "write", "You check": "check"}[" ".join(system.split()[:2])]


class ScriptedModel:
    """Answers each task with the next text of its list; the last one is repeated. A function may answer instead."""

    def __init__(self, receiver: Receiver) -> None:
        self.receiver = receiver
        self.says: dict[str, list[str | Callable[..., Awaitable[None]]]] = {
            task: [text] for task, text in GOOD.items()
        }
        receiver.respond = self._respond

    @property
    def settings(self) -> dict[str, str]:
        """What of the settings names this model."""
        url = f"http://{self.receiver.host}:{self.receiver.port}/v1"
        return {"llm_url": url, "llm_model": "test-model", "llm_api_key": "sk-test"}

    def say(self, **texts: Any) -> None:
        """Set what is said for tasks: one answer, or a list of them."""
        self.says |= {task: said if isinstance(said, list) else [said] for task, said in texts.items()}

    @property
    def tasks(self) -> list[str]:
        """The tasks of all calls."""
        return [task_of(one) for one in self.receiver.received]

    @property
    def prompts(self) -> list[str]:
        """What it was told, call by call."""
        return [
            "\n".join(part["content"] for part in one.json()["messages"]) for one in self.receiver.received
        ]

    def prompt_of(self, task: str) -> str:
        """Return the first prompt of a task."""
        return self.prompts[self.tasks.index(task)]

    async def _respond(self, writer: asyncio.StreamWriter, request: Received) -> None:
        said = self.says[task_of(request)]
        text = said.pop(0) if len(said) > 1 else said[0]
        if not isinstance(text, str):
            await text(writer, request)
            return
        body = {"choices": [{"index": 0, "message": {"role": "assistant", "content": text}}]}
        await answers(200, msgspec.json.encode(body))(writer, request)
