"""What a feature above says about the kind of integration that it brings.

A folder has a module `integration.py` with `KIND = IntegrationKind(...)`; `main.py` finds and registers it. Nothing here
knows any kind by name: without the folder there is no such kind.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec

from parley.integrations.connections.errors import KindNotSupported
from parley.kernel.config.settings import Settings
from parley.kernel.database.transaction import Db
from parley.kernel.services import Services


class OutsideAccount(msgspec.Struct, frozen=True, kw_only=True):
    """What connecting has found out. `config` is shown to every member; texts in `sensitive_config` get encrypted."""

    integration_id: str
    config: dict[str, Any]
    sensitive_config: dict[str, Any] = {}


class OAuthApp(msgspec.Struct, frozen=True, kw_only=True):
    """This server as the owner has registered it with a service, and where that service lets people consent."""

    client_id: str
    client_secret: str
    authorize_url: str
    token_url: str


class OAuthProvider(msgspec.Struct, frozen=True, kw_only=True):
    """How people consent at a service (RFC 6749).

    `app` is None where the settings named in `variables` are missing. `scope` stands in the URL as it is.
    `account_of` reads the answer to a code; it raises Invalid for what is no account. Access, refresh and ID token, and
    when the tokens end, are kept without it. `uses_pkce` is for services that know RFC 7636; `parameters` are further ones
    of the consent page.
    """

    app: Callable[[Settings], OAuthApp | None]
    variables: Sequence[str]
    scope: str
    account_of: Callable[[Mapping[str, Any]], OutsideAccount]
    parameters: Mapping[str, str] = {}
    uses_pkce: bool = False


class IntegrationKind(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of integration: how one connects it, and how it is shown.

    At least one of `oauth` and `connect` is there. `connect` proves the credentials that somebody has sent as `config`
    for a project (its number), and raises an AppError for wrong ones; it is called outside any transaction, and its calls
    count for that project. `check` is called in the transaction that stores the account, and raises Invalid where this
    project may not have it. `template` shows one connected account on the settings page, with `integration` as its variable.
    """

    name: str
    title: str
    description: str
    oauth: OAuthProvider | None = None
    connect: Callable[[Services, int, Mapping[str, Any]], Awaitable[OutsideAccount]] | None = None
    check: Callable[[Db, int, OutsideAccount], Awaitable[None]] | None = None
    display_name: Callable[[Mapping[str, Any], str], str] = lambda config, integration_id: integration_id
    connect_template: str | None = None
    """A form for the credentials that `connect` takes, on the settings page; its fields are named `config.<name>`."""
    template: str | None = None
    docs: str = "integrations.md"


KINDS: dict[str, IntegrationKind] = {}
"""All that the program has, by name; filled by `main`."""


def register(kind: IntegrationKind) -> IntegrationKind:
    """Let the kind be connected."""
    KINDS[kind.name] = kind
    return kind


class PageOfUse(msgspec.Struct, frozen=True, kw_only=True):
    """A page on which one says what an account of some kind is for."""

    label: str
    path: str


PAGES_OF_USE: dict[str, list[PageOfUse]] = {}
"""By kind; filled by the features above that use accounts of it."""


def add_page_of_use(kind: str, page: PageOfUse) -> None:
    """Let the page of integrations lead there from each account of a kind. Adding one twice changes nothing."""
    if page not in PAGES_OF_USE.setdefault(kind, []):
        PAGES_OF_USE[kind].append(page)


def kind_by_name(name: str) -> IntegrationKind:
    """Return the kind; raises KindNotSupported."""
    if name not in KINDS:
        raise KindNotSupported
    return KINDS[name]


def display_name_of(kind: str, config: Mapping[str, Any], integration_id: str) -> str:
    """Return what a connected account is called, also after its kind is gone."""
    known = KINDS.get(kind)
    return known.display_name(config, integration_id) if known else integration_id
