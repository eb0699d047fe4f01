"""Rows of frozen values as a Qt model: one function for each column."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from gui.looks import VERDICTS

Row = TypeVar("Row")
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """A heading and what stands below it. `level` and `verdict` say what colours the cell; `key` what it is sorted by."""

    heading: str
    shown: Callable[[Row], str]
    level: Callable[[Row], str] | None = None
    verdict: Callable[[Row], str] | None = None
    key: Callable[[Row], Any] | None = None


class RowModel(QAbstractTableModel, Generic[Row]):
    """All rows in memory; for listings of a few thousand."""

    def __init__(self, columns: Sequence[Column[Row]], parent: QObject | None = None) -> None:
        """Empty at first. `colour` is asked for the colour of a level."""
        super().__init__(parent)
        self.columns = tuple(columns)
        self.rows: list[Row] = []
        self.colour: Callable[[str], QColor] | None = None

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Other rows."""
        self.beginResetModel()
        self.rows = list(rows)
        self.endResetModel()

    def add_rows(self, rows: Sequence[Row]) -> None:
        """More rows, behind the others."""
        if rows:
            self.beginInsertRows(QModelIndex(), len(self.rows), len(self.rows) + len(rows) - 1)
            self.rows += rows
            self.endInsertRows()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802 - Qt's own names and defaults
        """How many rows."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802
        """How many columns."""
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, way: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:  # noqa: N802
        """The headings."""
        if role == Qt.ItemDataRole.DisplayRole and way == Qt.Orientation.Horizontal:
            return self.columns[section].heading
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """A cell."""
        column, row = self.columns[index.column()], self.rows[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return column.shown(row)
        if role == Qt.ItemDataRole.UserRole:
            return column.key(row) if column.key else column.shown(row)
        if role == Qt.ItemDataRole.DecorationRole:
            if column.level is not None and self.colour is not None and column.level(row):
                return self.colour(column.level(row))
            if column.verdict is not None and column.verdict(row) in VERDICTS:
                return QColor(VERDICTS[column.verdict(row)])
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """By a click on a heading."""
        if not 0 <= column < len(self.columns):
            return
        by = self.columns[column]
        self.layoutAboutToBeChanged.emit()
        held = self.persistentIndexList()
        theirs = [self.rows[index.row()] for index in held]
        self.rows.sort(key=by.key or by.shown, reverse=order == Qt.SortOrder.DescendingOrder)
        places = {id(row): place for place, row in enumerate(self.rows)}
        # What is chosen moves with its row: a button never acts on another row than the marked one.
        moved = [self.index(places[id(row)], index.column()) for index, row in zip(held, theirs, strict=True)]
        self.changePersistentIndexList(held, moved)
        self.layoutChanged.emit()
