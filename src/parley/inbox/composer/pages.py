"""The colleagues whom the editor offers at an @ in a private note."""

from litestar import get
from litestar.params import FromQuery

from parley.conversations.notifications.queries.recipients import mentionable_members
from parley.inbox.composer.mentions import MemberOption, matching
from parley.kernel.dependencies import ActorDependency, DbDependency
from parley.web.guards import page_session


@get("/inbox/members", guards=[page_session], include_in_schema=False)
async def list_members(
    actor: ActorDependency, db: DbDependency, search: FromQuery[str] = ""
) -> list[MemberOption]:
    """Return the members whom a note may mention and whose name or address has a word that begins with the text."""
    return matching(await mentionable_members(db, actor.project_id), search)


handlers = [list_members]
