"""Composition: the one module that knows every feature."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from litestar import Litestar
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.template import TemplateConfig

import parley
import parley.access_levels.pages
import parley.access_levels.routes
import parley.accounts.jobs
import parley.accounts.pages
import parley.accounts.routes
import parley.activity.routes
import parley.background.pages
import parley.background.routes
import parley.changes.jobs
import parley.events.jobs
import parley.events.routes
import parley.external.routes
import parley.inbox.pages
import parley.persons.routes
import parley.privacy.routes
import parley.quick_actions.routes
import parley.saved_views.routes
import parley.stream.routes
import parley.tickets.jobs
import parley.tickets.routes
import parley.web.jobs
import parley.web.pages
import parley.web.routes
import parley.webhooks.jobs
import parley.webhooks.routes
import parley.widget.pages
import parley.widget.routes
from parley import (
    access_levels,
    accounts,
    activity,
    background,
    events,
    external,
    inbox,
    persons,
    privacy,
    quick_actions,
    saved_views,
    stream,
    tickets,
    web,
    webhooks,
    widget,
)
from parley.access_levels.queries import rights_of
from parley.accounts.access import Access
from parley.kernel.answer import Answer
from parley.kernel.breaker import Breaker
from parley.kernel.cache import open_cache
from parley.kernel.clock import Clock, SystemClock
from parley.kernel.db import Database
from parley.kernel.dependencies import Services, dependencies, without_detours
from parley.kernel.error_answers import (
    answer_anything,
    answer_app_error,
    answer_http_exception,
    answer_plain_error,
)
from parley.kernel.errors import AppError, PlainError
from parley.kernel.frame import Frame
from parley.kernel.idempotency import Replayed, answer_replayed
from parley.kernel.live import Live
from parley.kernel.options import options_handlers
from parley.kernel.queue import Queue
from parley.kernel.request import MAX_BODY_BYTES, BodyDTO, ParleyRequest, limit_bodies
from parley.kernel.schema import document_handler
from parley.kernel.secrets import Vault
from parley.kernel.settings import Settings
from parley.web.error_pages import for_people
from parley.web.rendering import equip

FEATURES = (
    "web",
    "access_levels",
    "accounts",
    "activity",
    "background",
    "persons",
    "events",
    "external",
    "inbox",
    "quick_actions",
    "saved_views",
    "tickets",
    "widget",
)


def collected_handlers() -> list[Any]:
    """Return the handlers of all features."""
    doors = (
        *(
            web.routes,
            web.pages,
            access_levels.routes,
            access_levels.pages,
            accounts.routes,
            accounts.pages,
            activity.routes,
            persons.routes,
        ),
        *(
            events.routes,
            quick_actions.routes,
            saved_views.routes,
            tickets.routes,
            inbox.pages,
            external.routes,
        ),
        *(webhooks.routes, stream.routes, privacy.routes, widget.routes, widget.pages),
        *(background.routes, background.pages),
    )
    return [handler for door in doors for handler in door.handlers]


def template_environment() -> Environment:
    """Return the Jinja environment: `inbox/_row.html` is the file `_row.html` in the templates of `inbox`."""
    root = Path(parley.__file__).parent
    made = Environment(
        loader=PrefixLoader(
            {feature: FileSystemLoader(root / feature / "templates") for feature in FEATURES}
        ),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return equip(made)


def make_services(settings: Settings, clock: Clock | None = None) -> Services:
    """Make the services of this process; nothing is connected yet."""
    breaker = Breaker()  # one for all that use Redis
    return Services(
        settings=settings,
        database=Database.open(settings.database_url),
        cache=open_cache(settings.redis_url, breaker),
        live=Live(settings.redis_url, breaker),
        clock=clock or SystemClock(),
        vault=Vault(settings.secret_key),
    )


def create_app(settings: Settings, clock: Clock | None = None) -> Frame:
    """Return the ASGI application. Its lifespan starts and stops live updates and background work."""
    handlers = collected_handlers()
    limit_bodies(handlers)
    services = make_services(settings, clock)
    litestar = Litestar(
        route_handlers=[
            *options_handlers(handlers),  # Litestar would add OPTIONS itself
            *handlers,
            document_handler(handlers, parley.__version__),
        ],
        state=State(
            {
                "services": services,
                "authenticator": Access(services, rights_of),
                "queue": Queue(services.database, settings, services.clock),
                "load_demo": _load_demo,
            }
        ),
        dependencies=dependencies(services),
        dto=BodyDTO,
        return_dto=None,
        request_class=ParleyRequest,
        response_class=Answer,
        request_max_body_size=MAX_BODY_BYTES,
        exception_handlers={
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
    without_detours(litestar)
    return Frame(litestar, settings.trusted_proxies, is_https=settings.is_https)


async def _load_demo(services: Services, project_id: int) -> None:
    from parley.demo_data import load_demo_data  # its texts are needed once in the life of a server

    await load_demo_data(services, project_id)


@asynccontextmanager
async def _running(app: Litestar) -> AsyncIterator[None]:
    services: Services = app.state.services
    queue: Queue = app.state.queue
    await services.live.start()
    await queue.start()
    try:
        yield
    finally:
        await queue.stop()
        await services.live.stop()
        await services.cache.close()
        await services.database.close()
