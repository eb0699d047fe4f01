"""The icon in the tray and its menu; the window does without where a desktop has no tray."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from gui.desk import Desk
from gui.icons import icon_of
from gui.notices import name_of
from gui.soon import Soon
from gui.standing import sentence_of, standing_of
from gui.words import verdict_word


class Tray(QObject):
    """Asks for windows by signals."""

    show_mine = Signal()
    show_console = Signal()
    eject = Signal(str)
    quit = Signal()

    def __init__(self, desk: Desk) -> None:
        """Shown at once if the desktop has a place for it."""
        super().__init__()
        self._desk = desk
        self._menu = QMenu()
        self._menu.aboutToShow.connect(self._fill)
        self._icon: QSystemTrayIcon | None = None
        self.anew()
        self._soon = Soon(self._change, self)
        desk.guard_changed.connect(self._change)  # that the guard is away shows at once
        for signal in (desk.visit_changed, desk.visit_gone, desk.request_changed):
            signal.connect(self._soon)

    @property
    def there(self) -> bool:
        """Whether the desktop shows it."""
        return QSystemTrayIcon.isSystemTrayAvailable()

    def anew(self) -> None:
        """Register again: an icon that was made before its host appeared is never shown (StatusNotifierItem, as Qt does it)."""
        if self._icon is not None:
            self._icon.hide()
            self._icon.deleteLater()
        self._icon = QSystemTrayIcon(self)
        self._icon.setContextMenu(self._menu)
        self._icon.activated.connect(self._clicked)
        self._standing = ""
        self._fill()
        self._change()
        self._icon.show()

    def _change(self) -> None:
        desk, icon = self._desk, self._icon
        if icon is None:
            return
        standing = standing_of(desk.guard, desk.visits.values(), desk.requests.values())
        queue = sum(request.state == "open" for request in desk.requests.values())
        icon.setToolTip(f"Media Guard: {sentence_of(standing, desk.guard, queue)}")
        if standing != self._standing:
            self._standing = str(standing)
            icon.setIcon(icon_of(standing))

    def _fill(self) -> None:
        menu, desk = self._menu, self._desk
        menu.clear()
        standing = standing_of(desk.guard, desk.visits.values(), desk.requests.values())
        queue = sum(request.state == "open" for request in desk.requests.values())
        head = menu.addAction(icon_of(standing), sentence_of(standing, desk.guard, queue))
        head.triggered.connect(self.show_mine)
        menu.addSeparator()
        for visit in list(desk.visits.values())[:8]:
            shown = f"{name_of(visit)} – {verdict_word(visit.verdict)}".replace("&", "&&")
            if visit.stage == "open":
                self._entry(self.tr("Safely remove {0}").format(shown)).triggered.connect(
                    lambda _=False, ident=visit.id: self.eject.emit(ident)
                )
            else:
                self._entry(shown).triggered.connect(self.show_mine)
        if desk.visits:
            menu.addSeparator()
        self._entry(self.tr("My media and requests")).triggered.connect(self.show_mine)
        self._entry(self.tr("Console for admins and auditors")).triggered.connect(self.show_console)
        menu.addSeparator()
        self._entry(self.tr("Close this icon (the guard goes on)")).triggered.connect(self.quit)

    def _entry(self, words: str) -> QAction:
        return self._menu.addAction(words)

    def _clicked(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in (QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick):
            self.show_mine.emit()
