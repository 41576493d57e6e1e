"""The ClickHouse of the settings: `clickhouse[s]://user:password@host:port/database[?secure=true][&cluster=name]`."""

import re
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import msgspec

PORTS = {False: 8123, True: 8443}
"""Of ClickHouse's HTTP interface, by whether it is encrypted."""
NATIVE_PORTS = frozenset({9000, 9440})
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
"""A database or cluster that needs no quotes in SQL."""
FLAGS = {"true": True, "1": True, "false": False, "0": False}


class ClickHouseServer(msgspec.Struct, frozen=True):
    """Where events go. `cluster` is what tables and deletions name in `ON CLUSTER`."""

    host: str
    port: int
    username: str
    password: str
    database: str
    is_secure: bool
    cluster: str | None = None

    @property
    def place(self) -> str:
        """Host, port and database, for sentences: nothing secret."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}/{self.database}"


def clickhouse_server_of(url: str) -> ClickHouseServer:
    """Read the URL of a ClickHouse; raises ValueError with a sentence that begins after its name and quotes nothing."""
    parts = urlsplit(url)
    secure, cluster = _parameters_of(parts.query)
    is_secure = parts.scheme == "clickhouses" or secure is True
    if parts.scheme == "clickhouses" and secure is False:
        raise ValueError("with clickhouses:// is encrypted: leave ?secure=false out.")
    port = parts.port or PORTS[is_secure]
    if port in NATIVE_PORTS:
        raise ValueError(
            f"names port {port}, of ClickHouse's native protocol: name that of its HTTP interface, usually 8123 or 8443."
        )
    return ClickHouseServer(
        host=parts.hostname or "localhost",
        port=port,
        username=unquote(parts.username) if parts.username else "default",
        password=unquote(parts.password) if parts.password else "",
        database=_database_of(parts),
        is_secure=is_secure,
        cluster=cluster,
    )


def _database_of(parts: SplitResult) -> str:
    name = unquote(parts.path.strip("/"))
    if not NAME.fullmatch(name):
        raise ValueError(
            "must name a database after the host, such as clickhouse://user:password@host:8123/parley: letters, digits "
            "and underscores."
        )
    return name


def _parameters_of(query: str) -> tuple[bool | None, str | None]:
    """Return `secure` and `cluster`, None where they are not given."""
    secure: bool | None = None
    cluster: str | None = None
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name == "secure" and value.lower() in FLAGS:
            secure = FLAGS[value.lower()]
        elif name == "cluster" and NAME.fullmatch(value):
            cluster = value
        else:
            raise ValueError("may end in ?secure=true and &cluster=name, and in no other parameter.")
    return secure, cluster
