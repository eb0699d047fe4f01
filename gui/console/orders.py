"""What takes two people: orders that wait for a second one, and those that were answered."""

from typing import Any

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QInputDialog, QPushButton, QVBoxLayout, QWidget

from gui.console.clearing import ClearDialog
from gui.desk import Desk
from gui.listing import Listing
from gui.lives import Order, parse_order
from gui.looks import complain, plain_label, sentence_for
from gui.tables import Column
from gui.values import Visit
from gui.words import day, level_word, order_word, step_word


class OrdersPage(QWidget):
    """Asks when it is shown."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Empty until it is shown."""
        super().__init__(parent)
        self._desk = desk
        self.table = Listing[Order](
            self.tr("Orders"),
            (
                Column(self.tr("What"), lambda row: step_word(row.kind)),
                Column(self.tr("Medium"), lambda row: row.medium[:8]),
                Column(self.tr("To level"), lambda row: level_word(desk.guard, row.level)),
                Column(self.tr("State"), lambda row: order_word(row.state)),
                Column(self.tr("Proposed by"), lambda row: row.proposed_by),
                Column(self.tr("Confirmed by"), lambda row: row.confirmed_by),
                Column(self.tr("Until"), lambda row: day(row.expires)),
                Column(self.tr("Why"), lambda row: row.why),
            ),
            (14, 9, 12, 14, 14, 14, 11),
            lambda row: row.id,
        )
        self.table.chose.connect(self._look)
        self._said = plain_label(
            self.tr("Clearing, destroying and lowering a level take two people: whoever proposed it cannot confirm it.")
        )
        self.yes, self.no = QPushButton(self.tr("&Confirm")), QPushButton(self.tr("&Decline…"))
        self.clear = QPushButton(self.tr("C&lear it…"))
        self.clear.clicked.connect(self._clear)
        self._hint = plain_label(faint=True)
        self.yes.clicked.connect(lambda: self._answer(confirm=True, why=""))
        self.no.clicked.connect(self._decline)
        bar = QHBoxLayout()
        bar.addWidget(self.yes)
        bar.addWidget(self.no)
        bar.addWidget(self.clear)
        bar.addWidget(self._hint, 1)
        column = QVBoxLayout(self)
        column.addWidget(self._said)
        column.addWidget(self.table, 1)
        column.addLayout(bar)
        desk.visit_changed.connect(self._look)
        desk.visit_gone.connect(self._look)
        desk.progressed.connect(self._progress)
        self._look()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """It was turned to."""
        super().showEvent(event)
        self.refresh()

    def refresh(self) -> None:
        """Ask for all of them."""
        self._desk.rows(
            "Orders", {"limit": 500}, self._came, lambda sentence: self._said.setText(sentence_for(sentence))
        )

    def _came(self, rows: list[dict[str, Any]]) -> None:
        self.table.show_rows([parse_order(row) for row in rows])

    def _look(self, _: str = "") -> None:
        order, visit = self.table.chosen, self._plugged()
        waits = order is not None and order.state == "proposed"
        self.yes.setEnabled(waits)
        self.no.setEnabled(waits)
        to_clear = order is not None and order.kind == "clear" and order.state == "confirmed"
        self.clear.setEnabled(to_clear and visit is not None)
        lacking = to_clear and visit is None
        self._hint.setText(self.tr("Plug it in at this computer to clear it.") if lacking else "")

    def _plugged(self) -> Visit | None:
        """The visit of the medium that the order is about, by its label; whether it is the one, the guard reads anew."""
        order, visits = self.table.chosen, self._desk.visits.values()
        return next((v for v in visits if order and v.settled and v.medium == order.medium), None)

    def _clear(self) -> None:
        order, visit = self.table.chosen, self._plugged()
        if order is not None and visit is not None:
            self.dialog = ClearDialog(self._desk, order, visit, self)
            self.dialog.open()

    def _progress(self, ident: str, percent: int, step: str) -> None:
        if step == "done" and any(row.id == ident for row in self.table.rows):
            self.refresh()

    def _decline(self) -> None:
        why, said = QInputDialog.getText(self, self.tr("Decline"), self.tr("Why?"))
        if said and why.strip():
            self._answer(confirm=False, why=why.strip())

    def _answer(self, *, confirm: bool, why: str) -> None:
        order = self.table.chosen
        if order is not None:
            self._desk.call(
                "Confirm",
                "sbs",
                [order.id, confirm, why],
                lambda _: self.refresh(),
                lambda sentence: complain(self, sentence),
                asked=True,
            )
