"""What LinkedIn sends, and what becomes of it on our wire."""

import msgspec


class PageToken(msgspec.Struct, frozen=True):
    """Where the next page begins, where LinkedIn counts so."""

    nextPageToken: str | None = None  # LinkedIn's name


class Paging(msgspec.Struct, frozen=True):
    """Which part of all this is, where LinkedIn counts so. Its links are not followed: paths are made here."""

    start: int = 0
    count: int = 0
    total: int | None = None


class LinkedInElement(msgspec.Struct, frozen=True):
    """An advertising account, or a conversion rule."""

    id: int
    name: str = ""
    reference: str = ""


class LinkedInPage(msgspec.Struct, frozen=True):
    """One page of a list. Without `elements` it is empty."""

    elements: list[LinkedInElement] = []
    metadata: PageToken | None = None
    paging: Paging | None = None


class AdAccount(msgspec.Struct, frozen=True):
    """An advertising account; `reference` is the organization or person whom it advertises."""

    id: int
    name: str
    reference: str


class AdAccounts(msgspec.Struct, frozen=True):
    """All advertising accounts that the connected person sees, in LinkedIn's order."""

    adAccounts: list[AdAccount]  # the wire format's name


class ConversionRule(msgspec.Struct, frozen=True):
    """A rule by which LinkedIn counts conversions, switched on or not."""

    id: int
    name: str


class ConversionRules(msgspec.Struct, frozen=True):
    """All rules of an advertising account, in LinkedIn's order."""

    conversionRules: list[ConversionRule]  # the wire format's name
