"""Sizes of files in words."""

MIB = 1024 * 1024


def human_size(size: int) -> str:
    """Return a size in words: 900 bytes, 12 KB, 3.4 MB."""
    if size < 1000:
        return f"{size} byte" if size == 1 else f"{size} bytes"
    for unit, factor in (("KB", 1024), ("MB", MIB)):
        if size < 1000 * factor:
            return f"{size / factor:.1f} {unit}".replace(".0 ", " ")
    return f"{size / (1024 * MIB):.1f} GB".replace(".0 ", " ")
