"""The auditors' key: its public half goes to every host, the private half only to the auditors."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from guard.core.errors import Broken, Refused
from guard.org.files import read_guarded

PUBLIC = "auditors.pub"  # in the trust directory, 64 hex digits


def new_auditors_key(passphrase: str) -> tuple[bytes, bytes]:
    """A fresh pair: the private key as PEM, encrypted where a passphrase is given, and the public one (32 bytes)."""
    key = X25519PrivateKey.generate()
    encryption: KeySerializationEncryption = NoEncryption()
    if passphrase:
        encryption = BestAvailableEncryption(passphrase.encode())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
    return pem, key.public_key().public_bytes_raw()


def load_auditors_key(path: Path, passphrase: str) -> X25519PrivateKey:
    """The private key, at an auditor's station.

    Raises:
        Broken: `file-missing`, `file-unsafe`, `key-invalid`.
        Refused: `passphrase-needed`, `passphrase-wrong`.
    """
    pem = read_guarded(path, secret=True)
    encrypted = b"ENCRYPTED" in pem[:64]
    if encrypted and not passphrase:
        raise Refused("passphrase-needed", path=str(path))
    try:
        key = load_pem_private_key(pem, passphrase.encode() if encrypted else None)
    except ValueError as error:
        if encrypted:
            raise Refused("passphrase-wrong", path=str(path)) from error
        raise Broken("key-invalid", path=str(path)) from error
    if not isinstance(key, X25519PrivateKey):
        raise Broken("key-invalid", path=str(path))
    return key


def load_auditors(folder: Path) -> bytes:
    """The auditors' public key from the trust directory; b"" where there is none.

    Raises:
        Broken: `file-...`, `trust-invalid`.
    """
    path = folder / "trust" / PUBLIC
    if not path.exists():
        return b""
    try:
        key = bytes.fromhex(read_guarded(path).decode("ascii").strip())
    except ValueError as error:
        raise Broken("trust-invalid", path=str(path)) from error
    if len(key) != 32:
        raise Broken("trust-invalid", path=str(path))
    return key
