"""The type of a file, by what it contains. What a client or a mail says about it is never believed."""

import mimetypes

from parley.conversations.files.rules.names import suffix_of

LOOKED_AT = 8192
"""How many bytes from the start are enough."""
UNKNOWN, PLAIN = "application/octet-stream", "text/plain"
IMAGES = {"image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF", "image/webp": "WEBP"}
"""The types that may be shown in a page, and how Pillow calls them."""
SURE = 0.4
"""puremagic says how sure it is; below, only a name of the same type makes it count."""
CONTAINERS: dict[bytes, tuple[str, tuple[str, ...]]] = {
    b"PK\x03\x04": (
        "application/zip",
        ("zip", "docx", "xlsx", "pptx", "odt", "ods", "odp", "epub", "jar", "apk"),
    ),
    b"\x7fELF": ("application/x-executable", ()),
    b"MZ": ("application/vnd.microsoft.portable-executable", ()),
    b"\xd0\xcf\x11\xe0": ("application/x-ole-storage", ("doc", "xls", "ppt", "msg")),
}
"""Types that puremagic mixes up: by their start, the type, and the suffixes of what such a file may be besides."""
TEXTS = ("csv", "css", "ics", "json", "log", "md", "svg", "tsv", "vcf", "xml", "yaml", "html")
"""Kinds of text that a name may tell, since their content doesn't."""
OF_SUFFIX = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "md": "text/markdown",
    "yaml": "application/yaml",
    "log": PLAIN,
    "csv": "text/csv",
    "msg": "application/vnd.ms-outlook",
}


def content_type_of(head: bytes, name: str) -> str:
    """Return the type of a file by its first bytes; its cleaned name only says which of several possible ones it is."""
    if not head:
        return UNKNOWN
    suffix = suffix_of(name)
    for start, (content_type, inside) in CONTAINERS.items():
        if head.startswith(start):
            return (_of_suffix(suffix) if suffix in inside else None) or content_type
    found = _found_by_content(head)
    if (named := _of_suffix(suffix)) in found:
        return named
    best = max(found, key=lambda one: found[one], default=None)
    if best is not None and found[best] >= SURE:
        return best
    if _is_text(head):
        return (named if suffix in TEXTS else None) or PLAIN
    return best or UNKNOWN


def _found_by_content(head: bytes) -> dict[str, float]:
    import puremagic  # 3 MB of memory

    try:
        matches = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return {}
    found: dict[str, float] = {}
    for match in matches:  # of equally sure ones the first counts
        if match.mime_type:
            found.setdefault(match.mime_type, match.confidence)
    return found


def _of_suffix(suffix: str) -> str | None:
    return OF_SUFFIX.get(suffix) or mimetypes.types_map.get(f".{suffix}")


def _is_text(head: bytes) -> bool:
    if b"\x00" in head:
        return False
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return error.start >= len(head) - 3 and error.reason == "unexpected end of data"
    return True
