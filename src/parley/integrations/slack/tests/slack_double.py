"""A double of Slack's Web API, made by hand from its documentation (https://docs.slack.dev/reference/methods).

It keeps channels, users and messages in memory, and answers as the documentation says: HTTP 200 with `ok`, forms as input,
pages by cursor, 429 with `Retry-After`. It proves that Parley speaks as the documentation says, not that Slack does.
"""

import asyncio
import hashlib
import hmac
import itertools
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4

import msgspec

from tests.receiver import Received, Receiver, answers, receiving

BOT, APP = "U0PARLEYBOT", "A0PARLEY"
TOKEN = "xoxb-0123456789-abcdefghij"
SECRET = "a signing secret out of the tests"
CLIENT_ID, CLIENT_SECRET = "111.222", "a client secret out of the tests"
ADA, DAN = "U0ADA", "U0DAN"
SUPPORT, GENERAL, TEAM_ROOM = "C0SUPPORT", "C0GENERAL", "C0TEAM"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c63f8cfc0f01f00050001ff89993d1d0000000049454e44ae426082"
)
_event_ids = itertools.count(1)


def signature(body: bytes, timestamp: int, secret: str = SECRET) -> str:
    """Sign as the documentation says."""
    return "v0=" + hmac.new(secret.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256).hexdigest()


class SlackDouble:
    """One workspace. `fail` maps a method to an error that it answers; `rest` to seconds for which it is limited."""

    def __init__(self, receiver: Receiver) -> None:
        self.receiver = receiver
        self.team = (
            "T" + uuid4().hex[:10].upper()
        )  # a workspace belongs to one project, and tests share a database
        receiver.respond = self._respond
        self.tokens = {TOKEN}
        self.app = APP  # whose token it is
        self.fail: dict[str, str] = {}
        self.rest: dict[str, int] = {}
        self.is_busy = False  # more is written in each thread than anybody reads
        self.lose: set[str] = set()  # methods that are done, and whose answer gets lost once
        self.late: dict[
            str, list[dict[str, Any]]
        ] = {}  # methods that answer nothing, and are done by `catch_up`
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.messages: dict[str, list[dict[str, Any]]] = {}
        self.files: dict[str, bytes] = {}
        self.uploads: list[dict[str, Any]] = []
        self.channels = [
            {"id": SUPPORT, "name": "support", "is_private": False, "is_member": True},
            {"id": GENERAL, "name": "general", "is_private": False, "is_member": False},
            {"id": TEAM_ROOM, "name": "team", "is_private": True, "is_member": True},
        ]
        self.page = 2
        self.scopes = ",".join(SCOPES)
        self.users = {
            ADA: {
                "id": ADA,
                "name": "ada",
                "profile": {"real_name": "Ada Lovelace", "email": "ada@example.com"},
            },
            DAN: {"id": DAN, "name": "dan", "profile": {"display_name": "Dan", "email": "dan@example.com"}},
        }
        self._clock = itertools.count(int(time.time()))
        self.codes: dict[str, str] = {}

    @property
    def url(self) -> str:
        return f"http://{self.receiver.host}:{self.receiver.port}"

    def ts(self) -> str:
        """Return the name of a next message."""
        return f"{next(self._clock)}.000100"

    def posts(self, channel: str = SUPPORT) -> list[dict[str, Any]]:
        """Return what the app has posted in a channel, oldest first."""
        return [one for one in self.messages.get(channel, []) if one.get("bot_id")]

    def catch_up(self, method: str) -> None:
        """Do what was asked while it was too busy to answer, and be quick again."""
        for given in self.late.pop(method):
            self._answer(method, given, f"Bearer {TOKEN}")

    def said(self, text: str, *, user: str = ADA, channel: str = SUPPORT, **more: Any) -> dict[str, Any]:
        """Let somebody write; return the message as events have it."""
        ts = self.ts()
        made = {"type": "message", "user": user, "text": text, "ts": ts, "channel": channel, **more}
        self.messages.setdefault(channel, []).append(made)
        return {**made, "event_ts": ts}

    def image(self, content: bytes = PNG, name: str = "photo.png") -> dict[str, Any]:
        """Keep a file; return it as messages have it."""
        path = f"/files-pri/{self.team}-F{len(self.files)}/download/{name}"
        self.files[path] = content
        url = self.url + path
        return {
            "id": "F0",
            "name": name,
            "mimetype": "image/png",
            "size": len(content),
            "url_private_download": url,
        }

    async def _respond(self, writer: asyncio.StreamWriter, request: Received) -> None:
        path = urlsplit(request.path).path
        if path == "/oauth/v2/authorize":
            await answers(302, Location=self._consent(request))(writer, request)
        elif path in self.files:
            is_known = request.headers.get("authorization") == f"Bearer {TOKEN}"
            content, kind = (self.files[path], "image/png") if is_known else (b"<html>", "text/html")
            await answers(200, content, Content_Type=kind)(writer, request)
        elif path.startswith("/upload/"):
            self.files[path] = request.body
            await answers(200, b"OK")(writer, request)
        else:
            await self._method(writer, request, path.removeprefix("/api/"))

    def _consent(self, request: Received) -> str:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(request.path).query).items()}
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked["redirect_uri"]
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    async def _method(self, writer: asyncio.StreamWriter, request: Received, method: str) -> None:
        given = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        self.calls.append((method, given))
        if method in self.rest:
            await answers(429, b"", Retry_After=str(self.rest[method]))(writer, request)
            return
        if method in self.late:
            self.late[method].append(given)
            return  # the connection ends
        answer = self._answer(method, given, request.headers.get("authorization", ""))
        if method in self.lose:
            self.lose.discard(method)
            return  # the connection ends
        await answers(200, msgspec.json.encode(answer), Content_Type="application/json", x_oauth_scopes=self.scopes)(
            writer, request
        )  # fmt: skip

    def _answer(self, method: str, given: dict[str, Any], authorization: str) -> dict[str, Any]:
        if method == "oauth.v2.access":
            return self._access(given)
        if authorization.removeprefix("Bearer ") not in self.tokens:
            return {"ok": False, "error": "invalid_auth" if authorization else "not_authed"}
        if method in self.fail:
            return {"ok": False, "error": self.fail[method]}
        answer = getattr(self, "_" + method.replace(".", "_"), None)
        return answer(given) if answer else {"ok": False, "error": "unknown_method"}

    def _access(self, given: dict[str, Any]) -> dict[str, Any]:
        if given.get("client_secret") not in (None, CLIENT_SECRET) or given.get("code") not in self.codes:
            return {"ok": False, "error": "invalid_code"}
        del self.codes[given["code"]]
        return {
            "ok": True, "access_token": TOKEN, "token_type": "bot", "scope": ",".join(SCOPES), "bot_user_id": BOT,
            "app_id": APP, "team": {"name": "Hedgehogs", "id": self.team}, "enterprise": None, "authed_user": {"id": DAN},
        }  # fmt: skip

    def _auth_test(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"ok": True, "team": "Hedgehogs", "team_id": self.team, "user_id": BOT, "bot_id": "B0PARLEY"}

    def _bots_info(self, given: dict[str, Any]) -> dict[str, Any]:
        if given.get("bot") != "B0PARLEY":
            return {"ok": False, "error": "bot_not_found"}
        return {"ok": True, "bot": {"id": "B0PARLEY", "app_id": self.app, "user_id": BOT, "name": "parley"}}

    def _conversations_list(self, given: dict[str, Any]) -> dict[str, Any]:
        start = int(given.get("cursor") or 0)
        end = start + self.page
        cursor = str(end) if end < len(self.channels) else ""
        return {
            "ok": True,
            "channels": self.channels[start:end],
            "response_metadata": {"next_cursor": cursor},
        }

    def _conversations_join(self, given: dict[str, Any]) -> dict[str, Any]:
        for one in self.channels:
            if one["id"] == given["channel"]:
                one["is_member"] = True
                return {"ok": True, "channel": one}
        return {"ok": False, "error": "channel_not_found"}

    def _users_info(self, given: dict[str, Any]) -> dict[str, Any]:
        user = self.users.get(given["user"])
        return {"ok": True, "user": user} if user else {"ok": False, "error": "user_not_found"}

    def _chat_postMessage(self, given: dict[str, Any]) -> dict[str, Any]:
        if not any(one["id"] == given["channel"] and one["is_member"] for one in self.channels):
            return {"ok": False, "error": "not_in_channel"}
        message = {
            "type": "message",
            "bot_id": "B0PARLEY",
            "app_id": APP,
            "user": BOT,
            "ts": self.ts(),
            **given,
        }
        message["metadata"] = msgspec.json.decode(given.get("metadata", "null"))
        self.messages.setdefault(given["channel"], []).append(message)
        return {"ok": True, "channel": given["channel"], "ts": message["ts"], "message": message}

    def _message(self, given: dict[str, Any]) -> dict[str, Any] | None:
        return next(
            (one for one in self.messages.get(given["channel"], []) if one["ts"] == given["ts"]), None
        )

    def _chat_update(self, given: dict[str, Any]) -> dict[str, Any]:
        message = self._message(given)
        if message is None:
            return {"ok": False, "error": "message_not_found"}
        message["text"] = given["text"]
        return {"ok": True, "channel": given["channel"], "ts": given["ts"]}

    def _chat_delete(self, given: dict[str, Any]) -> dict[str, Any]:
        message = self._message(given)
        if message is None:
            return {"ok": False, "error": "message_not_found"}
        self.messages[given["channel"]].remove(message)
        return {"ok": True}

    def _conversations_replies(self, given: dict[str, Any]) -> dict[str, Any]:
        named = self._message(given)
        root = (named.get("thread_ts") or named["ts"]) if named else given["ts"]
        if self.is_busy and given.get("include_all_metadata"):
            return {"ok": True, "messages": [], "response_metadata": {"next_cursor": "more"}}
        oldest, latest = float(given.get("oldest", 0)), float(given.get("latest", 1e12))
        thread = [
            one
            for one in self.messages.get(given["channel"], [])
            if root in (one["ts"], one.get("thread_ts"))
        ]
        found = [one for one in thread if one["ts"] == root or oldest <= float(one["ts"]) <= latest]
        return {"ok": True, "messages": found} if thread else {"ok": False, "error": "thread_not_found"}

    def _conversations_history(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"ok": True, "messages": list(reversed(self.messages.get(given["channel"], [])))}

    def _files_getUploadURLExternal(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"ok": True, "upload_url": f"{self.url}/upload/v1/{given['filename']}", "file_id": "F0UP"}

    def _files_completeUploadExternal(self, given: dict[str, Any]) -> dict[str, Any]:
        self.uploads.append(given)
        return {"ok": True, "files": msgspec.json.decode(given["files"])}


def event_body(
    event: dict[str, Any], *, event_id: str | None = None, team: str = "T0HEDGEHOG", app: str = APP
) -> dict[str, Any]:
    """Wrap an event as Slack does (https://docs.slack.dev/apis/events-api)."""
    return {
        "token": "old", "team_id": team, "api_app_id": app, "event": event, "type": "event_callback",
        "event_id": event_id or f"Ev{next(_event_ids):08}", "event_time": 1_790_000_000,
        "authorizations": [{"team_id": team, "user_id": BOT, "is_bot": True, "is_enterprise_install": False}],
    }  # fmt: skip


SCOPES = (
    "app_mentions:read", "channels:history", "channels:join", "channels:read", "chat:write", "chat:write.customize",
    "files:read", "files:write", "groups:history", "groups:read", "reactions:read", "users:read", "users:read.email",
)  # fmt: skip


@asynccontextmanager
async def slack_double() -> AsyncIterator[SlackDouble]:
    """Serve a workspace on a loopback address."""
    async with receiving() as receiver:
        yield SlackDouble(receiver)
