"""An address that was closed after bounces is written to again once its owner writes."""

import pytest

from parley.email.inbound.tests.mailbox import mail, proof
from parley.email.reply_routes.actions import note_refusals
from parley.email.reply_routes.queries import closed_addresses


@pytest.mark.parametrize(
    ("is_proven", "headers", "closed"),
    [
        (True, {}, {}),
        (False, {}, {"ada@example.com": "address_bounced"}),
        (True, {"auto_submitted": "auto-generated"}, {"ada@example.com": "address_bounced"}),
        (True, {"sender": "bob@example.com"}, {"ada@example.com": "address_bounced"}),
    ],
)
async def test_only_a_proven_mail_of_its_owner_reopens_an_address(
    mailbox, services, project, is_proven, headers, closed
):
    async with services.database.transaction() as db:
        for _ in range(3):
            await note_refusals(db, project.id, {"ada@example.com": "550 no"}, services.clock.now())
    row = await mailbox.get(mail(**headers), authentication=proof() if is_proven else ())
    assert row.state == "stored"
    async with services.database.transaction() as db:
        assert await closed_addresses(db, project.id, ["ada@example.com"]) == closed
