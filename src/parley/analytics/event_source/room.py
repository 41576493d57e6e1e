"""How much of answers is shown together."""

MOST_BYTES = 16 * 1024 * 1024
LEFT_OUT = (
    "There is no room for this answer beside the others, which have more than 16 MB together. Open it alone."
)


class Room:
    """What is left of the room for answers that are shown together."""

    def __init__(self) -> None:
        self._left = MOST_BYTES

    def takes(self, n_bytes: int) -> bool:
        """Say whether there is room for so much more, and count it if there is."""
        if n_bytes > self._left:
            return False
        self._left -= n_bytes
        return True
