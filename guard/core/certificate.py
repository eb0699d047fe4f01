"""Certificates: the root vouches for issuers, an issuer vouches for hosts."""

from dataclasses import dataclass
from enum import StrEnum

from guard.core.claims import EXPIRES, IDENT, ISSUED, PRIVATE, claims_of
from guard.core.cose import Signer, open_envelope, parse_envelope, seal
from guard.core.errors import Hostile

AAD = b"mcert/1"
_ROLE, _KEY, _NETWORK, _SCHEME, _LEVELS = 1, 2, 3, 4, 5


class Role(StrEnum):
    """What a certified key may sign."""

    ISSUER = "issuer"  # labels and host certificates
    HOST = "host"  # travel records
    RECORD = "record"  # sealed travel records, under a pseudonym


_ROLES = (Role.ISSUER, Role.HOST, Role.RECORD)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A signed statement about a public key (Ed25519, 32 bytes).

    For a host: its id, its network's opaque id and the network's level. For an issuer and for a record key these are empty.
    """

    role: Role
    public_key: bytes
    subject_id: str  # 8 bytes, lower-case hex
    network_id: str  # 8 bytes, lower-case hex; "" for an issuer
    scheme: str
    level_codes: tuple[int, ...]
    issued: int
    expires: int | None


def sign_certificate(certificate: Certificate, signer: Signer) -> bytes:
    """The COSE bytes of a certificate."""
    own: dict[int, object] = {
        _ROLE: 1 + _ROLES.index(certificate.role),
        _KEY: certificate.public_key,
        _SCHEME: certificate.scheme,
        _LEVELS: list(certificate.level_codes),
    }
    if certificate.network_id:
        own[_NETWORK] = bytes.fromhex(certificate.network_id)
    payload: dict[int, object] = {
        IDENT: bytes.fromhex(certificate.subject_id),
        ISSUED: certificate.issued,
        PRIVATE: own,
    }
    if certificate.expires is not None:
        payload[EXPIRES] = certificate.expires
    return seal(signer, payload, AAD)


def read_certificate(untrusted: bytes, public_key: bytes, role: Role, now: int | None) -> Certificate:
    """Verify a certificate with the key that should have signed it. `now` None leaves the expiry alone (old records).

    Raises:
        Hostile: `certificate-malformed`, `certificate-algorithm`, `certificate-forged`, `certificate-role`, `certificate-expired`.
    """
    payload = open_envelope(parse_envelope(untrusted, "certificate"), public_key, AAD, "certificate")
    claims = claims_of(payload, "certificate", {EXPIRES, ISSUED, IDENT}, {_ROLE, _KEY, _NETWORK, _SCHEME, _LEVELS})
    found = _ROLES[claims.integer(_ROLE, 1, 3) - 1]
    if found is not role:
        raise Hostile("certificate-role")
    certificate = Certificate(
        role=found,
        public_key=claims.raw(_KEY, 32),
        subject_id=claims.ident(8),
        network_id=claims.raw(_NETWORK, 8).hex() if found is Role.HOST else "",
        scheme=claims.text(_SCHEME, 32),
        level_codes=claims.codes(_LEVELS),
        issued=claims.time(ISSUED),
        expires=claims.optional_time(EXPIRES),
    )
    if now is not None and certificate.expires is not None and now >= certificate.expires:
        raise Hostile("certificate-expired")
    return certificate
