"""The pages of docs/wire are true: what they list is what the program has."""

import re

from parley.accounts.users.schemas import UserBasic
from parley.conversations.widget.rules.config import WIDGET_DEFAULTS
from tools.docs import DOCS


def section(page: str, heading: str) -> str:
    """Return one section of a page, on one line."""
    text = (DOCS / "wire" / page).read_text().partition(f"\n## {heading}\n")[2]
    return " ".join(text.partition("\n## ")[0].split())


def test_the_fields_of_a_user_are_listed():
    listed = re.search(r"`\{(id, .*?)\}`", section("requests.md", "Users in answers"))
    assert listed and tuple(listed.group(1).split(", ")) == UserBasic.__struct_fields__


def test_the_keys_of_the_widgets_configuration_are_listed():
    listed = re.search(r"an object with (.*?)\.", section("widget.md", "Configuration"))
    assert listed and set(re.findall(r"`(\w+)`", listed.group(1))) == {"enabled", "token", *WIDGET_DEFAULTS}


def test_each_refusal_of_the_widget_is_in_a_test():
    tested = "\n".join(
        file.read_text() for file in (DOCS.parent / "src/parley/conversations/widget/tests").glob("*.py")
    )
    texts = re.findall(r'`\{"error": "(.*?)"', section("widget.md", "Errors"))
    assert len(texts) == 7
    assert [text for text in texts if text not in tested] == []
