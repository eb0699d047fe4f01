"""What was plugged in before the guard ran: bound by the kernel at boot, or let in by an earlier run, and perhaps mounted."""

import asyncio
import logging

from guard.core.errors import GuardError
from guard.core.ports import Arrival
from guard.parts import Parts

log = logging.getLogger(__name__)
SECONDS = 10.0  # for what a busy system has still to write; whoever makes udisks wait must not keep the port open


async def let_go(parts: Parts, arrival: Arrival) -> None:
    """Unmount the disks of such a port, so that holding it costs nobody what was written; held it is in any case, soon."""
    if not arrival.already_bound:
        return
    try:
        disks = await parts.ports.mounted_disks(arrival)
        if disks:
            async with asyncio.timeout(SECONDS):
                await parts.unmount(disks)
    except (GuardError, TimeoutError) as fault:
        log.warning("%s: taken away while mounted: %s", arrival.port, fault or "it took too long")
