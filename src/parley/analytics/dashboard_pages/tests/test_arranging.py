"""Tiles have an order and a width, whoever has laid them."""

import pytest

from parley.analytics.dashboard_pages.rules.arranging import arranged, in_order, moved, width_of
from parley.analytics.dashboards.schemas import StoredTile


def tile(id: int, **place: object) -> StoredTile:
    layouts = {"sm": place} if place else {}
    return StoredTile(
        id=id,
        dashboard_id=1,
        insight_id=id,
        text=None,
        layouts=layouts,
        color=None,
        position=id,
        deleted=False,
    )


@pytest.mark.parametrize(
    ("place", "width"),
    [
        ({}, 6),
        ({"w": 12}, 12),
        ({"w": 4}, 4),
        ({"w": 3}, 4),
        ({"w": 9}, 6),
        ({"w": "x"}, 6),
        ({"w": True}, 6),
    ],
)
def test_a_tile_has_one_of_three_widths(place, width):
    assert width_of(tile(1, **place)) == width


def test_places_count_before_the_order_where_every_tile_has_one():
    placed = [tile(1, x=6, y=0), tile(2, x=0, y=5), tile(3, x=0, y=0)]
    assert [one.id for one in in_order(placed)] == [3, 1, 2]
    assert [one.id for one in in_order([*placed, tile(4)])] == [1, 2, 3, 4]
    assert [one.id for one in in_order([tile(1, x="1", y=None), tile(2, x=0, y=0)])] == [1, 2]


def test_tiles_move_within_their_row():
    tiles = [tile(1), tile(2), tile(3)]
    assert [one.id for one in moved(tiles, 3, -1)] == [1, 3, 2]
    assert [one.id for one in moved(tiles, 1, -1)] == [1, 2, 3]
    assert [one.id for one in moved(tiles, 1, 9)] == [2, 3, 1]
    assert moved(tiles, 7, 1) == tiles


def test_tiles_lie_side_by_side_as_far_as_they_fit():
    changes = arranged([tile(1, w=6, x=0, y=0), tile(2), tile(3, w=4)], {2: 12})
    places = [(one.layouts["sm"]["x"], one.layouts["sm"]["y"], one.layouts["sm"]["w"]) for one in changes]  # type: ignore[index]
    assert places == [(0, 0, 6), (0, 5, 12), (0, 10, 4)]
    assert [one.order for one in changes] == [0, 1, 2]
