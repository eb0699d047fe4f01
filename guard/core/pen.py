"""What a host signs its records with: openly, or with the rest sealed to the auditors."""

from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from guard.core.box import OVERHEAD, open_box, seal_box
from guard.core.cose import Signer
from guard.core.errors import Hostile
from guard.core.record import ACCESSES, BOX, HOUR, JournalHead, Record, sign_record
from guard.core.verdict import Access

INFO = b"media-guard record 1"
PLAIN = BOX - OVERHEAD  # bytes in a box, always


@dataclass(frozen=True, slots=True)
class Pen:
    """`auditors` is their public key (32 bytes), b"" for open records.

    With it, `signer` and `certificate` are the pseudonymous ones that the issuer certified without network and level.
    """

    signer: Signer
    certificate: bytes
    auditors: bytes = b""

    def write(self, record: Record, chance: bytes) -> bytes:
        """The COSE bytes of a record. `chance` are 32 random bytes, used for a sealed one alone."""
        if self.auditors:
            record = replace(record, box=seal_box(_pack(record), self.auditors, INFO, _bound(record), chance))
        return sign_record(record, self.signer, self.certificate)


@dataclass(frozen=True, slots=True)
class Opened:
    """What a sealed record holds. `level_codes` are rank codes; `arrived` is in whole seconds, to the hour."""

    host_id: str
    network_id: str
    level_codes: tuple[int, ...]
    arrived: int
    access: Access
    alarm: bool
    untouched: bool
    written: int
    journal: JournalHead


def filler_box(medium_id: str, sequence: int, auditors: bytes, chance: bytes) -> bytes:
    """The box of a record that stands for no visit; only who can open it sees that."""
    return seal_box(bytes(PLAIN), auditors, INFO, _place(medium_id, sequence), chance)


def open_record(box: bytes, medium_id: str, sequence: int, private_key: X25519PrivateKey) -> Opened | None:
    """What is in the box of a record, None where it stands for no visit.

    Raises:
        Hostile: `box-sealed`.
    """
    plain = open_box(box, private_key, INFO, _place(medium_id, sequence))
    if len(plain) != PLAIN or plain[28] >= len(ACCESSES) + 1:
        raise Hostile("box-sealed")
    if not any(plain):
        return None
    return Opened(
        host_id=plain[:8].hex(),
        network_id=plain[8:16].hex(),
        level_codes=tuple(code for code in plain[16:24] if code),
        arrived=int.from_bytes(plain[24:28], "big") * HOUR,
        access=ACCESSES[max(1, plain[28]) - 1],
        alarm=bool(plain[29] & 1),
        untouched=bool(plain[29] & 2),
        written=int.from_bytes(plain[30:34], "big"),
        journal=JournalHead(int.from_bytes(plain[34:40], "big"), plain[40:56].hex()),
    )


def _pack(record: Record) -> bytes:
    """Host 8 | network 8 | level codes 8 | hour 4 | access 1 | flags 1 | MiB 4 | journal 6 + 16 | zeros 8."""
    parts = (
        bytes.fromhex(record.host_id),
        bytes.fromhex(record.network_id),
        bytes(record.host_level_codes).ljust(8, b"\0"),
        (record.arrived // HOUR).to_bytes(4, "big"),
        bytes([1 + ACCESSES.index(record.access), record.alarm + 2 * record.untouched]),
        record.written.to_bytes(4, "big"),
        record.journal.sequence.to_bytes(6, "big"),
        bytes.fromhex(record.journal.hash),
    )
    return b"".join(parts).ljust(PLAIN, b"\0")


def _bound(record: Record) -> bytes:
    return _place(record.medium_id, record.sequence)


def _place(medium_id: str, sequence: int) -> bytes:
    """A box counts only in the record that it was made for."""
    return bytes.fromhex(medium_id) + sequence.to_bytes(6, "big")
