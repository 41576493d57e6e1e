"""Personal data in the settings: an admin exports or erases what is known of one person."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import JSONBody
from litestar.response import Stream

from parley.accounts.memberships.rules import check_admin
from parley.administration.privacy.actions.erasure import erase_person
from parley.administration.privacy.actions.export import UNKNOWN, export_person
from parley.administration.privacy.queries.data_subject import data_subject_of
from parley.administration.privacy.queries.extent import extent_of_erasure
from parley.administration.privacy.rules import SubjectReference, subject_reference
from parley.administration.privacy.schemas import Erasure, Extent, LeftOut
from parley.conversations.files.attachments import file_links
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import Invalid, NotFound, Throttled
from parley.kernel.http.authorization import Actor
from parley.kernel.http.json_response import JSON
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.kernel.throttle import MINUTE_S, Limit
from parley.web.error_pages import problem_of
from parley.web.guards import page_recent, page_session
from parley.web.rendering import page

PATH = "/settings/personal-data"
TEMPLATE = "privacy/personal_data.html"
WORDS = {
    "persons": ("person", "persons"),
    "events": ("event", "events"),
    "tickets": ("conversation", "conversations"),
    "messages": ("message", "messages"),
    "participants": ("participation", "participations"),
    "inbound_mails": ("mail that came in", "mails that came in"),
    "outbound_mails": ("mail that went out", "mails that went out"),
    "text_contacts": ("phone number", "phone numbers"),
    "recordings": ("recording", "recordings"),
    "deliveries": ("delivery of a webhook", "deliveries of webhooks"),
    "log_entries": ("entry of the activity log", "entries of the activity log"),
}
"""What is counted for people; the API's answer has all numbers."""

LOOKS = Limit("personal-data-minute", 20, MINUTE_S)
"""How often a user exports, or looks at what an erasure would take: both read all that is known of somebody."""


class PersonForm(msgspec.Struct, frozen=True, kw_only=True):
    """Whose data is meant. `is_sure` is the mark of the person whose data somebody has seen the extent of."""

    kind: str = "email"
    who: str = ""
    confirm_linked: str = ""
    leave_out: str = ""
    is_sure: str = ""

    @property
    def mark(self) -> str:
        """What a press that erases must name: the same person, with the same ids, as the numbers were shown of."""
        return " ".join((self.kind, self.confirm_linked or "-", self.who.strip()))

    @property
    def reference(self) -> SubjectReference:
        return subject_reference({self.kind: [self.who]})


class PersonalDataPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `privacy/personal_data.html`; `unsaid` may belong to the person, and nobody has said whether it does.

    `to_come` is what another press erases, `erased` what is gone.
    """

    form: PersonForm
    to_come: Extent | None = None
    erased: Erasure | None = None
    unsaid: Sequence[LeftOut] = ()
    words: Mapping[str, tuple[str, str]] = msgspec.field(default_factory=WORDS.copy)
    problem: str | None = None


@get(PATH, guards=[page_session], include_in_schema=False)
async def show_personal_data(request: ParleyRequest, actor: ActorDependency) -> Response[Any]:
    """Ask whose data is to be exported or erased. For admins."""
    check_admin(actor)
    query = request.query_params
    kind = "email" if "email" in query else "distinct_id"
    asked = PersonForm(kind=kind, who=query[kind]) if kind in query else PersonForm()
    return page(request, TEMPLATE, PersonalDataPage(form=asked))


def _refused(
    request: ParleyRequest, form: PersonForm, error: Invalid | NotFound | Throttled
) -> Response[Any]:
    status = 429 if isinstance(error, Throttled) else 422
    return page(request, TEMPLATE, PersonalDataPage(form=form, problem=problem_of(error)), status=status)


async def _extent(services: Services, actor: Actor, form: PersonForm) -> Extent:
    """Return how much of somebody would go; raises NotFound and Throttled."""
    await services.throttles.hit((LOOKS, str(actor.user_id)))
    links, is_confirmed = file_links(services), bool(form.confirm_linked)
    async with services.database.snapshot() as db:
        found = await extent_of_erasure(
            db, actor.project_id, form.reference, links, is_confirmed=is_confirmed
        )
    if found is None:
        raise NotFound(UNKNOWN)
    return found


async def _unsaid(services: Services, actor: Actor, form: PersonForm) -> Sequence[LeftOut]:
    """Return what is only linked to the person, as long as the form doesn't say what becomes of it; raises NotFound."""
    if bool(form.confirm_linked) != bool(form.leave_out):
        return ()
    async with services.database.transaction(write=False) as db:
        return (await data_subject_of(db, actor.project_id, form.reference, is_confirmed=False)).left_out


def _asked(request: ParleyRequest, form: PersonForm, unsaid: Sequence[LeftOut]) -> Response[Any]:
    return page(request, TEMPLATE, PersonalDataPage(form=form, unsaid=unsaid), status=422)


@post(f"{PATH}/export", guards=[page_session, page_recent], status_code=200, include_in_schema=False)
async def download_personal_data(
    request: ParleyRequest, data: JSONBody[PersonForm], actor: ActorDependency, services: ServicesDependency
) -> Response[Any] | Stream:
    """Send everything that is known of a person as a file, or show what stands in the way. For admins; it is logged."""
    check_admin(actor)
    try:
        if unsaid := await _unsaid(services, actor, data):
            return _asked(request, data, unsaid)
        await services.throttles.hit((LOOKS, str(actor.user_id)))
        made = await export_person(services, actor, data.reference, is_confirmed=bool(data.confirm_linked))
    except (Invalid, NotFound, Throttled) as error:
        return _refused(request, data, error)
    name = f"personal-data-{services.clock.now():%Y-%m-%d}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Length": str(made.size)}
    return Stream(made.pieces, media_type=JSON, headers={**headers, "Cache-Control": "no-store"})


@post(f"{PATH}/erase", guards=[page_session, page_recent], status_code=200, include_in_schema=False)
async def erase_personal_data_of(
    request: ParleyRequest, data: JSONBody[PersonForm], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show how much is known of a person, and, once that was seen, erase it. For admins; it is logged."""
    check_admin(actor)
    try:
        if unsaid := await _unsaid(services, actor, data):
            return _asked(request, data, unsaid)
        if data.is_sure != data.mark:
            to_come = await _extent(services, actor, data)
            return page(request, TEMPLATE, PersonalDataPage(form=data, to_come=to_come))
        async with services.database.transaction() as db:
            done = await erase_person(
                db, services, actor, data.reference, is_confirmed=bool(data.confirm_linked)
            )
    except (Invalid, NotFound, Throttled) as error:
        return _refused(request, data, error)
    return page(request, TEMPLATE, PersonalDataPage(form=PersonForm(), erased=done))


handlers: list[Any] = [show_personal_data, download_personal_data, erase_personal_data_of]
