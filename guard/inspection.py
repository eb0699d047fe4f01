"""Reading one unit through the gate: which bytes, in which order, and what they turn out to be."""

from collections.abc import Awaitable, Callable, Generator
from dataclasses import replace
from typing import TypeVar

from guard.core.area import AREA_END, LABEL_A, LABEL_B, RING, RING_END, SLOT, WINDOW, WINDOW_SIZE, choose_label
from guard.core.arming import arm
from guard.core.descriptors import DeviceDescription
from guard.core.errors import GuardError, Hostile
from guard.core.evidence import Left
from guard.core.fingerprint import Fingerprint, fingerprint
from guard.core.keyring import Keyring
from guard.core.medium import hardware
from guard.core.partition import HEAD, gap_fault, parse_layout
from guard.core.ports import Arrival, Claim, Disk, Ports
from guard.core.ring import EMPTY, log_in, look_back, place
from guard.core.scheme import Scheme
from guard.core.sighting import Sighting, label_level
from guard.core.travel import last_removal
from guard.core.unit import Unit
from guard.phases import passed

_SMALLEST = 4 * 1024 * 1024  # bytes; nothing smaller has room for a label area and a partition
_GAP_CHUNK = 64 * 1024
Read = Callable[[int, int], Awaitable[bytes]]  # from an offset a length, both in bytes
Result = TypeVar("Result")


async def inspect(
    claim: Claim, unit: Unit, arrival: Arrival, description: DeviceDescription, keyring: Keyring, scheme: Scheme
) -> Sighting:
    """Read partition table, labels and the newest travel records of one unit, in two reads, and verify them.

    Raises:
        Hostile: `device-...` when the device does not let itself be read.
        Broken: when this host cannot read.
    """
    if unit.capacity < _SMALLEST:
        raise Hostile("device-too-small", size=unit.capacity)
    table = await claim.read(unit.lun, 0, HEAD)
    window, unread = await _read_window(claim, unit.lun)
    passed(arrival.port, "bytes")
    found = choose_label(window[:SLOT], window[-SLOT:], keyring)
    label, fault = found.label, found.fault
    if unread and label is None:  # what could not be read may have been a label of ours: this is no blank medium
        raise Hostile("device-read-error", lun=unit.lun, offset=unread[0])
    if label is not None:
        try:
            fault = "" if label.scheme == scheme.id else "label-other-scheme"
            label_level(label if not fault else None, scheme)
        except GuardError as error:
            fault = error.code
    label = None if fault else label
    log, layout = EMPTY, parse_layout(table, unit.block_size)
    if label is not None:
        log = log_in(window, label.medium_id, keyring, unit.block_size)
    return Sighting(
        unit=unit,
        hardware=hardware(description.vendor_id, description.product_id, arrival.untrusted_serial, unit),
        table=table,
        window=window,
        layout=layout,
        found=found,
        label=label,
        label_fault=fault,
        log=log,
        unread=unread,
    )


async def _read_window(claim: Claim, lun: int) -> tuple[bytes, tuple[int, ...]]:
    """The window in one read; or, where a copy of the label is worn out, without it: zeros, and its offset.

    Raises:
        Hostile: `device-...`; for more than one copy, and for the records, `device-read-error`.
    """
    try:
        return await claim.read(lun, WINDOW, WINDOW_SIZE), ()
    except Hostile as fault:
        if fault.code != "device-read-error":
            raise
    ring = await claim.read(lun, RING, RING_END - RING)
    try:
        return await claim.read(lun, LABEL_A, SLOT) + ring + bytes(SLOT), (LABEL_B,)
    except Hostile as fault:
        if fault.code != "device-read-error":
            raise
    return bytes(SLOT) + ring + await claim.read(lun, LABEL_B, SLOT), (LABEL_A,)


async def look_further(claim: Claim, sighting: Sighting, keyring: Keyring, since: int) -> Sighting:
    """With a log that goes back to record `since`, as far as the medium has it; reads more only where the window is too short.

    Raises:
        Hostile: `device-...`.
    """
    label, unit, log = sighting.label, sighting.unit, sighting.log
    if label is None or not log.records or (log.records[0].sequence <= max(1, since) and not log.lost):
        return sighting
    trust = (label.medium_id, keyring, unit.block_size)
    search = look_back(log_in(sighting.window, *trust, since=max(1, since)), *trust, since)
    return replace(sighting, log=await _drive(reading(claim, unit), unit, search))


async def compared(claim: Claim, sighting: Sighting, known: Left | None) -> Sighting:
    """The sighting with a fingerprint, where there is one of the last safe removal to compare with.

    Raises:
        Hostile: `device-...`.
    """
    if sighting.label is None or not last_removal(sighting.log, known)[0]:
        return sighting
    return replace(sighting, fingerprint=await take_fingerprint(reading(claim, sighting.unit), sighting.unit))


async def take_fingerprint(read: Read, unit: Unit) -> Fingerprint:
    """Read what a file system keeps about itself, as it is on the medium now.

    Raises:
        Hostile: `device-...`.
    """
    table = await read(0, HEAD)
    return await _drive(read, unit, fingerprint(parse_layout(table, unit.block_size), table, unit.capacity))


async def arm_unit(claim: Claim, unit: Unit) -> int:
    """Leave the medium so that a computer without a guard shows, see guard.core.arming; how many blocks were written.

    Raises:
        Hostile: `device-...`.
    """
    table = await claim.read(unit.lun, 0, HEAD)
    search = arm(parse_layout(table, unit.block_size), unit.capacity, unit.block_size)
    writes = await _drive(reading(claim, unit), unit, search)
    for offset, block in writes:
        await claim.write(unit.lun, offset, block)
    if writes:
        await claim.flush(unit.lun)
    return len(writes)


def reading(claim: Claim, unit: Unit) -> Read:
    """How to read one unit through the gate."""
    return lambda offset, length: claim.read(unit.lun, offset, length)


async def why_not_in_place(claim: Claim, sighting: Sighting) -> str:
    """Why a label cannot be written without erasing the medium ("" if it can); reads the whole gap.

    Raises:
        Hostile: `device-...`.
    """
    gap = bytearray()
    for offset in range(LABEL_A, AREA_END, _GAP_CHUNK):
        gap += await claim.read(sighting.unit.lun, offset, min(_GAP_CHUNK, AREA_END - offset))
    return gap_fault(sighting.layout, bytes(gap), sighting.blank)


async def shows_the_same(ports: Ports, disk: Disk, sighting: Sighting, written: bytes | None) -> bool:
    """Read table and label once more through the admitted disk; False if the device shows something else than it did in the gate.

    `written` is the travel record block that the guard itself has just written, None for none; it must be there too.
    """
    window = sighting.window
    if written is not None:
        offset = place(sighting.log.newest_sequence + 1, len(written)) - WINDOW
        window = window[:offset] + written + window[offset + len(written) :]
    if await ports.read_disk(disk, 0, 4096) != sighting.table[:4096]:
        return False
    start = RING if LABEL_A in sighting.unread else LABEL_A
    end = RING_END if LABEL_B in sighting.unread else WINDOW + WINDOW_SIZE
    return await ports.read_disk(disk, start, end - start) == window[start - WINDOW : end - WINDOW]


async def _drive(read: Read, unit: Unit, search: Generator[tuple[int, int], bytes, Result]) -> Result:
    """Read what a search asks for, cut at the end of the unit."""
    try:
        offset, length = next(search)
        while True:
            offset, length = search.send(await read(offset, min(length, unit.capacity - offset)))
    except StopIteration as done:
        found: Result = done.value
        return found
