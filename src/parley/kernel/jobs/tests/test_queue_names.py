"""Names of queues are stored."""

from sqlalchemy import String

from parley.kernel.jobs.registry import QUEUES
from parley.kernel.jobs.tables import outbox


def test_each_name_of_a_queue_fits_its_column():
    """SQLite stores longer ones, PostgreSQL refuses them."""
    column = outbox.c.kind.type
    assert isinstance(column, String) and column.length is not None
    assert [name for name in QUEUES if len(name) > column.length] == []
