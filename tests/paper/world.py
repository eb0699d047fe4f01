"""Rows and papers for tests: invented, signed by a host of their own."""

import json
from dataclasses import replace
from pathlib import Path

from guard import __version__
from guard.core.certificate import Certificate, Role, sign_certificate
from guard.core.entry import Proof, entry_hash
from guard.core.head import sign_head
from guard.core.report import About
from guard.org.keys import new_signer
from guard.paper.crossings import Paper, Row, csv_of, digest_of
from guard.paper.pdf import with_drawing

ROOT, ISSUER, HOST = new_signer(), new_signer(), new_signer()
HOST_ID, NETWORK_ID, MADE = "a1" * 8, "b2" * 8, 1_790_000_000
CERTIFICATE = sign_certificate(
    Certificate(Role.HOST, HOST.public_key, HOST_ID, NETWORK_ID, "cn", (1,), MADE - 1000, MADE + 1000), ISSUER
)


def trust(folder: Path) -> Path:
    """A trust directory that vouches for this host."""
    (folder / "trust" / "issuers").mkdir(parents=True)
    issuer = Certificate(Role.ISSUER, ISSUER.public_key, "c3" * 8, "", "cn", (), MADE - 1000, None)
    (folder / "trust" / "root.pub").write_text(ROOT.public_key.hex())
    (folder / "trust" / "issuers" / "c3.cert").write_bytes(sign_certificate(issuer, ROOT))
    return folder


def row(number: int = 0, **other: str) -> Row:
    """A crossing from a higher to a lower network, refused."""
    known = Row(
        at=f"2026-09-{1 + number // 24 % 28:02}T{number % 24:02}:05:00Z",
        medium=f"{number % 5:032x}",
        number=f"MG-{number % 5:04}",
        holder="Alice",
        from_network="office",
        to_network="internet",
        from_level="INTERNAL",
        to_level="PUBLIC",
        direction="down",
        verdict="refused",
        severity="alarm",
        source="travel-log",
        visit="",
    )
    return replace(known, **other)


def paper(rows: list[Row], *, language: str = "en", drawn: bool = True, **about: object) -> tuple[bytes, Paper]:
    """The CSV and what stands beside it, proven as the guard proves it."""
    data = csv_of(rows)
    bare = Paper(
        language, 480, "Institute", "station-7", HOST_ID, "office", "INTERNAL", __version__, "", {"INTERNAL": "内部"}
    )
    if language == "en":
        bare = replace(bare, levels={"INTERNAL": "internal"})
    whole = with_drawing(bare, rows) if drawn else bare
    found = About("crossings", digest_of(data), whole.digest(), len(rows), 0, 0, {})
    text = json.dumps({**found.data("auditor"), **about}, ensure_ascii=False, sort_keys=True)
    return data, replace(whole, proof=proof(text, digest_of(data)[:32]))


def proof(text: str, subject: str, kind: str = "report") -> Proof:
    """The entry, and the head that is exactly it."""
    at, before = "2026-09-21T15:33:20.000000Z", "0" * 64
    found = entry_hash(7, at, kind, subject, text, before)
    signature = sign_head(7, found, MADE, HOST_ID, HOST, CERTIFICATE).hex()
    return Proof(7, at, kind, subject, text, before, found, signature)
