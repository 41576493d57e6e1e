"""Loading what messages are read with: it takes a second, in which nobody else may have to wait."""

import asyncio
import sys
from importlib import import_module

from parley.accounts.domains.queries import is_scim_in_use
from parley.kernel.services import Services

LIBRARY = "scim2_models"
LOADS_AFTER_S = 5.0
"""After the start, when the server answers already."""


async def load_library() -> None:
    """Load the library in a thread, unless that was done before."""
    if LIBRARY not in sys.modules:
        await asyncio.to_thread(import_module, LIBRARY)


async def load_library_where_used(services: Services) -> None:
    """Load it before the first request, some seconds after the start, if any domain has SCIM on.

    It takes 13 MiB of memory, so a server without SCIM never loads it.
    """
    await asyncio.sleep(LOADS_AFTER_S)
    if await is_scim_in_use(services.database):
        await load_library()
