"""Making an organization, taking further computers into it, and joining one: all or nothing."""

import base64
import json
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from guard.core.certificate import Certificate, Role, sign_certificate
from guard.core.errors import Broken, GuardError, Hostile, Refused
from guard.core.medium import showable
from guard.core.scheme import Level, Scheme
from guard.org.auditors import PUBLIC, load_auditors
from guard.org.files import read_guarded, write_new
from guard.org.keys import FileSigner, new_signer, to_pem
from guard.org.settings import load_settings
from guard.org.trust import load_issuer, load_networks
from guard.schemes import load_scheme

ISSUER_YEARS, HOST_YEARS = 20, 10
_YEAR = 31_556_952
_OWN = (
    "guard.toml",
    "trust",
    "root.key",
    "issuer.key",
    "issuer.cert",
    "host.key",
    "host.cert",
    "record.key",
    "record.cert",
)
_BUNDLE = ("trust/root.pub", "trust/networks.toml", "host.cert", "host.key", "guard.toml")


_SEALING = (f"trust/{PUBLIC}", "record.cert", "record.key")


@dataclass(frozen=True, slots=True)
class Place:
    """A host and its network, as an admin names them."""

    host_name: str
    network_name: str
    level_text: str


def create_organization(
    folder: Path, place: Place, scheme_name: str, passphrase: str, now: int, auditors: bytes = b""
) -> str:
    """Make root, issuer and host keys with their certificates, the trust directory and guard.toml; returns the network's id.

    With the public key of the auditors, records are sealed to it on every host of the organization.

    Raises:
        Refused: `already-initialized`.
        Broken: `file-...`, `scheme-...`.
        Hostile: `level-unknown`.
    """
    _refuse_second(folder)
    scheme = load_scheme(scheme_name)
    level = scheme.level(place.level_text)
    root, issuer = new_signer(), new_signer()
    network = secrets.token_hex(8)
    issued = Certificate(
        Role.ISSUER, issuer.public_key, secrets.token_hex(8), "", scheme.id, (), now, now + ISSUER_YEARS * _YEAR
    )
    issuer_certificate = sign_certificate(issued, root)
    files = {
        "trust/root.pub": root.public_key.hex().encode() + b"\n",
        f"trust/issuers/{issued.subject_id}.cert": issuer_certificate,
        "trust/networks.toml": _networks_toml({network: place.network_name}),
        "root.key": to_pem(root, passphrase),
        "issuer.key": to_pem(issuer, passphrase),
        "issuer.cert": issuer_certificate,
        "guard.toml": _settings_toml(scheme_name, place, sealed=bool(auditors)),
        **_host_files(issuer, network, scheme, level, now),
        **_sealing_files(issuer, auditors),
    }
    _write_all(folder, files)
    return network


def enrol_host(folder: Path, place: Place, out: Path, passphrase: str, now: int) -> str:
    """Make a bundle that takes another computer into the organization: its key, its certificate, whom to trust.

    A network name that is known here is the same network; a new name is a new network, noted here. Returns the network's id.

    Raises:
        Refused: `passphrase-...`, `not-a-registrar`.
        Broken: `not-initialized`, `file-...`.
        Hostile: `level-unknown`.
    """
    if not (folder / "host.cert").exists():
        raise Broken("not-initialized", path=str(folder))
    issuer = load_issuer(folder, passphrase)
    scheme_name = _scheme_name(folder)
    scheme = load_scheme(scheme_name)
    level = scheme.level(place.level_text)
    names = load_networks(folder)
    network = next((ident for ident, name in names.items() if name == place.network_name), secrets.token_hex(8))
    if network not in names:
        names[network] = place.network_name
        _replace(folder / "trust" / "networks.toml", _networks_toml(names))
    files = {
        "trust/root.pub": read_guarded(folder / "trust" / "root.pub"),
        "trust/networks.toml": _networks_toml({network: place.network_name}),
        "guard.toml": _settings_toml(scheme_name, place, sealed=load_settings(folder).records.sealed),
        **_host_files(issuer, network, scheme, level, now),
        **_sealing_files(issuer, load_auditors(folder)),
    }
    for certificate in sorted((folder / "trust" / "issuers").glob("*.cert")):
        files[f"trust/issuers/{certificate.name}"] = read_guarded(certificate)
    packed = {name: base64.b64encode(data).decode() for name, data in files.items()}
    write_new(out, json.dumps({"media-guard-host": 1, "files": packed}, indent=1).encode(), secret=True)
    return network


def join_organization(folder: Path, bundle: Path) -> None:
    """Unpack a bundle on the computer it was made for.

    Raises:
        Refused: `already-initialized`.
        Hostile: `bundle-invalid`.
        Broken: `file-...`.
    """
    _refuse_second(folder)
    try:
        content = json.loads(read_guarded(bundle, secret=True))
        files = {str(name): base64.b64decode(data, validate=True) for name, data in content["files"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Hostile("bundle-invalid", file=str(bundle)) from error
    for name in files:
        known = name in _BUNDLE + _SEALING or (
            name.startswith("trust/issuers/") and name.count("/") == 2 and name.endswith(".cert")
        )
        if not known or ".." in name or content.get("media-guard-host") != 1:
            raise Hostile("bundle-invalid", file=str(bundle))
    if not set(_BUNDLE) <= set(files):
        raise Hostile("bundle-invalid", file=str(bundle))
    _write_all(folder, files)


def _host_files(issuer: FileSigner, network: str, scheme: Scheme, level: Level, now: int) -> dict[str, bytes]:
    key = new_signer()
    certificate = Certificate(
        role=Role.HOST,
        public_key=key.public_key,
        subject_id=secrets.token_hex(8),
        network_id=network,
        scheme=scheme.id,
        level_codes=scheme.codes(level),
        issued=now,
        expires=now + HOST_YEARS * _YEAR,
    )
    return {"host.key": to_pem(key), "host.cert": sign_certificate(certificate, issuer)}


def _sealing_files(issuer: FileSigner, auditors: bytes) -> dict[str, bytes]:
    if not auditors:
        return {}
    key, certificate = pseudonym(issuer)
    return {
        f"trust/{PUBLIC}": auditors.hex().encode() + b"\n",
        "record.key": to_pem(key),
        "record.cert": certificate,
    }


def pseudonym(issuer: FileSigner) -> tuple[FileSigner, bytes]:
    """A key for sealed records and its certificate, which names no network, level or time."""
    key = new_signer()
    certificate = Certificate(Role.RECORD, key.public_key, secrets.token_hex(8), "", "", (), 0, None)
    return key, sign_certificate(certificate, issuer)


def _refuse_second(folder: Path) -> None:
    for name in _OWN:
        if name != "guard.toml" and (folder / name).exists():
            raise Refused("already-initialized", path=str(folder))


def _write_all(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write beside, then move in; the host's certificate last, because it is what says that all is there."""
    work = folder / f".new-{secrets.token_hex(4)}"
    try:
        for name, data in files.items():
            path = work / name
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
            write_new(path, data, secret=name.endswith(".key"))
        for name in sorted({name.split("/")[0] for name in files}, key=lambda name: name == "host.cert"):
            if name == "guard.toml" and (folder / name).exists():
                continue  # the admin's own settings stay
            (work / name).rename(folder / name)
        _sync(folder)
    except OSError as error:
        raise Broken("file-unwritable", path=str(folder), why=error.strerror or "") from error
    except GuardError:
        raise
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _replace(path: Path, data: bytes) -> None:
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    write_new(fresh, data)
    fresh.replace(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _scheme_name(folder: Path) -> str:
    return load_settings(folder).scheme.name


def _networks_toml(names: Mapping[str, str]) -> bytes:
    lines = ["# Names of networks, known on this computer alone; media carry only the ids."]
    for ident, name in names.items():
        lines += ["", f"[networks.{ident}]", f"name = {_quoted(name)}"]
    return ("\n".join(lines) + "\n").encode()


def _settings_toml(scheme_name: str, place: Place, *, sealed: bool) -> bytes:
    lines = [
        "# Media Guard on this computer; see guard.toml(5). `mediaguardctl check-config` checks it.",
        f"# host {_quoted(place.host_name)}, network {_quoted(place.network_name)}, level {_quoted(place.level_text)}",
        "",
        "[scheme]",
        f"name = {_quoted(scheme_name)}",
        "",
        "[session]",
        "required = true",
    ]
    if sealed:
        lines += ["", "[records]", "sealed = true"]
    return ("\n".join(lines) + "\n").encode()


def _quoted(text: str) -> str:
    return json.dumps(showable(text, 64), ensure_ascii=False)
