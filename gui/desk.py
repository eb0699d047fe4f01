"""What is known now, for all windows: kept by events, asked by pages."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from gui.contents import FileChange, Files, parse_changes, parse_files
from gui.feed import (
    SIMULATION,
    AllSeen,
    Crossed,
    Event,
    GuardLost,
    GuardSeen,
    JournalGrew,
    Progressed,
    RequestSeen,
    VisitGone,
    VisitSeen,
)
from gui.link import Done, Failed, Link
from gui.values import Explanation, Guard, Request, Told, Visit, parse_explanation, parse_told

Quiet: Failed = lambda sentence: None  # noqa: E731 - a name for "nobody needs to hear of it"

PAGE = 1000  # rows of one answer
LOCKED = ("org.mediaguard.Error.PassphraseNeeded", "org.mediaguard.Error.PassphraseWrong")


class Desk(QObject):
    """The guard (None while it is away), visits and requests by id."""

    guard_changed = Signal()
    visit_changed = Signal(str)
    visit_gone = Signal(str)
    request_changed = Signal(str)
    progressed = Signal(str, int, str)
    crossed = Signal()
    journal_grew = Signal(object)  # a number that may not fit an int

    def __init__(self, link: Link) -> None:
        """Follows the link from now on."""
        super().__init__()
        self.link = link
        self.guard: Guard | None = None
        self.visits: dict[str, Visit] = {}
        self.requests: dict[str, Request] = {}
        self.rights: frozenset[str] = frozenset()
        self._fresh: set[str] = set()  # visits that were told since the guard was last seen anew
        link.told.connect(self._take)

    def rows(self, member: str, wanted: dict[str, object], done: Done, failed: Failed) -> None:
        """A listing: Media, Visits, Crossings, Requests, Journal."""
        self.link.ask(member, "a{sv}", [wanted], done, failed, interactive=member in ("Crossings", "Journal"))

    def travel(self, medium: str, most: int, done: Callable[[list[Told]], None]) -> None:
        """Where a medium has been, as its records tell."""
        wanted = {"limit": most}
        self.link.ask("Travel", "sa{sv}", [medium, wanted], lambda rows: done([parse_told(row) for row in rows]), Quiet)

    def explain(self, visit: str, done: Callable[[Explanation], None], failed: Failed = Quiet) -> None:
        """Why a visit was judged as it was."""
        self.link.ask("Explain", "s", [visit], lambda found: done(parse_explanation(found)), failed)

    def files(self, visit: str, after: int, done: Callable[[Files, list[FileChange]], None], failed: Failed) -> None:
        """Which files came and went in a visit: the counts, and the changes after a number."""

        def came(found: dict[str, object]) -> None:
            done(parse_files(found.get("files")), parse_changes(found.get("changes")))

        self.link.ask("Files", "sa{sv}", [visit, {"limit": PAGE, "after": after}], came, failed)

    def request(self, visit: str, wishes: dict[str, object], done: Done, failed: Failed) -> None:
        """File a request."""
        self.link.ask("Request", "sa{sv}", [visit, wishes], done, failed, interactive=True)

    def approve(self, request: str, grant: dict[str, object], done: Done, failed: Failed, locked: Failed) -> None:
        """Approve a request; `locked` instead of `failed` where the issuer's key wants a (or another) passphrase."""
        self._sign("Approve", request, grant, done, failed, locked)

    def register(self, visit: str, grant: dict[str, object], done: Done, failed: Failed, locked: Failed) -> None:
        """Register a medium without a request; `locked` as with approve."""
        self._sign("Register", visit, grant, done, failed, locked)

    def _sign(
        self, verb: str, ident: str, grant: dict[str, object], done: Done, failed: Failed, locked: Failed
    ) -> None:
        special = dict.fromkeys(LOCKED, locked)
        self.link.ask(verb, "sa{sv}", [ident, grant], done, failed, interactive=True, special=special)

    def reject(self, request: str, why: str, done: Done, failed: Failed) -> None:
        """Turn a request down."""
        self.link.ask("Reject", "ss", [request, why], done, failed, interactive=True)

    def eject(self, visit: str, done: Done, failed: Failed) -> None:
        """Make a medium safe to pull."""
        self.link.ask("Eject", "s", [visit], done, failed, interactive=True)

    def call(
        self, verb: str, signature: str, arguments: list[Any], done: Done, failed: Failed, *, asked: bool = False
    ) -> None:
        """Call a verb of the guard; `asked`: the person wanted it just now, so a password may be asked for."""
        self.link.ask(verb, signature, arguments, done, failed, interactive=asked)

    def step(self, medium: str, step: str, papers: dict[str, object], done: Done, failed: Failed) -> None:
        """Take a step in the life of a medium: issue it, take it back, report it lost ..."""
        self.link.ask("Step", "ssa{sv}", [medium, step, papers], done, failed, interactive=True)

    def accept(self, medium: str, accept: bool, why: str, done: Done, failed: Failed) -> None:
        """Take over, or decline, what is offered to whoever sits here."""
        self.link.ask("Accept", "sbs", [medium, accept, why], done, failed)

    def clear(self, visit: str, order: str, medium: str, method: str, done: Done, failed: Failed) -> None:
        """Carry out a confirmed order to clear; `medium` is the id that the person saw, and no other one is cleared."""
        options = {"method": method, "medium": medium}
        self.link.ask("Clear", "ss", [visit, order], done, failed, interactive=True, options=options)

    def verify(self, done: Done, failed: Failed) -> None:
        """Walk the whole journal."""
        self.link.ask("Verify", "", [], done, failed, interactive=True)

    def plug(self, path: str, done: Done, failed: Failed) -> None:
        """Simulated ports: put an image in."""
        self.link.ask("Plug", "s", [path], done, failed, interface=SIMULATION)

    def unplug(self, port: str, done: Done, failed: Failed) -> None:
        """Simulated ports: pull it out."""
        self.link.ask("Unplug", "s", [port], done, failed, interface=SIMULATION)

    def _take(self, event: Event) -> None:
        match event:
            case GuardSeen(guard, fresh):
                self._see(guard, fresh=fresh)
            case AllSeen():
                self._drop(set(self.visits) - self._fresh)
            case GuardLost():
                if self.guard is not None:
                    self._forget()
                    self.guard = None
                self.guard_changed.emit()
            case VisitSeen(visit):
                self.visits[visit.id] = visit
                self._fresh.add(visit.id)
                self.visit_changed.emit(visit.id)
            case VisitGone(ident):
                if self.visits.pop(ident, None) is not None:
                    self.visit_gone.emit(ident)
            case RequestSeen(request):
                self.requests[request.id] = request
                self.request_changed.emit(request.id)
            case Progressed(ident, percent, step):
                self.progressed.emit(ident, percent, step)
            case Crossed():
                self.crossed.emit()
            case JournalGrew(seq):
                self.journal_grew.emit(seq)

    def _see(self, guard: Guard, *, fresh: bool) -> None:
        if fresh:
            self._fresh.clear()
            self.requests.clear()
            self.rights = frozenset()
            self.link.ask("Rights", "", [], self._may, Quiet)
        self.guard = guard
        self.guard_changed.emit()

    def _may(self, found: Any) -> None:
        self.rights = frozenset(
            name for name in ("decide", "audit") if isinstance(found, dict) and found.get(name) is True
        )
        self.guard_changed.emit()

    def _forget(self) -> None:
        self.requests.clear()
        self.rights = frozenset()
        self._drop(set(self.visits))

    def _drop(self, gone: set[str]) -> None:
        for ident in gone:
            del self.visits[ident]
            self.visit_gone.emit(ident)
