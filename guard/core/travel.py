"""What a travel log means: how high the medium was, where it crossed from one network to another, what may be written."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from guard.core.errors import Hostile
from guard.core.evidence import Left, TravelFacts
from guard.core.record import Record
from guard.core.ring import TravelLog
from guard.core.scheme import BOTTOM, Level, Scheme
from guard.core.verdict import Access, Severity

SEALED = "sealed"  # stands for a network that only the auditors can name; the direction is then not known, and said to be none


class Direction(StrEnum):
    """From the lower network to the higher, the other way, or neither (same level, or levels beside each other)."""

    UP = "up"
    DOWN = "down"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Crossing:
    """A visit whose network differs from the one of the visit before. `record` is the hash of the newer record.

    Of a visit elsewhere the record says only whether it was an alarm; a refusal that was none counts as a warning.
    """

    medium_id: str
    at: int
    from_network: str
    to_network: str
    from_level: Level
    to_level: Level
    direction: Direction
    access: Access
    severity: Severity
    record: str = ""


def direction(scheme: Scheme, before: Level, after: Level) -> Direction:
    """Which way a crossing went; levels of which neither dominates the other are beside each other."""
    if before != after and scheme.dominates(after, before):
        return Direction.UP
    if before != after and scheme.dominates(before, after):
        return Direction.DOWN
    return Direction.SAME


def crossings(log: TravelLog, scheme: Scheme) -> tuple[Crossing, ...]:
    """The crossings between successive records; a lost record between two does not hide that the network changed.

    Raises:
        Hostile: `level-code-unknown` for a record in another scheme.
    """
    found = []
    for (older, _), (newer, digest) in pairwise(zip(log.records, log.hashes, strict=True)):
        if older.network_id != newer.network_id and not (older.box or newer.box):
            before, after = host_level(older, scheme), host_level(newer, scheme)
            found.append(
                Crossing(
                    medium_id=newer.medium_id,
                    at=newer.arrived,
                    from_network=older.network_id,
                    to_network=newer.network_id,
                    from_level=before,
                    to_level=after,
                    direction=direction(scheme, before, after),
                    access=newer.access,
                    severity=severity_of(newer),
                    record=digest,
                )
            )
    return tuple(found)


def severity_of(record: Record) -> Severity:
    """How much a visit mattered, as far as its record tells."""
    if record.alarm:
        return Severity.ALARM
    return Severity.WARNING if record.access is Access.REFUSED else Severity.INFO


def host_level(record: Record, scheme: Scheme) -> Level:
    """The level of the host that wrote a record.

    Raises:
        Hostile: `record-other-scheme`, `level-code-unknown`.
    """
    if record.box:  # sealed; what counts of it is in its high water
        return BOTTOM
    if record.scheme != scheme.id:
        raise Hostile("record-other-scheme", scheme=record.scheme)
    return scheme.level_of_codes(record.host_level_codes)


def high_water(records: Sequence[Record], scheme: Scheme) -> Level:
    """The join of the levels of all hosts where the medium was read-write, as its records carry it on.

    Raises:
        Hostile: `record-other-scheme`, `level-code-unknown`.
    """
    levels = [BOTTOM]
    for record in records:
        own = host_level(record, scheme)
        levels.append(scheme.level_of_codes(record.high_water_codes))
        levels.append(own if record.access is Access.READ_WRITE else BOTTOM)
    return scheme.join(*levels)


def travel_facts(
    log: TravelLog, scheme: Scheme, seen: tuple[int, str] | None, known: Left | None = None
) -> TravelFacts:
    """What a decision needs of the log. `seen` is the newest record this host knows, as sequence and hash.

    A known record must still be there with the same hash, unless newer ones have taken its place; a log that ends before it is
    older than what was seen.
    """
    try:
        highest = high_water(log.records, scheme)
    except Hostile as fault:
        return TravelFacts(fault=fault.code)
    present: bool | None = None
    if seen is not None and seen[0] > 0:
        sequence, digest = seen
        hashes = {record.sequence: h for record, h in zip(log.records, log.hashes, strict=True)}
        if sequence in hashes:
            present = hashes[sequence] == digest
        elif log.newest_sequence < sequence:
            present = False
    left, at = last_removal(log, known)
    return TravelFacts(log.fault, log.newest_sequence, highest, present, left, at)


def last_removal(log: TravelLog, known: Left | None) -> tuple[str, int]:
    """Fingerprint and time of the newest safe removal; "" if the medium was read-write anywhere after it, or never removed safely.

    A visit that could not write leaves the fingerprint as it was. `known` is what this host alone knows of a medium that was
    unmounted here and pulled: no record tells of that.
    """
    for record, digest in zip(reversed(log.records), reversed(log.hashes), strict=True):
        if record.left:
            return record.left, record.arrived
        if known is not None and known.record == digest:
            return known.fingerprint.total, known.at
        if record.access is Access.READ_WRITE:
            return "", 0
    return "", 0


def may_write_record(scheme: Scheme, host: Level, medium: Level) -> bool:
    """Records flow upward only: a host at or below the medium's level writes one, a host above it writes nothing."""
    return scheme.dominates(medium, host)
