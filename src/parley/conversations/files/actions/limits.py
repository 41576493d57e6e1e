"""How often a user may upload."""

from parley.kernel.http.authorization import Actor
from parley.kernel.services import Services
from parley.kernel.throttle import MINUTE_S, Limit

UPLOADS = Limit("files-minute", 60, MINUTE_S)


async def count_upload(services: Services, actor: Actor) -> None:
    """Count what a user uploads, where the settings ask for limits; raises Throttled."""
    if services.settings.limits_keys:
        await services.throttles.hit((UPLOADS, str(actor.user_id)))
