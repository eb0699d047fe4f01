"""A sealed box: HPKE (RFC 9180), mode base, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305, one message.

Anybody can seal to a public key; only who has the private key can open. `chance` are 32 random bytes, never used twice.
"""

import hashlib
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from guard.core.errors import Hostile

OVERHEAD = 32 + 16  # bytes: the encapsulated key, the tag
_KEM, _SUITE = b"KEM\x00\x20", b"HPKE\x00\x20\x00\x01\x00\x03"


def seal_box(plain: bytes, public_key: bytes, info: bytes, aad: bytes, chance: bytes) -> bytes:
    """`encapsulated key 32 | ciphertext | tag 16`."""
    ephemeral = X25519PrivateKey.from_private_bytes(chance)
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(public_key))
    sent = ephemeral.public_key().public_bytes_raw()
    key, nonce = _schedule(shared, sent, public_key, info)
    return sent + ChaCha20Poly1305(key).encrypt(nonce, plain, aad)


def open_box(untrusted: bytes, private_key: X25519PrivateKey, info: bytes, aad: bytes) -> bytes:
    """What was sealed.

    Raises:
        Hostile: `box-sealed` for another key, or a box that was changed or moved.
    """
    try:
        shared = private_key.exchange(X25519PublicKey.from_public_bytes(untrusted[:32]))
        key, nonce = _schedule(shared, untrusted[:32], private_key.public_key().public_bytes_raw(), info)
        return ChaCha20Poly1305(key).decrypt(nonce, untrusted[32:], aad)
    except (InvalidTag, ValueError):
        raise Hostile("box-sealed") from None


def _schedule(shared: bytes, sent: bytes, public_key: bytes, info: bytes) -> tuple[bytes, bytes]:
    secret = _expand(_extract(b"", _KEM, b"eae_prk", shared), _KEM, b"shared_secret", sent + public_key, 32)
    context = b"\0" + _extract(b"", _SUITE, b"psk_id_hash", b"") + _extract(b"", _SUITE, b"info_hash", info)
    last = _extract(secret, _SUITE, b"secret", b"")
    return _expand(last, _SUITE, b"key", context, 32), _expand(last, _SUITE, b"base_nonce", context, 12)


def _extract(salt: bytes, suite: bytes, label: bytes, material: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + material, hashlib.sha256)


def _expand(secret: bytes, suite: bytes, label: bytes, info: bytes, length: int) -> bytes:
    """One block of HKDF-Expand is enough for at most 32 bytes."""
    said = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info + b"\x01"
    return hmac.digest(secret, said, hashlib.sha256)[:length]
