"""Errors of e-mail channels."""

from parley.kernel.errors import Conflict


class AddressInUse(Conflict):
    """A channel has the address: of this project, or of another one that has proved its domain."""

    code = "address_in_use"
    default_detail = "This address is used by another e-mail channel."
