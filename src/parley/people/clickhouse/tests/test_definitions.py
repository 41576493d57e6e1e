"""The tables in ClickHouse, and the address of the server that has them."""

import pytest

from parley.kernel.network.clickhouse_server import ClickHouseServer, clickhouse_server_of
from parley.people.clickhouse.definitions import DEFINITIONS, statements, stored_in


def test_a_cluster_has_a_replicated_and_a_spread_table_of_each():
    found = statements("parley", "main")
    assert len(found) == 2 * len(DEFINITIONS)
    assert all("ON CLUSTER main" in sql for sql in found)
    assert (
        sum("ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/parley/" in sql for sql in found) == 3
    )
    assert sum("Distributed(main, parley, " in sql for sql in found) == 3
    assert stored_in("event", "main") == "event_local ON CLUSTER main"


def test_an_event_and_whose_it_is_are_on_one_server():
    by_name = {one.name: one.shard_by for one in DEFINITIONS}
    assert by_name["event"] == by_name["person_distinct_id"] == "cityHash64(project_id, distinct_id)"


PLAIN = ClickHouseServer(
    host="ch", port=8123, username="default", password="", database="parley", is_secure=False
)


@pytest.mark.parametrize(
    ("url", "fields"),
    [
        ("clickhouse://ch/parley", {}),
        ("clickhouse://ch/parley/", {}),
        ("clickhouses://ch/parley", {"port": 8443, "is_secure": True}),
        ("clickhouse://ch/parley?secure=true", {"port": 8443, "is_secure": True}),
        ("clickhouse://ch:9440x@ch:81/parley", {"port": 81, "username": "ch", "password": "9440x"}),
        (
            "clickhouse://u%40v:p%2Fw@ch/parley?cluster=c1",
            {"username": "u@v", "password": "p/w", "cluster": "c1"},
        ),
    ],
)
def test_the_address(url, fields):
    expected = {name: getattr(PLAIN, name) for name in PLAIN.__struct_fields__} | fields
    found = clickhouse_server_of(url)
    assert found == ClickHouseServer(**expected)
    assert found.place == f"ch:{found.port}/parley"
