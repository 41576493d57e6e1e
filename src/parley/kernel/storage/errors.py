"""What can be wrong with the storage of objects."""

from parley.kernel.errors import Unavailable


class NoSuchObject(Exception):
    """The storage answers, and has nothing under this key."""


class StorageAway(Unavailable):
    """The storage does not answer, or can't store: full, unmounted, or access is refused."""

    code = "storage_unavailable"
    default_detail = "The storage of files is not available at the moment. Please try again."
