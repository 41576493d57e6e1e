"""Recipients end what they get by mail."""

from parley.analytics.subscriptions.actions.subscriptions import unsubscribe
from parley.analytics.subscriptions.unsubscribe_tokens import ReportUnsubscription, read_unsubscribe_token
from parley.kernel.services import Services


async def unsubscribe_by_token(services: Services, token: str | None) -> ReportUnsubscription | None:
    """Take an address off a subscription; None for a token that isn't good. Safe to run twice."""
    now = services.clock.now()
    link = read_unsubscribe_token(services.vault, token, now)
    if link is not None:
        async with services.database.transaction() as db:
            await unsubscribe(db, link.team_id, link.id, link.email, now)
    return link
