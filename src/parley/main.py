"""Composition: the one module that knows every feature."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from litestar import Litestar
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.template import TemplateConfig

import parley
from parley.accounts.access_levels.queries.rights import rights_of
from parley.accounts.authentication.authenticator import CachingAuthenticator
from parley.accounts.projects.queries.owners import owners_of, siblings_of
from parley.accounts.scim_messages.library import load_library_where_used
from parley.accounts.single_sign_on.errors import SsoFailed
from parley.accounts.single_sign_on.failures import answer_sso_failure
from parley.analytics.charts.rules.on_pages import chart_cell, chart_data
from parley.analytics.insights.actions.shared import shared_chart
from parley.analytics.sharing.callers import shared_by_link
from parley.handed_down import HANDED_DOWN
from parley.integrations.connections.kinds import register
from parley.kernel.application import ParleyApplication
from parley.kernel.clock import Clock
from parley.kernel.config.settings import Settings
from parley.kernel.dependencies import dependencies, without_detours
from parley.kernel.errors import AppError, PlainError
from parley.kernel.http.error_responses import (
    answer_anything,
    answer_app_error,
    answer_http_exception,
    answer_plain_error,
)
from parley.kernel.http.json_response import JsonResponse
from parley.kernel.http.middleware import Middleware
from parley.kernel.http.options import options_handlers
from parley.kernel.http.request import (
    MAX_BODY_BYTES,
    BodyDTO,
    ParleyRequest,
    limit_bodies,
)
from parley.kernel.idempotency import Replayed, answer_replayed
from parley.kernel.jobs import Owners, Queue
from parley.kernel.openapi.document import document_handler
from parley.kernel.services import Services, open_services
from parley.kernel.text.markdown import html_of
from parley.web.error_pages import for_people
from parley.web.event_names import event_words
from parley.web.rendering import add_filters

# From the lowest to the highest, as in `.importlinter`. A new feature is a folder and one line here: its folder says
# by itself what it has (`routes.py` and `pages.py` list their `handlers`, `jobs.py` registers its jobs, `integration.py`
# has its `KIND`, `templates/`).
FEATURES = (
    "web",
    "accounts.users",
    "accounts.passwords",
    "accounts.sessions",
    "accounts.memberships",
    "accounts.audit_log",
    "accounts.roles",
    "accounts.projects",
    "accounts.api_keys",
    "accounts.members",
    "accounts.organizations",
    "accounts.domains",
    "accounts.oauth_server",
    "accounts.authentication",
    "accounts.two_factor",
    "accounts.sign_in",
    "accounts.password_reset",
    "accounts.invitations",
    "accounts.scim_messages",
    "accounts.single_sign_on",
    "accounts.saml",
    "accounts.scim",
    "accounts.oauth_sign_in",
    "accounts.setup",
    "accounts.profile",
    "accounts.expiry",
    "accounts.access_levels",
    "accounts.activity_log",
    "people.shipments",
    "people.persons",
    "people.events",
    "people.clickhouse",
    "conversations.change_feed",
    "conversations.sla",
    "conversations.search",
    "conversations.ticket_changes",
    "conversations.tickets",
    "conversations.files",
    "conversations.ticket_api",
    "conversations.bulk_changes",
    "conversations.deletion",
    "conversations.snoozes",
    "conversations.backlog_counts",
    "conversations.participants",
    "conversations.messages",
    "conversations.drafts",
    "conversations.held_replies",
    "conversations.threads",
    "conversations.merging",
    "conversations.notifications",
    "conversations.personal_data",
    "conversations.quick_actions",
    "conversations.saved_views",
    "conversations.support_reports",
    "conversations.tags",
    "conversations.ticket_list",
    "conversations.external_api",
    "conversations.stream",
    "conversations.widget",
    "conversations.restore_links",
    "email.parsing",
    "email.letters",
    "email.channels",
    "email.sender_verification",
    "email.threading",
    "email.reply_routes",
    "email.outbound",
    "email.delivery",
    "email.brake",
    "email.inbound",
    "email.interpretation",
    "email.mail_webhook",
    "email.compose",
    "email.smtp_listener",
    "email.imap",
    "knowledge.articles",
    "knowledge.suggested_replies",
    "analytics.recordings",
    "analytics.snapshots",
    "analytics.replay_capture",
    "analytics.sharing",
    "analytics.query_schema",
    "analytics.event_source",
    "analytics.funnels",
    "analytics.retention",
    "analytics.lifecycle",
    "analytics.stickiness",
    "analytics.trends",
    "analytics.event_tables",
    "analytics.charts",
    "analytics.insights",
    "analytics.dashboards",
    "analytics.journeys",
    "analytics.reports",
    "analytics.subscriptions",
    "analytics.subscription_deliveries",
    "analytics.starter_dashboards",
    "analytics.insight_pages",
    "analytics.dashboard_pages",
    "analytics.journey_pages",
    "analytics.subscription_pages",
    "analytics.playback",
    "analytics.share_panels",
    "integrations.webhooks",
    "integrations.connections",
    "integrations.slack",
    "integrations.slack_channel",
    "integrations.slack_reports",
    "integrations.linkedin_ads",
    "integrations.linkedin_conversions",
    "integrations.twilio",
    "integrations.sms",
    "integrations.sms_outbound",
    "inbox.ticket_rows",
    "inbox.composer",
    "inbox.ticket_details",
    "inbox.presence",
    "inbox.conversation_view",
    "inbox.inbox_page",
    "inbox.new_conversation",
    "inbox.search_suggestions",
    "inbox.command_bar",
    "inbox.notices",
    "inbox.report_pages",
    "inbox.ticket_actions",
    "inbox.sending",
    "mcp",
    "administration.background_work",
    "administration.monitoring",
    "administration.privacy",
    "demo",
)
ROOT = Path(parley.__file__).parent


def modules_of_features(name: str) -> Iterator[ModuleType]:
    """Import and yield the module of this name, such as `routes`, of each feature that has one."""
    for feature in FEATURES:
        folder = ROOT.joinpath(*feature.split("."))
        # Asking the import system takes a tenth of the start: it looks for what isn't there in other ways, too.
        if folder.joinpath(f"{name}.py").is_file() or folder.joinpath(name, "__init__.py").is_file():
            yield import_module(f"parley.{feature}.{name}")


JOBS = [*modules_of_features("jobs")]  # importing them registers them with the queue
ENDPOINTS = [*modules_of_features("routes"), *modules_of_features("pages")]
INTEGRATION_KINDS = [register(module.KIND) for module in modules_of_features("integration")]


def collected_handlers() -> list[Any]:
    """Return the handlers of all features."""
    return [handler for module in ENDPOINTS for handler in module.handlers]


def template_environment() -> Environment:
    """Return the Jinja environment: `persons/_row.html` is the file `_row.html` in the templates of `people.persons`."""
    folders = {name.split(".")[-1]: ROOT.joinpath(*name.split("."), "templates") for name in FEATURES}
    made = Environment(
        loader=PrefixLoader({name: FileSystemLoader(folder) for name, folder in folders.items()}),
        autoescape=True,
        auto_reload=False,  # looking at every file took a tenth of a page, and an update must not change what runs
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(shared_chart=shared_chart, chart_data=chart_data, chart_cell=chart_cell)
    made.filters.update(markdown=html_of, event_words=event_words)
    return add_filters(made)


def create_app(settings: Settings, clock: Clock | None = None) -> Middleware:
    """Return the ASGI application. Its lifespan starts and stops live updates and background work."""
    handlers = collected_handlers()
    limit_bodies(handlers)
    services = open_services(settings, clock)
    litestar = ParleyApplication(
        state=State(
            {
                "services": services,
                "authenticator": CachingAuthenticator(services, rights_of, shared_by_link),
                "queue": Queue(services, owners=Owners(owners_of, siblings_of)),
                **HANDED_DOWN,
            }
        ),
        dependencies=dependencies(services),
        dto=BodyDTO,
        return_dto=None,
        request_class=ParleyRequest,
        response_class=JsonResponse,
        request_max_body_size=MAX_BODY_BYTES,
        exception_handlers={
            SsoFailed: answer_sso_failure,
            AppError: for_people(answer_app_error),
            PlainError: for_people(answer_plain_error),
            Replayed: answer_replayed,
            HTTPException: for_people(answer_http_exception),
            Exception: for_people(answer_anything),
        },
        lifespan=[_running],
        openapi_config=None,
        template_config=TemplateConfig(instance=JinjaTemplateEngine.from_environment(template_environment())),
        logging_config=None,
        debug=False,
    )
    options = options_handlers(handlers)  # Litestar would add OPTIONS itself
    litestar.register_all([*options, *handlers, document_handler(handlers, parley.__version__)])
    without_detours(litestar)
    return _entered(litestar, settings)


def _entered(litestar: Litestar, settings: Settings) -> Middleware:
    """Return the outermost layer; the application knows it, since MCP makes requests of the API through it."""
    entrance = Middleware(litestar, settings.trusted_proxies, is_https=settings.is_https)
    litestar.state["entrance"] = entrance
    return entrance


@asynccontextmanager
async def _running(app: Litestar) -> AsyncIterator[None]:
    services: Services = app.state.services
    queue: Queue = app.state.queue
    await services.live.start()
    await queue.start()
    loading = asyncio.create_task(load_library_where_used(services))
    try:
        yield
    finally:
        loading.cancel()
        await asyncio.gather(loading, return_exceptions=True)
        await queue.stop()
        await services.kept_open.close()
        await services.isolated.close()
        await services.live.stop()
        await services.cache.close()
        await services.database.close()
        if services.clickhouse is not None:
            await services.clickhouse.close()
