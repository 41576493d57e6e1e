"""Who may read the metrics: this machine, or whoever has the token."""

import pytest

from tests.limited import client_at, limited_app

TOKEN = "a token for the metrics"


async def status_of(app, address, **headers):
    async with client_at(app, address, **headers) as client:
        return (await client.get("/metrics")).status_code


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
async def test_programs_of_this_machine_read_them(app, address):
    async with client_at(app, address) as client:
        answer = await client.get("/metrics")
    assert answer.status_code == 200
    assert "parley_requests_total" in answer.text


@pytest.mark.parametrize("address", ["192.0.2.1", "10.0.0.5", "2001:db8::1", "::ffff:192.0.2.1"])
async def test_others_do_not(app, address):
    async with client_at(app, address) as client:
        answer = await client.get("/metrics")
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    assert "parley_requests_total" not in answer.text


@pytest.mark.parametrize(
    "header",
    [
        "X-Forwarded-For",
        "X-Forwarded-Proto",
        "X-Forwarded-Host",
        "Forwarded",
        "Via",
        "X-Real-IP",
        "CF-Connecting-IP",
        "True-Client-IP",
    ],
)
async def test_a_proxy_on_this_machine_does_not_read_them_for_others(app, header):
    assert await status_of(app, "127.0.0.1", **{header: "127.0.0.1"}) == 403


async def test_with_a_token_only_the_token_counts(settings, app):
    async with limited_app(settings, metrics_token=TOKEN) as made:
        for address in ("127.0.0.1", "192.0.2.1"):
            assert await status_of(made, address) == 401
            assert await status_of(made, address, Authorization="Bearer wrong") == 401
            assert await status_of(made, address, Authorization=f"Basic {TOKEN}") == 401
            assert await status_of(made, address, Authorization=f"Bearer {TOKEN}") == 200
