"""What a walk needs, passed in: built once by the entry, never imported from anywhere else."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from guard.core.errors import GuardError
from guard.core.evidence import HostFacts, SessionState
from guard.core.ports import Ports
from guard.core.scheme import Scheme
from guard.core.settings import Settings
from guard.core.snapshot import VisitSnapshot
from guard.core.travel import Crossing
from guard.org.trust import Identity
from guard.store.journal import Journal
from guard.store.registry import Registry


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
    journal: Journal
    identity: Identity
    scheme: Scheme
    settings: Settings
    host: HostFacts
    scratch: Path
    clock: Callable[[], int]
    sitting: Callable[[], Sitting]
    tell: Callable[[VisitSnapshot], None]
    crossed: Callable[[Crossing], None]
    trouble: Callable[[GuardError], None]
    unmount: Callable[[tuple[str, ...]], Awaitable[None]]
