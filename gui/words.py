"""Words of the interface for the words of the daemon, and values as people write them."""

import re
from datetime import UTC, datetime

from PySide6.QtCore import QCoreApplication, QDate, QDateTime, QLocale

from gui.contents import Files
from gui.values import Guard, Seen

translate = QCoreApplication.translate
_TABLE = re.compile(r"(mbr|gpt|none|invalid), (?:no partition|(\d+) partitions? from ([\d.]+) MiB)")
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def verdict_word(verdict: str) -> str:
    """A verdict."""
    words = {
        "held": translate("Words", "waiting"),
        "read-write": translate("Words", "read and write"),
        "read-only": translate("Words", "read only"),
        "refused": translate("Words", "refused"),
        "observed": translate("Words", "opened, only observing"),
    }
    return words.get(verdict, verdict)


def stage_word(stage: str) -> str:
    """What is happening to a medium that has no verdict yet."""
    if stage in ("arrived", "held"):
        return translate("Words", "just plugged in")
    return translate("Words", "being checked")


def state_word(state: str) -> str:
    """The state of a request or a medium."""
    words = {
        "open": translate("Words", "waiting for a decision"),
        "approved": translate("Words", "approved"),
        "rejected": translate("Words", "turned down"),
        "expired": translate("Words", "expired"),
        "acquired": translate("Words", "acquired"),
        "registered": translate("Words", "in use"),
        "issued": translate("Words", "issued"),
        "lent": translate("Words", "lent"),
        "in-transfer": translate("Words", "being handed over"),
        "under-repair": translate("Words", "under repair"),
        "returned": translate("Words", "given back"),
        "revoked": translate("Words", "withdrawn"),
        "lost": translate("Words", "lost"),
        "cleared": translate("Words", "cleared"),
        "destroyed": translate("Words", "destroyed"),
        "archived": translate("Words", "closed"),
    }
    return words.get(state, state)


def person_word(state: str) -> str:
    """Where a holder stands."""
    words = {
        "active": translate("Words", "here"),
        "leaving": translate("Words", "leaving"),
        "left": translate("Words", "has left"),
    }
    return words.get(state, state)


def inventory_word(state: str) -> str:
    """Where an inventory is."""
    words = {
        "open": translate("Words", "runs"),
        "closed": translate("Words", "ended"),
        "called-off": translate("Words", "called off"),
    }
    return words.get(state, state)


def phase_word(phase: str) -> str:
    """Where a classification is."""
    words = {
        "running": translate("Words", "runs"),
        "ending": translate("Words", "ends soon"),
        "over": translate("Words", "is over"),
        "condition": translate("Words", "has a condition"),
    }
    return words.get(phase, phase)


def order_word(state: str) -> str:
    """Where an order of two people is."""
    words = {
        "proposed": translate("Words", "waits for a second person"),
        "confirmed": translate("Words", "confirmed"),
        "declined": translate("Words", "declined"),
        "done": translate("Words", "carried out"),
    }
    return words.get(state, state)


def step_word(step: str) -> str:
    """A step in the life of a medium."""
    words = {
        "register": translate("Words", "Registered"),
        "relabel": translate("Words", "New label"),
        "issue": translate("Words", "Issue"),
        "lend": translate("Words", "Lend"),
        "return": translate("Words", "Take back"),
        "stock": translate("Words", "Put in stock"),
        "hand-over": translate("Words", "Hand over"),
        "accept": translate("Words", "Accepted"),
        "decline": translate("Words", "Declined"),
        "send-to-repair": translate("Words", "Send to repair"),
        "repaired": translate("Words", "Back from repair"),
        "withdraw": translate("Words", "Withdraw"),
        "restore": translate("Words", "Restore to use"),
        "report-lost": translate("Words", "Report lost"),
        "found": translate("Words", "Found again"),
        "clear": translate("Words", "Clear"),
        "destroy": translate("Words", "Destroy"),
        "archive": translate("Words", "Close the papers"),
        "acquire": translate("Words", "Taken over"),
        "lower": translate("Words", "Lower the level"),
        "release": translate("Words", "Release"),
        "extend": translate("Words", "Extend the term"),
    }
    return words.get(step, step)


def why_word(why: str) -> str:
    """The message with a decision: what the admin wrote, or why the guard ended the request by itself."""
    return translate("Words", "the medium was pulled out; plug it in and ask again") if why == "medium-gone" else why


def kind_word(kind: str) -> str:
    """The kind of a medium."""
    return {"work": translate("Words", "work"), "personal": translate("Words", "personal")}.get(kind, kind)


def direction_word(direction: str) -> str:
    """The direction of a crossing."""
    words = {
        "up": translate("Words", "up"),
        "down": translate("Words", "down"),
        "same": translate("Words", "same level"),
    }
    return words.get(direction, direction)


def source_word(source: str) -> str:
    """How a crossing became known."""
    words = {"registry": translate("Words", "seen here"), "travel-log": translate("Words", "told by the medium")}
    return words.get(source, source)


def entry_word(kind: str) -> str:
    """What an entry of the journal is about."""
    words = {
        "arrived": translate("Words", "plugged in"),
        "intent": translate("Words", "decided, not yet done"),
        "result": translate("Words", "done"),
        "removed": translate("Words", "removed safely"),
        "fingerprint": translate("Words", "fingerprint taken"),
        "rose": translate("Words", "level of a medium rose"),
        "left": translate("Words", "pulled out"),
        "cut-short": translate("Words", "cut short"),
        "crossing": translate("Words", "crossing seen"),
        "manifest": translate("Words", "files listed"),
        "request": translate("Words", "asked for"),
        "decided": translate("Words", "request decided"),
        "registering": translate("Words", "label being written"),
        "registered": translate("Words", "medium registered"),
        "step": translate("Words", "step in the life of a medium"),
        "person": translate("Words", "holder entered"),
        "clearance": translate("Words", "clearance set"),
        "person-state": translate("Words", "holder leaves or stays"),
        "order": translate("Words", "order proposed"),
        "order-answered": translate("Words", "order confirmed or declined"),
        "clearing": translate("Words", "clearing begun"),
        "cleared": translate("Words", "medium cleared"),
        "classified": translate("Words", "date, term or condition changed"),
        "inventory-began": translate("Words", "inventory began"),
        "inventory-ended": translate("Words", "inventory ended"),
        "counted": translate("Words", "counted in an inventory"),
        "imported": translate("Words", "older list taken over"),
        "restored": translate("Words", "register restored"),
        "medium-state": translate("Words", "state of a medium"),
        "started": translate("Words", "guard started"),
        "mended": translate("Words", "guard mended"),
        "left-alone": translate("Words", "system disk left alone"),
        "clock-set": translate("Words", "clock called right by root"),
        "report": translate("Words", "report made"),
        "maintenance-began": translate("Words", "maintenance began"),
        "maintenance-ended": translate("Words", "maintenance ended"),
        "observing-began": translate("Words", "observing began"),
        "observing-ended": translate("Words", "observing ended"),
        "journal-damaged": translate("Words", "journal damaged"),
    }
    return words.get(kind, kind)


def severity_word(severity: str) -> str:
    """How much something matters."""
    words = {
        "info": translate("Words", "normal"),
        "notice": translate("Words", "notice"),
        "warning": translate("Words", "warning"),
        "alarm": translate("Words", "alarm"),
    }
    return words.get(severity, severity)


def level_word(guard: Guard | None, level: str) -> str:
    """A level in this language; several are joined by a plus sign."""
    shown = {known.name: known.shown for known in guard.levels} if guard else {}
    return " + ".join(shown.get(name, name) for name in level.split("+")) if level else ""


def moment(when: datetime | None) -> str:
    """Date and time here; "" for none."""
    if when is None:
        return ""
    return QLocale().toString(QDateTime.fromSecsSinceEpoch(int(when.timestamp())), "yyyy-MM-dd HH:mm")


def day(when: datetime | None) -> str:
    """The date here; "" for none."""
    if when is None:
        return ""
    local = when.astimezone()
    return QDate(local.year, local.month, local.day).toString("yyyy-MM-dd")


def days_left(when: datetime | None) -> int | None:
    """Whole days from now; None for no end."""
    return None if when is None else (when - datetime.now(UTC)).days


def size_text(octets: int) -> str:
    """As printed on the stick: powers of a thousand; "" for nothing."""
    if octets <= 0:
        return ""
    value, unit = float(octets), 0
    while value >= 999.5 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    digits = 0 if value >= 10 or unit == 0 else 1
    return f"{QLocale().toString(value, 'f', digits)} {_UNITS[unit]}"


def partitions_text(shown: str) -> str:
    """The guard's line about a partition table, in the language of the desktop; what is not such a line stays as it is."""
    found = _TABLE.fullmatch(shown)
    if found is None:
        return shown
    table = found[1].upper() if found[1] in ("mbr", "gpt") else translate("Words", "no partition table")
    if found[2] is None:
        return translate("Words", "{0}, no partition").format(table)
    return translate("Words", "{0}, partitions: {1}, the first at {2} MiB").format(table, found[2], found[3])


def seen_text(seen: Seen) -> str:
    """A medium in one line: name, size, serial number."""
    parts = [seen.name or translate("Words", "no name"), size_text(seen.capacity)]
    if seen.serial:
        parts.append(translate("Words", "serial {0}").format(seen.serial[:40]))
    return ", ".join(part for part in parts if part)


def change_word(what: str) -> str:
    """What happened to a file."""
    words = {
        "came": translate("Words", "came in"),
        "went": translate("Words", "went out"),
        "changed": translate("Words", "changed"),
        "appeared": translate("Words", "appeared while away"),
        "altered": translate("Words", "altered while away"),
        "vanished": translate("Words", "vanished while away"),
        "unclear": translate("Words", "other than last seen"),
        "there": translate("Words", "is there"),
    }
    return words.get(what, what)


def odd_word(odd: str) -> str:
    """Why to look at a file."""
    words = {
        "disguised": translate("Words", "disguised"),
        "autorun": translate("Words", "starts by itself"),
        "shortcut": translate("Words", "shortcut"),
        "hidden-folder": translate("Words", "hidden folder"),
        "unshowable": translate("Words", "odd name"),
        "program": translate("Words", "program"),
        "housekeeping": translate("Words", "made by a system"),
    }
    return words.get(odd, odd)


def files_short(files: Files) -> str:
    """How many files came, went and changed, and how many nobody declared; "" where that is not known."""
    if not files.known:
        return ""
    parts = [f"+{files.came}", f"−{files.went}", f"~{files.changed}"]
    return " ".join([*parts, f"⚠ {files.undeclared}"] if files.undeclared else parts)


def files_text(files: Files) -> str:
    """The same in a sentence."""
    if not files.known:
        return ""
    text = translate("Words", "{0} files, {1}. In this visit {2} came, {3} went, {4} changed.").format(
        files.files, size_text(files.size) or "0 B", files.came, files.went, files.changed
    )
    if files.undeclared:
        text += " " + translate("Words", "Undeclared since it left here: {0}.").format(files.undeclared)
    if files.unclear:
        text += " " + translate("Words", "Other than last seen, and nobody saw how it left: {0}.").format(files.unclear)
    if not files.complete:
        text += " " + translate("Words", "Not everything could be read.")
    if files.state == "arrived":
        text += " " + translate("Words", "How it leaves is known after a safe removal only.")
    return text
