"""Twilio made by hand, from its documentation: accounts, pages of phone numbers, messages, and files behind a link.

Accounts and numbers are also asked of a mock that is made of Twilio's own OpenAPI document (`test_openapi_mock.py`); there
is none of messages to run.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit
from uuid import uuid4

import msgspec
from twilio.request_validator import RequestValidator

from parley.integrations.twilio.rules import basic_auth
from tests.receiver import Received, Respond, answers

TOKEN = "an auth token that is secret"
OWN, CUSTOMER = "+15005550006", "+15005550009"
SITE = "http://parley.test"
INBOUND = "/api/conversations/v1/sms/inbound"
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000000000500010d0a2db40000000049454e44ae426082"
)


def sid(kind: str, number: int) -> str:
    return f"{kind}{number:032x}"


def refusal(status: int, code: int, message: str, **headers: str) -> Respond:
    body = msgspec.json.encode({"code": code, "message": message, "status": status, "more_info": ""})
    return answers(status, body, **headers)


@dataclass
class TwilioDouble:
    """What Twilio has. A test puts answers into `instead`, by the beginning of a path; each is given once."""

    account_sid: str = field(default_factory=lambda: f"AC{uuid4().hex}")
    token: str = TOKEN
    status: str = "active"
    page_size: int = 2
    numbers: list[str] = field(default_factory=lambda: [OWN, "+15005550001", "+15005550002"])
    texts: list[dict[str, str]] = field(default_factory=list)
    routed: list[dict[str, str]] = field(default_factory=list)
    instead: list[tuple[str, Respond]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    forgets_answer: bool = False  # takes a message, and the connection breaks before it says so

    @property
    def account(self) -> str:
        return f"/2010-04-01/Accounts/{self.account_sid}"

    @property
    def config(self) -> dict[str, str]:
        """The credentials by which the account is connected."""
        return {"account_sid": self.account_sid, "auth_token": self.token}

    async def respond(self, writer: asyncio.StreamWriter, request: Received) -> None:
        path = urlsplit(request.path).path
        self.asked.append(f"{request.method} {request.path}")
        if path.startswith("/store/"):
            assert "authorization" not in request.headers
            return await answers(200, PICTURE, Content_Type="image/png")(writer, request)
        for place, (start, respond) in enumerate(self.instead):
            if f"{request.method} {path}".startswith(start):
                del self.instead[place]
                return await respond(writer, request)
        if request.headers.get("authorization") != basic_auth(self.account_sid, self.token):
            return await refusal(401, 20003, "Authenticate")(writer, request)
        return await self._answer(writer, request, path)

    async def _answer(self, writer: asyncio.StreamWriter, request: Received, path: str) -> None:
        query = {name: values[0] for name, values in parse_qs(urlsplit(request.path).query).items()}
        form = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
        if path == f"{self.account}.json":
            said: Any = {"sid": self.account_sid, "status": self.status, "auth_token": self.token}
        elif path == f"{self.account}/IncomingPhoneNumbers.json":
            said = self._page(int(query.get("Page", 0)))
        elif path.startswith(f"{self.account}/IncomingPhoneNumbers/"):
            self.routed.append({"sid": path.split("/")[-1].removesuffix(".json"), **form})
            said = {"sid": sid("PN", 0), "phone_number": OWN}
        elif path == f"{self.account}/Messages.json" and request.method == "POST":
            one = {
                "sid": sid("SM", 1000 + len(self.texts)),
                "body": form["Body"],
                "status": "queued",
                "num_segments": "1",
            }
            self.texts.append({**form, **one})
            if self.forgets_answer:
                self.forgets_answer = False
                return
            said = one
        elif path == f"{self.account}/Messages.json":
            mine = [one for one in self.texts if one["To"] == query["To"] and one["From"] == query["From"]]
            said = {"messages": [{"sid": one["sid"], "body": one["body"]} for one in reversed(mine)]}
        elif "/Media/" in path:
            to = f"http://{request.headers['host']}/store/one"
            await answers(307, b"", Location=to)(writer, request)
            return
        else:
            await refusal(404, 20404, "The requested resource was not found")(writer, request)
            return
        body = msgspec.json.encode(said)
        await answers(201 if request.method == "POST" else 200, body)(writer, request)

    def _page(self, number: int) -> dict[str, Any]:
        start = number * self.page_size
        found = self.numbers[start : start + self.page_size]
        more = start + self.page_size < len(self.numbers)
        next_uri = f"{self.account}/IncomingPhoneNumbers.json?PageSize={self.page_size}&Page={number + 1}&PageToken=x"
        return {
            "incoming_phone_numbers": [
                {
                    "sid": sid("PN", start + place),
                    "phone_number": one,
                    "friendly_name": f"Line {start + place}",
                    "capabilities": {"voice": True, "sms": True},
                }
                for place, one in enumerate(found)
            ],
            "next_page_uri": next_uri if more else None,
        }

    def message(self, body: str, number: int = 1, **more: str) -> dict[str, str]:
        """Return the fields of a message from the customer."""
        names = {"AccountSid": self.account_sid, "MessageSid": sid("SM", number), "From": CUSTOMER, "To": OWN}
        return {**names, "Body": body, "NumMedia": "0", **more}

    def signed(self, url: str, fields: dict[str, str], token: str | None = None) -> dict[str, str]:
        """Return the headers of a request that Twilio makes, by Twilio's own library."""
        signature = RequestValidator(token or self.token).compute_signature(url, fields)
        return {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
