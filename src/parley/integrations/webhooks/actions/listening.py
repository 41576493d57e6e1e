"""Telling the project whether any of its webhooks is switched on."""

from functools import partial

from parley.accounts.projects.actions.flags import update_has_webhooks
from parley.integrations.webhooks.queries.listeners import is_listening
from parley.kernel.database.transaction import Db
from parley.kernel.services import Services


async def note_listening(db: Db, services: Services, project_id: int) -> None:
    """Note it at the project; called after each change of a webhook, in its transaction."""
    await update_has_webhooks(db, services, project_id, partial(is_listening, db, project_id))
