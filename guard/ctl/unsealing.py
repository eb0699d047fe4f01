"""An auditor's station: what the records of a journey hold, opened with the auditors' private key, which stays in this program."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from guard.core.errors import GuardError
from guard.core.pen import Opened, open_record
from guard.core.verdict import Access
from guard.ctl.client import REFUSED, Client, Failure
from guard.org.auditors import load_auditors_key
from guard.org.trust import load_networks
from guard.schemes import load_scheme
from guard.words import say

Row = dict[str, Any]


def unsealed(client: Client, rows: list[Row], key: Path, passphrase: str) -> list[Row]:
    """The rows of `Travel` with what was sealed put in; rows that stand for no visit are left out.

    Raises:
        Failure: where the key is none, or another one.
        Refused: `passphrase-needed`, `passphrase-wrong`.
    """
    try:
        private = load_auditors_key(key, passphrase)
        names = _networks()
        scheme = load_scheme(str(client.properties()["Scheme"])) if rows else None
        found = []
        for row in rows:
            arrival, removal = (
                open_record(bytes.fromhex(row[box]), row["medium"], row[place], private) if row[box] else None
                for box, place in (("box", "sequence"), ("removal_box", "removal_sequence"))
            )
            first, last = arrival or removal, removal or arrival
            if first is None or last is None:
                if not row["box"] and not row["removal_box"]:
                    found.append(row)
                continue
            level = str(scheme.level_of_codes(first.level_codes)) if scheme else ""
            found.append(_filled(row, arrival, removal, first, last, names) | {"level": level})
        return found
    except Failure:
        raise
    except GuardError as fault:
        if fault.code.startswith("passphrase-"):
            raise
        raise Failure(say(fault.code, fault.facts, client.language), REFUSED) from fault


def _filled(
    row: Row, arrival: Opened | None, removal: Opened | None, first: Opened, last: Opened, names: dict[str, str]
) -> Row:
    return {
        **row,
        "host": first.host_id,
        "network": names.get(first.network_id, first.network_id),
        "arrived": _iso(arrival.arrived) if arrival else "",
        "left": _iso(removal.arrived) if removal else "",
        "verdict": str(first.access),
        "alarm": first.alarm or last.alarm,
        "ended": _ended(row, first, removal),
        "written": last.written,
        "untouched": last.untouched,
        "journal_seq": last.journal.sequence,
        "journal_hash": last.journal.hash,
        "sealed": False,
    }


def _ended(row: Row, first: Opened, removal: Opened | None) -> str:
    if removal is None and row["ended"] == "sealed":
        return "refused" if first.access is Access.REFUSED else "unknown"
    return str(row["ended"])


def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _networks() -> dict[str, str]:
    """Names that this station knows; without them the opaque ids are shown."""
    try:
        return load_networks(Path(os.environ.get("MEDIA_GUARD_CONFIG_DIR", "/etc/media-guard")))
    except GuardError:
        return {}
