"""Inventories: what was seen, what is missing and who has it; a field for a scanner; beginning and ending one."""

from typing import Any

from PySide6.QtCore import QDate, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDateEdit,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QInputDialog,
    QLineEdit,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from gui.desk import PAGE, Desk, Quiet
from gui.inventories import Inventory, Missing, parse_counted, parse_inventory, parse_missing
from gui.listing import Listing
from gui.looks import complain, plain_label, sentence_for
from gui.tables import Column
from gui.words import day, inventory_word, level_word, state_word

LONGEST_DAYS = 365


class BeginDialog(QDialog):
    """What is to be counted, until when."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """All media, a month from now."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Begin an inventory"))
        self.title, self.department, self.level, self.due = QLineEdit(), QLineEdit(), QComboBox(), QDateEdit()
        self.title.setMaxLength(80)
        self.department.setMaxLength(64)
        self.level.addItem(self.tr("all levels"), "")
        for known in desk.guard.levels if desk.guard else ():
            self.level.addItem(self.tr("{0} and above").format(known.shown), known.name)
        today = QDate.currentDate()
        self.due.setCalendarPopup(True)
        self.due.setDisplayFormat("yyyy-MM-dd")
        self.due.setDateRange(today, today.addDays(LONGEST_DAYS))
        self.due.setDate(today.addDays(30))
        rows = QFormLayout()
        rows.addRow(self.tr("&Title"), self.title)
        rows.addRow(self.tr("&Until"), self.due)
        rows.addRow(self.tr("&Department"), self.department)
        rows.addRow(self.tr("&Level"), self.level)
        buttons = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(buttons.Ok | buttons.Cancel)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addLayout(rows)
        words = self.tr("What is not seen by then is refused until somebody who may decide ticks it off.")
        column.addWidget(plain_label(words, faint=True))
        column.addWidget(self.buttons)
        self.title.textChanged.connect(self._look)
        self._look()

    def wanted(self) -> dict[str, object]:
        """What was filled in, without the title."""
        found: dict[str, object] = {"due": self.due.date().toString("yyyy-MM-dd")}
        more = {"department": self.department.text().strip(), "level": str(self.level.currentData())}
        return found | {name: text for name, text in more.items() if text}

    def _look(self) -> None:
        ready = bool(self.title.text().strip())
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(ready)


class InventoriesPage(QWidget):
    """Asks when it is shown. `medium` turns to the page of one."""

    medium = Signal(str)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Empty until it is shown."""
        super().__init__(parent)
        self._desk = desk
        self.table = Listing[Inventory](
            self.tr("Inventories"),
            (
                Column(self.tr("Inventory"), lambda row: row.title),
                Column(self.tr("State"), lambda row: inventory_word(row.state)),
                Column(self.tr("Until"), lambda row: day(row.due)),
                Column(self.tr("Department"), lambda row: row.department or self.tr("all")),
                Column(self.tr("Level"), lambda row: level_word(desk.guard, row.level) or self.tr("all")),
                Column(self.tr("Seen"), lambda row: self.tr("{0} of {1}").format(row.seen, row.expected)),
                Column(self.tr("Missing"), lambda row: str(row.missing), key=lambda row: row.missing),
            ),
            (15, 9, 10, 10, 9, 9),
            lambda row: row.id,
        )
        self.media = Listing[Missing](
            self.tr("What is missing"),
            (
                Column(self.tr("Department"), lambda row: row.department),
                Column(self.tr("Holder"), lambda row: row.holder),
                Column(self.tr("Number"), lambda row: row.number),
                Column(self.tr("Level"), lambda row: level_word(desk.guard, row.level)),
                Column(self.tr("State"), lambda row: state_word(row.state)),
            ),
            (14, 14, 12, 12),
            lambda row: row.medium,
        )
        self.table.chose.connect(self._choose)
        self.media.opened.connect(lambda row: self.medium.emit(row.medium))
        self.code = QLineEdit()
        self.code.setMaxLength(512)
        self.code.setAccessibleName(self.tr("Code of a sticker"))
        self.code.setPlaceholderText(self.tr("Scan a sticker, or type a number and press Enter"))
        self.code.returnPressed.connect(self._scan)
        self._said, self._told = plain_label(faint=True), plain_label()
        self.begin, self.close_it = QPushButton(self.tr("&Begin…")), QPushButton(self.tr("&Close…"))
        self.call_off = QPushButton(self.tr("Call &off…"))
        self.begin.clicked.connect(self._begin)
        self.close_it.clicked.connect(lambda: self._end(self.close_it.text(), keep=True))
        self.call_off.clicked.connect(lambda: self._end(self.call_off.text(), keep=False))
        self._lay_out()

    def _lay_out(self) -> None:
        left, right = QWidget(), QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table, 1)
        bar = QHBoxLayout()
        for button in (self.begin, self.close_it, self.call_off):
            bar.addWidget(button)
        bar.addStretch(1)
        column.addLayout(bar)
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        for widget in (self.code, self._told, self._said):
            column.addWidget(widget)
        column.addWidget(self.media, 1)
        splitter = QSplitter()
        splitter.addWidget(left)
        splitter.addWidget(right)
        splitter.setSizes([560, 400])
        QVBoxLayout(self).addWidget(splitter)
        self._look()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """It was turned to."""
        super().showEvent(event)
        self.refresh()

    def refresh(self) -> None:
        """Ask for all of them."""
        self._desk.rows(
            "Inventories", {"limit": 100}, self._came, lambda sentence: self._said.setText(sentence_for(sentence))
        )

    def _came(self, rows: list[dict[str, Any]]) -> None:
        self.table.show_rows([parse_inventory(row) for row in rows])

    def _choose(self) -> None:
        self._look()
        if self.table.chosen is not None:
            ident = self.table.chosen.id
            self._desk.call("Missing", "sa{sv}", [ident, {"limit": PAGE}], lambda rows: self._lack(ident, rows), Quiet)

    def _lack(self, ident: str, rows: list[dict[str, Any]]) -> None:
        if self.table.chosen is not None and self.table.chosen.id == ident:
            self.media.show_rows([parse_missing(row) for row in rows])

    def _look(self) -> None:
        inventory = self.table.chosen
        runs = inventory is not None and inventory.state == "open"
        self.close_it.setEnabled(runs)
        self.call_off.setEnabled(runs)
        if inventory is None:
            self.media.show_rows([])
            self._said.setText(self.tr("Choose an inventory to see what is missing and who has it."))
        else:
            words = self.tr("%n medium(s) missing from “{0}”", "", inventory.missing)
            self._said.setText(words.format(inventory.title))

    def _scan(self) -> None:
        """The field is empty again at once: the scanner's next line may come before the answer to this one."""
        code = self.code.text().strip()
        self.code.clear()
        if code:
            self._desk.call("Inspect", "s", [code], self._counted, self._told.setText, asked=True)

    def _counted(self, found: dict[str, Any]) -> None:
        counted = parse_counted(found)
        who = ", ".join(filter(None, (level_word(self._desk.guard, counted.level), counted.department, counted.holder)))
        words = self.tr("{0} ({1}) is counted: {2}") if counted.counted else self.tr("{0} ({1}): nothing waits for it")
        said = words.format(counted.number, who, counted.counted)
        if counted.state in ("lost", "cleared", "destroyed", "archived"):
            said += " " + self.tr("By the register it is {0}: keep it.").format(state_word(counted.state))
        self._told.setText(said)
        self.refresh()

    def _begin(self) -> None:
        dialog = BeginDialog(self._desk, self)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            arguments = [dialog.title.text().strip(), dialog.wanted()]
            self._desk.call("BeginInventory", "sa{sv}", arguments, self._done, self._complain, asked=True)

    def _end(self, title: str, *, keep: bool) -> None:
        inventory = self.table.chosen
        if inventory is None:
            return
        why, said = QInputDialog.getText(self, title.replace("&", ""), self.tr("Why?"))
        if said and why.strip():
            arguments = [inventory.id, keep, why.strip()]
            self._desk.call("EndInventory", "sbs", arguments, self._done, self._complain, asked=True)

    def _done(self, _: Any) -> None:
        self.refresh()

    def _complain(self, sentence: str) -> None:
        complain(self, sentence)
