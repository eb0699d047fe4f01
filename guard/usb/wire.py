"""Messages between the daemon and its reader, one packet each, fixed layouts, lengths checked on both sides.

The daemon takes the reader for hostile: a device may have taken it over.
"""

import struct
from enum import IntEnum
from typing import NamedTuple

from guard.core.errors import Hostile
from guard.core.unit import Unit

MAX_DATA = 32 * 1024
MAX_PACKET = MAX_DATA + 64
MAX_UNITS = 16
HELLO = b"media-guard-reader 1"  # the reader's first words, said when it is locked in
_REQUEST = struct.Struct(">BBQI")
_OPEN = struct.Struct(">BBBI")
_UNIT = struct.Struct(">BBQIbB36s")
_FAULTS = (
    "device-gone",
    "device-hangs",
    "device-protocol",
    "device-not-ready",
    "device-block-size",
    "device-read-error",
    "device-write-error",
    "device-write-protected",
)


class Verb(IntEnum):
    """What the daemon asks for."""

    OPEN = 1
    READ = 2
    WRITE = 3
    FLUSH = 4
    READ_LAST = 5  # the last block, which nothing else touches: some devices say one too many
    WRITE_LAST = 6
    UNMAP = 7
    CLOSE = 8  # give the device back; nothing is answered, and nothing more is asked


class Request(NamedTuple):
    """One question; `data` is what is written, or the packed endpoints of OPEN."""

    verb: Verb
    lun: int
    block: int
    blocks: int
    data: bytes = b""

    def pack(self) -> bytes:
        """One packet."""
        return _REQUEST.pack(self.verb, self.lun, self.block, self.blocks) + self.data


def parse_request(packet: bytes) -> Request:
    """The reader's side.

    Raises:
        ValueError: for anything that the daemon would not send.
    """
    if not _REQUEST.size <= len(packet) <= MAX_PACKET:
        raise ValueError("a packet of a wrong length")
    verb, lun, block, count = _REQUEST.unpack_from(packet)
    return Request(Verb(verb), lun, block, count, packet[_REQUEST.size :])


def pack_open(interface: int, endpoint_in: int, endpoint_out: int, spin_up_seconds: int) -> Request:
    """The first question."""
    return Request(Verb.OPEN, 0, 0, 0, _OPEN.pack(interface, endpoint_in, endpoint_out, spin_up_seconds))


def unpack_open(request: Request) -> tuple[int, int, int, int]:
    """Interface, endpoints and seconds of the first question."""
    interface, endpoint_in, endpoint_out, seconds = _OPEN.unpack(request.data)
    return interface, endpoint_in, endpoint_out, seconds


def pack_units(units: list[Unit]) -> bytes:
    """The answer to OPEN."""
    packed = b""
    for unit in units[:MAX_UNITS]:
        protected = -1 if unit.write_protected is None else int(unit.write_protected)
        inquiry = unit.inquiry[:36]
        packed += _UNIT.pack(
            unit.lun, unit.device_type, unit.blocks, unit.block_size, protected, len(inquiry), inquiry.ljust(36, b"\0")
        )
    return packed


def parse_units(untrusted: bytes) -> tuple[Unit, ...]:
    """The daemon's side of the answer to OPEN.

    Raises:
        Hostile: `device-protocol`.
    """
    count, rest = divmod(len(untrusted), _UNIT.size)
    if rest or not 1 <= count <= MAX_UNITS:
        raise Hostile("device-protocol")
    units = []
    for number in range(count):
        lun, kind, blocks, size, protected, length, inquiry = _UNIT.unpack_from(untrusted, number * _UNIT.size)
        if lun != number or kind > 31 or size not in (512, 1024, 2048, 4096) or blocks >= 1 << 48 or length > 36:
            raise Hostile("device-protocol")
        if protected not in (-1, 0, 1):
            raise Hostile("device-protocol")
        units.append(Unit(lun, kind, inquiry[:length], blocks, size, None if protected < 0 else bool(protected)))
    return tuple(units)


def pack_good(data: bytes) -> bytes:
    """An answer."""
    return b"\0" + data


def pack_fault(code: str) -> bytes:
    """A fault, as its number in the list."""
    return bytes([1 + (_FAULTS.index(code) if code in _FAULTS else _FAULTS.index("device-protocol"))])


def parse_answer(untrusted: bytes, length: int | None) -> bytes:
    """The daemon's side: the data, exactly `length` bytes where that is known.

    Raises:
        Hostile: the fault that the reader met, or `device-protocol` for an answer that cannot be.
    """
    if (
        not 1 <= len(untrusted) <= MAX_PACKET
    ):  # nothing at all: what the device said was too much for the reader, it is dead
        raise Hostile("device-protocol")
    if untrusted[0]:
        known = untrusted[0] <= len(_FAULTS) and len(untrusted) == 1
        raise Hostile(_FAULTS[untrusted[0] - 1] if known else "device-protocol")
    if length is not None and len(untrusted) != 1 + length:
        raise Hostile("device-protocol")
    return untrusted[1:]
