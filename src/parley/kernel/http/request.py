"""The request class, and the seam by which Litestar reads bodies through `kernel/http/body.py`."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Never
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Request
from litestar.dto import AbstractDTO
from litestar.exceptions import InternalServerException
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.types import Empty

from parley.kernel.database.retries import STREAMED
from parley.kernel.errors import NotFound, ParseFailed, TooLarge
from parley.kernel.http.body import parse, parse_all, read
from parley.kernel.ids import uuid_or_none

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from litestar.dto.data_structures import DTOFieldDefinition
    from litestar.typing import FieldDefinition


KEY_PARAMETER = "personal_api_key"
MAX_BODY_BYTES = 1024 * 1024
"""What a known caller may send; the longest message as JSON with every letter escaped takes 600 KB."""
MAX_ANYBODYS_BYTES = 64 * 1024
"""What anybody may send, unless the route says otherwise."""
MAX_SKIPPED_BYTES = 32 * 1024 * 1024
REFUSED = ("q=0", "q=0.0", "q=0.00", "q=0.000")
PUBLIC_KINDS = ("public", "public page")


def limit_bodies(handlers: "Iterable[Any]") -> None:
    """Give each handler that lets in everybody the small limit, where it has none of its own."""
    for handler in handlers:
        admitted = {getattr(guard, "admits", None) for guard in handler.guards or ()}
        if handler.request_max_body_size is Empty and not admitted.isdisjoint(PUBLIC_KINDS):
            handler.request_max_body_size = MAX_ANYBODYS_BYTES


class ParleyRequest(Request[Any, Any, Any]):
    """A request whose missing body reads as an empty object, and whose URLs keep the path that the client used."""

    @property
    def accepts_gzip(self) -> bool:
        """Whether the client can read an answer that is compressed with gzip (RFC 9110, section 12.5.3)."""
        for one in self.headers.get("accept-encoding", "").lower().split(","):
            coding, _, weight = one.replace(" ", "").partition(";")
            if coding == "gzip":
                return weight not in REFUSED
        return False

    async def body(self) -> bytes:
        try:
            return await super().body() or b"{}"
        except InternalServerException as error:
            raise ParseFailed("The request body ended before it was complete.") from error
        except RequestEntityTooLarge as error:
            await self.skip_body()
            raise TooLarge from error

    async def skip_body(self) -> None:
        """Read a body that was refused by its announced size, and keep nothing of it.

        Many clients read the answer only once they have sent everything; a connection closed before looks like a fault. A
        client that waits to be told to go on isn't told to, and sends nothing.
        """
        self.scope.setdefault(STREAMED, b"")  # type: ignore[misc]  # or it would be kept for another try
        left = 0 if self.waits_to_send else self.content_length or 0
        while 0 < left <= MAX_SKIPPED_BYTES:
            message: Any = await self.receive()
            left -= len(message.get("body", b""))
            if not message.get("more_body"):
                return

    @property
    def waits_to_send(self) -> bool:
        """Say whether the client sends its body only once the server begins to read it (RFC 9110, section 10.1.1)."""
        return self.headers.get("expect", "").lower() == "100-continue"

    async def fields(self) -> dict[str, Any]:
        """Return the fields of the body, whatever its content type."""
        return parse(await self.body(), self.headers.get("content-type", ""))

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies as they were sent (RFC 6265). The framework would unquote them, in quadratic time."""
        pairs = (pair.partition("=") for pair in self.headers.get("cookie", "").split(";"))
        return {name.strip(): value.strip() for name, _, value in pairs}

    @property
    def is_head(self) -> bool:
        """Say whether the client wants the headers only, although handlers see a GET: no answer may go on for ever."""
        return "parley_is_head" in self.scope

    @property
    def is_looked_at(self) -> bool:
        """Say whether somebody is going to see the answer, who asked for it themselves.

        Not for HEAD, nor what a browser fetches in advance (Sec-Purpose; Purpose in older ones), nor a page that another
        site has led the browser to (Sec-Fetch-Site).
        """
        headers = self.headers
        purposes = f"{headers.get('sec-purpose', '')};{headers.get('purpose', '')}".lower()
        is_led_here = (
            headers.get("sec-fetch-site") == "cross-site"
            and headers.get("sec-fetch-mode", "navigate") == "navigate"
        )
        return not (self.is_head or "prefetch" in purposes or "preview" in purposes or is_led_here)

    @property
    def client_address(self) -> str:
        """The address of the client, behind trusted proxies the one that they name."""
        client = self.scope.get("client")
        return client[0] if client else ""

    def at_end(self, do: Callable[[int], Awaitable[None]]) -> None:
        """Do something with the status when the answer has ended, whether all of it is sent or the client has gone.

        The status is 0 where there was no answer.
        """
        self.scope.setdefault("parley_at_end", []).append(do)  # type: ignore[typeddict-item]

    @property
    def origin_url(self) -> str:
        """Scheme and host as the client sees them, without a trailing slash."""
        host = self.headers.get("host") or self.app.state.services.settings.site_url.split("://", 1)[1]
        return f"{self.scope['scheme']}://{host}"

    def url_with(self, changes: dict[str, Any]) -> str:
        """Return this request's absolute URL with query parameters replaced; None removes one.

        A key in the query is left out: the URL is stored and logged by whoever gets it.
        """
        dropped = {*changes, KEY_PARAMETER}
        query = [(key, value) for key, value in self.query_params.multi_items() if key not in dropped]
        query += [(key, str(value)) for key, value in changes.items() if value is not None]
        path = self.scope.get("parley_path", self.scope["path"])
        return f"{self.origin_url}{path}" + (f"?{urlencode(query)}" if query else "")


class BodyDTO(AbstractDTO[msgspec.Struct]):
    """Reads `data` of a handler: every msgspec struct goes through `kernel/http/body.py`."""

    model_type = msgspec.Struct

    def decode_bytes(self, value: bytes) -> Any:
        content_type = self.asgi_connection.headers.get("content-type", "")
        struct: Any = self.asgi_connection.route_handler.parsed_data_field.annotation
        return read(struct, parse_all(value, content_type))

    def decode_builtins(self, value: dict[str, Any]) -> Never:
        raise ParseFailed

    @classmethod
    def is_supported_model_type_field(cls, field_definition: "FieldDefinition") -> bool:
        return field_definition.is_subclass_of(msgspec.Struct)

    @classmethod
    def create_for_field_definition(
        cls,
        field_definition: "FieldDefinition",
        handler_id: str,
        backend_cls: Any = None,
    ) -> None:
        return None

    @classmethod
    def generate_field_definitions(cls, model_type: type[Any]) -> "Generator[DTOFieldDefinition, None, None]":
        yield from ()

    @classmethod
    def detect_nested_field(cls, field_definition: "FieldDefinition") -> bool:
        return False


def uuid_in_path(text: str) -> UUID:
    """Return a uuid of the path; raises NotFound for what is none."""
    found = uuid_or_none(text)
    if found is None:
        raise NotFound
    return found
