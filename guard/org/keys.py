"""Ed25519 keys in files: PEM, PKCS #8, readable by their owner alone, encrypted where a passphrase was given."""

from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from guard.core.errors import Broken, Refused
from guard.org.files import read_guarded


@dataclass(frozen=True, slots=True)
class FileSigner:
    """A private key in memory; keeps `guard.core.cose.Signer`."""

    key: Ed25519PrivateKey

    @property
    def public_key(self) -> bytes:
        """32 bytes."""
        return self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sign(self, message: bytes) -> bytes:
        """64 bytes."""
        return self.key.sign(message)


def new_signer() -> FileSigner:
    """A fresh key."""
    return FileSigner(Ed25519PrivateKey.generate())


def to_pem(signer: FileSigner, passphrase: str = "") -> bytes:
    """The key for a file."""
    encryption: KeySerializationEncryption = NoEncryption()
    if passphrase:
        encryption = BestAvailableEncryption(passphrase.encode())
    return signer.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


def load_signer(path: Path, passphrase: str = "") -> FileSigner:
    """Read a key file.

    Raises:
        Broken: `file-missing`, `file-unsafe`, `key-invalid`.
        Refused: `passphrase-needed`, `passphrase-wrong`.
    """
    return signer_of(read_guarded(path, secret=True), passphrase, str(path))


def signer_of(pem: bytes, passphrase: str, where: str) -> FileSigner:
    """A key from PEM bytes; raises as `load_signer`."""
    encrypted = b"ENCRYPTED" in pem[:64]
    if encrypted and not passphrase:
        raise Refused("passphrase-needed", path=where)
    try:
        key = load_pem_private_key(pem, passphrase.encode() if encrypted else None)
    except ValueError as error:
        if encrypted:
            raise Refused("passphrase-wrong", path=where) from error
        raise Broken("key-invalid", path=where) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise Broken("key-invalid", path=where)
    return FileSigner(key)
