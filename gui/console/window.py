"""The console's window: one page for each thing that admins and auditors look after."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from gui.console.crossings import CrossingsPage
from gui.console.health import HealthPage
from gui.console.holders import HoldersPage
from gui.console.inventories import InventoriesPage
from gui.console.journal import JournalPage
from gui.console.media import MediaPage
from gui.console.orders import OrdersPage
from gui.console.requests import RequestsPage
from gui.console.reviews import ReviewsPage
from gui.console.week import WeekPage
from gui.desk import Desk
from gui.icons import icon_of, picture_of
from gui.looks import complain, open_at, plain_label
from gui.soon import Soon
from gui.standing import sentence_of, standing_of


class ConsoleWindow(QWidget):
    """Pages on the left, the chosen one on the right."""

    first = Signal()
    why = Signal(str)

    def __init__(self, desk: Desk) -> None:
        """Follows the desk."""
        super().__init__()
        self._desk = desk
        self.setWindowTitle(self.tr("Console"))
        open_at(self, 1180, 700)
        self.requests, self.media = RequestsPage(desk), MediaPage(desk)
        self.crossings, self.journal, self.health = CrossingsPage(desk), JournalPage(desk), HealthPage(desk)
        self.holders, self.orders, self.week = HoldersPage(desk), OrdersPage(desk), WeekPage(desk)
        self.inventories, self.reviews = InventoriesPage(desk), ReviewsPage(desk)
        for listing in (self.inventories, self.reviews):
            listing.medium.connect(self._to_medium)
        self.holders.medium.connect(self._to_medium)
        self.media.first.connect(self.first)
        self.media.why.connect(self.why)
        self.crossings.why.connect(self.why)
        self.crossings.medium.connect(self._to_medium)
        self.pages = QListWidget()
        self.pages.setAccessibleName(self.tr("Pages"))
        self.pages.setIconSize(QSize(20, 20))
        self.stack = QStackedWidget()
        for name, page in (
            (self.tr("Requests"), self.requests),
            (self.tr("Media"), self.media),
            (self.tr("Crossings"), self.crossings),
            (self.tr("Journal"), self.journal),
            (self.tr("Health"), self.health),
            (self.tr("Holders"), self.holders),
            (self.tr("Two people"), self.orders),
            (self.tr("Inventories"), self.inventories),
            (self.tr("Reviews"), self.reviews),
            (self.tr("This week"), self.week),
        ):
            QListWidgetItem(name, self.pages)
            self.stack.addWidget(page)
        self._turn_pages()
        self._picture, self._sentence = QLabel(), plain_label()
        self._locked = plain_label(
            self.tr("You see only what is your own. Admins and auditors unlock the rest with their password.")
        )
        self.unlock = QPushButton(self.tr("&Unlock…"))
        self.unlock.clicked.connect(self._unlock)
        head = QHBoxLayout()
        head.addWidget(self._picture)
        head.addWidget(self._sentence, 1)
        lock = QHBoxLayout()
        lock.addWidget(self._locked, 1)
        lock.addWidget(self.unlock)
        body = QHBoxLayout()
        body.addWidget(self.pages)
        body.addWidget(self.stack, 1)
        column = QVBoxLayout(self)
        column.addLayout(head)
        column.addLayout(lock)
        column.addLayout(body, 1)
        self._follow()
        self.pages.setFocus(Qt.FocusReason.OtherFocusReason)

    def _follow(self) -> None:
        self._soon, desk = Soon(self._change, self), self._desk
        for signal in (desk.guard_changed, desk.request_changed, desk.visit_changed, desk.visit_gone):
            signal.connect(self._soon)
        self._change()

    def _turn_pages(self) -> None:
        self.pages.setSpacing(3)
        self.pages.setFixedWidth(self.fontMetrics().averageCharWidth() * 22)
        self.pages.currentRowChanged.connect(self.stack.setCurrentIndex)
        self.pages.setCurrentRow(0)
        for number in range(self.stack.count()):
            QShortcut(QKeySequence(f"Ctrl+{number + 1}"), self, lambda row=number: self.pages.setCurrentRow(row))
        QShortcut(QKeySequence(QKeySequence.StandardKey.Close), self, self.close)

    def _change(self) -> None:
        desk = self._desk
        queue = sum(request.state == "open" for request in desk.requests.values())
        standing = standing_of(desk.guard, (), desk.requests.values())
        self._picture.setPixmap(picture_of(standing, 24))
        self._sentence.setText(sentence_of(standing, desk.guard, queue))
        self.setWindowIcon(icon_of(standing))
        waiting = self.tr("Requests (%n)", "", queue) if queue else self.tr("Requests")
        self.pages.item(0).setText(waiting)
        locked = desk.guard is not None and "audit" not in desk.rights
        self._locked.setVisible(locked)
        self.unlock.setVisible(locked)
        self.stack.setEnabled(desk.guard is not None)

    def _unlock(self) -> None:
        """Polkit asks for a password; then everything is asked for anew, because more may be seen."""
        self._desk.rows(
            "Crossings", {"limit": 1}, lambda _: self._desk.link.reload(), lambda sentence: complain(self, sentence)
        )

    def _to_medium(self, ident: str) -> None:
        self.pages.setCurrentRow(1)
        self.media.show_medium(ident)
