"""What the benchmarks measure on is what they say it is."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import asyncpg

from benchmarks.programs import ceiling, parley
from benchmarks.rows import Desk, now, rare_places
from benchmarks.same import check_same_answers
from benchmarks.words import COMMON, language
from benchmarks.world import World, make_world, tickets_of
from parley.kernel.config.settings import Settings
from tests.servers import new_postgres_url

TICKETS = 200
HOLDING = "SELECT count(DISTINCT ticket_id) FROM comment WHERE project_id = {project} AND lower(content) LIKE '%{word}%'"


def value(world: World, sql: str) -> int:
    if world.database_url.startswith("sqlite"):
        with closing(sqlite3.connect(world.database_url.removeprefix("sqlite:///"))) as connection:
            return int(connection.execute(sql).fetchone()[0])
    return asyncio.run(_value(world.database_url, sql))


async def _value(url: str, sql: str) -> int:
    connection = await asyncpg.connect(url)
    try:
        return int(await connection.fetchval(sql))
    finally:
        await connection.close()


def test_the_ceiling_gives_the_answers_that_parley_gives(settings: Settings, tmp_path: Path):
    if settings.database_url.startswith("sqlite"):
        return  # the ceiling knows PostgreSQL only
    url = new_postgres_url()
    world = make_world(tmp_path, url, TICKETS, agents=0)
    with parley(tmp_path, url) as own, ceiling(tmp_path / "ceiling", url, world.project_id) as bare:
        check_same_answers(world, own.address, bare.address, tickets_of(world, range(1, 10)))


def test_a_filled_database_holds_what_is_searched_for(settings: Settings, tmp_path: Path):
    is_embedded = settings.database_url.startswith("sqlite")
    url = f"sqlite:///{tmp_path}/parley.sqlite3" if is_embedded else new_postgres_url()
    world = make_world(tmp_path, url, TICKETS, agents=0)
    project = world.project_id

    assert value(world, f"SELECT count(*) FROM ticket WHERE project_id = {project}") == TICKETS
    assert value(world, "SELECT count(*) FROM ticket") == TICKETS * 11 // 10
    assert value(world, "SELECT count(*) FROM comment") == 4 * TICKETS * 11 // 10
    words = language()
    places = rare_places(Desk(project, [world.user_id], TICKETS, now()), words)
    for word in words.rare[:3]:
        count = value(world, HOLDING.format(project=project, word=word))
        assert 10 <= count == len(places[word]) <= 50
    common = value(world, HOLDING.format(project=project, word=COMMON[5]))
    assert 0.05 * TICKETS < common < 0.3 * TICKETS
