"""The label area: where it lies, how a sector is framed, which copy of the label counts, and in what order to write.

Offsets are bytes, so that 4096-byte blocks work. The upper half of the gap between partition table and first partition; every
partitioning tool that was tried leaves it alone (whole-disk formats do not).
"""

import zlib
from dataclasses import dataclass

from guard.core.errors import GuardError, Hostile
from guard.core.keyring import Keyring
from guard.core.label import Label, read_label

KIB = 1024
LABEL_A, LABEL_B = 512 * KIB, 640 * KIB
RING, RING_END = 768 * KIB, 1008 * KIB
SLOT = 4096  # a slot has room for 16 KiB; today's labels need one block of any size up to 4096

_LABEL_MAGIC, _RECORD_MAGIC = b"MGLB", b"MGTR"
_VERSION = 1
_HEAD, _TAIL = 8, 4


class Torn(Hostile):
    """A frame of ours whose checksum does not hold: half written or worn out, not forged."""


def frame(cose: bytes, size: int, *, record: bool = False) -> bytes:
    """`magic 4 | length 2 | version 1 | flags 1 | COSE | zero fill | CRC-32 4`, `size` bytes in all."""
    if len(cose) > size - _HEAD - _TAIL:
        raise RuntimeError(f"{len(cose)} bytes do not fit into a frame of {size}")
    head = (_RECORD_MAGIC if record else _LABEL_MAGIC) + len(cose).to_bytes(2, "big") + bytes([_VERSION, 0])
    body = (head + cose).ljust(size - _TAIL, b"\0")
    return body + zlib.crc32(body).to_bytes(4, "big")


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
    fill = untrusted[_HEAD + length : -_TAIL]
    sound = zlib.crc32(untrusted[:-_TAIL]) == int.from_bytes(untrusted[-_TAIL:], "big")
    if not sound or not 1 <= length <= len(untrusted) - _HEAD - _TAIL or any(fill):
        raise Torn(f"{kind}-damaged")
    if untrusted[6] != _VERSION or untrusted[7]:
        raise Hostile(f"{kind}-version", version=untrusted[6])
    return untrusted[_HEAD : _HEAD + length]


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
