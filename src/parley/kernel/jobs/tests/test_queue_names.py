"""Names of queues are stored."""

from parley.kernel.jobs.registry import QUEUES
from parley.kernel.jobs.tables import outbox


def test_each_name_of_a_queue_fits_its_column():
    """SQLite stores longer ones, PostgreSQL refuses them."""
    length = outbox.c.kind.type.length
    assert [name for name in QUEUES if len(name) > length] == []
