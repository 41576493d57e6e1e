"""Letters that are used again: for a minute, whatever the clock does, and within bounds."""

from datetime import UTC, datetime, timedelta

from parley.analytics.reports.schemas import Report
from parley.analytics.subscription_deliveries import shared_letters
from parley.analytics.subscription_deliveries.letters import letter_of
from parley.analytics.subscription_deliveries.shared_letters import KeptLetters
from parley.analytics.subscriptions.tests.subscribing import make_insight, subscribe

NOW = datetime(2022, 1, 1, 9, tzinfo=UTC)


def letter(subject: str) -> Report:
    return Report(subject=subject, text="", html="")


def test_a_letter_is_kept_for_a_minute_and_the_oldest_go(monkeypatch):
    kept = KeptLetters()
    kept.put("a", letter("one"), NOW)
    assert kept.get("a", NOW + timedelta(seconds=59)) == letter("one")
    for at in (NOW + timedelta(minutes=1), NOW - timedelta(seconds=1)):
        assert kept.get("a", at) is None
    assert kept.get("b", NOW) is None
    monkeypatch.setattr(shared_letters, "MOST_BYTES", 5000)
    for n in range(3):
        kept.put(n, letter("x" * 2000), NOW)
        kept.put(n, letter("y" * 2000), NOW)
    assert [kept.get(key, NOW) is not None for key in ("a", 0, 1, 2)] == [False, False, True, True]
    kept.put("large", letter("x" * 6000), NOW)
    assert all(kept.get(key, NOW) is None for key in ("large", 1, 2))


async def test_what_is_due_at_once_is_made_once(alice, deliveries, sent_mail, monkeypatch):
    made = []

    async def counted(services, found, delivery):
        made.append(found.title)
        return await letter_of(services, found, delivery)

    monkeypatch.setattr(f"{shared_letters.__name__}.letter_of", counted)
    insight = await make_insight(alice)
    for title in (None, None, None, "Ours"):
        await subscribe(alice, insight=insight, title=title)
    await deliveries.go_out()
    assert sorted(made, key=str) == [None, "Ours"]
    assert len([mail for mail in sent_mail if " report - " in mail["Subject"]]) == 4
