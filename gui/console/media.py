"""The inventory: search, filter, and a medium's page beside it."""

from PySide6.QtCore import QModelIndex, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSplitter,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from gui.console.medium import MediumPage
from gui.desk import Desk
from gui.looks import colour_of, plain_label, read_well, sentence_for
from gui.soon import Soon
from gui.tables import Column, RowModel
from gui.values import Medium, parse_medium
from gui.words import day, level_word, state_word

STATES = (
    "",
    "acquired",
    "registered",
    "issued",
    "lent",
    "in-transfer",
    "under-repair",
    "returned",
    "revoked",
    "lost",
    "cleared",
    "destroyed",
    "archived",
)


class MediaPage(QWidget):
    """All media known here."""

    first = Signal()
    why = Signal(str)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Asks when it is shown."""
        super().__init__(parent)
        self._desk = desk
        columns: tuple[Column[Medium], ...] = (
            Column(self.tr("Number"), lambda row: row.number),
            Column(
                self.tr("Level"),
                lambda row: level_word(desk.guard, row.effective_level),
                level=lambda row: row.effective_level,
            ),
            Column(self.tr("Holder"), lambda row: row.holder),
            Column(self.tr("Department"), lambda row: row.department),
            Column(self.tr("State"), lambda row: state_word(row.state)),
            Column(self.tr("Here"), lambda row: "✓" if row.present else ""),
            Column(self.tr("Networks"), lambda row: ", ".join(row.networks)),
            Column(self.tr("Expires"), lambda row: day(row.expires)),
        )
        self.model = RowModel[Medium](columns, self)
        self.model.colour = lambda level: colour_of(desk.guard, level)
        self.proxy = QSortFilterProxyModel(self)
        self.proxy.setSourceModel(self.model)
        self.proxy.setFilterKeyColumn(-1)
        self.proxy.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Search number, holder, network…"))
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName(self.tr("Search"))
        self.search.textChanged.connect(self.proxy.setFilterFixedString)
        self.state = QComboBox()
        self.state.setAccessibleName(self.tr("State"))
        for state in STATES:
            self.state.addItem(state_word(state) if state else self.tr("all states"), state)
        self.state.currentIndexChanged.connect(self.refresh)
        self.begin = QPushButton(self.tr("&First medium…"))
        self.begin.clicked.connect(self.first)
        self.table = QTableView()
        self.table.setModel(self.proxy)
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self.table.setAccessibleName(self.tr("Media"))
        read_well(self.table, (12, 16, 14, 12, 12, 6, 16))
        self.table.selectionModel().currentRowChanged.connect(self._choose)
        self.page = MediumPage(desk)
        self.page.why.connect(self.why)
        self.page.changed.connect(self.refresh)
        self._said = plain_label(faint=True)
        self._lay_out()
        self._soon = Soon(self.refresh, self)
        desk.guard_changed.connect(self._soon)
        desk.visit_changed.connect(self._maybe)

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.addWidget(self.search, 1)
        bar.addWidget(self.state)
        bar.addWidget(self.begin)
        splitter = QSplitter()
        splitter.addWidget(self.table)
        splitter.addWidget(self.page)
        splitter.setSizes([560, 400])
        column = QVBoxLayout(self)
        column.addLayout(bar)
        column.addWidget(self._said)
        column.addWidget(splitter, 1)

    def refresh(self) -> None:
        """Ask for the list."""
        if self.isVisible():
            wanted: dict[str, object] = {"limit": 1000}
            if self.state.currentData():
                wanted["state"] = self.state.currentData()
            self._desk.rows("Media", wanted, self._came, lambda sentence: self._said.setText(sentence_for(sentence)))

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """It was turned to."""
        super().showEvent(event)
        self.refresh()

    def show_medium(self, ident: str) -> None:
        """From another page: turn to a medium."""
        for row, medium in enumerate(self.model.rows):
            if medium.id == ident:
                self.table.selectRow(self.proxy.mapFromSource(self.model.index(row, 0)).row())

    def _maybe(self, ident: str) -> None:
        visit = self._desk.visits.get(ident)
        if visit is not None and visit.settled:
            self._soon()

    def _came(self, rows: list[dict[str, object]]) -> None:
        found = [parse_medium(row) for row in rows]
        chosen = self.page.medium.id if self.page.medium else ""
        if found != self.model.rows:
            self.model.set_rows(found)
            self.show_medium(chosen)
        self.begin.setVisible(not found)
        if not found:
            self._said.setText(self.tr("No medium is registered yet. “First medium” shows how, step by step."))
        else:
            self._said.setText(self.tr("%n medium(s)", "", len(found)))

    def _choose(self, index: QModelIndex) -> None:
        row = self.proxy.mapToSource(index).row()
        if 0 <= row < len(self.model.rows):
            self.page.show_medium(self.model.rows[row])
