"""What came into and went out of this host with a medium, and what nobody declared: from manifests to changes to findings."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from guard.core.manifest import Difference, Entry, Kind, Manifest, compare, shown
from guard.core.oddities import Oddity, oddities
from guard.core.record import Record
from guard.core.verdict import Access, Severity

SLACK = 3_000_000_000  # nanoseconds from a mount to its being noticed, and from a clock to another
_STEP = 2  # seconds; FAT counts in such steps
_SECOND = 1_000_000_000
LONGEST_EXAMPLE = 80


class What(StrEnum):
    """What happened to a file: during the visit, or since the medium left here (nobody declared that)."""

    CAME = "came"
    WENT = "went"
    CHANGED = "changed"
    APPEARED = "appeared"
    ALTERED = "altered"
    VANISHED = "vanished"
    UNCLEAR = "unclear"  # other than last seen here, but nobody saw how the medium left
    THERE = "there"  # nothing happened; it is odd, and told where nothing is known from before


@dataclass(frozen=True, slots=True)
class Change:
    """One file on file system `volume` (the number of its partition, 0 for the whole disk)."""

    what: What
    entry: Entry
    volume: int = 0
    oddities: frozenset[Oddity] = frozenset()

    @property
    def odd(self) -> bool:
        """Worth a look."""
        return bool(self.oddities) and Oddity.HOUSEKEEPING not in self.oddities


@dataclass(frozen=True, slots=True)
class Baseline:
    """The newest manifest of a file system of this medium that this host has.

    `left`: it shows the medium as it left here, so that a difference is not from here; False when nobody saw how it left. `at` in
    seconds, `sequence` of the newest travel record then, 0 for none.
    """

    manifest: Manifest
    left: bool
    at: int
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a visit that was found after its verdict; facts for its sentence."""

    rule: str
    severity: Severity
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """One file system as it was last listed; `size` in bytes. Not `complete` where a limit or an unreadable folder cut it."""

    volume: int
    files: int
    size: int
    complete: bool


class State(StrEnum):
    """What is known of the files of a visit."""

    LISTING = "listing"
    ARRIVED = "arrived"  # how they were when the medium was mounted
    LEFT = "left"  # and how they were when it left; the same as on arrival where nothing could be written
    UNKNOWN = "unknown"  # they could not be listed


@dataclass(frozen=True, slots=True)
class Contents:
    """What is known of the files of one visit; `counts` of changes by `What`, without the housekeeping of operating systems."""

    state: State = State.LISTING
    listed: tuple[Listed, ...] = ()
    counts: tuple[tuple[str, int], ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def files(self) -> int:
        """How many files were there last."""
        return sum(volume.files for volume in self.listed)

    @property
    def size(self) -> int:
        """And how many bytes are in them."""
        return sum(volume.size for volume in self.listed)

    @property
    def complete(self) -> bool:
        """Everything was seen."""
        return all(volume.complete for volume in self.listed)

    def count(self, *whats: What) -> int:
        """How many changes of these kinds."""
        return sum(number for name, number in self.counts if name in whats)

    @property
    def undeclared(self) -> int:
        """How many files are not as they left here, and no guard knows why."""
        return self.count(What.APPEARED, What.ALTERED, What.VANISHED)

    def adding(
        self, state: State, volume: int, now: Manifest, changes: Iterable[Change], found: tuple[Finding, ...] = ()
    ) -> "Contents":
        """With one more listing of one file system."""
        counts = Counter(dict(self.counts))
        counts.update(str(change.what) for change in changes if Oddity.HOUSEKEEPING not in change.oddities)
        others = [known for known in self.listed if known.volume != volume]
        listed = (*others, Listed(volume, now.files, now.size, now.complete))
        worst = {finding.rule: finding for finding in (*self.findings, *found)}
        return Contents(state, listed, tuple(sorted(counts.items())), tuple(worst.values()))


def here_since(arrived: int, mounted: int) -> int:
    """The moment in nanoseconds from which on a file may bear the time of this visit; both are given in seconds.

    The mount was noticed a little after it was made, but nothing was written here before the medium arrived.
    """
    return max(mounted * _SECOND - SLACK, (arrived - arrived % _STEP) * _SECOND)


def on_arrival(now: Manifest, baseline: Baseline | None, here: tuple[int, int], volume: int = 0) -> tuple[Change, ...]:
    """Changes seen when a file system was mounted, which may have been in use here while it was listed.

    What the file system says was made or written between the moments `here` (nanoseconds) was made here, so it counts as come or
    changed in this visit. A time to come was set elsewhere: by a clock that goes ahead, or by somebody who wants it to pass.
    """
    if baseline is None:
        return tuple(
            change for change in _marked([(What.THERE, entry) for entry in now.entries], now, volume) if change.odd
        )
    found = compare(baseline.manifest, now)
    whats = (What.APPEARED, What.VANISHED, What.ALTERED) if baseline.left else (What.UNCLEAR,) * 3
    ours = {What.APPEARED: What.CAME, What.ALTERED: What.CHANGED, What.UNCLEAR: What.UNCLEAR}
    pairs = [
        (ours[what] if what in ours and entry.touched(*here) else what, entry) for what, entry in _pairs(found, whats)
    ]
    return _marked(pairs, now, volume)


def on_departure(before: Manifest, now: Manifest, volume: int = 0) -> tuple[Change, ...]:
    """Changes during the visit."""
    return _marked(_pairs(compare(before, now), (What.CAME, What.WENT, What.CHANGED)), now, volume)


def was_elsewhere(records: Iterable[Record], baseline: Baseline, own: str) -> bool:
    """Whether the medium was read-write on another guarded host since, or its log does not reach back so far."""
    known = sorted(records, key=lambda record: record.sequence)
    if not baseline.sequence or not known:
        return False
    gap = known[0].sequence > baseline.sequence + 1
    newer = (record for record in known if record.sequence > baseline.sequence)
    return gap or any(record.host_id != own and record.access is Access.READ_WRITE for record in newer)


def findings(
    changes: Iterable[Change], undeclared: Severity, suspicious: Severity, *, elsewhere: bool, since: str
) -> tuple[Finding, ...]:
    """What to tell about an arrival, worst first. `elsewhere`: another guard let it be written, so it is not undeclared."""
    fresh = [change for change in changes if change.what in (What.APPEARED, What.ALTERED, What.VANISHED)]
    fresh = [change for change in fresh if Oddity.HOUSEKEEPING not in change.oddities]
    there = [change for change in changes if change.what is What.THERE and _WORST & change.oddities]
    if fresh and elsewhere:
        return (Finding("files-elsewhere", Severity.INFO, _facts(fresh, since)),)
    odd = [change for change in fresh if change.odd and change.what is not What.VANISHED]
    found = []
    if odd:
        found.append(Finding("files-suspicious", suspicious, _facts(odd, since)))
    if fresh:
        found.append(Finding("files-undeclared", undeclared, _facts(fresh, since)))
    if there:
        found.append(Finding("files-odd", Severity.NOTICE, _facts(there, since)))
    return tuple(found)


_WORST = frozenset({Oddity.DISGUISED, Oddity.AUTORUN})


def by_weight(changes: Iterable[Change]) -> list[Change]:
    """The ones to look at first, first; then by path."""
    return sorted(changes, key=lambda c: (not c.odd, _ORDER[c.what], c.volume, c.entry.path))


_ORDER = {
    what: place
    for place, what in enumerate(
        (
            What.APPEARED,
            What.ALTERED,
            What.VANISHED,
            What.THERE,
            What.UNCLEAR,
            What.CAME,
            What.CHANGED,
            What.WENT,
        )
    )
}


def _pairs(found: Difference, whats: tuple[What, What, What]) -> list[tuple[What, Entry]]:
    groups = zip(whats, (found.came, found.went, found.changed), strict=True)
    return [(what, entry) for what, entries in groups for entry in entries]


def _marked(pairs: Iterable[tuple[What, Entry]], now: Manifest, volume: int) -> tuple[Change, ...]:
    folders = {entry.path.lower() for entry in now.entries if entry.kind is Kind.FOLDER}
    return tuple(Change(what, entry, volume, oddities(entry, folders)) for what, entry in pairs)


def _facts(changes: list[Change], since: str) -> tuple[tuple[str, str], ...]:
    first = shown(by_weight(changes)[0].entry.path)
    example = first if len(first) <= LONGEST_EXAMPLE else "…" + first[-LONGEST_EXAMPLE:]
    return (("count", str(len(changes))), ("example", example), ("since", since))
