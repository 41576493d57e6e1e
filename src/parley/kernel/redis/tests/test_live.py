"""Live notices: to everybody on the topic, in all processes, and to nobody else."""

import asyncio
from urllib.parse import urlsplit

from redis.asyncio import Redis

from parley.kernel.redis import live as live_module
from parley.kernel.redis.live import BACKLOG, Live
from tests.balancer import Balancer


async def next_of(queue):
    async with asyncio.timeout(60):
        return await queue.get()


async def test_a_notice_reaches_its_topic_only():
    live = Live()
    async with live.subscription("project:1") as one, live.subscription("project:2") as two:
        await live.publish("project:1", "ticket.changed", number=5)
        notice = await next_of(one)
        assert (notice.name, notice.data) == ("ticket.changed", {"number": 5})
        assert two.empty()


async def test_a_callback_has_run_when_publish_returns():
    live, seen = Live(), []
    live.on("accounts", lambda notice: seen.append(notice.name))
    await live.publish("accounts", "changed")
    assert seen == ["changed"]


async def test_a_receiver_that_lags_is_told_to_read_anew():
    live = Live()
    async with live.subscription("t") as queue:
        for number in range(BACKLOG + 1):
            await live.publish("t", "n", number=number)
        assert (await next_of(queue)).name == "resync"
        assert queue.qsize() == 0


async def test_two_processes_hear_each_other_once(redis_url):
    here, there = Live(redis_url), Live(redis_url)
    await here.start()
    await there.start()
    async with here.subscription("t") as mine, there.subscription("t") as theirs:
        while theirs.empty():  # until the other side's subscription stands
            await here.publish("t", "probe")
            await asyncio.sleep(0.02)
        await here.publish("t", "last")
        names = [(await next_of(theirs)).name]
        while names[-1] != "last":
            names.append((await next_of(theirs)).name)
        assert names.count("last") == 1
        mine_names = [mine.get_nowait().name for _ in range(mine.qsize())]
        assert mine_names.count("last") == 1
    await here.stop()
    await there.stop()


async def test_whoever_is_told_that_it_listens_hears_the_next_notice(redis_url):
    """Redis knows of a subscription later than its client, so being told earlier would lose what comes in between."""
    here = Live(redis_url)
    await here.start()
    for _ in range(10):
        there = Live(redis_url)
        async with there.subscription("t") as queue:
            await there.start()
            assert (await next_of(queue)).name == "resync"
            await here.publish("t", "said")
            assert (await next_of(queue)).name == "said"
        await there.stop()
    await here.stop()


async def test_a_line_that_falls_silent_is_opened_anew_and_everybody_reads_anew(redis_url, monkeypatch):
    monkeypatch.setattr(live_module, "QUIET_S", 0.2)
    url = urlsplit(redis_url)
    async with asyncio.timeout(60), Balancer([url.port or 6379]) as between:
        live = Live(url._replace(netloc=f"127.0.0.1:{between.port}").geturl())
        async with live.subscription("t") as queue:
            await live.start()
            assert (await queue.get()).name == "resync"  # it listens
            between.fall_silent()
            assert (await queue.get()).name == "resync"
        await live.stop()


async def test_a_quiet_line_that_answers_is_kept(redis_url, monkeypatch):
    monkeypatch.setattr(live_module, "QUIET_S", 0.05)
    here, there = Live(redis_url), Live(redis_url)
    await here.start()
    async with there.subscription("t") as queue:
        await there.start()
        assert (await next_of(queue)).name == "resync"
        await asyncio.sleep(0.5)  # ten silences, each with its ping
        await here.publish("t", "said")
        assert (await next_of(queue)).name == "said"
    await here.stop()
    await there.stop()


async def test_whoever_lost_the_line_for_a_moment_reads_anew(stoppable_redis):
    """Whatever was published in that moment is lost."""
    live, client = Live(stoppable_redis.url()), Redis.from_url(stoppable_redis.url())
    async with live.subscription("t") as queue:
        await live.start()
        assert (await next_of(queue)).name == "resync"
        await client.client_kill_filter(_type="pubsub")
        assert (await next_of(queue)).name == "resync"
    await client.aclose()
    await live.stop()
