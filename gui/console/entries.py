"""The journal as a Qt model that holds only what is looked at: blocks of entries, fetched when a row is shown."""

import json
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from gui.values import Entry, parse_entry
from gui.words import entry_word, moment

BLOCK, KEPT = 500, 40  # entries in a block; blocks in memory
FLYING = 2  # blocks on their way; of what was scrolled past meanwhile, only the last few are still fetched
STILL_WANTED = 4
Index = QModelIndex | QPersistentModelIndex
Done = Callable[[list[dict[str, Any]]], None]
Fetch = Callable[[dict[str, object], Done, Callable[[], None]], None]


class EntriesModel(QAbstractTableModel):
    """Newest first, any place reachable: unfiltered, an entry's number says its row; filtered, rows come as one scrolls down."""

    def __init__(self, fetch: Fetch, parent: QObject | None = None) -> None:
        """`fetch` asks for a page of the journal and hands over its rows, or says that there are none to be had."""
        super().__init__(parent)
        self._fetch = fetch
        self._newest = 0
        self._blocks: OrderedDict[int, dict[int, Entry]] = OrderedDict()
        self._asked: set[int] = set()  # blocks on their way
        self._wanted: list[int] = []  # blocks that were looked at and wait, the newest last
        self._filter: dict[str, object] = {}
        self._found: list[Entry] = []
        self._more = False
        self._turn = 0  # answers to an earlier filter are dropped

    @property
    def filtered(self) -> bool:
        """Only some entries are shown."""
        return bool(self._filter)

    def look(self, wanted: dict[str, object]) -> None:
        """Begin anew, with another filter."""
        self._filter, self._turn = dict(wanted), self._turn + 1
        self.beginResetModel()
        self._blocks.clear()
        self._asked.clear()
        self._wanted.clear()
        self._found, self._more = [], self.filtered
        self.endResetModel()
        turn = self._turn
        if self.filtered:
            self.fetchMore(QModelIndex())
        else:
            self._fetch({"limit": 1}, lambda rows: self._begin(turn, rows), _nothing)

    def grow(self, newest: int) -> None:
        """Entries were appended."""
        added = newest - self._newest
        if added <= 0:
            return
        if self.filtered:
            self._newest = newest
            return
        self._blocks.pop((self._newest - 1) // BLOCK, None)  # it was not full
        self._asked.discard((self._newest - 1) // BLOCK)
        self.beginInsertRows(QModelIndex(), 0, added - 1)
        self._newest = newest
        self.endInsertRows()

    def entry(self, row: int) -> Entry | None:
        """The entry in a row; None while it is on its way."""
        if self.filtered:
            return self._found[row] if 0 <= row < len(self._found) else None
        seq = self._newest - row
        block = (seq - 1) // BLOCK
        if block in self._blocks:
            self._blocks.move_to_end(block)
            return self._blocks[block].get(seq)
        self._ask(block)
        return None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802 - Qt's own names and defaults
        """How many rows."""
        return 0 if parent.isValid() else len(self._found) if self.filtered else self._newest

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802
        """Number, time, kind, subject, data."""
        return 0 if parent.isValid() else 5

    def headerData(self, section: int, way: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:  # noqa: N802
        """The headings."""
        if role == Qt.ItemDataRole.DisplayRole and way == Qt.Orientation.Horizontal:
            return (self.tr("No."), self.tr("Time"), self.tr("Kind"), self.tr("Subject"), self.tr("Data"))[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """A cell."""
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        entry = self.entry(index.row())
        if entry is None:
            return "…" if index.column() else str(self._newest - index.row())
        return cells_of(entry)[index.column()]

    def canFetchMore(self, parent: Index) -> bool:  # noqa: N802
        """Filtered, until the oldest was seen."""
        return self.filtered and self._more and not parent.isValid()

    def fetchMore(self, parent: Index) -> None:  # noqa: N802
        """The next page of a filtered journal."""
        if not self._more:
            return
        self._more = False
        turn, oldest = self._turn, self._found[-1].seq if self._found else 0
        page = {**self._filter, "limit": BLOCK, **({"before": oldest} if oldest else {})}
        self._fetch(page, lambda rows: self._append(turn, rows), _nothing)

    def _begin(self, turn: int, rows: list[dict[str, Any]]) -> None:
        if turn == self._turn and rows:
            self.grow(parse_entry(rows[0]).seq)

    def _ask(self, block: int) -> None:
        if block in self._asked:
            return
        if block in self._wanted:
            self._wanted.remove(block)
        self._wanted = [*self._wanted[-STILL_WANTED + 1 :], block]
        self._send()

    def _send(self) -> None:
        while self._wanted and len(self._asked) < FLYING:
            block, turn = self._wanted.pop(), self._turn
            self._asked.add(block)
            page: dict[str, object] = {"before": (block + 1) * BLOCK + 1, "limit": BLOCK}
            self._fetch(page, partial(self._keep, turn, block), partial(self._keep, turn, block, []))

    def _keep(self, turn: int, block: int, rows: list[dict[str, Any]]) -> None:
        if turn != self._turn:
            return
        self._asked.discard(block)
        self._send()
        entries = {entry.seq: entry for entry in map(parse_entry, rows) if (entry.seq - 1) // BLOCK == block}
        if not entries:
            return
        self._blocks[block] = entries
        while len(self._blocks) > KEPT:
            self._blocks.popitem(last=False)
        newest, oldest = max(entries), min(entries)
        self.dataChanged.emit(self.index(max(0, self._newest - newest), 0), self.index(self._newest - oldest, 4))

    def _append(self, turn: int, rows: list[dict[str, Any]]) -> None:
        if turn != self._turn:
            return
        entries = [parse_entry(row) for row in rows]
        self._more = len(entries) == BLOCK
        if entries:
            self.beginInsertRows(QModelIndex(), len(self._found), len(self._found) + len(entries) - 1)
            self._found += entries
            self.endInsertRows()


def _nothing() -> None:
    """The page says what went wrong."""


def cells_of(entry: Entry) -> tuple[str, str, str, str, str]:
    """An entry as a row of texts."""
    words = "  ".join(f"{key}={_short(value)}" for key, value in entry.data.items())
    return str(entry.seq), moment(entry.at), entry_word(entry.kind), entry.subject, words


def _short(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
