"""Real mails through the whole pipeline: none breaks it, none is lost, none comes in twice, and nothing is answered."""

import os
from collections import Counter

import pytest

from parley.email.inbound.tests.mailbox import Mailbox
from parley.email.parsing.tests.corpora import files, needs_corpora

# A part of each, each fortieth bounce: the parsing tests read them all.
SHARE = {"mikel-mail": 6, "replies": 3, "bounces": 40}


def corpus(name):
    return files(name)[:: 1 if os.environ.get("WHOLE_CORPORA") else SHARE[name]]


@needs_corpora
@pytest.mark.parametrize("name", sorted(SHARE))
async def test_every_mail_has_a_fate_and_a_second_pass_changes_nothing(mailbox: Mailbox, desk, name):
    mails = [path.read_bytes() for path in corpus(name)]
    assert mails
    for raw in mails:
        await mailbox.take(raw)
    await mailbox.queue.drain()
    rows = await mailbox.rows()
    states = Counter(row.state for row in rows)
    assert set(states) <= {"stored", "merged", "ignored"}, [row for row in rows if row.state == "failed"]
    tickets = (await desk.listed())["count"]
    assert tickets == states["stored"]
    for raw in mails:
        await mailbox.take(raw)
    await mailbox.queue.drain()
    again = await mailbox.rows()
    assert {row.id for row in again} == {row.id for row in rows}
    assert sum(row.deliveries for row in again) == 2 * len(mails)
    assert (await desk.listed())["count"] == tickets
