"""COSE_Sign1 (RFC 9052) with Ed25519, deterministic CBOR (RFC 8949, 4.2.1), and nothing else of either.

Reading has two steps, so that the signature is checked before a payload is looked at: `parse_envelope` takes the envelope apart
under limits, `open_envelope` checks the signature over the bytes as read. Every statement has its own `aad`, so a certificate can
never be shown as a label.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from guard.core.errors import Hostile

MAX_BYTES = 3072
MAX_DEPTH = 6
MAX_ITEMS = 96
SIGN1_TAG = 18
ED25519 = -19  # RFC 9864; -8 (EdDSA) is accepted when reading
_READABLE = (ED25519, -8)
_ALGORITHM, _KEY_ID = 1, 4


class Signer(Protocol):
    """A private key, wherever it lives."""

    @property
    def public_key(self) -> bytes:
        """32 bytes."""

    def sign(self, message: bytes) -> bytes:
        """64 bytes."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A COSE_Sign1 taken apart, not yet verified."""

    protected: bytes
    unprotected: Mapping[int, bytes]
    untrusted_payload: bytes
    signature: bytes
    key_id: bytes


def key_id(public_key: bytes) -> bytes:
    """The first 8 bytes of SHA-256 over algorithm and key."""
    return hashlib.sha256(str(ED25519).encode() + public_key).digest()[:8]


def seal(signer: Signer, payload: object, aad: bytes, unprotected: Mapping[int, bytes] | None = None) -> bytes:
    """Sign a payload; returns the tagged COSE_Sign1."""
    protected = cbor2.dumps({_ALGORITHM: ED25519, _KEY_ID: key_id(signer.public_key)}, canonical=True)
    body = cbor2.dumps(payload, canonical=True)
    signature = signer.sign(_signed_bytes(protected, aad, body))
    return cbor2.dumps(cbor2.CBORTag(SIGN1_TAG, [protected, dict(unprotected or {}), body, signature]), canonical=True)


def parse_envelope(untrusted: bytes, kind: str) -> Envelope:
    """Take a COSE_Sign1 apart. `kind` ("label", "record", "certificate") names the error codes.

    Raises:
        Hostile: `<kind>-malformed`, `<kind>-algorithm`.
    """
    tagged = decode(untrusted, kind)
    if not isinstance(tagged, cbor2.CBORTag) or tagged.tag != SIGN1_TAG:
        raise Hostile(f"{kind}-malformed")
    parts = tagged.value
    if not isinstance(parts, list | tuple) or len(parts) != 4:
        raise Hostile(f"{kind}-malformed")
    protected, unprotected, payload, signature = parts
    if not (isinstance(protected, bytes) and isinstance(payload, bytes) and isinstance(signature, bytes)):
        raise Hostile(f"{kind}-malformed")
    if not isinstance(unprotected, Mapping) or len(signature) != 64:
        raise Hostile(f"{kind}-malformed")
    if not all(isinstance(key, int) and isinstance(value, bytes) for key, value in unprotected.items()):
        raise Hostile(f"{kind}-malformed")
    header = decode(protected, kind)
    if not isinstance(header, Mapping) or set(header) != {_ALGORITHM, _KEY_ID}:
        raise Hostile(f"{kind}-malformed")
    if header[_ALGORITHM] not in _READABLE or isinstance(header[_ALGORITHM], bool):
        raise Hostile(f"{kind}-algorithm")
    if not isinstance(header[_KEY_ID], bytes) or len(header[_KEY_ID]) != 8:
        raise Hostile(f"{kind}-malformed")
    return Envelope(protected, dict(unprotected), payload, signature, header[_KEY_ID])


def open_envelope(envelope: Envelope, public_key: bytes, aad: bytes, kind: str) -> object:
    """Check the signature over the bytes as read, then decode the payload.

    Raises:
        Hostile: `<kind>-forged`, `<kind>-malformed`.
    """
    message = _signed_bytes(envelope.protected, aad, envelope.untrusted_payload)
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(envelope.signature, message)
    except (InvalidSignature, ValueError):
        raise Hostile(f"{kind}-forged") from None
    return decode(envelope.untrusted_payload, kind)


def decode(untrusted: bytes, kind: str) -> object:
    """Decode deterministic CBOR under limits of size, depth and items; anything that re-encodes otherwise is refused.

    Raises:
        Hostile: `<kind>-malformed`.
    """
    if not 1 <= len(untrusted) <= MAX_BYTES or _scan(untrusted, 0, 0, [MAX_ITEMS]) != len(untrusted):
        raise Hostile(f"{kind}-malformed")
    try:
        value: object = cbor2.loads(untrusted)
        same = cbor2.dumps(value, canonical=True) == untrusted
    except (cbor2.CBORError, ValueError, TypeError, OverflowError, RecursionError):
        raise Hostile(f"{kind}-malformed") from None
    if not same:
        raise Hostile(f"{kind}-malformed")
    return value


def _signed_bytes(protected: bytes, aad: bytes, payload: bytes) -> bytes:
    return cbor2.dumps(["Signature1", protected, aad, payload], canonical=True)


def _scan(data: bytes, place: int, depth: int, left: list[int]) -> int:
    """Walk one item by its heads alone; returns the place behind it, or -1.

    Only what the profile uses is known: integers, byte and text strings, arrays, maps, tag 18, false, true and null, all of
    definite length.
    """
    left[0] -= 1
    if place >= len(data) or place < 0 or depth > MAX_DEPTH or left[0] < 0:
        return -1
    major, info = data[place] >> 5, data[place] & 31
    if major == 7:
        return place + 1 if info in (20, 21, 22) else -1
    if info < 24:
        value, after = info, place + 1
    elif info <= 27:
        width = 1 << (info - 24)
        value, after = int.from_bytes(data[place + 1 : place + 1 + width], "big"), place + 1 + width
        if after > len(data):
            return -1
    else:
        return -1
    if major in (0, 1):
        return after
    if major in (2, 3):
        return after + value if after + value <= len(data) else -1
    if major == 6:
        return _scan(data, after, depth + 1, left) if value == SIGN1_TAG else -1
    for _ in range(min(value * (2 if major == 5 else 1), MAX_ITEMS + 1)):
        after = _scan(data, after, depth + 1, left)
        if after < 0:
            return -1
    return after
