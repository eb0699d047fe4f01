"""My media and requests: the employee's window."""

from typing import Any

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QLabel, QScrollArea, QStackedWidget, QTableView, QTabWidget, QVBoxLayout, QWidget

from gui.console.medium import MediumPage
from gui.desk import Desk, Quiet
from gui.icons import icon_of, picture_of
from gui.looks import colour_of, open_at, plain_label, read_well, row_of
from gui.plugged import PluggedCard
from gui.soon import Soon
from gui.standing import sentence_of, standing_of
from gui.tables import Column, RowModel
from gui.values import Medium, Request, parse_medium, parse_request
from gui.words import day, days_left, level_word, moment, state_word, why_word

AT_ONCE = 10


class MineWindow(QWidget):
    """Three pages: plugged in now, media I hold, my requests."""

    ask = Signal(str)
    why = Signal(str)
    eject = Signal(str)
    first = Signal()

    def __init__(self, desk: Desk) -> None:
        """Follows the desk."""
        super().__init__()
        self._desk = desk
        self.setWindowTitle("Media Guard")
        open_at(self, 760, 520)
        self._picture, self._sentence = QLabel(), plain_label(bold=True)
        self._picture.setFixedWidth(44)
        self._cards: dict[str, PluggedCard] = {}
        self._coming: list[str] = []  # visits whose card is not there yet
        self.tabs = QTabWidget()
        self.tabs.addTab(self._plugged_page(), self.tr("&Plugged in"))
        self.media = RowModel[Medium](self._media_columns(), self)
        self.media.colour = lambda level: colour_of(desk.guard, level)
        self._media_view, self._media_stack = self._table(
            self.media, self.tr("You hold no registered medium. Plug one in and ask for it."), (14, 16, 14, 12, 16)
        )
        self._media_view.activated.connect(self._open_medium)
        self._media_view.setToolTip(self.tr("Enter or double click: where it has been"))
        self.tabs.addTab(self._media_stack, self.tr("My &media"))
        self.requests = RowModel[Request](self._request_columns(), self)
        self._requests_view, self._requests_stack = self._table(
            self.requests, self.tr("You have asked for nothing yet."), (18, 26, 22, 14)
        )
        self.tabs.addTab(self._requests_stack, self.tr("My &requests"))
        column = QVBoxLayout(self)
        head = row_of(self._picture, self._sentence, stretch=False)
        head.setStretch(1, 1)
        column.addLayout(head)
        column.addWidget(self.tabs, 1)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Close), self, self.close)
        QShortcut(QKeySequence(Qt.Key.Key_Escape), self, self.close)
        self._add = Soon(self._add_some, self, 0)
        self._look, self._ask = Soon(self._standing, self), Soon(self._refresh_shown, self, 400)
        desk.guard_changed.connect(self._standing)
        desk.visit_changed.connect(self._visit)
        desk.visit_gone.connect(self._gone)
        desk.request_changed.connect(self._request)
        self._standing()
        for ident in desk.visits:
            self._visit(ident)

    def _refresh_shown(self) -> None:
        if self.isVisible() and self._desk.guard is not None:
            self.refresh()

    def refresh(self) -> None:
        """Ask for what is not told by itself."""
        self._desk.rows("Media", {"limit": 1000}, self._media_came, Quiet)
        self._desk.rows("Requests", {"limit": 200}, self._requests_came, Quiet)

    def _plugged_page(self) -> QWidget:
        self._column = QVBoxLayout()
        self._column.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._empty = plain_label(self.tr("No USB medium is plugged in."), faint=True)
        self._column.addWidget(self._empty)
        inner = QWidget()
        inner.setLayout(self._column)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(inner)
        return area

    def _table(self, model: RowModel[Any], nothing: str, widths: tuple[int, ...]) -> tuple[QTableView, QStackedWidget]:
        view, stack = QTableView(), QStackedWidget()
        view.setModel(model)
        read_well(view, widths)
        empty = plain_label(nothing, faint=True)
        empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        stack.addWidget(empty)
        stack.addWidget(view)
        model.modelReset.connect(lambda: stack.setCurrentIndex(1 if model.rowCount() else 0))
        return view, stack

    def _media_columns(self) -> tuple[Column[Medium], ...]:
        desk = self._desk
        return (
            Column(self.tr("Number"), lambda medium: medium.number),
            Column(
                self.tr("Level"),
                lambda medium: level_word(desk.guard, medium.effective_level),
                level=lambda m: m.effective_level,
            ),
            Column(self.tr("Holder"), lambda medium: medium.holder),
            Column(
                self.tr("State"),
                lambda medium: self.tr("offered to you") if medium.offered else state_word(medium.state),
            ),
            Column(self.tr("Networks"), lambda medium: ", ".join(medium.networks)),
            Column(self.tr("Due"), self._due),
        )

    def _due(self, medium: Medium) -> str:
        """What comes first: its inspection, the end of a loan or its term."""
        known = ((medium.inspection_due, "inspect"), (medium.due, "return"), (medium.expires, "return"))
        ends = [(when, what) for when, what in known if when]
        if not ends:
            return ""
        when, what = min(ends)
        left = days_left(when) or 0
        if left < 0:
            late = (
                self.tr("inspection overdue since {0}") if what == "inspect" else self.tr("over since {0}: return it")
            )
            return late.format(day(when))
        words = self.tr("inspection by {0}") if what == "inspect" else self.tr("return by {0}")
        soon = self.tr(", in %n day(s)", "", left) if left <= 30 else ""
        return words.format(day(when)) + soon

    def _open_medium(self, index: QModelIndex) -> None:
        """Where one of my media has been."""
        page = MediumPage(self._desk, editable=False)
        medium = self.media.rows[index.row()]
        page.setWindowTitle(medium.number)
        page.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        page.setWindowFlag(Qt.WindowType.Window)
        page.why.connect(self.why)
        page.changed.connect(page.close)
        page.changed.connect(self.refresh)
        open_at(page, 460, 480)
        page.show_medium(medium)
        page.show()
        self.page = page

    def _request_columns(self) -> tuple[Column[Request], ...]:
        return (
            Column(self.tr("Filed"), lambda request: moment(request.filed)),
            Column(self.tr("Purpose"), lambda request: request.purpose),
            Column(self.tr("State"), lambda request: state_word(request.state)),
            Column(self.tr("Decided by"), lambda request: request.decided_by),
            Column(self.tr("Message"), lambda request: why_word(request.why)),
        )

    def _standing(self) -> None:
        desk = self._desk
        standing = standing_of(desk.guard, desk.visits.values(), desk.requests.values())
        queue = sum(request.state == "open" for request in desk.requests.values())
        self._picture.setPixmap(picture_of(standing, 32))
        self._sentence.setText(sentence_of(standing, desk.guard, queue))
        self.setWindowIcon(icon_of(standing))
        self.tabs.setEnabled(desk.guard is not None)
        if desk.guard is not None:
            self._ask()

    def _visit(self, ident: str) -> None:
        card = self._cards.get(ident)
        if card is not None:
            card.change()
        elif ident not in self._coming:
            self._coming.append(ident)
            self._add()
        self._look()

    def _add_some(self) -> None:
        """A few cards at a time: each costs some milliseconds, and there may be hundreds at once."""
        some, self._coming = self._coming[:AT_ONCE], self._coming[AT_ONCE:]
        for ident in some:
            card = self._cards[ident] = PluggedCard(self._desk, ident)
            card.ask.connect(self.ask)
            card.why.connect(self.why)
            card.eject.connect(self.eject)
            self._column.insertWidget(0, card)
        self._empty.setVisible(not self._cards)
        if self._coming:
            self._add()

    def _gone(self, ident: str) -> None:
        if ident in self._coming:
            self._coming.remove(ident)
        card = self._cards.pop(ident, None)
        if card is not None:
            self._column.removeWidget(card)
            card.hide()
            card.deleteLater()
        self._empty.setVisible(not self._cards)
        self._look()

    def _request(self, ident: str) -> None:
        request = self._desk.requests[ident]
        if request.visit in self._cards:
            self._cards[request.visit].change()
        self._look()

    def _media_came(self, rows: list[dict[str, object]]) -> None:
        self.media.set_rows([parse_medium(row) for row in rows])

    def _requests_came(self, rows: list[dict[str, object]]) -> None:
        self.requests.set_rows([parse_request(row) for row in rows])
