"""A whole guard on simulated ports in a folder, without a bus: the same walk, registry, journal and trust as the daemon has."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from guard.core.errors import GuardError
from guard.core.evidence import HostFacts, SessionState
from guard.core.request import parse_grant
from guard.core.settings import Settings
from guard.core.snapshot import VisitSnapshot
from guard.core.travel import Crossing
from guard.core.verdict import Access
from guard.core.visit import Stage
from guard.daemon import Guard
from guard.files.lister import Children, FileLister
from guard.host import head_signer
from guard.org.organization import Place, create_organization, enrol_host, join_organization
from guard.org.rulebook import load_rulebook
from guard.org.settings import load_settings
from guard.org.trust import Identity, load_identity, load_issuer
from guard.parts import Parts, Sitting
from guard.schemes import load_scheme
from guard.sim.ports import SimulatedPorts
from guard.sim.stick import new_stick
from guard.store.crossings import Crossings
from guard.store.database import Database
from guard.store.files import Files
from guard.store.heads import Sealing
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

NOON = 1_790_000_000


class Host(AbstractAsyncContextManager["Host"]):
    """One computer of the organization."""

    def __init__(self, folder: Path, scheme: str = "cn", ports: SimulatedPorts | None = None) -> None:
        self.folder, self.scheme_name = folder, scheme
        self.config, self.state = folder / "config", folder / "state"
        for path in (self.config, self.state):
            path.mkdir(parents=True, exist_ok=True)
        self.ports = ports or SimulatedPorts()
        self.now = NOON
        self.up = 0.0  # what the time since boot differs from the clock
        self.sitting = Sitting(SessionState.ACTIVE, 1000, "alice")
        self.told: list[VisitSnapshot] = []
        self.changed = asyncio.Event()
        self.crossings: list[Crossing] = []
        self.troubles: list[str] = []
        self.told_requests: list[str] = []
        self.settings: Settings | None = None
        self.cut_short: tuple[str, ...] = ()
        self.aside = 0.0

    @classmethod
    def found(cls, folder: Path, network: str, level: str, scheme: str = "cn", auditors: bytes = b"") -> Self:
        host = cls(folder, scheme)
        create_organization(host.config, Place("host", network, level), scheme, "", NOON, auditors)
        return host

    def enrol(self, folder: Path, network: str, level: str) -> "Host":
        other = Host(folder, self.scheme_name)
        bundle = folder / "bundle"
        enrol_host(self.config, Place("other", network, level), bundle, "", NOON)
        join_organization(other.config, bundle)
        return other

    async def __aenter__(self) -> Self:
        identity = load_identity(self.config, NOON)
        scheme = load_scheme(self.scheme_name)
        level = scheme.level_of_codes(identity.host.level_codes)
        self.database = Database(self.state / "guard.db")
        self.journal = Journal(
            self.database,
            self.state / "head",
            lambda: datetime.fromtimestamp(self.now, UTC).isoformat(),
            self._sealing(identity),
        )
        self.registry = Registry(self.database, self.journal, scheme)
        self.requests = Requests(self.database, self.journal)
        self.lives = Lives(self.database, self.journal)
        self.people = People(self.database, self.journal, scheme)
        self.orders = Orders(self.database, self.journal)
        settings = self.settings or load_settings(self.config)
        self.files = Files(self.database, self.journal, settings.files.keep_days)
        self.children = Children()
        self.queries = Queries(self.database, identity.networks)
        self.crossed = Crossings(self.database, identity.networks)
        self.troubled = asyncio.Event()
        self.parts = Parts(
            ports=self.ports,
            registry=self.registry,
            requests=self.requests,
            lives=self.lives,
            people=self.people,
            orders=self.orders,
            stock=Stock(self.database, self.journal, scheme.id),
            journal=self.journal,
            identity=identity,
            scheme=scheme,
            rulebook=load_rulebook(self.config, scheme.id),
            settings=settings,
            host=HostFacts(
                identity.host.subject_id,
                identity.host.network_id,
                identity.networks[identity.host.network_id],
                level,
                unregistered=(self.settings or Settings()).host.unregistered_access,
                changed_elsewhere=Access((self.settings or Settings()).host.changed_elsewhere),
                inspection_overdue=Access((self.settings or Settings()).inventory.overdue),
            ),
            scratch=self.state,
            clock=lambda: self.now,
            timekeeper=Timekeeper(self.journal, self.state, lambda: self.now, lambda: self.now - NOON + self.up),
            sitting=lambda: self.sitting,
            tell=self._tell,
            told_request=self._tell_request,
            crossed=self.crossings.append,
            trouble=self._trouble,
            unmount=self._unmount,
            mounts=self.ports,
            lister=FileLister(self.children),
            files=self.files,
            inventories=Inventories(self.database, self.journal, scheme),
            holdings=Holdings(self.database, scheme),
            marks=Marks(self.database, self.journal, scheme),
            aside=self.aside,
        )
        self.guard = Guard(self.parts, self.troubled)
        try:
            self.cut_short = await self.guard.recover()
        except GuardError as fault:
            self._trouble(fault)
        endless = (self.guard.watch(), self.guard.mend(), self.guard.follow_mounts())
        self.tasks = [asyncio.ensure_future(task) for task in endless]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        for escort in self.guard._escorts.values():
            await escort._walk.listing.stop()
        self.children.wait()
        await self.guard.write_down()
        await self.database.close()

    def _sealing(self, identity: Identity) -> Sealing:
        return Sealing(identity.host.subject_id, head_signer(identity, lambda: self.now))

    async def _tell_request(self, ident: str) -> None:
        self.told_requests.append(ident)

    def _tell(self, visit: VisitSnapshot) -> None:
        self.told.append(visit)
        self.changed.set()

    def _trouble(self, fault: GuardError) -> None:
        self.troubles.append(fault.code)
        self.changed.set()
        if fault.code != "mended":
            self.troubled.set()

    async def _unmount(self, disks: tuple[str, ...]) -> None:
        return

    async def until(self, true: Callable[[], bool], seconds: float = 10) -> None:
        """Wait for a state that an event brings; every picture the guard tells is looked at."""
        async with asyncio.timeout(seconds):
            while not true():
                self.changed.clear()
                await self.changed.wait()

    async def plug(self, image: Path) -> VisitSnapshot:
        """Put a stick in and wait for the verdict to have taken effect."""
        port = self.ports.plug(image)
        await self.until(lambda: self._settled(port))
        await self.guard.settle()
        return self.visit_at(port)

    async def pull(self, visit: VisitSnapshot) -> None:
        self.ports.unplug(visit.port)
        await self.until(lambda: any(v.id == visit.id and v.stage is Stage.GONE for v in self.told))
        await self.guard.settle()

    async def use(self, visit: VisitSnapshot, *, in_use: bool) -> None:
        """Mount it or unmount it, and wait until the guard has looked."""
        self.ports.use(visit.port, in_use=in_use)
        await self.ports.heard()
        await self.guard.settle()

    def visit_at(self, port: str) -> VisitSnapshot:
        return next(visit for visit in self.guard.visits if visit.port == port)

    def _settled(self, port: str) -> bool:
        visits = [v for v in self.guard.visits if v.port == port]
        return bool(visits) and all(v.stage in (Stage.OPEN, Stage.SHUT) for v in visits)

    async def register(self, visit: VisitSnapshot, level: str, digest: str = "", **more: object) -> VisitSnapshot:
        """Approve what is plugged, as an admin would."""
        names = {name: ident for ident, name in self.parts.identity.networks.items()}
        wanted = {"level": level, "networks": [self.parts.host.network_name], "holder": "Zhang San", **more}
        grant = parse_grant(wanted, self.parts.scheme, names, self.now)
        issuer = load_issuer(self.config, grant.passphrase)
        escort = self.guard.escort_of(visit.id)
        await escort.register(visit.id, grant, digest, "root", issuer, lambda percent, step: None)
        return self.visit_at(visit.port)

    async def until_mended(self) -> None:
        """Wait until the guard says that the registry works again."""
        await self.until(lambda: "mended" in self.troubles, 30)
        await self.guard.settle()


def stick(folder: Path, name: str = "stick.img", size: int = 16 * 1024 * 1024, start: int = 1024 * 1024) -> Path:
    """A new stick as sold."""
    image = folder / name
    new_stick(image, size, start)
    return image
