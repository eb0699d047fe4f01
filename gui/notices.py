"""What a notification says about a visit: one for each, quiet when all is well."""

from PySide6.QtCore import QCoreApplication

from gui.popups import Notice
from gui.values import Explanation, Request, Visit

translate = QCoreApplication.translate
REQUEST, WHY, EJECT, OPEN, FILES = "request", "why", "eject", "default", "files"
# What a request can mend: the medium is fine, only nobody has let it in. Everything else goes to an admin by hand.
ASKABLE = frozenset({"not-labelled", "network-not-listed", "term-over", "below-host-level", "inspection-overdue"})
CHANGED = "changed-elsewhere"
OBSERVED = "observed"  # it opens for now; what would have been decided stands in the other reasons
UNDECLARED = frozenset({"files-suspicious", "files-undeclared"})
TOLD = UNDECLARED | {"files-odd"}  # findings about files that a person is told of; the others are on record


def may_ask(visit: Visit) -> bool:
    """Whether asking for the medium can help: it was or will be refused, it was read, and nothing about it is an alarm."""
    refused = visit.verdict == "refused" or OBSERVED in visit.reasons
    rules = set(visit.reasons) - {OBSERVED}
    return visit.settled and refused and visit.severity != "alarm" and ASKABLE.issuperset(rules)


def name_of(visit: Visit) -> str:
    """What to call the medium."""
    return visit.number or visit.seen.name or translate("Notice", "this USB medium")


def _about_files(visit: Visit, explanation: Explanation | None) -> Notice | None:
    """The worst that was found about the files of a medium that was let in."""
    worst = next((f for f in explanation.findings if f.rule in TOLD), None) if explanation else None
    if worst is None or visit.verdict not in ("read-write", "read-only"):
        return None
    title = translate("Notice", "{0} carries files nobody declared").format(name_of(visit))
    if worst.rule not in UNDECLARED:
        title = translate("Notice", "{0}: look at its files").format(name_of(visit))
    buttons = (
        (OPEN, translate("Notice", "Open")),
        (FILES, translate("Notice", "Files…")),
        (EJECT, translate("Notice", "Safe removal")),
    )
    return Notice(title, f"{worst.what} {worst.next}\n[{worst.rule}]", buttons, urgent=worst.rule in UNDECLARED)


def _why_refused(explanation: Explanation) -> str:
    first, more = explanation.reasons[0], len(explanation.reasons) - 1
    lines = [f"{first.what} {first.why}", translate("Notice", "What to do: {0}").format(first.next)]
    if first.cites:
        lines.append(translate("Notice", "By: {0}").format(first.cites))
    if more == 1:
        lines.append(translate("Notice", "There is one more reason."))
    elif more:
        lines.append(translate("Notice", "There are {0} more reasons.").format(more))
    return "\n".join([*lines, f"[{first.rule}]"])


def notice_of(visit: Visit, explanation: Explanation | None, request: Request | None) -> Notice | None:
    """The notice, or None where there is nothing to say (read-write, or not judged yet)."""
    if not visit.settled:
        return None
    why = (WHY, translate("Notice", "Why?"))
    click = (OPEN, translate("Notice", "Open"))
    about_files = _about_files(visit, explanation)
    if about_files is not None:
        return about_files
    changed = next((r for r in explanation.reasons if r.rule == CHANGED), None) if explanation else None
    if visit.verdict in ("read-write", "read-only") and changed is not None:
        title = translate("Notice", "{0} was used elsewhere").format(name_of(visit))
        return Notice(
            title, f"{changed.what} {changed.next}", (click, why, (EJECT, translate("Notice", "Safe removal")))
        )
    if visit.verdict == "read-only":
        title = translate("Notice", "{0}: you can copy from it").format(name_of(visit))
        body = translate("Notice", "You can copy from this stick; nothing can be written to it.")
        return Notice(title, body, (click, why, (EJECT, translate("Notice", "Safe removal"))))
    ask = ((REQUEST, translate("Notice", "Ask for it…")),) if may_ask(visit) else ()
    if OBSERVED in visit.reasons and explanation is not None and request is None:
        first, *others = explanation.reasons
        title = translate("Notice", "{0} opens for now").format(name_of(visit))
        why_not = f"{others[0].what} {others[0].next}" if others else ""
        return Notice(title, f"{first.what}\n{why_not}", (click, *ask, why))
    if visit.verdict == "read-write":
        return None
    if request is not None and request.state == "open":
        title = translate("Notice", "{0}: your request waits").format(name_of(visit))
        return Notice(
            title, translate("Notice", "An admin decides. Leave it plugged in; it opens by itself."), (click, why)
        )
    if request is not None and request.state == "rejected":
        title = translate("Notice", "{0}: your request was turned down").format(name_of(visit))
        return Notice(title, request.why, (click, why))
    if explanation is None or not explanation.reasons:
        title = (
            translate("Notice", "{0} was refused") if visit.verdict == "refused" else translate("Notice", "{0} waits")
        )
        body = translate("Notice", "Click to see why and what to do.")
        return Notice(title.format(name_of(visit)), body, (click, why), urgent=visit.severity == "alarm")
    first = explanation.reasons[0]
    if visit.verdict == "held":
        return Notice(
            translate("Notice", "{0} waits").format(name_of(visit)), f"{first.what} {first.next}", (click, why)
        )
    return Notice(
        translate("Notice", "{0} was refused").format(name_of(visit)),
        _why_refused(explanation),
        (click, *ask, why),
        urgent=visit.severity == "alarm",
    )
