"""The parts put together: icon, notifications and windows over one link."""

import getpass
import os
import pwd
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from gui.asking import RequestDialog
from gui.desk import Desk, Quiet
from gui.front import CONSOLE
from gui.link import Link
from gui.looks import complain
from gui.mine import MineWindow
from gui.notices import CHANGED, EJECT, FILES, OBSERVED, OPEN, REQUEST, WHY, name_of, notice_of
from gui.popups import Notice
from gui.reminding import KEY as REMINDERS
from gui.reminding import Reminding
from gui.tray import Tray
from gui.values import Explanation, parse_visit
from gui.why import WhyDialog

if TYPE_CHECKING:
    from gui.console.window import ConsoleWindow
    from gui.play import PlayPanel

TRAY_SECONDS = 3
FIRST = "first-medium"


class Application(QObject):
    """Owns everything that lives as long as the program."""

    def __init__(self, link: Link, *, play: str = "") -> None:
        """`play`: folder with simulated sticks, "" for real ports."""
        super().__init__()
        self.link = link
        self.desk = Desk(link)
        self.tray = Tray(self.desk)
        self.mine = MineWindow(self.desk)
        self.console: ConsoleWindow | None = None
        self.play = _play_panel(self.desk, play) if play else None
        self._noticed: dict[str, tuple[object, ...]] = {}
        self._dialogs: dict[str, QWidget] = {}
        self.tray.show_mine.connect(self.show_mine)
        self.tray.show_console.connect(self.show_console)
        self.tray.eject.connect(self.eject)
        self.tray.quit.connect(QApplication.quit)
        self.mine.ask.connect(self.ask)
        self.mine.why.connect(self.why)
        self.mine.eject.connect(self.eject)
        if self.play is not None:
            self.play.show_console.connect(self.show_console)
        link.tray_came.connect(self.tray.anew)
        link.acted.connect(self._acted)
        link.wanted.connect(self._wanted)
        link.late.connect(QApplication.quit)
        self.desk.visit_changed.connect(self._notice)
        self.desk.visit_gone.connect(self._gone)
        self.desk.request_changed.connect(self._decided)
        self.reminding = Reminding(self.desk)
        self._offered = False
        self.desk.guard_changed.connect(self._offer_first)

    def start(self, *, console: bool, window: bool) -> None:
        """Begin; without a tray the window is what there is."""
        self.link.start()
        if console:
            self.show_console()
        if window:
            self.show_mine()
        elif not console:
            QTimer.singleShot(TRAY_SECONDS * 1000, self._show_without_tray)
        if self.play is not None:
            self.play.show()

    def show_mine(self) -> None:
        """The employee's window, in front."""
        self.mine.refresh()
        _raise(self.mine)

    def show_console(self) -> None:
        """The console, in front."""
        if self.console is None:
            from gui.console.window import ConsoleWindow  # noqa: PLC0415 - few need it: the icon stays small

            self.console = ConsoleWindow(self.desk)
            self.console.first.connect(self.first)
            self.console.why.connect(self.why)
        _raise(self.console)

    def ask(self, ident: str) -> None:
        """The request dialog for a visit."""
        visit = self.desk.visits.get(ident)
        if visit is None:
            complain(None, self.tr("The medium is not plugged in any more. Plug it in again and ask then."))
            return
        self._open(
            f"ask {ident}",
            lambda: RequestDialog(self.desk, visit, visit.user.capitalize() if self.play else full_name()),
        )

    def why(self, ident: str) -> None:
        """The reasons for a visit."""
        visit = self.desk.visits.get(ident)
        if visit is not None:
            self._open(f"why {ident}", lambda: WhyDialog(self.desk, visit))
        else:  # one that is over: a stop of a timeline
            self._open(f"why {ident}", lambda: WhyDialog(self.desk, parse_visit({"id": ident})))

    def files(self, ident: str) -> None:
        """Which files came and went in a visit."""
        from gui.files import FilesDialog  # noqa: PLC0415 - few look: the icon stays small

        visit = self.desk.visits.get(ident)
        self._open(f"files {ident}", lambda: FilesDialog(self.desk, ident, name_of(visit) if visit else ""))

    def first(self) -> None:
        """The guided first medium."""
        from gui.first import FirstMedium  # noqa: PLC0415 - shows parts of the console

        self._open("first", lambda: FirstMedium(self.desk))

    def eject(self, ident: str) -> None:
        """Safe removal."""
        visit = self.desk.visits.get(ident)
        if visit is None:
            return
        name = name_of(visit)
        said = Notice(self.tr("You can pull {0} out now").format(name), self.tr("Everything is written to it."))
        self.desk.eject(ident, lambda _: self.link.show(ident, said), lambda sentence: complain(None, sentence))

    def _open(self, key: str, make: Callable[[], QWidget]) -> None:
        shown = self._dialogs.get(key)
        if shown is None:
            shown = self._dialogs[key] = make()
            shown.destroyed.connect(lambda: self._dialogs.pop(key, None))
            shown.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        _raise(shown)

    def _wanted(self, action: str, token: str) -> None:
        """By a second start of this program, which is over by now."""
        os.environ["XDG_ACTIVATION_TOKEN"] = (
            token  # Qt gives it to the compositor with the next request to come to the front
        )
        if action == CONSOLE:
            self.show_console()
        else:
            self.show_mine()

    def _acted(self, key: str, action: str) -> None:
        if key == FIRST:
            self.first()
            return
        if key == REMINDERS:
            self.mine.tabs.setCurrentIndex(1)
        acts = {REQUEST: self.ask, WHY: self.why, EJECT: self.eject, FILES: self.files}
        if action in acts:
            acts[action](key)
        elif action == OPEN:
            self.show_mine()

    def _notice(self, ident: str) -> None:
        """Once for each state that has something to say; the daemon is asked for the sentences first."""
        visit = self.desk.visits[ident]
        if not visit.settled:
            return
        request = next((r for r in reversed(self.desk.requests.values()) if r.visit == ident), None)
        state = (visit.verdict, visit.reasons, visit.findings, request.state if request else "")
        if self._noticed.get(ident) == state:
            return
        self._noticed[ident] = state

        def show(explanation: Explanation | None) -> None:
            now = self.desk.visits.get(ident)
            if now is None or self._noticed.get(ident) != state:
                return
            notice = notice_of(now, explanation, request)
            if notice is not None:
                self.link.show(ident, notice)
            else:
                self.link.close(ident)

        telling = {CHANGED, OBSERVED}.intersection(visit.reasons)
        if visit.verdict in ("refused", "held") or telling or visit.findings:
            self.desk.explain(ident, show, lambda _: show(None))
        else:
            show(None)

    def _decided(self, ident: str) -> None:
        request = self.desk.requests[ident]
        if request.visit in self.desk.visits:
            self._notice(request.visit)

    def _offer_first(self) -> None:
        """Once, to who may register media where none is registered yet."""
        if self._offered or "decide" not in self.desk.rights:
            return
        self._offered = True

        def offer(rows: list[object]) -> None:
            if not rows:
                begin = (FIRST, self.tr("Begin"))
                body = self.tr("No medium is registered on this computer yet. It takes a minute, step by step.")
                self.link.show(FIRST, Notice(self.tr("Register your first medium?"), body, (begin,)))

        self.desk.rows("Media", {"limit": 1}, offer, Quiet)

    def _gone(self, ident: str) -> None:
        self._noticed.pop(ident, None)
        self.link.close(ident)

    def _show_without_tray(self) -> None:
        """A desktop without a place for icons still gets its window from the launcher."""
        if not self.tray.there and not self.mine.isVisible():
            self.show_mine()


def _play_panel(desk: Desk, folder: str) -> "PlayPanel":
    from gui.play import PlayPanel  # noqa: PLC0415 - for simulated ports only

    return PlayPanel(desk, folder)


def full_name() -> str:
    """Who sits here, as the system knows them."""
    try:
        named = pwd.getpwnam(getpass.getuser()).pw_gecos.split(",")[0]
    except (KeyError, OSError):
        named = ""
    return named or getpass.getuser()


def _raise(window: QWidget) -> None:
    window.show()
    window.raise_()
    window.activateWindow()
