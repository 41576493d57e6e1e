"""The limits on guessing: they stop who guesses, and nobody else."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from parley.accounts.password_reset.actions import start_reset
from parley.accounts.passwords.hashing_queue import HashingQueue
from parley.accounts.sign_in import login_throttle
from parley.kernel.errors import Unavailable
from parley.kernel.throttle import Limit
from tests.cast import PASSWORD
from tests.limited import client_at, limited_app

LOGIN = "/api/login"


@pytest.fixture
async def app_of_its_own(settings, app, clock):
    """The application with all limits by requests off: those on guessing are on nevertheless."""
    async with limited_app(settings, "off", clock) as made:
        yield made


async def sign_in(app, address, email, password="not the password", cookies=None):
    async with client_at(app, address) as client:
        client.cookies.update(cookies or {})
        return await client.post(LOGIN, json={"email": email, "password": password})


@pytest.fixture
def few_tries(monkeypatch):
    """Slow limits that a test reaches with few hashes."""
    for name in ("PER_ACCOUNT", "PER_ADDRESS"):
        limit = getattr(login_throttle, name)
        monkeypatch.setattr(login_throttle, name, Limit(limit.name, 5, limit.window_s))


async def test_many_addresses_together_get_few_tries_a_day_at_one_account(app_of_its_own, alice, few_tries):
    found = [(await sign_in(app_of_its_own, f"192.0.2.{n}", alice.email)).status_code for n in range(7)]
    assert found == [400] * 5 + [429] * 2


async def test_one_address_gets_few_tries_a_day_at_all_accounts(app_of_its_own, alice, few_tries):
    emails = [f"somebody-{n}@example.com" for n in range(7)]
    found = [(await sign_in(app_of_its_own, "192.0.2.1", email)).status_code for email in emails]
    assert found == [400] * 5 + [429] * 2
    assert (await sign_in(app_of_its_own, "192.0.2.2", emails[0])).status_code == 400


async def test_the_owner_gets_in_where_they_signed_in_before(app_of_its_own, alice, few_tries):
    home = "198.51.100.1"
    assert (await sign_in(app_of_its_own, home, alice.email, PASSWORD)).status_code == 200
    for n in range(7):
        await sign_in(app_of_its_own, f"192.0.2.{n}", alice.email)
    assert (await sign_in(app_of_its_own, "203.0.113.1", alice.email, PASSWORD)).status_code == 429
    assert (await sign_in(app_of_its_own, home, alice.email, PASSWORD)).status_code == 200


async def test_the_owner_gets_in_after_a_reset_from_where_they_did_it(
    app_of_its_own, alice, few_tries, database, services
):
    for n in range(7):
        await sign_in(app_of_its_own, f"192.0.2.{n}", alice.email)
    async with database.transaction() as db:
        token = await start_reset(db, services.clock, alice.user_id)
    here, password = "203.0.113.1", "a wholly new passphrase"
    async with client_at(app_of_its_own, here) as client:
        reset = await client.post(
            f"/api/reset/{alice.user_uuid}/", json={"token": token, "password": password}
        )
        assert reset.status_code < 300, reset.text
    assert (await sign_in(app_of_its_own, here, alice.email, password)).status_code == 200
    assert (await sign_in(app_of_its_own, "203.0.113.2", alice.email, password)).status_code == 429


async def test_the_owner_gets_in_from_an_address_where_others_guess(app_of_its_own, alice, few_tries):
    office = "198.51.100.1"
    assert (await sign_in(app_of_its_own, office, alice.email, PASSWORD)).status_code == 200
    for n in range(7):
        await sign_in(app_of_its_own, office, f"somebody-{n}@example.com")
    assert (await sign_in(app_of_its_own, office, alice.email, PASSWORD)).status_code == 200


async def test_the_owner_gets_in_with_a_session_from_anywhere(app_of_its_own, alice, mallory, few_tries):
    mine = await sign_in(app_of_its_own, "198.51.100.1", alice.email, PASSWORD)
    others = await sign_in(app_of_its_own, "198.51.100.2", mallory.email, PASSWORD)
    for n in range(7):
        await sign_in(app_of_its_own, f"192.0.2.{n}", alice.email)
    abroad = "203.0.113.1"
    for cookies, status in ((others.cookies, 429), (mine.cookies, 200)):
        answer = await sign_in(app_of_its_own, abroad, alice.email, PASSWORD, cookies)
        assert answer.status_code == status


async def test_tries_that_are_refused_do_not_count_as_guesses(app_of_its_own, alice, clock, monkeypatch):
    monkeypatch.setattr(login_throttle, "PER_ADDRESS", Limit("sign-in-address", 15, 86_400))
    for _ in range(30):
        await sign_in(app_of_its_own, "192.0.2.1", alice.email)
    clock.advance(timedelta(minutes=2))
    assert (await sign_in(app_of_its_own, "192.0.2.1", "other@example.com")).status_code == 400


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
    ],
)
async def test_clients_of_a_dual_stack_socket_are_told_apart(app_of_its_own, alice, one, other, is_same):
    for _ in range(10):
        assert (await sign_in(app_of_its_own, one, alice.email)).status_code == 400
    assert (await sign_in(app_of_its_own, one, alice.email)).status_code == 429
    assert (await sign_in(app_of_its_own, other, alice.email)).status_code == (429 if is_same else 400)


async def test_made_up_accounts_evict_no_throttle(app_of_its_own, alice, monkeypatch):
    """The address is counted first, so what it makes up is soon not kept at all."""
    monkeypatch.setattr(login_throttle, "PER_ADDRESS", Limit("sign-in-address", 12, 86_400))
    for _ in range(10):
        await sign_in(app_of_its_own, "192.0.2.1", alice.email)
    for n in range(20):
        await sign_in(app_of_its_own, "192.0.2.1", f"made-up-{n}@example.com")
    throttles = app_of_its_own.app.state.services.throttles
    assert len(throttles._counters_of(login_throttle.PER_ACCOUNT_AND_ADDRESS)) == 3
    assert (await sign_in(app_of_its_own, "192.0.2.1", alice.email, PASSWORD)).status_code == 429


PATHS = [
    ("POST", "/api/reset/{uuid}/", {"token": "{token}", "password": "another fine passphrase"}, 400),
    ("GET", "/api/signup/{token}/", None, 404),
    ("POST", "/api/signup/{token}/", {"first_name": "A", "password": "another fine passphrase"}, 404),
    ("GET", "/signup/{token}", None, 404),
    ("GET", "/setup/{token}", None, 404),
]


@pytest.mark.parametrize(("method", "path", "body", "status"), PATHS)
async def test_wrong_links_are_limited_for_each_address(app_of_its_own, method, path, body, status):
    async def ask(client):
        token = uuid4().hex
        sent = {name: value.format(token=token) for name, value in body.items()} if body else None
        return (await client.request(method, path.format(uuid=uuid4(), token=token), json=sent)).status_code

    async with client_at(app_of_its_own, "192.0.2.1") as one, client_at(app_of_its_own, "192.0.2.2") as two:
        found = [await ask(one) for _ in range(login_throttle.LINKS.most + 2)]
        assert found == [status] * login_throttle.LINKS.most + [429] * 2
        assert await ask(two) == status


async def test_good_links_do_not_count(app_of_its_own, cast, alice, api, queue, sent_mail, monkeypatch):
    monkeypatch.setattr(login_throttle, "LINKS", Limit("links", 2, 3600))
    invited = await (await cast.sign_in(alice)).post(
        f"/api/organizations/{alice.organization_id}/invites/", json={"target_email": "new@example.com"}
    )
    token = invited.json()["invite_link"].rsplit("/", 1)[1]
    async with client_at(app_of_its_own, "192.0.2.1") as client:
        found = [(await client.get(f"/api/signup/{token}/")).status_code for _ in range(5)]
    assert found == [200] * 5


async def test_sign_ins_of_one_address_beyond_the_line_are_refused_at_once(app_of_its_own, alice):
    """230 tries at once from one address: others don't wait behind them."""
    emails = [f"somebody-{n}@example.com" for n in range(230)]
    flood = [asyncio.create_task(sign_in(app_of_its_own, "192.0.2.1", email)) for email in emails]
    owner = asyncio.create_task(sign_in(app_of_its_own, "198.51.100.1", alice.email, PASSWORD))
    answers = await asyncio.gather(*flood)
    assert (await owner).status_code == 200
    statuses = [answer.status_code for answer in answers]
    assert statuses.count(429) == 230 - login_throttle.AT_ONCE.most
    assert all("retry-after" in answer.headers for answer in answers if answer.status_code == 429)


async def held(queue: HashingQueue, address: str, order: list[str]) -> None:
    async with queue.slot(address):
        order.append(address)
        await asyncio.sleep(0)


async def test_addresses_take_turns_for_the_threads():
    queue, order = HashingQueue(1, 100), list[str]()
    tasks = [asyncio.create_task(held(queue, "192.0.2.1", order)) for _ in range(5)]
    tasks += [asyncio.create_task(held(queue, "192.0.2.2", order)) for _ in range(2)]
    await asyncio.gather(*tasks)
    assert order[:5] == ["192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.1", "192.0.2.2"]


async def test_a_full_line_sends_away_who_has_the_most_in_it():
    queue, order = HashingQueue(1, 4), list[str]()
    async with queue.slot("192.0.2.9"):
        flood = [asyncio.create_task(held(queue, "192.0.2.1", order)) for _ in range(6)]
        await asyncio.sleep(0)
        assert queue.n_waiting == 4
        others = [asyncio.create_task(held(queue, f"192.0.2.{n}", order)) for n in (2, 3)]
        await asyncio.sleep(0)
        assert queue.n_waiting == 4
    found = await asyncio.gather(*flood, *others, return_exceptions=True)
    assert found[-2:] == [None, None]
    assert sum(isinstance(one, Unavailable) for one in found) == 4
    assert (queue.n_waiting, queue._n_free, queue._waiting) == (0, 1, {})


async def test_who_stops_waiting_leaves_the_line_as_it_was():
    queue, order = HashingQueue(1, 10), list[str]()
    async with queue.slot("192.0.2.9"):
        tasks = [asyncio.create_task(held(queue, "192.0.2.1", order)) for _ in range(3)]
        await asyncio.sleep(0)
        tasks[1].cancel()
        await asyncio.sleep(0)
        assert queue.n_waiting == 2
    tasks[0].cancel()  # it is its turn already
    await asyncio.gather(*tasks, return_exceptions=True)
    assert order == ["192.0.2.1"]
    assert (queue.n_waiting, queue._n_free) == (0, 1)
