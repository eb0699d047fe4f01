"""What takes two people: orders that wait for a second one, and those that were answered."""

from typing import Any

from PySide6.QtCore import QModelIndex
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QInputDialog, QPushButton, QTableView, QVBoxLayout, QWidget

from gui.desk import Desk
from gui.lives import Order, parse_order
from gui.looks import complain, plain_label, read_well, sentence_for
from gui.tables import Column, RowModel
from gui.words import day, level_word, order_word, step_word


class OrdersPage(QWidget):
    """Asks when it is shown."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Empty until it is shown."""
        super().__init__(parent)
        self._desk = desk
        self.order: Order | None = None
        self.model = RowModel[Order](
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
            self,
        )
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setAccessibleName(self.tr("Orders"))
        read_well(self.table, (14, 9, 12, 14, 14, 14, 11))
        self.table.selectionModel().currentRowChanged.connect(self._choose)
        self._said = plain_label(
            self.tr("Clearing, destroying and lowering a level take two people: whoever proposed it cannot confirm it.")
        )
        self.yes, self.no = QPushButton(self.tr("&Confirm")), QPushButton(self.tr("&Decline…"))
        self.yes.clicked.connect(lambda: self._answer(confirm=True, why=""))
        self.no.clicked.connect(self._decline)
        bar = QHBoxLayout()
        bar.addWidget(self.yes)
        bar.addWidget(self.no)
        bar.addStretch(1)
        column = QVBoxLayout(self)
        column.addWidget(self._said)
        column.addWidget(self.table, 1)
        column.addLayout(bar)
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
        self.order = None
        self.model.set_rows([parse_order(row) for row in rows])
        self._look()

    def _choose(self, index: QModelIndex) -> None:
        self.order = self.model.rows[index.row()] if 0 <= index.row() < len(self.model.rows) else None
        self._look()

    def _look(self) -> None:
        waits = self.order is not None and self.order.state == "proposed"
        self.yes.setEnabled(waits)
        self.no.setEnabled(waits)

    def _decline(self) -> None:
        why, said = QInputDialog.getText(self, self.tr("Decline"), self.tr("Why?"))
        if said and why.strip():
            self._answer(confirm=False, why=why.strip())

    def _answer(self, *, confirm: bool, why: str) -> None:
        if self.order is not None:
            self._desk.call(
                "Confirm",
                "sbs",
                [self.order.id, confirm, why],
                lambda _: self.refresh(),
                lambda sentence: complain(self, sentence),
                asked=True,
            )
