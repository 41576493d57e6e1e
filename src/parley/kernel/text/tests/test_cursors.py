"""Places in a list, as text and back."""

from base64 import urlsafe_b64encode
from uuid import UUID

import msgspec
import pytest

from parley.kernel.text.cursors import MAX_CURSOR, decoded_cursor, encoded_cursor


class Place(msgspec.Struct, frozen=True, array_like=True):
    """A place in a list."""

    name: str
    id: UUID


def test_a_place_is_itself_after_its_way_through_a_url():
    place = Place("naïve/+?", UUID(int=7))
    assert encoded_cursor(place).replace("-", "").replace("_", "").isalnum()
    assert decoded_cursor(encoded_cursor(place), Place) == place


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "x",
        "!",
        "é",
        "a" * (MAX_CURSOR + 1),
        urlsafe_b64encode(b'["x"]').decode(),
        "bnVsbA",
        "eyJ4Ijox",
    ],
)
def test_what_is_no_place_is_none(text):
    assert decoded_cursor(text, Place) is None
