"""What a walk needs, passed in: built once by the entry, never imported from anywhere else."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from guard.core.errors import GuardError
from guard.core.evidence import HostFacts, Maintenance, SessionState
from guard.core.pen import Pen
from guard.core.ports import Ports
from guard.core.rulebook import Rulebook
from guard.core.scheme import Scheme
from guard.core.settings import Settings
from guard.core.snapshot import VisitSnapshot
from guard.core.travel import Crossing
from guard.core.volumes import Lister, Mounts
from guard.org.trust import Identity
from guard.store.files import Files
from guard.store.holdings import Holdings
from guard.store.inventory import Inventories
from guard.store.journal import Journal
from guard.store.lives import Lives
from guard.store.marks import Marks
from guard.store.orders import Orders
from guard.store.people import People
from guard.store.registry import Registry
from guard.store.requests import Requests
from guard.store.stock import Stock
from guard.timekeeping import Timekeeper


@dataclass(frozen=True, slots=True)
class Sitting:
    """Who sits at this computer now; `uid` None for nobody."""

    state: SessionState
    uid: int | None = None
    user: str = ""


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of one guard. `trouble` hears of everything this host could not do; `tell` gets every new picture of a visit."""

    ports: Ports
    registry: Registry
    requests: Requests
    lives: Lives
    people: People
    orders: Orders
    stock: Stock
    journal: Journal
    identity: Identity
    scheme: Scheme
    rulebook: Rulebook
    settings: Settings
    host: HostFacts
    scratch: Path
    clock: Callable[[], int]
    timekeeper: Timekeeper
    sitting: Callable[[], Sitting]
    tell: Callable[[VisitSnapshot], None]
    crossed: Callable[[Crossing], None]
    told_request: Callable[[str], Awaitable[None]]
    trouble: Callable[[GuardError], None]
    unmount: Callable[[tuple[str, ...]], Awaitable[None]]
    mounts: Mounts
    lister: Lister
    files: Files
    inventories: Inventories
    holdings: Holdings
    marks: Marks
    maintenance: Callable[[], Maintenance | None] = lambda: None
    observed_until: Callable[[], str] = str  # the day until which verdicts are only told; "" when they are carried out
    aside: float = (
        0.0  # seconds in which the system looks at a new disk, and work of the guard that nobody waits for waits
    )

    @property
    def pen(self) -> Pen:
        """What records are signed with here.

        Raises:
            Broken: `records-no-auditors`.
        """
        return self.identity.pen(sealed=self.settings.records.sealed)
