"""What an admin does first in a new project; each step is done when its result is there, however it came about."""

from collections.abc import Sequence

import msgspec

from parley.inbox.inbox_page.queries import what_is_done
from parley.kernel.database.database import Database
from parley.kernel.http.authorization import Actor

DISMISSED = "first_steps_dismissed"
"""The key of `conversations_settings` that hides them."""


class FirstStep(msgspec.Struct, frozen=True, kw_only=True):
    """One step; `path` is where it is done."""

    key: str
    name: str
    hint: str
    path: str
    is_done: bool


TELLING = ("slack_enabled", "notification_recipients")
"""Settings by which demo data would be told to people as real conversations are, as it is by mail: it isn't loaded then."""

STEPS = (
    (
        "widget",
        "Put the chat widget on your site",
        "Done when a visitor of your site has written in it.",
        "/settings#install",
    ),
    ("mail", "Connect an e-mail address", "Done when its domain is verified.", "/settings/email"),
    ("team", "Invite a colleague", "Done when somebody has joined.", "/settings/members"),
    (
        "demo",
        "Look around in demo data",
        "Loads 200 conversations with people and colleagues, meant for trying things out.",
        "/settings/demo-data",
    ),
)


async def first_steps_of(database: Database, actor: Actor) -> Sequence[FirstStep]:
    """Return the steps for an admin; none where they are done or dismissed."""
    if not actor.is_admin or actor.project.settings.get(DISMISSED):
        return ()
    *done, has_address = await what_is_done(database, actor)
    state = dict(zip((key for key, *_ in STEPS), done, strict=True))
    if all(state.values()):
        return ()
    steps = [
        FirstStep(key=key, name=name, hint=hint, path=path, is_done=bool(state[key]))
        for key, name, hint, path in STEPS
    ]
    is_told = has_address or any(actor.project.settings.get(name) for name in TELLING)
    return [step for step in steps if step.key != "demo" or step.is_done or not is_told]
