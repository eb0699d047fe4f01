"""The label area: where it lies, how a sector is framed, which copy of the label counts, and in what order to write.

Offsets are bytes, so that 4096-byte blocks work. The upper half of the gap between partition table and first partition; every
partitioning tool that was tried leaves it alone (whole-disk formats do not).

    512 KiB  window: label A | ring of the newest travel records | label B     one read of 64 KiB at an ordinary visit
    768 KiB  archive: a longer ring of the same records, written second        read where the window has a hole or is too short
   1008 KiB  end
"""

import zlib
from dataclasses import dataclass

from guard.core.errors import GuardError, Hostile
from guard.core.keyring import Keyring
from guard.core.label import Label, read_label

KIB = 1024
SLOT = 4096  # one block of any size up to 4096
WINDOW, WINDOW_SIZE = 512 * KIB, 64 * KIB
LABEL_A, LABEL_B = WINDOW, WINDOW + WINDOW_SIZE - SLOT
RING, RING_END = LABEL_A + SLOT, LABEL_B
ARCHIVE, AREA_END = 768 * KIB, 1008 * KIB

_LABEL_MAGIC, _RECORD_MAGIC = b"MGLB", b"MGTR"
_VERSION = 1
_HEAD, _SEQUENCE, _TAIL = 8, 6, 4


class Torn(Hostile):
    """A frame of ours whose checksum does not hold: half written or worn out, not forged."""


def frame(cose: bytes, size: int, *, sequence: int = 0) -> bytes:
    """`magic 4 | length 2 | version 1 | flags 1 | COSE | zero fill | CRC-32 4`, `size` bytes in all.

    The frame of a record has its sequence (6 bytes) before the CRC, so that it is found without trusting it.
    """
    if len(cose) > size - _overhead(sequence > 0):
        raise RuntimeError(f"{len(cose)} bytes do not fit into a frame of {size}")
    head = (_RECORD_MAGIC if sequence else _LABEL_MAGIC) + len(cose).to_bytes(2, "big") + bytes([_VERSION, 0])
    tail = sequence.to_bytes(_SEQUENCE, "big") if sequence else b""
    body = (head + cose).ljust(size - _TAIL - len(tail), b"\0") + tail
    return body + zlib.crc32(body).to_bytes(_TAIL, "big")


def room_for_record(block_size: int) -> int:
    """How many COSE bytes fit into the frame of a record."""
    return block_size - _overhead(record=True)


def unframe(untrusted: bytes, *, record: bool = False) -> bytes | None:
    """The COSE bytes in a frame; None where there is no frame of ours at all.

    Raises:
        Torn: `<kind>-damaged` for a frame that is half written.
        Hostile: `<kind>-version` for a whole frame of a version that is not known.
    """
    kind = "record" if record else "label"
    if untrusted[:4] != (_RECORD_MAGIC if record else _LABEL_MAGIC):
        return None
    length = int.from_bytes(untrusted[4:6], "big")
    fill = untrusted[_HEAD + length : len(untrusted) - _overhead(record) + _HEAD]
    if not _sound(untrusted) or not 1 <= length <= len(untrusted) - _overhead(record) or any(fill):
        raise Torn(f"{kind}-damaged")
    if untrusted[6] != _VERSION or untrusted[7]:
        raise Hostile(f"{kind}-version", version=untrusted[6])
    return untrusted[_HEAD : _HEAD + length]


def sequence_in(untrusted: bytes) -> int | None:
    """The sequence that the frame of a record claims, at least 1; None where there is none, or a torn one."""
    if untrusted[:4] != _RECORD_MAGIC or not _sound(untrusted):
        return None
    return max(1, int.from_bytes(untrusted[-_TAIL - _SEQUENCE : -_TAIL], "big"))


def _sound(untrusted: bytes) -> bool:
    return zlib.crc32(untrusted[:-_TAIL]) == int.from_bytes(untrusted[-_TAIL:], "big")


def _overhead(record: bool) -> int:
    return _HEAD + _TAIL + (_SEQUENCE if record else 0)


@dataclass(frozen=True, slots=True)
class Found:
    """The label that counts and in which slot it stands (0 for A, 1 for B), or the code of the fault; both empty if blank.

    `spare_fault` is why the other copy does not count ("" if it is sound, or plainly older).
    """

    label: Label | None = None
    slot: int | None = None
    fault: str = ""
    spare_fault: str = ""


def choose_label(untrusted_a: bytes, untrusted_b: bytes, keyring: Keyring) -> Found:
    """The newer valid copy of the two slots (each SLOT bytes).

    A torn copy leaves the older one, as it must after a power cut. A copy that is whole but not true (forged, malformed, of an
    unknown issuer) is never just passed over: somebody wrote it, so nothing counts.
    """
    labels: list[tuple[Label, int]] = []
    torn, untrue = "", ""
    for slot, untrusted in enumerate((untrusted_a, untrusted_b)):
        try:
            cose = unframe(untrusted)
            if cose is not None:
                labels.append((read_label(cose, keyring), slot))
        except Torn as fault:
            torn = fault.code
        except GuardError as fault:
            untrue = untrue or fault.code
    if untrue:
        return Found(fault=untrue)
    if len(labels) == 2:
        (first, _), (second, _) = labels
        if first.medium_id != second.medium_id or (first.generation == second.generation and first != second):
            return Found(fault="label-contradicts")
    if not labels:
        return Found(fault=torn)
    label, slot = max(labels, key=lambda pair: pair[0].generation)
    return Found(label, slot, spare_fault=torn or ("label-missing-copy" if len(labels) == 1 else ""))


def label_writes(current: Found, cose: bytes) -> tuple[tuple[int, bytes], ...]:
    """The two writes of a new label, in order; between them: flush and read back. The copy that does not count goes first."""
    block = frame(cose, SLOT)
    first = LABEL_A if current.slot == 1 else LABEL_B
    second = LABEL_B if first == LABEL_A else LABEL_A
    return (first, block), (second, block)
