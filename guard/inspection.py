"""Reading one unit through the gate: which bytes, in which order, and what they turn out to be."""

from collections.abc import Generator

from guard.core.area import LABEL_A, LABEL_B, RING, RING_END, SLOT, choose_label
from guard.core.descriptors import DeviceDescription
from guard.core.errors import GuardError, Hostile
from guard.core.keyring import Keyring
from guard.core.medium import hardware
from guard.core.partition import HEAD, gap_fault, parse_layout
from guard.core.ports import Arrival, Claim, Disk, Ports, Unit
from guard.core.ring import EMPTY, TravelLog, find_records
from guard.core.scheme import Scheme
from guard.core.sighting import Sighting, label_level

_SMALLEST = 4 * 1024 * 1024  # bytes; nothing smaller has room for a label area and a partition
_GAP_CHUNK = 64 * 1024


async def inspect(
    claim: Claim, unit: Unit, arrival: Arrival, description: DeviceDescription, keyring: Keyring, scheme: Scheme
) -> Sighting:
    """Read partition table, both label slots and the newest travel records of one unit, and verify them.

    Raises:
        Hostile: `device-...` when the device does not let itself be read.
        Broken: when this host cannot read.
    """
    if unit.capacity < _SMALLEST:
        raise Hostile("device-too-small", size=unit.capacity)
    table = await claim.read(unit.lun, 0, HEAD)
    slot_a = await claim.read(unit.lun, LABEL_A, SLOT)
    slot_b = await claim.read(unit.lun, LABEL_B, SLOT)
    found = choose_label(slot_a, slot_b, keyring)
    label, fault = found.label, found.fault
    if label is not None:
        try:
            fault = "" if label.scheme == scheme.id else "label-other-scheme"
            label_level(label if not fault else None, scheme)
        except GuardError as error:
            fault = error.code
    label = None if fault else label
    log = EMPTY
    if label is not None:
        log = await _drive(claim, unit, find_records(label.medium_id, keyring, unit.block_size))
    return Sighting(
        unit=unit,
        hardware=hardware(description.vendor_id, description.product_id, arrival.untrusted_serial, unit),
        table=table,
        slots=slot_a + slot_b,
        layout=parse_layout(table, unit.block_size),
        found=found,
        label=label,
        label_fault=fault,
        log=log,
    )


async def why_not_in_place(claim: Claim, sighting: Sighting) -> str:
    """Why a label cannot be written without erasing the medium ("" if it can); reads the whole gap.

    Raises:
        Hostile: `device-...`.
    """
    gap = bytearray()
    for offset in range(LABEL_A, RING_END, _GAP_CHUNK):
        gap += await claim.read(sighting.unit.lun, offset, min(_GAP_CHUNK, RING_END - offset))
    return gap_fault(sighting.layout, bytes(gap), sighting.blank)


async def shows_the_same(ports: Ports, disk: Disk, sighting: Sighting, written: bytes | None) -> bool:
    """Read table and label once more through the admitted disk; False if the device shows something else than it did in the gate.

    `written` is the travel record block that the guard itself has just written, None for none; it must be there too.
    """
    slots = await ports.read_disk(disk, LABEL_A, SLOT) + await ports.read_disk(disk, LABEL_B, SLOT)
    table = await ports.read_disk(disk, 0, 4096)
    same = slots == sighting.slots and table == sighting.table[:4096]
    if same and written is not None:
        offset = RING + sighting.log.newest_sequence % ((RING_END - RING) // len(written)) * len(written)
        same = await ports.read_disk(disk, offset, len(written)) == written
    return same


async def _drive(claim: Claim, unit: Unit, search: Generator[int, bytes, TravelLog]) -> TravelLog:
    try:
        offset = next(search)
        while True:
            offset = search.send(await claim.read(unit.lun, offset, unit.block_size))
    except StopIteration as done:
        log: TravelLog = done.value
        return log
