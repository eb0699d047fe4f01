"""The trust directory and this host's identity, read whole; every fault is named, none is passed over."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from guard.core.certificate import Certificate, Role, read_certificate
from guard.core.cose import parse_envelope
from guard.core.errors import Broken, GuardError, Refused
from guard.core.keyring import Keyring, make_keyring
from guard.core.medium import showable
from guard.core.pen import Pen
from guard.org.auditors import load_auditors
from guard.org.files import read_guarded
from guard.org.keys import FileSigner, load_signer

MAX_ISSUERS = 256


@dataclass(frozen=True, slots=True)
class Identity:
    """Who this host is and whom it trusts. `networks` maps opaque network ids to the names known here."""

    keyring: Keyring
    host: Certificate
    host_certificate: bytes
    signer: FileSigner
    networks: Mapping[str, str]
    registers: bool
    sealing: Pen | None = None  # how to write sealed records, where this host can
    faults: tuple[GuardError, ...] = ()

    def pen(self, *, sealed: bool) -> Pen:
        """What this host signs its records with.

        Raises:
            Broken: `records-no-auditors` where they are to be sealed and it has no key for that.
        """
        if not sealed:
            return Pen(self.signer, self.host_certificate)
        if self.sealing is None:
            raise Broken("records-no-auditors")
        return self.sealing


def load_identity(folder: Path, now: int) -> Identity:
    """Read the trust directory under the configuration directory.

    Raises:
        Broken: `not-initialized`, `file-...`, `trust-invalid`, `key-mismatch`.
        Hostile: `certificate-...` when this host's own certificate does not hold.
    """
    if not (folder / "host.cert").exists():
        raise Broken("not-initialized", path=str(folder))
    keyring, faults = _keyring(folder, now)
    raw = read_guarded(folder / "host.cert")
    issuer = keyring.issuer_key(parse_envelope(raw, "certificate").key_id, "certificate")
    host = read_certificate(raw, issuer, Role.HOST, now)
    signer = load_signer(folder / "host.key")
    if signer.public_key != host.public_key:
        raise Broken("key-mismatch", path=str(folder / "host.key"))
    registers = (folder / "issuer.key").exists()
    return Identity(
        keyring, host, raw, signer, load_networks(folder), registers, _sealing(folder, keyring, now), faults
    )


def load_keyring(folder: Path, now: int) -> Keyring:
    """Whom a trust directory trusts; for computers that are no host themselves.

    Raises:
        Broken: `file-...`, `trust-invalid`, `trust-no-issuer`.
    """
    keyring, _ = _keyring(folder, now)
    return keyring


def _sealing(folder: Path, keyring: Keyring, now: int) -> Pen | None:
    auditors = load_auditors(folder)
    if not auditors or not (folder / "record.cert").exists():
        return None
    raw = read_guarded(folder / "record.cert")
    issuer = keyring.issuer_key(parse_envelope(raw, "certificate").key_id, "certificate")
    signer = load_signer(folder / "record.key")
    if read_certificate(raw, issuer, Role.RECORD, now).public_key != signer.public_key:
        raise Broken("key-mismatch", path=str(folder / "record.key"))
    return Pen(signer, raw, auditors)


def load_issuer(folder: Path, passphrase: str) -> FileSigner:
    """The issuer's key, for signing a label.

    Raises:
        Refused: `passphrase-needed`, `passphrase-wrong`, `not-a-registrar`.
        Broken: `file-...`, `key-invalid`.
    """
    if not (folder / "issuer.key").exists():
        raise Refused("not-a-registrar")
    return load_signer(folder / "issuer.key", passphrase)


def load_networks(folder: Path) -> dict[str, str]:
    """Names of network ids.

    Raises:
        Broken: `file-...`, `trust-invalid`.
    """
    path = folder / "trust" / "networks.toml"
    try:
        tables = tomllib.loads(read_guarded(path).decode())["networks"]
        return {ident: showable(str(table["name"]), 64) for ident, table in tables.items()}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, AttributeError) as error:
        raise Broken("trust-invalid", path=str(path)) from error


def _keyring(folder: Path, now: int) -> tuple[Keyring, tuple[GuardError, ...]]:
    path = folder / "trust" / "root.pub"
    try:
        root = bytes.fromhex(read_guarded(path).decode("ascii").strip())
    except ValueError as error:
        raise Broken("trust-invalid", path=str(path)) from error
    if len(root) != 32:
        raise Broken("trust-invalid", path=str(path))
    files = sorted((folder / "trust" / "issuers").glob("*.cert"))[:MAX_ISSUERS]
    keyring, faults = make_keyring(root, [read_guarded(file) for file in files], now)
    if not keyring.issuers:
        first = faults[0].code if faults else "file-missing"
        raise Broken("trust-no-issuer", path=str(folder / "trust" / "issuers"), why=first)
    return keyring, tuple(faults)
