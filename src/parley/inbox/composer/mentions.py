"""The colleagues whom a note may mention, as the editor offers them."""

from collections.abc import Iterable

import msgspec

from parley.accounts.users.rules import user_name
from parley.conversations.notifications.rules.mentions import Mentionable
from parley.kernel.text.forms import folded

MOST = 8


class MemberOption(msgspec.Struct, frozen=True):
    """A member to choose; `label` is what the note says behind the @."""

    id: int
    label: str
    email: str


def matching(members: Iterable[Mentionable], search: str) -> list[MemberOption]:
    """Return the first members, by name, one of whose words or whose address begins with what was typed."""
    wanted = folded(search.strip())
    options = [MemberOption(one.user_id, _name(one), one.email) for one in members]
    found = [one for one in options if any(word.startswith(wanted) for word in _words(one))]
    return sorted(found, key=lambda one: (folded(one.label), one.id))[:MOST]


def _name(member: Mentionable) -> str:
    return user_name(member.first_name, member.last_name, member.email)


def _words(option: MemberOption) -> list[str]:
    name = folded(option.label)
    return [name, *name.split(), folded(option.email)]
