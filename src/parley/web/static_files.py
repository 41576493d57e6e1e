"""The files that pages load: scripts and pictures of our own, and what the build made."""

import hashlib
from functools import cache
from pathlib import Path

import msgspec

HERE = Path(__file__).parent
FOLDERS = (HERE / "assets", HERE / "static")
KINDS = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
# The source of the style sheet; what browsers load is the compiled one of the same name.
SOURCES = {HERE / "assets" / "app.css"}


class Asset(msgspec.Struct, frozen=True):
    """One file, with a version that changes whenever its content does."""

    content: bytes
    gzipped: bytes | None
    kind: str
    version: str


@cache
def asset(name: str) -> Asset | None:
    """Return a file by its name, or None when there is no such file; read once in a process."""
    for folder in FOLDERS:
        path = folder / name
        if name in _names(folder) and path not in SOURCES:
            content, gzipped = path.read_bytes(), path.with_name(f"{name}.gz")
            return Asset(
                content=content,
                gzipped=gzipped.read_bytes() if gzipped.exists() else None,
                kind=KINDS[path.suffix],
                version=hashlib.sha256(content).hexdigest()[:12],
            )
    return None


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.suffix in KINDS} if folder.is_dir() else set()


def asset_url(name: str) -> str:
    """Return the address of a file; a changed file has another address, so browsers may keep it for ever."""
    found = asset(name)
    return f"/assets/{name}?v={found.version}" if found else f"/assets/{name}"
