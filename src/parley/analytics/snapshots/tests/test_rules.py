"""Which blocks a request may ask for."""

import pytest

from parley.analytics.snapshots.rules import BlockRange, asked_range
from parley.kernel.errors import Invalid


@pytest.mark.parametrize(
    ("query", "attr"),
    [
        ({"source": "BLOB_V2", "blob_key": "0"}, "source"),
        ({"source": "realtime"}, "source"),
        ({"source": ""}, "source"),
        ({"source": "blob_v2"}, "blob_key"),
        ({"source": "blob_v2", "blob_key": "-1"}, "blob_key"),
        ({"source": "blob_v2", "blob_key": "1e3"}, "blob_key"),
        ({"source": "blob_v2", "blob_key": "9" * 30}, "blob_key"),
        ({"source": "blob_v2", "start_blob_key": "0"}, "end_blob_key"),
        ({"source": "blob_v2", "end_blob_key": "0"}, "blob_key"),
        ({"source": "blob_v2", "start_blob_key": "2", "end_blob_key": "1"}, "end_blob_key"),
        ({"source": "blob_v2", "blob_key": "0", "start_blob_key": "0", "end_blob_key": "1"}, "blob_key"),
    ],
)
def test_blocks_that_cannot_be_named_are_refused(query, attr):
    with pytest.raises(Invalid) as refused:
        asked_range(query, is_key=True)
    assert refused.value.attr == attr


def test_blocks_are_named_by_one_key_or_by_two():
    one = {"source": "blob_v2", "blob_key": "7", "decompress": "true"}
    assert asked_range(one, is_key=True) == BlockRange(7, 7, True)
    two = {"source": "blob_v2", "start_blob_key": "0", "end_blob_key": "100"}
    assert asked_range(two, is_key=False) == BlockRange(0, 100)
    assert asked_range({"blob_v2": "true"}, is_key=True) is None
