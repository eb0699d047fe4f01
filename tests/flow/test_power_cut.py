"""Power cuts while the guard writes to a medium, by write order: label, travel record, record of a removal.

Every write and every flush is a step. What was flushed is on the medium; of what was written since, any part may be, in any order,
sector by sector. Each state that this allows is put into a port again: at the host where it happened, with its registry as it was
at that step, and at the same host with an empty registry, which has never seen the medium.
"""

import asyncio
import random
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from guard.core.ports import Arrival, Claim
from guard.core.snapshot import VisitSnapshot
from guard.core.verdict import Access
from guard.sim.ports import SimulatedPorts
from guard.store.queries import Page
from tests.flow.host import Host, stick

_SECTOR = 512
_SIZE = 8 * 1024 * 1024
_REGISTRY = ("guard.db", "guard.db-wal", "head")


@dataclass
class Tape:
    """What was done to the medium, step by step, and the registry as it was on disk before each step."""

    steps: list[tuple[int, bytes] | None] = field(default_factory=list)  # offset and data; None for a flush
    registries: list[dict[str, bytes]] = field(default_factory=list)
    state: Path = Path()
    before: bytes = b""

    def begin(self, image: Path) -> None:
        """From here on; what was done so far is done."""
        self.before = image.read_bytes()
        self.steps.clear()
        self.registries.clear()

    def note(self, step: tuple[int, bytes] | None) -> None:
        self.registries.append(self.registry())
        self.steps.append(step)

    def registry(self) -> dict[str, bytes]:
        return {name: (self.state / name).read_bytes() for name in _REGISTRY if (self.state / name).exists()}


class _TapedClaim:
    def __init__(self, inner: Claim, tape: Tape) -> None:
        self._inner, self._tape = inner, tape
        self.units, self.read = inner.units, inner.read

    async def write(self, lun: int, offset: int, data: bytes) -> None:
        self._tape.note((offset, data))
        await self._inner.write(lun, offset, data)

    async def read_last(self, lun: int) -> bytes:
        return await self._inner.read_last(lun)

    async def write_last(self, lun: int, data: bytes) -> None:
        await self._inner.write_last(lun, data)

    async def discard(self, lun: int, offset: int, length: int) -> bool:
        return await self._inner.discard(lun, offset, length)

    async def flush(self, lun: int) -> None:
        self._tape.note(None)
        await self._inner.flush(lun)


class TapedPorts(SimulatedPorts):
    """Simulated ports that keep what is written."""

    tape: Tape

    @asynccontextmanager
    async def claim(self, arrival: Arrival) -> AsyncIterator[Claim]:
        async with super().claim(arrival) as claim:
            yield _TapedClaim(claim, self.tape)


@dataclass(frozen=True)
class Cut:
    """What the power left: the medium, the registry of the host, and how many steps were begun and how many were whole."""

    medium: bytes
    registry: dict[str, bytes]
    begun: int
    whole: int


def cuts(tape: Tape, chance: random.Random) -> Iterator[Cut]:
    """Every kind of state: after each step, and in the middle of each write."""
    durable, pending = bytearray(tape.before), list[tuple[int, bytes]]()
    for number, step in enumerate(tape.steps):
        registry = tape.registries[number]
        if step is None:
            for offset, data in pending:
                durable[offset : offset + len(data)] = data
            pending = []
            yield Cut(bytes(durable), registry, number + 1, number + 1)
            continue
        pending.append(step)
        sectors = [
            (offset + at, data[at : at + _SECTOR]) for offset, data in pending for at in range(0, len(data), _SECTOR)
        ]
        own = len(step[1]) // _SECTOR
        counts = range(1, own) if own <= 8 else (1, own // 2)
        chosen = [sectors[: len(sectors) - own + count] for count in counts]  # in order, cut
        chosen += [chance.sample(sectors, chance.randint(1, len(sectors))) for _ in range(4)]  # in any order
        at, last = sectors[-1]
        chosen.append([*sectors[:-1], (at, last[:200])])  # torn within a sector
        for kept in [*chosen, [], sectors]:
            state = bytearray(durable)
            for offset, data in kept:
                state[offset : offset + len(data)] = data
            yield Cut(bytes(state), registry, number + 1, number)


def _rebooted(folder: Path, config: Path, registry: dict[str, bytes]) -> Host:
    """A host with this registry; the folder is made anew."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    shutil.copytree(config, folder / "config")
    host = Host(folder)
    for name, data in registry.items():
        (host.state / name).write_bytes(data)
    return host


async def _seen(folder: Path, config: Path, cut: Cut, *, known: bool) -> tuple[VisitSnapshot, Host, int]:
    """What a host says of a medium after the power is back; and how many records are in the log then."""
    host = _rebooted(folder, config, cut.registry if known else {})
    image = folder / "stick.img"
    image.write_bytes(cut.medium)
    shutil.copy(config.parent.parent / "stick.img.stick", folder / "stick.img.stick")
    async with host:
        visit = await host.plug(image)
        escort = host.guard.escort_of(visit.id)
        sighting = escort._walk.stays[0].sighting
        records = len(sighting.log.records) if sighting else 0
        verified = await host.journal.verify()
        # a host that has lost its journal hears from the medium what it must have had
        assert verified.ok or (not known and verified.why == "cut-off"), verified
    return visit, host, records


Act = Callable[[Host, Path], Awaitable[None]]


async def _acted(memory: Path, prepare: Act, act: Act) -> tuple[Tape, Path]:
    """The medium before an act, and what the act did to it."""
    ports = TapedPorts()
    ports.tape = Tape()
    founded = Host.found(memory / "a", "office", "机密")
    founded.ports, ports.tape.state = ports, founded.state
    image = stick(memory, size=_SIZE)
    async with founded as host:
        await prepare(host, image)
        ports.tape.begin(image)
        await act(host, image)
        ports.tape.note(None)  # acknowledged
    return ports.tape, founded.config


def _all(memory: Path, prepare: Act, act: Act, allowed: Callable[[Cut, VisitSnapshot, int, bool], None]) -> None:
    async def story() -> None:
        tape, config = await _acted(memory, prepare, act)
        tried = 0
        assert tape.steps
        for cut in cuts(tape, random.Random(1)):
            for known in (True, False):
                visit, _, records = await _seen(memory / "again", config, cut, known=known)
                allowed(cut, visit, records, known)
                tried += 1
        print(f"{len(tape.steps)} steps, {tried} states")
        assert tried >= 20

    asyncio.run(story())


async def _nothing(host: Host, image: Path) -> None:
    return


async def _registered(host: Host, image: Path) -> None:
    await host.pull(await host.register(await host.plug(image), "机密"))


def test_the_first_label_is_there_whole_or_the_medium_is_refused_and_can_be_registered_again(memory: Path) -> None:
    async def act(host: Host, image: Path) -> None:
        await host.register(await host.plug(image), "机密")

    def allowed(cut: Cut, visit: VisitSnapshot, records: int, known: bool) -> None:
        if cut.begun == cut.whole and cut.whole > 12:
            assert visit.access is Access.READ_WRITE, "acknowledged"
        if visit.access is not Access.READ_WRITE:
            assert visit.access is Access.REFUSED
            assert set(visit.rules) <= {"not-labelled", "label-invalid", "label-gone"}

    _all(memory, _nothing, act, allowed)


def test_a_new_label_over_an_old_one_is_the_old_or_the_new_at_every_moment(memory: Path) -> None:
    async def act(host: Host, image: Path) -> None:
        visit = await host.plug(image)
        assert visit.access is Access.READ_WRITE
        host.ports.tape.begin(image)  # type: ignore[attr-defined] # the record of the visit is another test's
        await host.register(visit, "机密", access="read-only")

    rules = {Access.READ_WRITE: ("fits",), Access.READ_ONLY: ("label-read-only", "fits")}

    def allowed(cut: Cut, visit: VisitSnapshot, records: int, known: bool) -> None:
        assert visit.rules == rules[visit.access], (cut.begun, cut.whole, visit.rules)
        assert records >= 1, "its log is never lost with the label"

    async def prepare(host: Host, image: Path) -> None:
        await _registered(host, image)

    _all(memory, prepare, act, allowed)


def test_a_record_that_was_cut_costs_no_medium_and_no_record_before_it(memory: Path) -> None:
    async def prepare(host: Host, image: Path) -> None:
        await _registered(host, image)
        await host.pull(await host.plug(image))

    async def act(host: Host, image: Path) -> None:
        visit = await host.plug(image)
        await host.guard.escort_of(visit.id).eject()

    def allowed(cut: Cut, visit: VisitSnapshot, records: int, known: bool) -> None:
        assert (visit.access, visit.rules) == (Access.READ_WRITE, ("fits",)), (cut.begun, cut.whole, known)
        assert records >= 2

    _all(memory, prepare, act, allowed)


def test_the_high_water_is_on_disk_before_the_medium_opens(memory: Path) -> None:
    """Wherever the power goes during an admission, the registry knows that the medium was about to be read-write here."""

    async def story() -> None:
        async def act(host: Host, image: Path) -> None:
            assert (await host.plug(image)).access is Access.READ_WRITE

        tape, config = await _acted(memory, _registered, act)
        assert tape.registries
        for registry in tape.registries:
            host = _rebooted(memory / "again", config, registry)
            async with host:
                (row,) = await host.queries.media(Page(), frozenset())
                kinds = [entry["kind"] for entry in await host.queries.journal(Page(limit=1000))]
                assert row["effective_level"] == "机密"
                assert kinds.count("intent") >= 3, (
                    "of registering twice, and of this visit: before the first write of it"
                )
                assert host.cut_short

    asyncio.run(story())
