"""`parley rotate-key`: encrypt what is stored with the present secret key, after it was changed."""

import argparse
import asyncio
from typing import TYPE_CHECKING, Any

from parley.commands.command_database import opened_services, read_settings, refusing
from parley.commands.output import complain, say

if TYPE_CHECKING:
    from parley.kernel.reencryption import Reencrypted

NO_OLD_KEYS = "PARLEY_OLD_SECRET_KEYS is not set, so only what the present key has encrypted can be read."
STILL_OLD = (
    "A server still encrypts with an old key: "
    "start every server with the present PARLEY_SECRET_KEY. Then run this again."
)
UNREADABLE = (
    "No key can read {texts}. "
    "Add the key that has encrypted them to PARLEY_OLD_SECRET_KEYS, or run `parley renew-secrets`."
)
DONE = (
    "{n} stored secrets are now encrypted with PARLEY_SECRET_KEY, and all others were before. Only links and reply "
    "addresses in mails that were sent before still need PARLEY_OLD_SECRET_KEYS."
)


def add_to(commands: Any) -> None:
    parser = commands.add_parser(
        "rotate-key",
        help="after PARLEY_SECRET_KEY was changed: encrypt what PARLEY_OLD_SECRET_KEYS have encrypted with it",
    )
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Encrypt anew and say what was done; 1 where something can't be read or is not done."""
    import parley.main  # noqa: F401 - all tables have to be known
    from parley.kernel.reencryption import reencrypt_everything

    settings = read_settings()
    if not settings.old_secret_keys:
        complain(NO_OLD_KEYS)

    async def work() -> "Reencrypted":
        async with opened_services(settings) as services:
            return await reencrypt_everything(services)

    with refusing():
        found = asyncio.run(work())
    return _tell(found)


def _tell(found: "Reencrypted") -> int:
    if found.unreadable:
        texts = ", ".join(f"{n} texts of `{name}`" for name, n in sorted(found.unreadable.items()))
        complain(UNREADABLE.format(texts=texts))
    if not found.is_complete:
        complain(STILL_OLD)
    if found.unreadable or not found.is_complete:
        say(f"{found.n_renewed} stored secrets are now encrypted with PARLEY_SECRET_KEY.")
        return 1
    say(DONE.format(n=found.n_renewed))
    return 0
