"""Who plays the demo: colleagues, and customers who are known to the project; under a clock that is set by hand."""

import copy
import random
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from parley.accounts.members.actions import add_member
from parley.accounts.users.actions import create_user
from parley.demo import scripts as words
from parley.demo.queries import Colleague, colleagues_of
from parley.demo.rules import N_PEOPLE, SPAN, chance_of, colleagues_domain
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import (
    MEMBER,
    OWNER,
    Actor,
    Principal,
    Project,
)
from parley.kernel.ids import new_token
from parley.kernel.redis.live import Live
from parley.kernel.services import Services
from parley.people.persons.actions.capture import apply_operations
from parley.people.persons.rules.drafts import Operation

FIRST_NAMES, LAST_NAMES = words.FIRST_NAMES.split(), words.LAST_NAMES.split()


class DemoCustomer(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who writes."""

    distinct_id: str
    first: str
    properties: dict[str, str]
    signed_up_at: datetime


class PastClock:
    """A clock that is set by hand."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        """Return the instant that it was set to."""
        return self.at


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """What the demo is played with at one moment. `services` has the past clock and tells nobody."""

    services: Services
    clock: PastClock
    now: datetime
    project: Project
    customers: Sequence[DemoCustomer]
    agents: Sequence[Actor] = ()


def new_stage(services: Services, project: Project, now: datetime) -> Stage:
    """Return the stage of a project without its colleagues: the same customers for the same moment."""
    clock = PastClock(now - SPAN)
    past = copy.copy(services)
    past.clock, past.live = clock, Live()
    chance = chance_of("customers")
    customers = [_customer(chance, project.id, index, now) for index in range(N_PEOPLE)]
    return Stage(services=past, clock=clock, now=now, project=project, customers=customers)


async def make_cast(db: Db, stage: Stage, password_hash: str) -> None:
    """Make the colleagues and the customers."""
    at = stage.clock.now()
    for first, last in words.AGENTS:
        await _make_agent(db, stage, password_hash, first, last)
    await apply_operations(db, stage.project.id, [_known(customer, at) for customer in stage.customers], at)


async def with_agents(db: Db, stage: Stage) -> Stage:
    """Return the stage with those colleagues who are still there."""
    found = {one.email.partition(".")[0]: one for one in await colleagues_of(db, stage.project)}
    there = [(first, last) for first, last in words.AGENTS if first.lower() in found]
    agents = [_agent(stage.project, found[first.lower()], f"{first} {last}") for first, last in there]
    return msgspec.structs.replace(stage, agents=agents)


def new_address(first: str, project_id: int) -> str:
    """Return an address for a colleague that nobody can guess, and so nobody has: addresses are unique on the server."""
    return f"{first}.{new_token(length=12)}{colleagues_domain(project_id)}".lower()


async def _make_agent(db: Db, stage: Stage, password_hash: str, first: str, last: str) -> None:
    """Make a colleague. Nobody knows the password, so nobody signs in as one."""
    services, project = stage.services, stage.project
    user_id = await create_user(
        db,
        services,
        email=new_address(first, project.id),
        password_hash=password_hash,
        first_name=first,
        last_name=last,
    )
    await add_member(db, services, organization_id=project.organization_id, user_id=user_id, level=MEMBER)


def _agent(project: Project, colleague: Colleague, name: str) -> Actor:
    principal = Principal(
        user_id=colleague.id,
        user_uuid=colleague.uuid,
        email=colleague.email,
        name=name,
        levels={project.organization_id: OWNER},
        current_project_id=project.id,
    )
    return Actor(principal=principal, project=project, level=MEMBER)


def _customer(chance: random.Random, project_id: int, index: int, now: datetime) -> DemoCustomer:
    first = FIRST_NAMES[index % len(FIRST_NAMES)]
    last = chance.choice(LAST_NAMES)
    company, country, city = words.COMPANIES[index % len(words.COMPANIES)]
    signed_up_at = now - timedelta(days=2 + 900 * chance.random() ** 2.5)
    domain = "".join(letter for letter in company.lower() if letter.isalnum())
    properties = {
        "name": f"{first} {last}",
        "email": f"{first}.{last}@{domain}.example".lower(),
        "company": company,
        "plan": chance.choice(words.PLANS),
        "city": city,
        "country": country,
        "signed_up_on": signed_up_at.date().isoformat(),
        "seats": str(chance.choice((1, 3, 5, 8, 14, 20, 45))),
    }
    return DemoCustomer(
        distinct_id=f"demo-{project_id}-{index + 1}",
        first=first,
        properties=properties,
        signed_up_at=signed_up_at,
    )


def _known(customer: DemoCustomer, at: datetime) -> Operation:
    return Operation(distinct_id=customer.distinct_id, at=at, identifies=True, sets=customer.properties)
