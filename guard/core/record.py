"""A travel record: one visit, signed by the host, one logical block on the medium.

The host's certificate travels in the unprotected header, so a record verifies anywhere its issuer is trusted.
"""

import hashlib
from dataclasses import dataclass

from guard.core.certificate import Certificate, Role, read_certificate
from guard.core.claims import IDENT, ISSUED, PRIVATE, claims_of
from guard.core.cose import Signer, open_envelope, parse_envelope, seal
from guard.core.errors import Hostile
from guard.core.keyring import Keyring
from guard.core.verdict import Access

AAD = b"mrecord/1"
FIRST_PREVIOUS = "00" * 32
MAX_SEQUENCE = (1 << 48) - 1
_CERTIFICATE = -70002
_SEQUENCE, _PREVIOUS, _GENERATION, _ACCESS, _ALARM, _HIGH = range(1, 7)
_ACCESSES = (Access.READ_WRITE, Access.READ_ONLY, Access.HELD, Access.REFUSED)


@dataclass(frozen=True, slots=True)
class Record:
    """One visit as the medium tells it. Ids are lower-case hex; times are whole seconds since 1970, UTC.

    `sequence` counts from 1; `previous` is the SHA-256 of the COSE bytes of the record before (64 zeros for the first).
    `host_id`, `network_id`, `scheme` and `host_level_codes` come from the host's certificate. `arrived` is the hour of
    arrival. A record is written before the verdict takes effect. `high_water_codes` join the levels of all hosts where the
    medium was read-write up to and with this visit, so that a ring that wrapped forgets nothing that counts.
    """

    sequence: int
    previous: str  # 32 bytes
    medium_id: str  # 16 bytes
    generation: int
    host_id: str  # 8 bytes
    network_id: str  # 8 bytes
    scheme: str
    host_level_codes: tuple[int, ...]
    arrived: int
    access: Access
    alarm: bool
    high_water_codes: tuple[int, ...]


def record_hash(cose: bytes) -> str:
    """What the next record names as its previous one."""
    return hashlib.sha256(cose).hexdigest()


def sign_record(record: Record, signer: Signer, certificate: bytes) -> bytes:
    """The COSE bytes of a record, with the host's certificate inside."""
    own = {
        _SEQUENCE: record.sequence,
        _PREVIOUS: bytes.fromhex(record.previous),
        _GENERATION: record.generation,
        _ACCESS: 1 + _ACCESSES.index(record.access),
        _ALARM: record.alarm,
        _HIGH: list(record.high_water_codes),
    }
    payload = {IDENT: bytes.fromhex(record.medium_id), ISSUED: record.arrived, PRIVATE: own}
    return seal(signer, payload, AAD, {_CERTIFICATE: certificate})


def read_record(untrusted: bytes, keyring: Keyring) -> Record:
    """Verify the certificate by its issuer, then the record by the certificate.

    Raises:
        Hostile: `record-malformed`, `record-algorithm`, `record-forged`, `record-unknown-issuer`, `certificate-...`.
    """
    envelope = parse_envelope(untrusted, "record")
    if set(envelope.unprotected) != {_CERTIFICATE}:
        raise Hostile("record-malformed")
    host = host_certificate(envelope.unprotected[_CERTIFICATE], keyring)
    payload = open_envelope(envelope, host.public_key, AAD, "record")
    claims = claims_of(payload, "record", {ISSUED, IDENT}, set(range(1, 7)))
    return Record(
        sequence=claims.integer(_SEQUENCE, 1, MAX_SEQUENCE),
        previous=claims.raw(_PREVIOUS, 32).hex(),
        medium_id=claims.ident(16),
        generation=claims.integer(_GENERATION, 1, (1 << 32) - 1),
        host_id=host.subject_id,
        network_id=host.network_id,
        scheme=host.scheme,
        host_level_codes=host.level_codes,
        arrived=claims.time(ISSUED),
        access=_ACCESSES[claims.integer(_ACCESS, 1, 4) - 1],
        alarm=claims.flag(_ALARM),
        high_water_codes=claims.codes(_HIGH),
    )


def host_certificate(untrusted: bytes, keyring: Keyring) -> Certificate:
    """A host's certificate, verified by an issuer of the keyring; its term is not judged (a record may be old)."""
    issuer = keyring.issuer_key(parse_envelope(untrusted, "certificate").key_id, "record")
    return read_certificate(untrusted, issuer, Role.HOST, None)
