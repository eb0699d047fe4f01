"""This computer as configured: who it is, whom it trusts, its scheme, its settings, its registry."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from guard.core.errors import Broken
from guard.core.evidence import HostFacts
from guard.core.head import sign_head
from guard.core.rulebook import Rulebook
from guard.core.scheme import Scheme
from guard.core.settings import Settings
from guard.core.verdict import Access
from guard.health import Health
from guard.org.rulebook import load_rulebook_or_shipped
from guard.org.settings import load_settings_or_last_good
from guard.org.trust import Identity, load_identity
from guard.schemes import load_scheme
from guard.store.crossings import Crossings
from guard.store.database import Database
from guard.store.files import Files
from guard.store.heads import Sealing, Sign, SignedHead
from guard.store.holdings import Holdings
from guard.store.inventory import Inventories
from guard.store.journal import Journal
from guard.store.lives import Lives
from guard.store.marks import Marks
from guard.store.orders import Orders
from guard.store.people import People
from guard.store.queries import Queries
from guard.store.registry import Registry
from guard.store.requests import Requests
from guard.store.stock import Stock
from guard.timekeeping import Timekeeper


@dataclass(frozen=True, slots=True)
class Host:
    """Everything that does not change while the daemon runs."""

    identity: Identity
    facts: HostFacts
    scheme: Scheme
    rulebook: Rulebook
    settings: Settings
    state: Path
    database: Database
    journal: Journal
    registry: Registry
    requests: Requests
    lives: Lives
    people: People
    orders: Orders
    stock: Stock
    queries: Queries
    crossings: Crossings
    timekeeper: Timekeeper
    files: Files
    inventories: Inventories
    holdings: Holdings
    marks: Marks

    async def database_answers(self) -> None:
        """Returns when the registry has answered.

        Raises:
            Broken: `registry-...`.
        """
        await self.database.read(lambda connection: connection.execute(text("SELECT 1")).scalar())

    async def close(self) -> None:
        """Finish writing and close the registry."""
        await self.database.close()


def clock() -> int:
    """Whole seconds since 1970."""
    return int(datetime.now(UTC).timestamp())


def iso_now() -> str:
    """ISO 8601 with microseconds, UTC."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def head_signer(identity: Identity, clock: Callable[[], int]) -> Sign:
    """Signs heads of the journal by the host's key."""

    def sign(sequence: int, digest: str) -> SignedHead:
        at = clock()
        key, certificate = identity.signer, identity.host_certificate
        return SignedHead(
            sequence, digest, at, sign_head(sequence, digest, at, identity.host.subject_id, key, certificate)
        )

    return sign


def _facts(identity: Identity, scheme: Scheme, settings: Settings) -> HostFacts:
    """What the rules ask of this computer.

    Raises:
        Broken: `settings-value` where media without a label would be let in above the lowest level.
    """
    level = scheme.level_of_codes(identity.host.level_codes)
    unregistered = settings.host.unregistered_access
    if unregistered is not Access.REFUSED and not scheme.is_lowest(level):
        raise Broken("settings-value", file="guard.toml", key="host.unregistered", allowed="refused at this level")
    network = identity.host.network_id
    return HostFacts(
        host_id=identity.host.subject_id,
        network_id=network,
        network_name=identity.networks.get(network, network),
        level=level,
        unregistered=unregistered,
        personal_allowed=settings.host.personal,
        changed_elsewhere=Access(settings.host.changed_elsewhere),
        inspection_overdue=Access(settings.inventory.overdue),
    )


def load_host(config: Path, state: Path, health: Health) -> Host:
    """Read configuration, trust and scheme; the registry is opened at its first use.

    Raises:
        Broken, Hostile, Refused: what is wrong with the configuration.
    """
    settings, fault = load_settings_or_last_good(config, state)
    if fault is not None:
        health.trouble(fault)
    identity = load_identity(config, clock())
    for problem in identity.faults:
        health.trouble(problem)
    identity.pen(sealed=settings.records.sealed)
    scheme = load_scheme(settings.scheme.name)
    if identity.host.scheme != scheme.id:
        raise Broken("scheme-mismatch", scheme=scheme.id, certificate=identity.host.scheme)
    rulebook, fault = load_rulebook_or_shipped(config, scheme.id)
    if fault is not None:
        health.trouble(fault)
    facts = _facts(identity, scheme, settings)
    database = Database(state / "registry.db")
    journal = Journal(
        database, state / "journal.head", iso_now, Sealing(identity.host.subject_id, head_signer(identity, clock))
    )
    registry = Registry(database, journal, scheme)
    return Host(
        identity=identity,
        facts=facts,
        scheme=scheme,
        rulebook=rulebook,
        settings=settings,
        state=state,
        database=database,
        journal=journal,
        registry=registry,
        requests=Requests(database, journal),
        lives=Lives(database, journal),
        people=People(database, journal, scheme),
        orders=Orders(database, journal),
        stock=Stock(database, journal, scheme.id),
        queries=Queries(database, identity.networks),
        crossings=Crossings(database, identity.networks),
        timekeeper=Timekeeper(journal, state, clock),
        files=Files(database, journal, settings.files.keep_days),
        inventories=Inventories(database, journal, scheme),
        holdings=Holdings(database, scheme),
        marks=Marks(database, journal, scheme),
    )
