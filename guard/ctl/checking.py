"""Whether a report is genuine: signed by a host that an issuer vouches for, with these rows, shown on these pages."""

import json
from pathlib import Path
from typing import Any

from guard.core.entry import check_proof
from guard.core.errors import Broken, Hostile
from guard.org.trust import load_keyring
from guard.paper.crossings import Paper, digest_of, parse_paper, rows_of


def check_report(file: Path, beside: Path, trust: Path, now: int) -> dict[str, Any]:
    """Everything but the journal; what it says of itself, if all of it holds.

    Raises:
        Hostile: `report-malformed`, `report-changed`, `report-pages`, `proof-...`, `head-...`, `certificate-...`.
        Broken: `file-...`, `trust-...`.
    """
    keyring = load_keyring(trust.parent if trust.name == "trust" else trust, now)
    content = _read(file)
    drawn = content.startswith(b"%PDF-")
    data, paper = _attached(content) if drawn else (content, _paper(_read(beside)))
    head = check_proof(paper.proof, keyring)
    about = _about(paper)
    if (about.get("digest"), about.get("paper")) != (digest_of(data), paper.digest()):
        raise Hostile("report-changed")
    if paper.host != head.host_id or about.get("rows") != len(rows_of(data)):
        raise Hostile("report-changed")
    return {
        "host": head.host_id,
        "network": head.network_id,
        "seq": head.sequence,
        "hash": head.hash,
        "at": paper.proof.at,
        "by": about.get("by", ""),
        "rows": about["rows"],
        "pages": _pages(content, data, paper) if drawn else "none",
    }


def _about(paper: Paper) -> dict[str, Any]:
    try:
        about = json.loads(paper.proof.data)
    except ValueError:
        raise Hostile("proof-malformed") from None
    if paper.proof.kind != "report" or not isinstance(about, dict):
        raise Hostile("proof-malformed")
    return about


def _attached(content: bytes) -> tuple[bytes, Paper]:
    from guard.paper.pdf import attachments_of  # noqa: PLC0415 - only for a PDF

    return attachments_of(content)


def _pages(content: bytes, data: bytes, paper: Paper) -> str:
    """Either "same" or, where they cannot be drawn as they were, "unknown".

    Raises:
        Hostile: `report-pages`.
    """
    from guard.paper.pdf import can_draw, draw  # noqa: PLC0415 - only for a PDF

    if not can_draw(paper):
        return "unknown"
    if draw(data, paper) != content:
        raise Hostile("report-pages")
    return "same"


def _paper(text: bytes) -> Paper:
    try:
        return parse_paper(json.loads(text))
    except ValueError:
        raise Hostile("report-malformed") from None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise Broken("file-missing", path=str(path)) from error
    except OSError as error:
        raise Broken("file-unreadable", path=str(path)) from error
