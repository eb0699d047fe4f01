"""The one thing the tray icon says: how this computer stands."""

from collections.abc import Iterable
from enum import StrEnum

from PySide6.QtCore import QCoreApplication

from gui.values import Guard, Request, Visit

translate = QCoreApplication.translate


class Standing(StrEnum):
    """From the least to the most pressing."""

    PROTECTED = "protected"
    WAITING = "waiting"
    ATTENTION = "attention"
    UNPROTECTED = "unprotected"


def standing_of(guard: Guard | None, visits: Iterable[Visit], requests: Iterable[Request]) -> Standing:
    """Not protected without a working guard; attention for what was refused; waiting for what somebody must decide."""
    requests = list(requests)
    if guard is None or guard.health == "not-initialized":
        return Standing.UNPROTECTED
    asked = {request.visit for request in requests if request.state == "open"}
    if guard.health != "ok" or any(
        visit.settled and visit.verdict == "refused" and visit.id not in asked for visit in visits
    ):
        return Standing.ATTENTION
    if asked:
        return Standing.WAITING
    return Standing.PROTECTED


def sentence_of(standing: Standing, guard: Guard | None, queue: int) -> str:
    """What the icon's tooltip and the window's head say."""
    if guard is None:
        return translate(
            "Standing",
            "The guard is not running. USB sticks stay shut; keyboard and mouse work. Tell your admin if this stays.",
        )
    if standing is Standing.UNPROTECTED:
        return translate("Standing", "This computer is not set up yet. Ask your admin to run: mediaguardctl init")
    if guard.health != "ok":
        return guard.faults[0].sentence if guard.faults else translate("Standing", "Something is wrong with the guard.")
    if standing is Standing.ATTENTION:
        return translate("Standing", "A medium was refused. Click to see why and what to do.")
    if standing is Standing.WAITING:
        if queue == 1:
            return translate("Standing", "One request waits for a decision.")
        return translate("Standing", "{0} requests wait for a decision.").format(queue)
    return translate("Standing", "Protected. USB media are checked before they open.")
