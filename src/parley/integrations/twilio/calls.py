"""Calls to Twilio's REST API (https://www.twilio.com/docs/usage/api), for one project and one account."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import TypeVar
from urllib.parse import urlencode

from parley.integrations.connections.errors import (
    CredentialsRejected,
    NotPermitted,
    UpstreamFailed,
    UpstreamRefused,
)
from parley.integrations.connections.schemas import Connected
from parley.integrations.connections.upstream import Upstream, UpstreamCalls, UpstreamRequest, calls_to
from parley.integrations.twilio.errors import AccountClosed, KeysRejected
from parley.integrations.twilio.rules import API, basic_auth, is_sid, next_page_path
from parley.integrations.twilio.schemas import (
    TwilioAccount,
    TwilioMessage,
    TwilioMessages,
    TwilioNumber,
    TwilioNumbers,
)
from parley.kernel.services import Services

NAME = "Twilio"
PAGE_SIZE, MOST_PAGES = 200, 100
T = TypeVar("T")


class TwilioCalls:
    """The calls of one account. All raise what `UpstreamCalls.send` does."""

    def __init__(self, calls: UpstreamCalls, account_sid: str, auth_token: str) -> None:
        self._calls = calls
        self._account = f"{API}{account_sid}"
        self._headers = {"Authorization": basic_auth(account_sid, auth_token)}

    async def account(self) -> TwilioAccount:
        """Return the account; raises KeysRejected, and AccountClosed for one that is not active."""
        try:
            found = await self._get(f"{self._account}.json", TwilioAccount)
        except (CredentialsRejected, NotPermitted, UpstreamRefused) as error:
            raise KeysRejected from error
        if not is_sid(found.sid, "AC"):
            raise UpstreamFailed("Twilio sent an answer that Parley does not understand.")
        if found.status != "active":
            raise AccountClosed(found.status[:20])
        return found

    async def phone_numbers(self) -> list[TwilioNumber]:
        """Return all numbers of the account, over all pages; raises KeysRejected."""
        path = f"{self._account}/IncomingPhoneNumbers.json"
        found: list[TwilioNumber] = []
        wanted: str | None = f"{path}?PageSize={PAGE_SIZE}"
        seen: set[str] = set()
        while wanted is not None:
            if wanted in seen or len(seen) == MOST_PAGES:
                raise UpstreamFailed("Twilio sent more pages of phone numbers than Parley reads.")
            seen.add(wanted)
            try:
                page = await self._get(wanted, TwilioNumbers)
                wanted = next_page_path(page.next_page_uri, path)
            except CredentialsRejected as error:
                raise KeysRejected from error
            except ValueError as error:
                raise UpstreamFailed("Twilio sent an answer that Parley does not understand.") from error
            found += [one for one in page.incoming_phone_numbers if is_sid(one.sid, "PN")]
        return found

    async def send_text(self, *, to: str, own_number: str, body: str, callback: str | None) -> TwilioMessage:
        """Have a text message sent. Whoever calls it twice sends two: Twilio knows no idempotency keys here."""
        form = {"To": to, "From": own_number, "Body": body}
        if callback:
            form["StatusCallback"] = callback
        return await self._post(f"{self._account}/Messages.json", form, TwilioMessage)

    async def texts_since(self, *, to: str, own_number: str, at: datetime) -> list[TwilioMessage]:
        """Return the messages to a number that were made at this time or later, with clocks a minute apart, newest first."""
        query = {
            "To": to,
            "From": own_number,
            "DateSent>": f"{at - timedelta(days=1):%Y-%m-%d}",
            "PageSize": "100",
        }
        page = await self._get(f"{self._account}/Messages.json?{urlencode(query)}", TwilioMessages)
        return page.messages

    async def route_texts(self, number_sid: str, url: str) -> None:
        """Have Twilio post the messages to a number to this URL, and once more where the first time has failed."""
        form = {"SmsUrl": url, "SmsMethod": "POST", "SmsFallbackUrl": url, "SmsFallbackMethod": "POST"}
        await self._post(f"{self._account}/IncomingPhoneNumbers/{number_sid}.json", form, TwilioNumber)

    async def _get(self, path: str, kind: type[T]) -> T:
        return await self._calls.json(UpstreamRequest(path=path, headers=self._headers), kind)

    async def _post(self, path: str, form: Mapping[str, str], kind: type[T]) -> T:
        headers = {**self._headers, "Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode(form).encode()
        return await self._calls.json(
            UpstreamRequest(method="POST", path=path, headers=headers, body=body), kind
        )


@asynccontextmanager
async def twilio_calls(
    services: Services, project_id: int, account_sid: str, auth_token: str
) -> AsyncIterator[TwilioCalls]:
    """Yield what calls Twilio for a project with these credentials; not inside a transaction."""
    upstream = Upstream(NAME, services.settings.twilio_api_url)
    async with calls_to(services, upstream, project_id) as calls:
        yield TwilioCalls(calls, account_sid, auth_token)


@asynccontextmanager
async def calls_of(services: Services, account: Connected) -> AsyncIterator[TwilioCalls]:
    """Yield what calls Twilio for a connected account; not inside a transaction."""
    token = str(account.secrets.get("auth_token", ""))
    async with twilio_calls(services, account.project_id, account.integration_id, token) as calls:
        yield calls
