"""Errors of tags."""

from parley.kernel.errors import Conflict


class TagExists(Conflict):
    """A tag would get the name of another one, and nobody has said that they are to become one."""

    code = "tag_exists"

    def __init__(self, name: str) -> None:
        super().__init__(f'There is a tag "{name}" already. Send "merge": true to make both one tag.')


class TagsBusy(Conflict):
    """A change of a tag is still going through the project's tickets."""

    code = "tags_busy"
    default_detail = "Another change of tags is still going on in this project. Try again in a moment."
