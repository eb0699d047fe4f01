"""The head of a journal, signed: at this time, the newest entry of this host had this number and this hash.

Whoever holds it can show later that the journal was cut or rewritten. The host's certificate goes along in the unprotected
header, so it verifies anywhere the issuer is trusted.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from guard.core.claims import IDENT, ISSUED, PRIVATE, claims_of
from guard.core.cose import Signer, decode, open_envelope, parse_envelope, seal
from guard.core.errors import Hostile
from guard.core.keyring import Keyring
from guard.core.record import host_certificate

AAD = b"mhead/1"
MAX_SEQUENCE = (1 << 53) - 1
_CERTIFICATE = -70002
_SEQUENCE, _HASH = 1, 2


@dataclass(frozen=True, slots=True)
class Head:
    """`sequence` counts entries from 1; `hash` is that entry's (64 hex digits); `at` whole seconds since 1970, UTC.

    `host_id` and `network_id` (16 hex digits) come from the host's certificate.
    """

    sequence: int
    hash: str
    at: int
    host_id: str
    network_id: str


def sign_head(sequence: int, digest: str, at: int, host_id: str, signer: Signer, certificate: bytes) -> bytes:
    """The COSE bytes of a head, with the host's certificate inside."""
    own = {_SEQUENCE: sequence, _HASH: bytes.fromhex(digest)}
    payload = {IDENT: bytes.fromhex(host_id), ISSUED: at, PRIVATE: own}
    return seal(signer, payload, AAD, {_CERTIFICATE: certificate})


def read_head(untrusted: bytes, keyring: Keyring) -> Head:
    """Verify the certificate by its issuer, then the head by the certificate; a head is for the host that signed it.

    Raises:
        Hostile: `head-malformed`, `head-algorithm`, `head-forged`, `record-unknown-issuer`, `certificate-...`.
    """
    envelope = parse_envelope(untrusted, "head")
    if set(envelope.unprotected) != {_CERTIFICATE}:
        raise Hostile("head-malformed")
    host = host_certificate(envelope.unprotected[_CERTIFICATE], keyring)
    claims = claims_of(
        open_envelope(envelope, host.public_key, AAD, "head"), "head", {ISSUED, IDENT}, {_SEQUENCE, _HASH}
    )
    if claims.ident(8) != host.subject_id:
        raise Hostile("head-forged")
    return Head(
        sequence=claims.integer(_SEQUENCE, 1, MAX_SEQUENCE),
        hash=claims.raw(_HASH, 32).hex(),
        at=claims.time(ISSUED),
        host_id=host.subject_id,
        network_id=host.network_id,
    )


def claimed_host(untrusted: bytes) -> str:
    """The host that a head is said to be of, without a look at any signature; "" where it is no head."""
    try:
        certificate = parse_envelope(untrusted, "head").unprotected[_CERTIFICATE]
        claims = decode(parse_envelope(certificate, "certificate").untrusted_payload, "certificate")
        ident = claims[IDENT] if isinstance(claims, Mapping) else b""
    except (Hostile, KeyError):
        return ""
    return ident.hex() if isinstance(ident, bytes) else ""
