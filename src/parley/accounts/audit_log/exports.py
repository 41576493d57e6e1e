"""The audit log as a file: CSV for spreadsheets, or JSON lines for programs."""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import msgspec

from parley.accounts.audit_log.schemas import AuditEntryOut
from parley.kernel.http.json_response import ENCODER
from parley.kernel.text.csv_cells import BYTE_ORDER_MARK, csv_text

COLUMNS = (
    "created_at", "id", "action", "summary", "user_id", "user_name", "user_email", "api_key", "target_type",
    "target_id", "target_name", "project_id", "project_name", "before", "after", "address", "user_agent", "browser",
)  # fmt: skip


class ExportFormat(msgspec.Struct, frozen=True):
    """A kind of file."""

    extension: str
    media_type: str
    head: bytes
    piece: Callable[[Sequence[AuditEntryOut]], bytes]


async def file_of(kind: ExportFormat, pieces: AsyncIterator[Sequence[AuditEntryOut]]) -> AsyncIterator[bytes]:
    """Yield the file piece by piece."""
    yield kind.head
    async for piece in pieces:
        yield kind.piece(piece)


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    return csv_text(rows).encode()


def _csv_piece(entries: Sequence[AuditEntryOut]) -> bytes:
    return _csv([_cells(one) for one in entries])


def _cells(one: AuditEntryOut) -> list[str]:
    user, target, project = one.user, one.target, one.project
    return [
        one.created_at.isoformat().replace("+00:00", "Z"),
        str(one.id),
        one.action,
        one.summary,
        *((str(user.id), user.name, user.email) if user else ("", "", "")),
        one.api_key.label if one.api_key else "",
        *((target.type, target.id, target.name) if target else ("", "", "")),
        *((str(project.id), project.name) if project else ("", "")),
        _json(one.before),
        _json(one.after),
        one.address or "",
        one.user_agent,
        one.browser,
    ]


def _json(values: dict[str, Any] | None) -> str:
    return "" if values is None else ENCODER.encode(values).decode()


def _lines(entries: Sequence[AuditEntryOut]) -> bytes:
    return b"".join(ENCODER.encode(one) + b"\n" for one in entries)


FORMATS = {
    "csv": ExportFormat("csv", "text/csv", BYTE_ORDER_MARK.encode() + _csv([COLUMNS]), _csv_piece),
    "jsonl": ExportFormat("jsonl", "application/x-ndjson", b"", _lines),
}
