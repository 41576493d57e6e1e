"""The audit log in the API: it is read and exported. Nothing changes it."""

from typing import Any

from litestar import get
from litestar.response import Stream

from parley.accounts.audit_log.actions import start_export
from parley.accounts.audit_log.exports import file_of
from parley.accounts.audit_log.filters import QUERY, filters_of
from parley.accounts.audit_log.queries import entries_to_export, entry_page
from parley.accounts.audit_log.schemas import AuditEntryOut
from parley.kernel.dependencies import DbDependency, ServicesDependency
from parley.kernel.http.authorization import needs
from parley.kernel.http.organizations import admins_only, in_organization, organization_actor
from parley.kernel.http.paging import Page, page_of, page_request
from parley.kernel.http.request import ParleyRequest
from parley.kernel.openapi.documented import DocumentedAnswer, Query, documented

PATH = "/api/organizations/{organization_id:str}/audit_log"
FORMAT = Query("format", "`csv`, for spreadsheets, or `jsonl`: an entry of the list on each line.")
FILE = DocumentedAnswer(
    "All entries that match, newest first, as a file to be saved.", (str,), text_type="text/csv"
)


@get(PATH, guards=[needs("organization:read"), in_organization, admins_only], opt=documented(query=QUERY))
async def list_audit_log(request: ParleyRequest, db: DbDependency) -> Page[AuditEntryOut]:
    """List who did what in the organization, newest first; for admins."""
    asked, organization_id = page_request(request), organization_actor(request).organization_id
    filters = await filters_of(db, request.query_params)
    count, found, cursor = await entry_page(db, organization_id, filters, asked)
    return page_of(request, asked, count, found, cursor=cursor)


@get(
    f"{PATH}/export",
    guards=[needs("organization:read"), in_organization, admins_only],
    opt=documented(query=[FORMAT, *QUERY], answers={200: FILE}),
)
async def export_audit_log(request: ParleyRequest, services: ServicesDependency) -> Stream:
    """Export the audit log under the filters of the list; for admins. It is logged itself."""
    organization_id = organization_actor(request).organization_id
    kind, filters = await start_export(services, organization_id, request.query_params)
    name = f"audit-log-{services.clock.now():%Y-%m-%d}.{kind.extension}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    pieces = entries_to_export(services.database, organization_id, filters)
    return Stream(file_of(kind, pieces), media_type=kind.media_type, headers=headers)


handlers: list[Any] = [list_audit_log, export_audit_log]
