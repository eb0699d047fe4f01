"""A table of which one row is chosen: it stays chosen, and sorted as it was clicked, when the rows come anew."""

from collections.abc import Callable, Sequence
from typing import Generic

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QTableView

from gui.looks import read_well
from gui.tables import Column, Row, RowModel


class Listing(QTableView, Generic[Row]):
    """`chose` is sent when another row is chosen, or none; `opened` with a row that was double-clicked or entered."""

    chose = Signal()
    opened = Signal(object)

    def __init__(
        self, name: str, columns: Sequence[Column[Row]], widths: Sequence[int], key: Callable[[Row], str]
    ) -> None:
        """`name` for who hears it, `widths` in characters. `key` says which row is the same one when it comes anew."""
        super().__init__()
        self._key = key
        self._model = RowModel[Row](columns, self)
        self.chosen: Row | None = None
        self.setModel(self._model)
        self.setAccessibleName(name)
        # as they come, until a heading is clicked
        self.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)
        read_well(self, widths)
        self.selectionModel().currentRowChanged.connect(self._choose)
        self.activated.connect(lambda index: self.opened.emit(self.rows[index.row()]))

    @property
    def rows(self) -> list[Row]:
        """As they stand there."""
        return self._model.rows

    def show_rows(self, rows: Sequence[Row]) -> None:
        """All of them anew."""
        before, self.chosen = self.chosen, None
        self._model.set_rows(rows)
        header = self.horizontalHeader()
        self._model.sort(header.sortIndicatorSection(), header.sortIndicatorOrder())
        for place, row in enumerate(self.rows):
            if before is not None and self._key(row) == self._key(before):
                self.selectRow(place)
                return
        self.chose.emit()

    def _choose(self, index: QModelIndex) -> None:
        self.chosen = self.rows[index.row()] if 0 <= index.row() < len(self.rows) else None
        self.chose.emit()
