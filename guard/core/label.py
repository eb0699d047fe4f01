"""The label: the signed statement on a medium."""

from dataclasses import dataclass
from enum import StrEnum

from guard.core.claims import EXPIRES, IDENT, ISSUED, PRIVATE, claims_of
from guard.core.cose import Signer, open_envelope, parse_envelope, seal
from guard.core.keyring import Keyring

AAD = b"mlabel/1"
MAX_GENERATION = (1 << 32) - 1
MAX_HOLDER, MAX_NUMBER, MAX_NETWORKS, MAX_SCHEME = 64, 32, 16, 32
_GENERATION, _SCHEME, _LEVELS, _KIND, _NETWORKS, _IMPORT, _HOLDER, _NUMBER, _HARDWARE, _READ_ONLY = range(1, 11)


class Kind(StrEnum):
    """What a medium is for; a person's own stick is never a work stick."""

    WORK = "work"
    PERSONAL = "personal"


@dataclass(frozen=True, slots=True)
class Label:
    """What the issuer states. Ids are lower-case hex; times are whole seconds since 1970, UTC.

    `level_codes` are rank codes of `scheme` (guard.core.scheme). `networks` are opaque network ids, where the medium
    may be used read-write. `may_import` allows read-only use on a higher or unlisted network. `expires` is the end of
    the term, None for no end. `hardware` is the SHA-256 of guard.core.medium.Hardware. `read_only` media are never written
    on any host, whatever else fits; a label says it only where it is so, so that each label has one form.
    """

    medium_id: str  # 16 bytes
    generation: int  # 1 .. 2**32-1, the newer counts
    scheme: str
    level_codes: tuple[int, ...]
    kind: Kind
    networks: tuple[str, ...]  # 8 bytes each, at most 16
    may_import: bool
    holder: str  # at most 64 characters
    number: str  # asset number, at most 32 characters
    issued: int
    expires: int | None
    hardware: str  # 32 bytes
    read_only: bool = False


def sign_label(label: Label, signer: Signer) -> bytes:
    """The COSE bytes of a label."""
    own: dict[int, object] = {
        _GENERATION: label.generation,
        _SCHEME: label.scheme,
        _LEVELS: list(label.level_codes),
        _KIND: 1 if label.kind is Kind.WORK else 2,
        _NETWORKS: [bytes.fromhex(network) for network in label.networks],
        _IMPORT: label.may_import,
        _HOLDER: label.holder,
        _NUMBER: label.number,
        _HARDWARE: bytes.fromhex(label.hardware),
    }
    if label.read_only:
        own[_READ_ONLY] = True
    payload: dict[int, object] = {IDENT: bytes.fromhex(label.medium_id), ISSUED: label.issued, PRIVATE: own}
    if label.expires is not None:
        payload[EXPIRES] = label.expires
    return seal(signer, payload, AAD)


def read_label(untrusted: bytes, keyring: Keyring) -> Label:
    """Verify and parse a label; the issuer is found in the keyring by the id of its key. The term is not judged here.

    Raises:
        Hostile: `label-malformed`, `label-algorithm`, `label-forged`, `label-unknown-issuer`.
    """
    envelope = parse_envelope(untrusted, "label")
    payload = open_envelope(envelope, keyring.issuer_key(envelope.key_id, "label"), AAD, "label")
    claims = claims_of(payload, "label", {EXPIRES, ISSUED, IDENT}, set(range(1, 11)))
    return Label(
        medium_id=claims.ident(16),
        generation=claims.integer(_GENERATION, 1, MAX_GENERATION),
        scheme=claims.text(_SCHEME, MAX_SCHEME),
        level_codes=claims.codes(_LEVELS),
        kind=(Kind.WORK, Kind.PERSONAL)[claims.integer(_KIND, 1, 2) - 1],
        networks=claims.ids(_NETWORKS, 8, MAX_NETWORKS),
        may_import=claims.flag(_IMPORT),
        holder=claims.text(_HOLDER, MAX_HOLDER),
        number=claims.text(_NUMBER, MAX_NUMBER),
        issued=claims.time(ISSUED),
        expires=claims.optional_time(EXPIRES),
        hardware=claims.raw(_HARDWARE, 32).hex(),
        read_only=claims.mark(_READ_ONLY),
    )
