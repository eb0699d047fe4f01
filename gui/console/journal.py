"""The journal: live, filtered, verified, exported."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QFontDatabase, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QSplitter,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from gui.console.entries import Done, EntriesModel, cells_of
from gui.console.export import save
from gui.desk import Desk
from gui.looks import plain_label, read_well, sentence_for
from gui.values import parse_entry
from gui.words import entry_word

PAGE = 1000
KINDS = (
    "",
    *("arrived", "intent", "result", "removed", "fingerprint", "rose", "left", "cut-short", "crossing", "manifest"),
    *("request", "decided", "registering", "registered", "step", "medium-state"),
    *("person", "clearance", "person-state", "order", "order-answered", "clearing", "cleared", "imported", "restored"),
    *("inventory-began", "inventory-ended", "counted", "classified"),
    *("started", "mended", "left-alone", "report", "journal-damaged", "clock-set"),
    *("maintenance-began", "maintenance-ended", "observing-began", "observing-ended"),
)


class JournalPage(QWidget):
    """Asks when it is shown."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Empty until it is shown."""
        super().__init__(parent)
        self._desk = desk
        self.model = EntriesModel(self._fetch, self)
        self.kind = QComboBox()
        self.kind.setAccessibleName(self.tr("Kind"))
        for kind in KINDS:
            self.kind.addItem(entry_word(kind) or self.tr("all kinds"), kind)
        self.subject = QLineEdit()
        self.subject.setPlaceholderText(self.tr("Id of a visit, medium or request"))
        self.subject.setClearButtonEnabled(True)
        self.subject.setAccessibleName(self.tr("Subject"))
        self.kind.currentIndexChanged.connect(self.refresh)
        self.subject.returnPressed.connect(self.refresh)
        self.verify, self.export = QPushButton(self.tr("&Verify")), QPushButton(self.tr("&Export…"))
        self.verify.clicked.connect(self._verify)
        self.export.clicked.connect(self._export)
        self.bar = QProgressBar()
        self.bar.hide()
        self.said = plain_label(bold=True)
        self.said.hide()
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setAccessibleName(self.tr("Journal"))
        read_well(self.table, (9, 17, 12, 20))
        self.table.selectionModel().currentRowChanged.connect(self._choose)
        self.detail = QPlainTextEdit()
        self.detail.setReadOnly(True)
        self.detail.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.detail.setAccessibleName(self.tr("Entry"))
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(self.table)
        splitter.addWidget(self.detail)
        splitter.setSizes([460, 120])
        bar = QHBoxLayout()
        bar.addWidget(self.kind)
        bar.addWidget(self.subject, 1)
        bar.addWidget(self.verify)
        bar.addWidget(self.export)
        column = QVBoxLayout(self)
        column.addLayout(bar)
        column.addWidget(self.bar)
        column.addWidget(self.said)
        column.addWidget(splitter, 1)
        desk.journal_grew.connect(self._grew)
        desk.progressed.connect(self._progress)
        desk.guard_changed.connect(self._maybe)
        self._rows: list[dict[str, Any]] = []
        self._stale = True

    def refresh(self) -> None:
        """Begin anew."""
        if "audit" not in self._desk.rights:
            self._say(self.tr("Only auditors and admins see this."))
            return
        self.said.hide()
        self._stale = False
        self.model.look(self._filter())

    def _filter(self) -> dict[str, object]:
        typed = {"kind": self.kind.currentData(), "subject": self.subject.text().strip()}
        return {name: value for name, value in typed.items() if value}

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """It was turned to."""
        super().showEvent(event)
        self._maybe()

    def _maybe(self) -> None:
        if self._desk.guard is None:
            self._stale = True
        elif self.isVisible() and self._stale:
            self.refresh()

    def _fetch(self, page: dict[str, object], done: Done, failed: Callable[[], None]) -> None:
        def fail(sentence: str) -> None:
            self._say(sentence_for(sentence))
            failed()

        self._desk.rows("Journal", page, done, fail)

    def _grew(self, newest: int) -> None:
        """Stay where one reads: rows above are added without moving what is looked at, unless the newest is looked at."""
        bar = self.table.verticalScrollBar()
        top, before = bar.value(), self.model.rowCount()
        self.model.grow(newest)
        if top:
            bar.setValue(top + self.model.rowCount() - before)

    def _choose(self, index: QModelIndex) -> None:
        entry = self.model.entry(index.row())
        if entry is not None:
            head = f"{entry.seq}  {entry.at.isoformat() if entry.at else ''}  {entry.kind}  {entry.subject}"
            lines = [f"  {key}: {value}" for key, value in entry.data.items()]
            self.detail.setPlainText("\n".join([head, *lines, f"  SHA-256 {entry.hash}"]))

    def _verify(self) -> None:
        self.verify.setEnabled(False)
        self.bar.setRange(0, 0)
        self.bar.show()
        self._desk.verify(self._verified, self._failed)

    def _progress(self, ident: str, percent: int, step: str) -> None:
        if ident == "verify" and self.bar.isVisible():
            self.bar.setRange(0, 100)
            self.bar.setValue(percent)

    def _verified(self, found: dict[str, Any]) -> None:
        self._settle()
        if found.get("ok") is True:
            self._say(self.tr("The journal is whole: %n entries.", "", int(found.get("entries", 0))))
        else:
            where, why = found.get("first_bad", "?"), found.get("why", "")
            self._say(
                self.tr(
                    "The journal is broken at entry {0} ({1}). Keep the file as it is and call the auditor."
                ).format(where, why)
            )

    def _failed(self, sentence: str) -> None:
        self._settle()
        self._say(sentence_for(sentence))

    def _settle(self) -> None:
        self.verify.setEnabled(True)
        self.bar.hide()

    def _say(self, sentence: str) -> None:
        self.said.setText(sentence)
        self.said.show()

    def _export(self) -> None:
        """Page by page, so that a long journal neither blocks the window nor the guard."""
        self._rows = []
        self.export.setEnabled(False)
        self.bar.setRange(0, max(1, self.model.rowCount()))
        self.bar.show()
        self._page(0)

    def _page(self, before: int) -> None:
        wanted: dict[str, object] = {"limit": PAGE, **self._filter()}
        if before:
            wanted["before"] = before
        self._desk.rows("Journal", wanted, self._paged, self._failed_export)

    def _paged(self, rows: list[dict[str, Any]]) -> None:
        self._rows += rows
        self.bar.setValue(len(self._rows))
        if len(rows) == PAGE:
            self._page(parse_entry(rows[-1]).seq)
            return
        self.export.setEnabled(True)
        self.bar.hide()
        headings = [self.tr("No."), self.tr("Time"), self.tr("Kind"), self.tr("Subject"), self.tr("Data"), "SHA-256"]
        entries = [parse_entry(row) for row in self._rows]
        self._rows = []
        save(self, "journal", self.tr("Journal"), headings, [[*cells_of(entry), entry.hash] for entry in entries])

    def _failed_export(self, sentence: str) -> None:
        self.export.setEnabled(True)
        self._failed(sentence)
