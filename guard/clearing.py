"""Clears a medium inside the gate: overwrites every block that can be addressed, or the keys of what is encrypted; reads it back.

This is Clear in the words of NIST SP 800-88, not Purge: flash keeps worn-out and spare blocks that nobody can address from outside.
What held secrets that must not be recovered in a laboratory is destroyed. The label goes last, so that a medium that is pulled on
the way still says which one it is, and nothing but this one is ever taken for it. Where the medium takes it, it is told afterwards
to let go of all blocks (UNMAP): that reaches more of the flash, but what it does with them cannot be read; nothing rests on it.
"""

import secrets
from dataclasses import dataclass

from guard.core.area import WINDOW, WINDOW_SIZE
from guard.core.disposal import Method
from guard.core.errors import Hostile, Refused
from guard.core.luks import HEAD, key_area
from guard.core.partition import Layout
from guard.core.ports import MOST_DISCARDED, Claim
from guard.core.unit import Unit
from guard.formatting import Progress

CHUNK = 1024 * 1024
METHODS = {
    Method.OVERWRITE: "overwrite with zeros, every block read back (NIST SP 800-88 Clear)",
    Method.KEYS: "header and key slots of every encrypted volume overwritten twice, read back (cryptographic erase)",
}


@dataclass(frozen=True, slots=True)
class Cleared:
    """What was done: `octets` were overwritten and read back; `discarded` says that the medium took UNMAP for all of it."""

    method: Method
    octets: int
    discarded: bool


async def clear_medium(claim: Claim, unit: Unit, layout: Layout, method: Method, progress: Progress) -> Cleared:
    """Clear one unit; `progress` gets percent and a step ("overwrite", "check").

    Raises:
        Refused: `device-write-protected`; `clear-not-encrypted` before anything is written.
        Hostile: `device-...`; `device-forgets` where something else than zeros is read back.
    """
    if unit.write_protected:
        raise Refused("device-write-protected")
    if method is Method.KEYS:
        octets = await destroy_keys(claim, unit, layout, progress)
    else:
        octets = await overwrite(claim, unit, progress)
    return Cleared(method, octets, await _let_go(claim, unit))


async def overwrite(claim: Claim, unit: Unit, progress: Progress) -> int:
    """Overwrite one unit and read it back; returns how many bytes. `progress` gets percent and a step ("overwrite", "check").

    The last block comes after all others: a device that says one too many has none there, and then it is not counted.

    Raises:
        Refused: `device-write-protected`.
        Hostile: `device-...`; `device-forgets` where something else than zeros is read back.
    """
    if unit.write_protected:
        raise Refused("device-write-protected")
    most = unit.capacity - unit.block_size
    for offset in range(0, most, CHUNK):
        for start, length in _around_label(offset, min(CHUNK, most - offset)):
            await claim.write(unit.lun, start, bytes(length))
        progress(50 * offset // most, "overwrite")
    await claim.flush(unit.lun)
    await _wipe_label(claim, unit)
    for offset in range(0, most, CHUNK):
        await _must_be_zero(claim, unit, offset, min(CHUNK, most - offset))
        progress(50 + 50 * offset // most, "check")
    return most + await _last(claim, unit)


async def destroy_keys(claim: Claim, unit: Unit, layout: Layout, progress: Progress) -> int:
    """Overwrite header and key slots of every partition, random first, then zeros, and what lies before the first; read back.

    Raises:
        Refused: `clear-not-encrypted` where a partition is not encrypted, or there is none.
        Hostile: as `overwrite`.
    """
    areas = await _key_areas(claim, unit, layout)
    gap = min((start for start, _ in areas), default=0)
    places = [*_around_label(_GAP, gap - _GAP), *areas]
    total, done = max(1, 2 * sum(length for _, length in places)), 0
    for make in (secrets.token_bytes, bytes):
        for start, length in places:
            for offset in range(start, start + length, CHUNK):
                size = min(CHUNK, start + length - offset)
                await claim.write(unit.lun, offset, make(size))
                done += size
                progress(80 * done // total, "overwrite")
        await claim.flush(unit.lun)
    await _wipe_label(claim, unit)
    for start, length in [*places, (WINDOW, WINDOW_SIZE)]:
        for offset in range(start, start + length, CHUNK):
            await _must_be_zero(claim, unit, offset, min(CHUNK, start + length - offset))
        progress(90, "check")
    return sum(length for _, length in places) + WINDOW_SIZE


_GAP = 32 * 1024  # behind the partition table


async def _key_areas(claim: Claim, unit: Unit, layout: Layout) -> list[tuple[int, int]]:
    """Start and length of the keys of each partition; the last block of the unit is none of them."""
    areas, most = [], unit.capacity - unit.block_size
    for partition in layout.partitions:
        room = min(partition.length, most - partition.start)
        head = await claim.read(unit.lun, partition.start, HEAD) if room > HEAD else b""
        size = key_area(head)
        if size is None:
            raise Refused("clear-not-encrypted")
        areas.append((partition.start, min(room, size) // unit.block_size * unit.block_size))
    if not areas:
        raise Refused("clear-not-encrypted")
    return areas


async def _wipe_label(claim: Claim, unit: Unit) -> None:
    await claim.write(unit.lun, WINDOW, bytes(WINDOW_SIZE))
    await claim.flush(unit.lun)


async def _must_be_zero(claim: Claim, unit: Unit, offset: int, length: int) -> None:
    if (await claim.read(unit.lun, offset, length)).count(0) != length:
        raise Hostile("device-forgets")


async def _last(claim: Claim, unit: Unit) -> int:
    """Overwrite the last block; gives its size, 0 where there is none."""
    try:
        before = await claim.read_last(unit.lun)
    except Hostile as fault:
        if fault.code == "device-read-error":
            return 0
        raise
    await claim.write_last(unit.lun, bytes(len(before)))
    await claim.flush(unit.lun)
    if any(await claim.read_last(unit.lun)):
        raise Hostile("device-forgets")
    return unit.block_size


async def _let_go(claim: Claim, unit: Unit) -> bool:
    """UNMAP of everything but the last block, where the medium takes it; a label that came back then is no cleared medium."""
    most = unit.capacity - unit.block_size
    for offset in range(0, most, MOST_DISCARDED):
        if not await claim.discard(unit.lun, offset, min(MOST_DISCARDED, most - offset)):
            return False
    await claim.flush(unit.lun)
    window = await claim.read(unit.lun, WINDOW, WINDOW_SIZE)
    if window.strip(b"\0") and window.strip(b"\xff"):
        raise Hostile("device-forgets")
    return True


def _around_label(offset: int, length: int) -> list[tuple[int, int]]:
    """The parts of a stretch that are not in the window with the labels, as offset and length."""
    parts = [(offset, min(offset + length, WINDOW)), (max(offset, WINDOW + WINDOW_SIZE), offset + length)]
    return [(start, end - start) for start, end in parts if start < end]
