"""Media that went between networks: the picture above, the table below."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QSplitter, QTableView, QVBoxLayout, QWidget

from gui.console.filing import Filing
from gui.console.lanes import Hop, Lanes
from gui.console.sieve import Sieve
from gui.desk import Desk, Quiet
from gui.looks import complain, plain_label, read_well, sentence_for
from gui.soon import Soon
from gui.tables import Column, RowModel
from gui.values import Crossing, Medium, parse_crossing, parse_medium
from gui.words import direction_word, files_short, level_word, moment, severity_word, source_word, verdict_word

MOST = 1000


class CrossingsPage(QWidget):
    """Follows what crosses."""

    medium = Signal(str)
    why = Signal(str)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Asks when it is shown."""
        super().__init__(parent)
        self._desk = desk
        self._numbers: dict[str, str] = {}
        self._networks: set[str] = set()
        self._all: list[Crossing] = []
        self.columns: tuple[Column[Crossing], ...] = (
            Column(self.tr("Time"), lambda row: moment(row.at), key=lambda row: moment(row.at)),
            Column(self.tr("Medium"), self._name),
            Column(self.tr("Holder"), lambda row: row.holder),
            Column(self.tr("From"), lambda row: row.from_network),
            Column(self.tr("To"), lambda row: row.to_network),
            Column(
                self.tr("Levels"),
                lambda row: f"{level_word(desk.guard, row.from_level)} → {level_word(desk.guard, row.to_level)}",
            ),
            Column(self.tr("Direction"), lambda row: direction_word(row.direction)),
            Column(self.tr("Verdict"), lambda row: verdict_word(row.verdict), verdict=lambda row: row.verdict),
            Column(self.tr("Severity"), lambda row: severity_word(row.severity)),
            Column(self.tr("Files"), lambda row: files_short(row.files), key=lambda row: row.files.undeclared),
            Column(self.tr("Known from"), lambda row: source_word(row.source)),
        )
        self.model = RowModel[Crossing](self.columns, self)
        self.lanes = Lanes()
        self.lanes.chosen.connect(self._hop)
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
        self.table.setAccessibleName(self.tr("Crossings"))
        read_well(self.table, (17, 11, 12, 13, 13, 20, 10, 16, 9, 13))
        self.table.activated.connect(self._row)
        self.sieve = Sieve()
        self.sieve.changed.connect(self.refresh)
        self.filing = Filing(self)
        self.filing.done.connect(self._filed)
        self.filing.failed.connect(self._not_filed)
        self.fit = QPushButton(self.tr("&Whole picture"))
        self.fit.clicked.connect(self.lanes.whole)
        self.export = QPushButton(self.tr("&Export…"))
        self.export.clicked.connect(self._export)
        self._said = plain_label(faint=True)
        bar = QHBoxLayout()
        bar.addWidget(self._said, 1)
        for widget in (self.fit, self.export):
            bar.addWidget(widget)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(self.lanes)
        splitter.addWidget(self.table)
        splitter.setSizes([320, 280])
        column = QVBoxLayout(self)
        column.addWidget(self.sieve)
        column.addLayout(bar)
        column.addWidget(splitter, 1)
        self._soon = Soon(self.refresh, self)
        desk.crossed.connect(self._soon)
        desk.guard_changed.connect(self._soon)

    def refresh(self) -> None:
        """Ask for the list."""
        if self.isVisible() and "audit" in self._desk.rights:
            self._desk.rows("Media", {"limit": MOST}, self._media_came, Quiet)
            wanted = {"limit": MOST, **self.sieve.wanted()}
            self._desk.rows(
                "Crossings", wanted, self._came, lambda sentence: self._said.setText(sentence_for(sentence))
            )

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """It was turned to."""
        super().showEvent(event)
        if "audit" not in self._desk.rights:
            self._said.setText(self.tr("Only auditors and admins see this."))
        self.refresh()

    def _media_came(self, rows: list[dict[str, object]]) -> None:
        media: list[Medium] = [parse_medium(row) for row in rows]
        self._numbers = {medium.id: medium.number for medium in media}
        self._networks |= set(self._desk.guard.networks if self._desk.guard else ())
        self.sieve.know(self._networks, media)
        self._show()

    def _came(self, rows: list[dict[str, object]]) -> None:
        self._all = [parse_crossing(row) for row in rows]
        self._networks |= {name for row in self._all for name in (row.from_network, row.to_network)}
        self._show()

    def _show(self) -> None:
        rows = [row for row in self._all if row.at is not None]
        if len(self._all) < MOST:
            self._said.setText(self.tr("%n crossing(s)", "", len(rows)))
        else:
            self._said.setText(self.tr("The newest %n crossings; an export has all of them.", "", len(rows)))
        self.model.set_rows(rows)
        self.table.sortByColumn(
            self.table.horizontalHeader().sortIndicatorSection(), self.table.horizontalHeader().sortIndicatorOrder()
        )
        hops = [
            Hop(
                row.at,
                row.medium,
                self._name(row),
                row.from_network,
                row.to_network,
                row.direction,
                row.verdict,
                row.visit,
            )
            for row in rows
            if row.at is not None
        ]
        self.lanes.show_hops(hops, _higher_first(rows))

    def _name(self, row: Crossing) -> str:
        return row.number or self._numbers.get(row.medium, row.medium[:8])

    def _hop(self, hop: Hop) -> None:
        if hop.visit:
            self.why.emit(hop.visit)
        else:
            self.medium.emit(hop.medium)

    def _row(self, index: QModelIndex) -> None:
        row = self.model.rows[index.row()]
        if row.visit:
            self.why.emit(row.visit)
        else:
            self.medium.emit(row.medium)

    def _export(self) -> None:
        """All that the filters let through, as a report that proves itself."""
        kinds = "PDF (*.pdf);;CSV (*.csv)"
        chosen, kind = QFileDialog.getSaveFileName(self, self.tr("Export"), "crossings.pdf", kinds)
        if not chosen:
            return
        path = Path(chosen)
        if path.suffix.lower() not in (".pdf", ".csv"):
            path = path.with_name(path.name + (".csv" if "csv" in kind else ".pdf"))
        self.export.setEnabled(False)
        self._said.setText(self.tr("The report is being made…"))
        self.filing.make(path, self.sieve.wanted(), self._desk.link.language, self._desk.link.person)

    def _filed(self, path: str) -> None:
        self.export.setEnabled(True)
        self._said.setText(
            self.tr("The report is {0}. Anybody can check it: mediaguardctl report verify.").format(path)
        )

    def _not_filed(self, sentence: str) -> None:
        self.export.setEnabled(True)
        self._show()
        complain(self, sentence)


def _higher_first(rows: Sequence[Crossing]) -> list[str]:
    """Networks, the higher above the lower, as the directions of the crossings tell."""
    height, seen = Counter[str](), Counter[str]()
    for row in rows:
        way = {"up": -1, "down": 1}.get(row.direction, 0)
        height[row.from_network] += way
        height[row.to_network] -= way
        seen.update((row.from_network, row.to_network))
    return sorted(seen, key=lambda name: (-height[name] / seen[name], name))
