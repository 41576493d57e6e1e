"""How large a report may be. As a mail, where each 3 bytes take 4, it has about 10 MB at most."""

FIRST_TILES, MOST_TILES = 6, 100
"""Insights of a dashboard that are sent where none are named, and where all are wanted."""

MOST_PICTURE_BYTES, MOST_FILE_BYTES = 4_000_000, 2_500_000
MANY = 30
"""With more insights than these, pictures are half as sharp."""

TOO_LARGE = "The picture was left out: the mail would be too large."
NOT_DRAWN = "The picture could not be drawn."


def within(sizes: list[int], most: int) -> list[bool]:
    """Say of each whether it is kept: in their order, as long as all that are kept are not larger than `most`."""
    total, kept = 0, []
    for size in sizes:
        kept.append(total + size <= most)
        total += size if kept[-1] else 0
    return kept
