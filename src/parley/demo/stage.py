"""Who plays the demo: colleagues, and customers who are known to the project; under a clock that is set by hand."""

import copy
import random
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from parley.accounts.members.actions import add_member
from parley.accounts.passwords.hashing import hash_password
from parley.accounts.users.actions import create_user
from parley.accounts.users.queries import user_id_by_email
from parley.demo import scripts as words
from parley.demo.recordings import Visit
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import (
    MEMBER,
    OWNER,
    Actor,
    Principal,
    Project,
)
from parley.kernel.ids import new_token, new_uuid
from parley.kernel.redis.live import Live
from parley.kernel.services import Services
from parley.people.persons.actions.capture import apply_operations
from parley.people.persons.rules.drafts import Operation

N_PEOPLE = 90
SPAN = timedelta(days=30)
"""How far back conversations go."""
SEED = 20
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


class TicketLife(msgspec.Struct, frozen=True):
    """From when to when a ticket was unresolved; without an end it still is."""

    opened_at: datetime
    resolved_at: datetime | None


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """What the conversations are played with. `services` has the past clock and tells nobody."""

    services: Services
    clock: PastClock
    project: Project
    agents: Sequence[Actor]
    customers: Sequence[DemoCustomer]
    chance: random.Random
    visits: list[Visit]  # those of which there is to be a recording
    lives: list[TicketLife]


async def set_stage(services: Services, project: Project, now: datetime) -> Stage:
    """Make the colleagues and the customers; raises Invalid where they are there already."""
    chance = random.Random(SEED)  # noqa: S311 - the same believable data each time, no secret
    clock = PastClock(now - SPAN)
    past = copy.copy(services)
    past.clock, past.live = clock, Live()
    password_hash = await hash_password(new_token())
    customers = _customers(chance, project.id, now)
    async with services.database.transaction() as db:
        if await user_id_by_email(db, _address(words.AGENTS[0][0], project.id)) is not None:
            raise Invalid("This project has the demo data already.")
        agents = [await _agent(db, past, project, password_hash, *name) for name in words.AGENTS]
        await apply_operations(
            db, project.id, [_known(customer, clock.now()) for customer in customers], clock.now()
        )
    return Stage(
        services=past,
        clock=clock,
        project=project,
        agents=agents,
        customers=customers,
        chance=chance,
        visits=[],
        lives=[],
    )


def _address(first: str, project_id: int) -> str:
    return f"{first.lower()}.{project_id}@demo.example"


async def _agent(
    db: Db, services: Services, project: Project, password_hash: str, first: str, last: str
) -> Actor:
    """Make a colleague. Nobody knows the password, so nobody signs in as one."""
    email = _address(first, project.id)
    user_id = await create_user(
        db, services, email=email, password_hash=password_hash, first_name=first, last_name=last
    )
    await add_member(db, services, organization_id=project.organization_id, user_id=user_id, level=MEMBER)
    principal = Principal(
        user_id=user_id,
        user_uuid=new_uuid(),
        email=email,
        name=f"{first} {last}",
        levels={project.organization_id: OWNER},
        current_project_id=project.id,
    )
    return Actor(principal=principal, project=project, level=MEMBER)


def _customers(chance: random.Random, project_id: int, now: datetime) -> list[DemoCustomer]:
    return [_customer(chance, project_id, index, now) for index in range(N_PEOPLE)]


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
