"""An entry of the journal for journald: structured fields (systemd.journal-fields(7)) in its native form.

The form is that of systemd.io/JOURNAL_NATIVE_PROTOCOL: NAME=value, or, where the value has a line break, the name on a line of its
own, the length as 64 bits, little-endian, and the value. So whatever a stick calls itself stays within its field.
"""

import json
import uuid
from collections.abc import Mapping

NAMESPACE = uuid.UUID("0f6f1d4e-63a5-5a43-9f0e-7b9e6b0c5d11")
_PRIORITIES = {"info": 6, "notice": 5, "warning": 4, "alarm": 1}  # syslog: informational, notice, warning, alert
_WORSE = {
    "cut-short": "warning",
    "mended": "notice",
    "journal-damaged": "alarm",
    "maintenance-began": "warning",
    "observing-began": "warning",
    "observing-ended": "notice",
    "medium-state": "notice",
}
_LONGEST = 256


def message_id(kind: str) -> str:
    """The MESSAGE_ID of a kind of entry: the same on every computer (UUID version 5 of the kind; docs/journal.md lists them)."""
    return uuid.uuid5(NAMESPACE, kind).hex


def fields_of(seq: int, at: str, kind: str, subject: str, data: str, digest: str) -> dict[str, str]:
    """What journald gets of an entry; empty fields are left out."""
    try:
        found = json.loads(data)
    except ValueError:
        found = {}
    known: Mapping[str, object] = found if isinstance(found, Mapping) else {}
    severity = str(known.get("severity") or _WORSE.get(kind, "info"))
    verdict = str(known.get("verdict") or known.get("access") or "")
    rules = _rules(known.get("reasons"))
    said = [kind, subject[:8], verdict, f"({rules})" if rules else "", str(known.get("why") or "")]
    fields = {
        "MESSAGE": " ".join(part for part in said if part)[:_LONGEST],
        "PRIORITY": str(_PRIORITIES.get(severity, 6)),
        "MESSAGE_ID": message_id(kind),
        "SYSLOG_IDENTIFIER": "media-guard",
        "MEDIA_GUARD_SEQ": str(seq),
        "MEDIA_GUARD_AT": at,
        "MEDIA_GUARD_KIND": kind,
        "MEDIA_GUARD_SUBJECT": subject,
        "MEDIA_GUARD_SEVERITY": severity,
        "MEDIA_GUARD_VERDICT": verdict,
        "MEDIA_GUARD_RULES": rules,
        "MEDIA_GUARD_MEDIUM": str(known.get("medium") or ""),
        "MEDIA_GUARD_USER": str(known.get("user") or known.get("by") or ""),
        "MEDIA_GUARD_HASH": digest,
        "MEDIA_GUARD_DATA": data,
    }
    return {name: value for name, value in fields.items() if value}


def packed(fields: Mapping[str, str]) -> bytes:
    """One datagram."""
    out = bytearray()
    for name, value in fields.items():
        raw = value.encode("utf-8", "replace")
        if b"\n" in raw:
            out += name.encode() + b"\n" + len(raw).to_bytes(8, "little") + raw + b"\n"
        else:
            out += name.encode() + b"=" + raw + b"\n"
    return bytes(out)


def _rules(reasons: object) -> str:
    if not isinstance(reasons, list):
        return ""
    return ",".join(str(reason.get("rule", "")) for reason in reasons if isinstance(reason, Mapping))
