"""Slack's Web API, for one connected workspace (https://docs.slack.dev/apis/web-api)."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec

from parley.integrations.connections.actions.state import clear_errors, mark_failed
from parley.integrations.connections.errors import (
    CredentialsRejected,
    UpstreamFailed,
)
from parley.integrations.connections.schemas import Connected
from parley.integrations.connections.upstream import Upstream, UpstreamCalls, UpstreamRequest, calls_to
from parley.integrations.slack.errors import SlackRefused
from parley.integrations.slack.rules import REVOKED, TRANSIENT, is_slack_url
from parley.integrations.slack.schemas import SlackAnswer, UploadPlace
from parley.kernel.services import Services

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
FILE_S = 30.0
Answer = TypeVar("Answer", bound=SlackAnswer)


class SlackClient:
    """Calls with the token of one workspace; what Slack says of the token is noted on the integration."""

    def __init__(self, services: Services, one: Connected, calls: UpstreamCalls) -> None:
        self._services, self._one, self._calls = services, one, calls

    @property
    def workspace(self) -> Connected:
        return self._one

    async def call(self, method: str, kind: type[Answer], **parameters: Any) -> Answer:
        """Call a method; parameters that are None are left out, those with parts are sent as JSON.

        Raises CredentialsRejected where the token is good no more, which is noted; SlackRefused, UpstreamRateLimited and
        UpstreamFailed.
        """
        try:
            answer = await call_with(self._calls, self._token, method, kind, parameters)
        except CredentialsRejected:
            async with self._services.database.transaction() as db:
                await mark_failed(db, self._one)
            raise
        if self._one.errors:
            async with self._services.database.transaction() as db:
                await clear_errors(db, self._one)
        return answer

    @property
    def _token(self) -> str:
        token = self._one.secrets.get("access_token")
        return token if isinstance(token, str) else ""

    async def download(self, url: str, most: int) -> bytes | None:
        """Return the content of a file that Slack names; None for one that is larger, or isn't on a host of Slack's.

        Raises what `UpstreamCalls.send` raises.
        """
        if not is_slack_url(url, self._services.settings.slack_api_url):
            return None
        base, path = _divided(url)
        headers = {"Authorization": f"Bearer {self._token}"}
        wanted = UpstreamRequest(path=path, headers=headers, timeout_s=FILE_S, most_bytes=most)
        async with calls_to(self._services, Upstream("Slack", base), self._one.project_id) as calls:
            reply = await calls.send(wanted)
        is_page = reply.headers.get("content-type", "").startswith("text/html")
        return None if is_page else reply.body  # Slack answers with its sign-in page where a scope is missing

    async def upload(self, name: str, content: bytes, channel_id: str, thread_ts: str | None) -> None:
        """Show a file in a thread (https://docs.slack.dev/messaging/working-with-files); raises as `call` does."""
        place = await self.call("files.getUploadURLExternal", UploadPlace, filename=name, length=len(content))
        if not is_slack_url(place.upload_url, self._services.settings.slack_api_url):
            raise UpstreamFailed("Slack has named no usable address for the file.")
        base, path = _divided(place.upload_url)
        headers = {"Content-Type": "application/octet-stream"}
        wanted = UpstreamRequest(path=path, method="POST", headers=headers, body=content, timeout_s=FILE_S)
        async with calls_to(self._services, Upstream("Slack", base), self._one.project_id) as calls:
            await calls.send(wanted)
        await self.call(
            "files.completeUploadExternal",
            SlackAnswer,
            files=[{"id": place.file_id, "title": name}],
            channel_id=channel_id,
            thread_ts=thread_ts,
        )


async def call_with(
    calls: UpstreamCalls, token: str, method: str, kind: type[Answer], parameters: Mapping[str, Any]
) -> Answer:
    """Call a method with a token; raises as `SlackClient.call`, and notes nothing."""
    answer, _ = await call_with_scopes(calls, token, method, kind, parameters)
    return answer


async def call_with_scopes(
    calls: UpstreamCalls, token: str, method: str, kind: type[Answer], parameters: Mapping[str, Any]
) -> tuple[Answer, str]:
    """Do the same, and return what the token may do, too: scopes with commas between them, empty where Slack doesn't say."""
    form = {name: _text(value) for name, value in parameters.items() if value is not None}
    request = UpstreamRequest(
        path=f"/api/{method}",
        method="POST",
        headers={**FORM, "Authorization": f"Bearer {token}"},
        body=urlencode(form).encode(),
    )
    reply = await calls.send(request)
    answer = calls.read(reply, kind)
    if answer.ok:
        return answer, reply.headers.get("x-oauth-scopes", "")
    if answer.error in REVOKED:
        raise CredentialsRejected
    if answer.error in TRANSIENT:
        raise UpstreamFailed(f"Slack could not do it at the moment ({answer.error}). Please try again later.")
    raise SlackRefused(answer.error[:100])


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (str, int)) else msgspec.json.encode(value).decode()


def _divided(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return f"{parts.scheme}://{parts.netloc}", path


def slack_at(services: Services) -> Upstream:
    """Return where Slack's Web API is."""
    return Upstream("Slack", services.settings.slack_api_url)


@asynccontextmanager
async def slack_client(services: Services, one: Connected) -> AsyncIterator[SlackClient]:
    """Yield what calls Slack for a workspace; not inside a transaction."""
    async with calls_to(services, slack_at(services), one.project_id) as calls:
        yield SlackClient(services, one, calls)
