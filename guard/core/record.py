"""A travel record: the arrival of a visit or its end, signed by the host, one logical block on the medium.

The host's certificate travels in the unprotected header, so a record verifies anywhere its issuer is trusted.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from guard.core.certificate import Certificate, Role, read_certificate
from guard.core.claims import IDENT, ISSUED, PRIVATE, Claims, claims_of
from guard.core.cose import Signer, open_envelope, parse_envelope, seal
from guard.core.errors import Hostile
from guard.core.fingerprint import SIZE as FINGERPRINT
from guard.core.keyring import Keyring
from guard.core.verdict import Access

AAD = b"mrecord/1"
FIRST_PREVIOUS = "00" * 32
MAX_SEQUENCE = (1 << 48) - 1
MAX_WRITTEN = (1 << 32) - 1  # MiB
BOX = 112  # bytes
HOUR = 3600
_CERTIFICATE = -70002
_SEQUENCE, _PREVIOUS, _GENERATION, _ACCESS, _ALARM, _HIGH, _LEFT, _WRITTEN, _JOURNAL, _UNTOUCHED, _BOX, _SUMMARY = (
    range(1, 13)
)
ACCESSES = (Access.READ_WRITE, Access.READ_ONLY, Access.HELD, Access.REFUSED)


@dataclass(frozen=True, slots=True)
class JournalHead:
    """The newest entry of a host's journal: its sequence, from 1, and the first 16 bytes of its hash in hex.

    Media carry it to other networks, so that a tail cut off here shows there.
    """

    sequence: int
    hash: str  # 16 bytes


@dataclass(frozen=True, slots=True)
class Record:
    """One visit, or its end, as the medium tells it. Ids are lower-case hex; times are whole seconds since 1970, UTC.

    `sequence` counts from 1; `previous` is the SHA-256 of the COSE bytes of the record before (64 zeros for the first).
    `host_id`, `network_id`, `scheme` and `host_level_codes` come from the host's certificate. `arrived` is the hour of
    arrival. A record is written before the verdict takes effect. `high_water_codes` join the levels of all hosts where the
    medium was read-write up to and with this visit, so that a ring that wrapped forgets nothing that counts. `journal` is the
    head of the host's journal when the record was written.

    `left` is the fingerprint of the medium at its safe removal (32 hex digits; "" in the record of an arrival), and `written`
    how many bytes the kernel wrote to it during the visit, in whole MiB. `arrived` is then the hour of the removal. Only a safe
    removal writes a second record: a medium that was just pulled says nothing, and that is known too. `untouched` is the proof of
    no write: read-only was set before anybody could see the disk, held at the end, and the kernel counted no write between.

    What a ring that wraps must not forget is carried on: how many `visits` there were up to and with this one, how many of them
    ended with an alarm (`alarms`), and the hour of the `first`, in whole seconds; as far as records were open.

    `box` holds what is sealed (guard.core.pen). As read, such a record has a pseudonym for its host, no network, scheme, level,
    hour, journal, alarm and MiB, and of its access only whether it was read-write.
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
    journal: JournalHead
    left: str = ""  # 16 bytes
    written: int = 0
    untouched: bool = False
    visits: int = 0
    alarms: int = 0
    first: int = 0
    box: bytes = b""


def record_hash(cose: bytes) -> str:
    """What the next record names as its previous one."""
    return hashlib.sha256(cose).hexdigest()


def sign_record(record: Record, signer: Signer, certificate: bytes) -> bytes:
    """The COSE bytes of a record, with the host's certificate inside."""
    own: dict[int, object] = {
        _SEQUENCE: record.sequence,
        _PREVIOUS: bytes.fromhex(record.previous),
        _GENERATION: record.generation,
        _HIGH: list(record.high_water_codes),
    }
    if record.left:
        own[_LEFT] = bytes.fromhex(record.left)
    if record.box:
        own |= {_BOX: record.box, _ACCESS: 1 if record.access is Access.READ_WRITE else 2}
        return seal(signer, {IDENT: bytes.fromhex(record.medium_id), PRIVATE: own}, AAD, {_CERTIFICATE: certificate})
    own |= {
        _ACCESS: 1 + ACCESSES.index(record.access),
        _ALARM: record.alarm,
        _JOURNAL: record.journal.sequence.to_bytes(6, "big") + bytes.fromhex(record.journal.hash),
        _SUMMARY: b"".join(n.to_bytes(4, "big") for n in (record.visits, record.alarms, record.first // HOUR)),
    }
    if record.left:
        own[_WRITTEN] = min(record.written, MAX_WRITTEN)
    if record.untouched:
        own[_UNTOUCHED] = True
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
    host = _writer(envelope.unprotected[_CERTIFICATE], keyring)
    payload = open_envelope(envelope, host.public_key, AAD, "record")
    if host.role is Role.RECORD:
        return _sealed(claims_of(payload, "record", {IDENT}, {*range(1, 5), *range(6, 8), _BOX}), host)
    claims = claims_of(payload, "record", {ISSUED, IDENT}, {*range(1, 11), _SUMMARY})
    ended, summary = _LEFT in claims.inner or _WRITTEN in claims.inner, claims.raw(_SUMMARY, 12)
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
        access=ACCESSES[claims.integer(_ACCESS, 1, 4) - 1],
        alarm=claims.flag(_ALARM),
        high_water_codes=claims.codes(_HIGH),
        journal=_journal_head(claims.raw(_JOURNAL, 22)),
        left=claims.raw(_LEFT, FINGERPRINT).hex() if ended else "",
        written=claims.integer(_WRITTEN, 0, MAX_WRITTEN) if ended else 0,
        untouched=claims.mark(_UNTOUCHED),
        visits=int.from_bytes(summary[:4], "big"),
        alarms=int.from_bytes(summary[4:8], "big"),
        first=int.from_bytes(summary[8:], "big") * HOUR,
    )


def _sealed(claims: Claims, pseudonym: Certificate) -> Record:
    return Record(
        sequence=claims.integer(_SEQUENCE, 1, MAX_SEQUENCE),
        previous=claims.raw(_PREVIOUS, 32).hex(),
        medium_id=claims.ident(16),
        generation=claims.integer(_GENERATION, 1, (1 << 32) - 1),
        host_id=pseudonym.subject_id,
        network_id="",
        scheme="",
        host_level_codes=(),
        arrived=0,
        access=Access.READ_WRITE if claims.integer(_ACCESS, 1, 2) == 1 else Access.HELD,
        alarm=False,
        high_water_codes=claims.codes(_HIGH),
        journal=JournalHead(0, "00" * 16),
        left=claims.raw(_LEFT, FINGERPRINT).hex() if _LEFT in claims.inner else "",
        box=claims.raw(_BOX, BOX),
    )


def _writer(untrusted: bytes, keyring: Keyring) -> Certificate:
    """The certificate of a host, or of a pseudonym."""
    issuer = keyring.issuer_key(parse_envelope(untrusted, "certificate").key_id, "record")
    try:
        return _host(untrusted, issuer)
    except Hostile as fault:
        if fault.code != "certificate-role":
            raise
    return _pseudonym(untrusted, issuer)


@lru_cache(maxsize=256)
def _pseudonym(untrusted: bytes, issuer: bytes) -> Certificate:
    return read_certificate(untrusted, issuer, Role.RECORD, None)


def _journal_head(raw: bytes) -> JournalHead:
    return JournalHead(int.from_bytes(raw[:6], "big"), raw[6:].hex())


def host_certificate(untrusted: bytes, keyring: Keyring) -> Certificate:
    """A host's certificate, verified by an issuer of the keyring; its term is not judged (a record may be old)."""
    return _host(untrusted, keyring.issuer_key(parse_envelope(untrusted, "certificate").key_id, "record"))


@lru_cache(maxsize=256)
def _host(untrusted: bytes, issuer: bytes) -> Certificate:
    """Every record of a host carries the same certificate: the same bytes by the same key are verified once."""
    return read_certificate(untrusted, issuer, Role.HOST, None)
