"""What a process has one of: settings, database, ClickHouse, cache, live notices, clock, mail, storage and so on."""

from parley.kernel.clickhouse.client import ClickHouse
from parley.kernel.clock import Clock, SystemClock
from parley.kernel.config.settings import Settings
from parley.kernel.database.database import Database
from parley.kernel.errors import Throttled
from parley.kernel.isolation.pool import IsolatedPools
from parley.kernel.kept_open import KeptOpen
from parley.kernel.network.dns import DnsResolver
from parley.kernel.network.mail import Mailer
from parley.kernel.recent import RecentBytes, RecentVersions
from parley.kernel.redis.breaker import Breaker
from parley.kernel.redis.cache import Cache, open_cache
from parley.kernel.redis.live import Live
from parley.kernel.redis.presence import Presence
from parley.kernel.secrets import Vault
from parley.kernel.storage.storage import Storage
from parley.kernel.throttle import Flights, Slots, Throttles, Turns


class Services:
    """The services of this process, made once by `main`; features get them by name and never look further."""

    def __init__(
        self, *, settings: Settings, database: Database, cache: Cache, live: Live, clock: Clock, vault: Vault
    ) -> None:
        self.settings = settings
        self.database = database
        self.cache = cache
        self.live = live
        self.presence = Presence(live)
        self.clock = clock
        self.vault = vault
        self.dns = DnsResolver(settings.dns_server)
        self.mailer = Mailer(settings.smtp_url, settings.data_dir, settings.site_url)
        self.clickhouse = ClickHouse.open(settings.events_url) if settings.events_url else None
        self.storage = Storage(settings.storage_url, settings.data_dir)
        self.throttles = Throttles(cache, clock, settings.secret_key)
        self.slots = Slots()
        self.flights = Flights()
        self.query_turns = Turns(2, waiting_of_key=25, waiting=100, refusal=lambda: Throttled(10))
        """At statements over very many rows, by project."""
        self.isolated = IsolatedPools()
        self.kept_open = KeptOpen()
        self.recent_pictures = RecentBytes(8 * 1024 * 1024, seconds=600)
        self.recent_tickets = RecentVersions(16 * 1024 * 1024, seconds=300)
        """As lists show them."""
        self.keys_in_use: set[str] = set()  # of requests with an Idempotency-Key


def open_services(settings: Settings, clock: Clock | None = None) -> Services:
    """Make the services of this process; nothing is connected yet."""
    breaker = Breaker()  # one for all that use Redis
    return Services(
        settings=settings,
        database=Database.open(settings.database_url, ships_events=settings.events_url is not None),
        cache=open_cache(settings.redis_url, breaker),
        live=Live(settings.redis_url, breaker),
        clock=clock or SystemClock(),
        vault=Vault(settings.secret_key, settings.old_secret_keys),
    )
