"""An authenticator as a person has one."""

from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
import pyotp
import pytest

from parley.accounts.two_factor.rules import STEP_S
from parley.kernel.database.database import Database
from parley.kernel.database.transaction import Db
from tests.cast import PASSWORD, Cast, Member, MovableClock

ME = "/api/users/@me"


@dataclass
class Phone:
    """A member's authenticator, and the recovery codes that they have written down."""

    cast: Cast
    member: Member
    clock: MovableClock
    secret: str = ""
    recovery_codes: list[str] = field(default_factory=list)

    def code(self, steps: int = 0) -> str:
        """Return the code that is shown now, or that many steps from now."""
        return pyotp.TOTP(self.secret).at(int(self.clock.now().timestamp()) + steps * STEP_S)

    async def enroll(self) -> None:
        """Turn two-factor sign-in on, and let the code be over."""
        session = await self.cast.sign_in(self.member)
        self.secret = (await session.get(f"{ME}/two_factor_start_setup/")).json()["secret"]
        answer = await session.post(f"{ME}/two_factor_validate/", json={"token": self.code()})
        assert answer.status_code == 200, answer.text
        self.recovery_codes = answer.json()["backup_codes"]

    async def prove_password(self) -> httpx.AsyncClient:
        """Return a browser that has taken the first step."""
        browser = self.cast.client()
        answer = await browser.post("/api/login/", json={"email": self.member.email, "password": PASSWORD})
        assert (answer.status_code, answer.json()["code"]) == (401, "2fa_required")
        return browser


async def send_code(browser: httpx.AsyncClient, code: str) -> tuple[int, str]:
    """Take the second step; return the status and the code of the error."""
    answer = await browser.post("/api/login/token/", json={"token": code})
    return answer.status_code, answer.json().get("code", "")


@pytest.fixture
def phone(cast: Cast, clock: MovableClock) -> Phone:
    """Alice's phone, not enrolled yet."""
    clock.freeze()
    return Phone(cast, cast.alice, clock)


@pytest.fixture
def statements(monkeypatch):
    """Return a context in which every statement of a transaction, and every prepared one, is noted."""
    sent: list[str] = []
    for owner, name in [(Db, "execute"), (Db, "rows"), (Db, "row"), (Database, "read")]:
        run = getattr(owner, name)

        async def noted(self, *given, _run=run, _name=name, **values):
            sent.append(_name)
            return await _run(self, *given, **values)

        monkeypatch.setattr(owner, name, noted)

    @contextmanager
    def counting():
        sent.clear()
        yield sent

    return counting
