"""How many answers that go on for long may be open: each holds a connection, and reads anew when something happens."""

from parley.kernel.http.authorization import Actor
from parley.kernel.http.request import ParleyRequest
from parley.kernel.throttle.slots import SlotLimit, Slots

PER_USER = SlotLimit("streams-of-user", 30, wait_s=30)
PER_PROJECT = SlotLimit("streams-of-project", 500, wait_s=30)


def hold_stream(request: ParleyRequest, actor: Actor) -> None:
    """Take a place for a stream of this user, whatever key or session they use, until it ends; raises Throttled."""
    slots: Slots = request.app.state.services.slots
    held = slots.taken((PER_USER, str(actor.user_id)), (PER_PROJECT, str(actor.project_id)))
    held.__enter__()

    async def give_back(_: int) -> None:
        held.__exit__(None, None, None)

    request.at_end(give_back)
