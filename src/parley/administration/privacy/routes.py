"""Personal data of one person: `personal_data/` of a project."""

from typing import Any

from litestar import delete, get
from litestar.handlers import BaseRouteHandler
from litestar.response import Stream

from parley.administration.privacy.actions.erasure import erase_person
from parley.administration.privacy.actions.export import export_person
from parley.administration.privacy.rules import (
    KINDS,
    SubjectReference,
    is_confirmed,
    subject_reference,
)
from parley.administration.privacy.schemas import Erasure, PersonalData
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.kernel.errors import PermissionDenied
from parley.kernel.http.authorization import Connection, and_needs, needs
from parley.kernel.http.json_response import JSON
from parley.kernel.http.request import ParleyRequest
from parley.kernel.openapi.documented import DocumentedAnswer, Query, documented

PERSONAL_DATA = "/api/projects/{project_id:str}/personal_data"
QUERY = [
    Query("person_id", "The uuid of a person."),
    Query("distinct_id", "A distinct id, whether or not there is a person with it."),
    Query("email", "An e-mail address, in any letter case."),
    Query(
        "confirm_linked",
        "Whether verified tickets of other distinct ids are included, too, which capture says are the same person. "
        "Otherwise `left_out` lists them.",
        bool,
    ),
]
ABOUT = "Everything, as a file to be saved."


async def admins_only(connection: Connection, _: BaseRouteHandler) -> None:
    """Let admins and owners pass; stands behind the guard that knows the project."""
    if not connection.scope["state"]["actor"].is_admin:
        raise PermissionDenied(
            "Only admins and owners of the organization may export or erase personal data."
        )


def _reference(request: ParleyRequest) -> SubjectReference:
    return subject_reference({kind: request.query_params.getall(kind, []) for kind in KINDS})


def _confirmed(request: ParleyRequest) -> bool:
    return is_confirmed(request.query_params.get("confirm_linked"))


@get(
    PERSONAL_DATA,
    guards=[needs("person:read"), and_needs("ticket:read"), admins_only],
    opt=documented(query=QUERY, answers={200: DocumentedAnswer(ABOUT, (PersonalData,))}),
)
async def export_personal_data(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Stream:
    """Export everything that is known of one person; needs `ticket:read`, too, and an admin. It is logged."""
    made = await export_person(services, actor, _reference(request), is_confirmed=_confirmed(request))
    name = f"personal-data-{services.clock.now():%Y-%m-%d}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Length": str(made.size)}
    return Stream(made.pieces, media_type=JSON, headers={**headers, "Cache-Control": "no-store"})


@delete(
    PERSONAL_DATA,
    status_code=200,
    guards=[needs("person:write"), and_needs("ticket:write"), admins_only],
    opt=documented(query=QUERY),
)
async def erase_personal_data(
    request: ParleyRequest, actor: ActorDependency, db: DbDependency, services: ServicesDependency
) -> Erasure:
    """Erase everything that is known of one person, for good; needs `ticket:write`, too, and an admin. It is logged."""
    return await erase_person(db, services, actor, _reference(request), is_confirmed=_confirmed(request))


handlers: list[Any] = [export_personal_data, erase_personal_data]
