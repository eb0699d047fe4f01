"""Who may do what: one table, and the question to polkit. No answer is a no, which says that there was none."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Protocol

from dbus_next import Variant

from guard.bus.caller import Caller
from guard.bus.connection import BusError, Connection
from guard.core.errors import GuardError, Refused

_POLKIT = "org.freedesktop.PolicyKit1"
_PATH, _INTERFACE = "/org/freedesktop/PolicyKit1/Authority", "org.freedesktop.PolicyKit1.Authority"
ANSWER_SECONDS, PERSON_SECONDS = 10.0, 120.0
_NOBODY_THERE = frozenset(
    f"org.freedesktop.DBus.Error.{name}"
    for name in ("ServiceUnknown", "NameHasNoOwner", "NoReply", "Disconnected", "Timeout", "TimedOut")
)


class Action(StrEnum):
    """polkit actions; `EVERYBODY` needs none, because the answer holds only what belongs to the caller."""

    EVERYBODY = ""
    REQUEST = "org.mediaguard.request"
    ADMINISTER = "org.mediaguard.administer"
    DECIDE = "org.mediaguard.decide"
    LOOK = "org.mediaguard.look"
    AUDIT = "org.mediaguard.audit"
    EJECT = "org.mediaguard.eject"
    MAINTAIN = "org.mediaguard.maintain"
    SIMULATE = "org.mediaguard.simulate"


MANAGER, SIMULATION = "org.mediaguard.Guard1", "org.mediaguard.Simulation1"
ACTIONS: Mapping[tuple[str, str], Action] = {
    (MANAGER, "Request"): Action.REQUEST,
    (MANAGER, "Approve"): Action.DECIDE,
    (MANAGER, "Reject"): Action.DECIDE,
    (MANAGER, "Register"): Action.DECIDE,
    (MANAGER, "Step"): Action.DECIDE,
    (MANAGER, "Accept"): Action.REQUEST,
    (MANAGER, "People"): Action.EVERYBODY,
    (MANAGER, "PutPerson"): Action.ADMINISTER,
    (MANAGER, "Import"): Action.ADMINISTER,
    (MANAGER, "Depart"): Action.ADMINISTER,
    (MANAGER, "SignOff"): Action.DECIDE,
    (MANAGER, "SetClearance"): Action.DECIDE,
    (MANAGER, "Propose"): Action.DECIDE,
    (MANAGER, "Confirm"): Action.DECIDE,
    (MANAGER, "Orders"): Action.AUDIT,
    (MANAGER, "Clear"): Action.DECIDE,
    (MANAGER, "Advice"): Action.AUDIT,
    (MANAGER, "BeginInventory"): Action.DECIDE,
    (MANAGER, "EndInventory"): Action.DECIDE,
    (MANAGER, "Inspect"): Action.DECIDE,
    (MANAGER, "Inventories"): Action.AUDIT,
    (MANAGER, "InventoryDepartments"): Action.AUDIT,
    (MANAGER, "Missing"): Action.AUDIT,
    (MANAGER, "Reviews"): Action.AUDIT,
    (MANAGER, "Marks"): Action.AUDIT,
    (MANAGER, "Classify"): Action.DECIDE,
    (MANAGER, "Reminders"): Action.EVERYBODY,
    (MANAGER, "Eject"): Action.EJECT,
    (MANAGER, "Maintenance"): Action.MAINTAIN,
    (MANAGER, "Rights"): Action.EVERYBODY,
    (MANAGER, "Explain"): Action.EVERYBODY,
    (MANAGER, "Media"): Action.EVERYBODY,
    (MANAGER, "History"): Action.EVERYBODY,
    (MANAGER, "Visits"): Action.EVERYBODY,
    (MANAGER, "Requests"): Action.EVERYBODY,
    (MANAGER, "Files"): Action.EVERYBODY,
    (MANAGER, "Crossings"): Action.AUDIT,
    (MANAGER, "Travel"): Action.EVERYBODY,
    (MANAGER, "Journal"): Action.AUDIT,
    (MANAGER, "Verify"): Action.AUDIT,
    (MANAGER, "Head"): Action.AUDIT,
    (MANAGER, "Heads"): Action.AUDIT,
    (MANAGER, "Report"): Action.AUDIT,
    (MANAGER, "Summary"): Action.AUDIT,
    (SIMULATION, "Plug"): Action.SIMULATE,
    (SIMULATION, "Unplug"): Action.SIMULATE,
    (SIMULATION, "ActAs"): Action.SIMULATE,
}


class Authority(Protocol):
    """Answers whether a caller may do something."""

    async def allows(self, caller: Caller, action: Action) -> bool:
        """True only for a clear yes.

        Raises:
            Refused: `authority-silent` when nobody answered: a no as well, but one that says so.
        """


async def clearly_allows(authority: Authority, caller: Caller, action: Action) -> bool:
    """For what is shown: nobody is asked for a password, and no answer shows what a no would show."""
    try:
        return await authority.allows(replace(caller, interactive=False), action)
    except Refused:
        return False


class Polkit:
    """The real authority. The subject is the caller's bus name, never a process id, which can be recycled (CVE-2013-4288)."""

    def __init__(self, connection: Connection) -> None:
        """The question goes over the same connection."""
        self._connection = connection

    async def allows(self, caller: Caller, action: Action) -> bool:
        """Root may; anybody may do what needs no action; everything else polkit decides.

        Raises:
            Refused: `authority-silent`.
        """
        if action is Action.SIMULATE:
            return False
        if caller.uid == 0 or action is Action.EVERYBODY:
            return True
        subject = ["system-bus-name", {"name": Variant("s", caller.bus_name)}]
        question = secrets.token_hex(16)
        flags = 1 if caller.interactive else 0
        answered = False
        try:
            (answer,) = await self._connection.ask(
                _POLKIT,
                _PATH,
                _INTERFACE,
                "CheckAuthorization",
                "(sa{sv})sa{ss}us",
                [subject, str(action), {}, flags, question],
                seconds=PERSON_SECONDS if caller.interactive else ANSWER_SECONDS,
            )
            answered = True
        except BusError as error:
            answered = True
            if _is_absence(error.name):
                raise Refused("authority-silent") from error
            return False
        except GuardError as error:
            raise Refused("authority-silent") from error
        finally:
            if not answered:  # too late, or the caller has left: take the dialog away
                self._connection.tell(_POLKIT, _PATH, _INTERFACE, "CancelCheckAuthorization", "s", [question])
        return answer[0] is True


def _is_absence(name: str) -> bool:
    """Whether the bus says by this error that polkit is not there, or could not be started."""
    return name in _NOBODY_THERE or ".Error.Spawn." in name or name.startswith("org.freedesktop.systemd1.")


class Owner:
    """For simulated ports: who runs the guard may do everything; the persons he pretends to be may do what they would."""

    def __init__(self, uid: int) -> None:
        """The user who runs the guard."""
        self._uid = uid

    async def allows(self, caller: Caller, action: Action) -> bool:
        """Nobody but the owner; of his persons `admin`, `system` and `auditor` have a role, everybody else asks and ejects."""
        if not caller.pretended:
            return caller.uid == self._uid
        if caller.user == "admin" or action in (Action.EVERYBODY, Action.SIMULATE):
            return True
        if caller.user == "auditor":
            return action in (Action.AUDIT, Action.LOOK)
        if caller.user == "system" and action in (Action.ADMINISTER, Action.LOOK):
            return True
        return action in (Action.REQUEST, Action.EJECT)
