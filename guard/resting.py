"""What is unmounted and pulled without a safe removal: how it looked then, for the next visit at this host.

The guard writes only in the gate, and to take the disk back for a record would make it go away and come back under the person's
hands. So no record tells of it, and this host alone knows. Whoever pulls a mounted stick leaves nothing, and that is known too.
"""

import logging
from functools import partial

from guard.core.errors import GuardError
from guard.core.evidence import Left
from guard.core.ports import Disk
from guard.core.verdict import Access
from guard.inspection import take_fingerprint
from guard.parts import Parts
from guard.stay import Stay

log = logging.getLogger(__name__)


async def take_rest(parts: Parts, disks: tuple[Disk, ...], stays: list[Stay]) -> None:
    """After the last unmount: look at each medium that was read-write, past the kernel's caches, while nothing is written to it."""
    for disk in disks:
        stay = next((stay for stay in stays if stay.seen().unit.lun == disk.lun), None)
        if stay is None or stay.written is None or stay.judged.access is not Access.READ_WRITE:
            continue
        try:
            before = await parts.ports.counters(disk)
            found = await take_fingerprint(partial(parts.ports.read_disk, disk), stay.seen().unit)
            quiet = await parts.ports.counters(disk) == before
        except GuardError as fault:
            log.info("%s: %s", disk.name, fault)
            continue
        if quiet:
            stay.rest = found
            log.info("%s: unmounted; it may be pulled as it is", disk.name)


async def note_rest(parts: Parts, stays: list[Stay]) -> None:
    """The medium was pulled; where it was unmounted before, this host knows how it left."""
    for stay in stays:
        rest, written, label = stay.rest, stay.written, stay.sighting.label if stay.sighting else None
        stay.rest = None
        if rest is None or written is None or label is None or written.record.left:
            continue
        try:
            await parts.journal.append("fingerprint", stay.visit.id, fingerprint=rest.total, how="unmounted")
            await parts.registry.keep_departure(label.medium_id, Left(rest, parts.clock(), written.hash))
        except GuardError as fault:
            parts.trouble(fault)
