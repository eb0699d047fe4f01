"""This computer as configured: who it is, whom it trusts, its scheme, its settings, its registry."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from guard.core.errors import Broken
from guard.core.evidence import HostFacts
from guard.core.scheme import Scheme
from guard.core.settings import Settings
from guard.core.verdict import Access
from guard.health import Health
from guard.org.settings import load_settings_or_last_good
from guard.org.trust import Identity, load_identity
from guard.schemes import load_scheme
from guard.store.database import Database
from guard.store.journal import Journal
from guard.store.queries import Queries
from guard.store.registry import Registry


@dataclass(frozen=True, slots=True)
class Host:
    """Everything that does not change while the daemon runs."""

    identity: Identity
    facts: HostFacts
    scheme: Scheme
    settings: Settings
    state: Path
    database: Database
    journal: Journal
    registry: Registry
    queries: Queries

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
    scheme = load_scheme(settings.scheme.name)
    if identity.host.scheme != scheme.id:
        raise Broken("scheme-mismatch", scheme=scheme.id, certificate=identity.host.scheme)
    level = scheme.level_of_codes(identity.host.level_codes)
    unregistered = settings.host.unregistered_access
    if unregistered is not Access.REFUSED and not scheme.is_lowest(level):
        raise Broken("settings-value", file="guard.toml", key="host.unregistered", allowed="refused at this level")
    network = identity.host.network_id
    facts = HostFacts(
        host_id=identity.host.subject_id,
        network_id=network,
        network_name=identity.networks.get(network, network),
        level=level,
        unregistered=unregistered,
        personal_allowed=settings.host.personal,
    )
    database = Database(state / "registry.db")
    journal = Journal(database, state / "journal.head", iso_now)
    registry = Registry(database, journal, scheme)
    queries = Queries(database, identity.networks)
    return Host(identity, facts, scheme, settings, state, database, journal, registry, queries)
