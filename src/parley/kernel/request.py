"""The request class, and the seam by which Litestar reads bodies through `kernel/body.py`."""

from typing import TYPE_CHECKING, Any, Never
from urllib.parse import urlencode

import msgspec
from litestar import Request
from litestar.dto import AbstractDTO
from litestar.exceptions import InternalServerException

from parley.kernel.body import parse, read
from parley.kernel.errors import ParseFailed

if TYPE_CHECKING:
    from collections.abc import Generator

    from litestar._openapi.schema_generation import SchemaCreator
    from litestar.dto._backend import DTOBackend
    from litestar.dto.data_structures import DTOFieldDefinition
    from litestar.openapi.spec import Reference, Schema
    from litestar.typing import FieldDefinition


class ParleyRequest(Request[Any, Any, Any]):
    """A request whose missing body reads as an empty object, and whose URLs keep the path that the client used."""

    async def body(self) -> bytes:
        try:
            return await super().body() or b"{}"
        except InternalServerException as error:
            raise ParseFailed("The request body ended before it was complete.") from error

    async def fields(self) -> dict[str, Any]:
        """Return the fields of the body, whatever its content type."""
        return parse(await self.body(), self.headers.get("content-type", ""))

    @property
    def is_head(self) -> bool:
        """Say whether the client wants the headers only, although handlers see a GET: no answer may go on for ever."""
        return "parley_is_head" in self.scope

    @property
    def client_address(self) -> str:
        """The address of the client, behind trusted proxies the one that they name."""
        client = self.scope.get("client")
        return client[0] if client else ""

    @property
    def origin_url(self) -> str:
        """Scheme and host as the client sees them, without a trailing slash."""
        host = self.headers.get("host") or self.app.state.services.settings.site_url.split("://", 1)[1]
        return f"{self.scope['scheme']}://{host}"

    def url_with(self, changes: dict[str, Any]) -> str:
        """Return this request's absolute URL with query parameters replaced; None removes one."""
        query = [(key, value) for key, value in self.query_params.multi_items() if key not in changes]
        query += [(key, str(value)) for key, value in changes.items() if value is not None]
        path = self.scope.get("parley_path", self.scope["path"])
        return f"{self.origin_url}{path}" + (f"?{urlencode(query)}" if query else "")


class BodyDTO(AbstractDTO[msgspec.Struct]):
    """Reads `data` of a handler: every msgspec struct goes through `kernel/body.py`."""

    model_type = msgspec.Struct

    def decode_bytes(self, value: bytes) -> Any:
        content_type = self.asgi_connection.headers.get("content-type", "")
        struct: Any = self.asgi_connection.route_handler.parsed_data_field.annotation
        return read(struct, parse(value, content_type))

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
        backend_cls: "type[DTOBackend] | None" = None,
    ) -> None:
        return None

    @classmethod
    def create_openapi_schema(
        cls, field_definition: "FieldDefinition", handler_id: str, schema_creator: "SchemaCreator"
    ) -> "Reference | Schema":
        return schema_creator.for_field_definition(field_definition)

    @classmethod
    def generate_field_definitions(cls, model_type: type[Any]) -> "Generator[DTOFieldDefinition, None, None]":
        yield from ()

    @classmethod
    def detect_nested_field(cls, field_definition: "FieldDefinition") -> bool:
        return False
