"""What crosses with the media at one port: a manifest when a file system is mounted, another before it is unmounted.

Nothing waits for the first one; it is made beside everything else. Whoever only pulls a medium, or unmounts it without the guard,
leaves no second one, and the next visit knows that it knows nothing.
"""

import asyncio
import logging
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from guard.core.contents import (
    SLACK,
    Baseline,
    Change,
    Contents,
    Finding,
    State,
    by_weight,
    findings,
    here_since,
    on_arrival,
    on_departure,
    was_elsewhere,
)
from guard.core.errors import Broken, GuardError
from guard.core.manifest import Cut, Manifest, parse_entries
from guard.core.ports import Disk
from guard.core.settings import FilesSettings
from guard.core.verdict import Access, Severity
from guard.core.volumes import Volume, Wish
from guard.parts import Parts
from guard.stay import Stay
from guard.store.files import Taken

log = logging.getLogger(__name__)
ARRIVAL_SECONDS, DEPARTURE_SECONDS = 120, 20  # a person waits for the second one
MOUNTING_SECONDS = 0.5  # the kernel says that something is mounted before whoever has mounted it is done
_SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class _Kept:
    """A manifest while the medium is in use, packed: most are never looked at again."""

    body: bytes
    cut: Cut
    unread: int

    @classmethod
    def of(cls, manifest: Manifest) -> "_Kept":
        return cls(zlib.compress(manifest.pack(), 1), manifest.cut, manifest.unread)

    def manifest(self) -> Manifest:
        return Manifest(tuple(parse_entries(zlib.decompress(self.body))), self.cut, self.unread)


@dataclass(frozen=True, slots=True)
class Departing:
    """A manifest that counts once the medium is unmounted; `compared` with the one at its arrival, if there was time for that."""

    stay: Stay
    taken: Taken
    changes: tuple[Change, ...]
    compared: bool


class Listing:
    """The manifests of the media at one port; begun and ended by the walk."""

    def __init__(self, parts: Parts) -> None:
        """Nothing happens before `look`."""
        self._parts = parts
        self._tasks: dict[tuple[str, int], asyncio.Task[None]] = {}
        self._arrived: dict[tuple[str, int], tuple[int, _Kept]] = {}

    def look(self, stays: list[Stay], disks: tuple[Disk, ...]) -> None:
        """List what is mounted now and was not listed before during this visit."""
        if not self._parts.settings.files.manifest:
            return
        for stay, disk in _pairs(stays, disks):
            for volume in self._parts.mounts.of(disk):
                key = (stay.visit.id, volume.number)
                if key not in self._tasks:
                    self._tasks[key] = asyncio.ensure_future(self._arrive(stay, volume))

    async def settle(self) -> None:
        """Wait for the listings that are under way."""
        if self._tasks:
            await asyncio.wait(self._tasks.values())

    async def stop(self) -> None:
        """The disks are taken away: whatever is under way ends, and nothing of the file systems is held open any more."""
        await self._finish(0)
        self._tasks.clear()
        self._arrived.clear()

    async def depart(self, stays: list[Stay], disks: tuple[Disk, ...]) -> tuple[Departing, ...]:
        """List what is mounted once more, just before it is unmounted. What could not be written is as it was.

        A removal goes on without it where it cannot be had.
        """
        await self._finish()
        found: list[Departing] = []
        if not self._parts.settings.files.manifest:
            return ()
        try:
            for stay, disk in _pairs(stays, disks):
                if stay.judged.access is Access.READ_WRITE:
                    found += [await self._depart(stay, volume) for volume in self._parts.mounts.of(disk)]
        except GuardError as fault:
            log.warning("how the files left is not known: %s", fault)
        return tuple(found)

    async def departed(self, found: Sequence[Departing]) -> None:
        """The media are unmounted and the last records are on them: the manifests show how they left."""
        for left in found:
            stay, written = left.stay, left.stay.written
            taken = replace(left.taken, sequence=written.sequence if written else left.taken.sequence)
            try:
                await self._note(stay, State.LEFT if left.compared else State.ARRIVED, taken, left.changes, ())
            except GuardError as fault:
                self._parts.trouble(fault)

    async def _finish(self, seconds: float = DEPARTURE_SECONDS) -> None:
        """Let the listings under way come to their end, but not for long."""
        running = {task for task in self._tasks.values() if not task.done()}
        if running:
            _, running = await asyncio.wait(running, timeout=seconds)
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)

    async def _arrive(self, stay: Stay, volume: Volume) -> None:
        """One listing; what goes wrong is told with the visit, and nothing else suffers from it."""
        mounted = self._parts.clock()
        try:
            await asyncio.sleep(min(MOUNTING_SECONDS, self._parts.aside))
            await self._list_arrival(stay, volume, mounted)
        except GuardError as fault:
            log.warning("visit %s: its files are not known: %s", stay.visit.id[:8], fault)
            if isinstance(fault, Broken):
                self._parts.trouble(fault)
            await self._fail(stay, fault)

    async def _list_arrival(self, stay: Stay, volume: Volume, mounted: int) -> None:
        parts = self._parts
        writable = stay.judged.access is Access.READ_WRITE
        medium = stay.visit.medium
        baseline = await parts.files.begin(medium, volume.number, writable=writable) if medium else None
        self._show(stay, replace(stay.visit.contents or Contents(), state=State.LISTING))
        wish = Wish(ARRIVAL_SECONDS, _hash_up_to(parts.settings.files))
        manifest = await parts.lister.list(volume, wish)
        self._arrived[stay.visit.id, volume.number] = (mounted, _Kept.of(manifest))
        here = (here_since(stay.visit.arrived, mounted), parts.clock() * _SECOND + SLACK)
        changes, found = await asyncio.to_thread(
            self._compare, manifest, baseline, here, volume.number, self._elsewhere(stay, baseline)
        )
        sequence = stay.written.sequence if stay.written else stay.seen().log.newest_sequence
        taken = Taken(stay.visit.id, medium, volume.number, mounted, not writable, sequence, manifest)
        await self._note(stay, State.ARRIVED if writable else State.LEFT, taken, changes, found)

    def _compare(
        self, now: Manifest, baseline: Baseline | None, here: tuple[int, int], volume: int, elsewhere: bool
    ) -> tuple[tuple[Change, ...], tuple[Finding, ...]]:
        policy = self._parts.settings.files
        changes = on_arrival(now, baseline, here, volume)
        since = datetime.fromtimestamp(baseline.at, UTC).strftime("%Y-%m-%d") if baseline else ""
        undeclared, suspicious = Severity(policy.undeclared), Severity(policy.suspicious)
        found = findings(changes, undeclared, suspicious, elsewhere=elsewhere, since=since)
        return tuple(by_weight(changes)), found

    def _elsewhere(self, stay: Stay, baseline: Baseline | None) -> bool:
        """Another guard let it be written since, and nothing says that it was used without one as well."""
        if baseline is None or "changed-elsewhere" in stay.judged.rules:
            return False
        return was_elsewhere(stay.seen().log.records, baseline, self._parts.host.host_id)

    async def _depart(self, stay: Stay, volume: Volume) -> Departing:
        """Hashes only of what was made or written since it came; the rest is known."""
        parts, now = self._parts, self._parts.clock()
        mounted, before = self._arrived.get((stay.visit.id, volume.number), (0, None))
        wish = Wish(DEPARTURE_SECONDS, _hash_up_to(parts.settings.files), max(0, mounted - 5) * _SECOND)
        manifest = await parts.lister.list(volume, wish)
        changes: tuple[Change, ...] = ()
        if before is not None:
            manifest, changes = await asyncio.to_thread(_compare_departure, before, manifest, volume.number)
        sequence = stay.written.sequence if stay.written else stay.seen().log.newest_sequence
        taken = Taken(stay.visit.id, stay.visit.medium, volume.number, now, True, sequence, manifest)
        return Departing(stay, taken, changes, before is not None)

    async def _note(
        self, stay: Stay, state: State, taken: Taken, changes: tuple[Change, ...], found: tuple[Finding, ...]
    ) -> None:
        contents = (stay.visit.contents or Contents()).adding(state, taken.volume, taken.manifest, changes, found)
        await self._parts.files.note(taken, changes, contents)
        self._show(stay, contents)

    async def _fail(self, stay: Stay, fault: GuardError) -> None:
        finding = Finding("files-unknown", Severity.NOTICE, (("fault", fault.code),))
        contents = replace(stay.visit.contents or Contents(), state=State.UNKNOWN, findings=(finding,))
        try:
            await self._parts.files.failed(stay.visit.id, self._parts.clock(), fault.code, contents)
        except GuardError as second:
            self._parts.trouble(second)
        self._show(stay, contents)

    def _show(self, stay: Stay, contents: Contents) -> None:
        stay.visit = replace(stay.visit, contents=contents)
        self._parts.tell(stay.visit)


def _pairs(stays: list[Stay], disks: tuple[Disk, ...]) -> list[tuple[Stay, Disk]]:
    """Each medium with the disk that was made of it."""
    by_lun = {disk.lun: disk for disk in disks}
    return [(stay, by_lun[lun]) for stay in stays if stay.sighting and (lun := stay.sighting.unit.lun) in by_lun]


def _compare_departure(before: _Kept, now: Manifest, volume: int) -> tuple[Manifest, tuple[Change, ...]]:
    earlier = before.manifest()
    whole = now.with_digests_of(earlier)
    return whole, tuple(by_weight(on_departure(earlier, whole, volume)))


def _hash_up_to(policy: FilesSettings) -> int:
    return {"none": 0, "small": policy.limit_mib << 20, "all": 1 << 50}[policy.hashes]
