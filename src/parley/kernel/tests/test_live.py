"""Live notices: to everybody on the topic, in all processes, and to nobody else."""

import asyncio

from parley.kernel.live import BACKLOG, Live


async def next_of(queue):
    async with asyncio.timeout(5):
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
