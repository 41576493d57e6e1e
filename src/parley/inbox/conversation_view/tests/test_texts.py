"""The text of a message with its images."""

from uuid import uuid4

import pytest

from parley.conversations.files.schemas import AttachmentOut
from parley.inbox.conversation_view.texts import MOST_SHOWN, shown_text


def image(placeholder: str | None, thumbnail_url: str | None = "/t") -> AttachmentOut:
    return AttachmentOut(
        id=uuid4(),
        name="a.png",
        content_type="image/png",
        size=1,
        url="/u",
        thumbnail_url=thumbnail_url,
        is_inline=True,
        placeholder=placeholder,
    )


ONE, TWO, NOWHERE, UNREADABLE = image("[a.png]"), image("[a.png, 2]"), image(None), image("[b.svg]", None)


@pytest.mark.parametrize(
    ("text", "parts", "others"),
    [
        ("See [a.png]\n\nthere [a.png, 2]", ["See ", ONE, "\nthere ", TWO], [NOWHERE, UNREADABLE]),
        ("[a.png][a.png]", [ONE, ONE], [TWO, NOWHERE, UNREADABLE]),
        ("[b.svg] [A.PNG]", ["[b.svg] [A.PNG]"], [ONE, TWO, NOWHERE, UNREADABLE]),
        ("\n[a.png", ["\n[a.png"], [ONE, TWO, NOWHERE, UNREADABLE]),
        ("", [], [ONE, TWO, NOWHERE, UNREADABLE]),
    ],
)
def test_images_stand_in_the_places_of_their_placeholders(text, parts, others):
    shown = shown_text(text, [ONE, TWO, NOWHERE, UNREADABLE])
    assert [part.image or part.text for part in shown.parts] == parts
    assert shown.other_files == others


def test_a_text_shows_a_limited_number_of_images():
    shown = shown_text("[a.png]" * 1000, [ONE])
    assert sum(part.image is not None for part in shown.parts) == MOST_SHOWN
