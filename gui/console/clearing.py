"""Carrying out a confirmed order to clear what is plugged in: which medium it is, what is lost, how far it is, what was done."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gui.desk import Desk
from gui.lives import Order
from gui.looks import Card, complain, level_chip, plain_label, row_of, sentence_for
from gui.plain import map_of, number, text
from gui.values import Visit
from gui.words import seen_text


class ClearDialog(QDialog):
    """Asks for the number on the sticker, so that somebody has looked at it. The guard reads the medium anew before it writes."""

    def __init__(self, desk: Desk, order: Order, visit: Visit, parent: QWidget | None = None) -> None:
        """For one order, on the medium of one visit."""
        super().__init__(parent)
        self._desk, self._order, self._visit = desk, order, visit
        self.setWindowTitle(self.tr("{0}: clear it").format(visit.number))
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * 80)
        self.method = QComboBox()
        self.method.addItem(self.tr("overwrite all of it"), "overwrite")
        self.method.addItem(self.tr("destroy its keys (everything on it was always encrypted)"), "keys")
        self.number = QLineEdit()
        self.number.setMaxLength(64)
        self.number.textChanged.connect(self._look)
        self.bar = QProgressBar()
        self.bar.hide()
        self.said = plain_label()
        self.said.hide()
        self.go = QPushButton(self.tr("&Clear it"))
        self.go.clicked.connect(self._clear)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.buttons.addButton(self.go, QDialogButtonBox.ButtonRole.ActionRole)
        self.buttons.rejected.connect(self.reject)
        for button in self.buttons.buttons():
            button.setAutoDefault(False)  # type: ignore[attr-defined] # Enter behind the number does nothing
        self._lay_out()
        desk.progressed.connect(self._progress)
        self.number.setFocus()
        self._look()

    def _lay_out(self) -> None:
        order, visit = self._order, self._visit
        card = Card()
        head = row_of(level_chip(self._desk.guard, visit.level), plain_label(visit.number, bold=True), stretch=False)
        head.setStretch(1, 1)
        card.column.addLayout(head)
        self.ident = plain_label(self.tr("Id: {0}").format(order.medium))
        self.ident.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.ident.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        card.column.addWidget(self.ident)
        card.column.addWidget(plain_label(seen_text(visit.seen)))
        names = self.tr("Proposed by {0}, confirmed by {1}: {2}")
        card.column.addWidget(plain_label(names.format(order.proposed_by, order.confirmed_by, order.why), faint=True))
        rows = QFormLayout()
        rows.addRow(self.tr("&How"), self.method)
        rows.addRow(self.tr("&Number on its sticker"), self.number)
        column = QVBoxLayout(self)
        column.addWidget(card)
        column.addWidget(plain_label(self.tr("⚠ Everything on the medium will be lost. Look at its sticker first.")))
        column.addLayout(rows)
        for widget in (self.bar, self.said, self.buttons):
            column.addWidget(widget)

    def _look(self) -> None:
        typed = self.number.text().strip().casefold()
        self.go.setEnabled(bool(typed) and typed == self._visit.number.casefold() and self.number.isEnabled())

    def _busy(self, *, busy: bool) -> None:
        for widget in (self.method, self.number):
            widget.setEnabled(not busy)
        self.bar.setRange(0, 0)
        self.bar.setVisible(busy)
        self._look()

    def _say(self, words: str) -> None:
        self.said.setText(words)
        self.said.show()

    def _clear(self) -> None:
        self._busy(busy=True)
        self._say(self.tr("Leave it plugged in. It goes on when this window is closed."))
        order = self._order
        method = self.method.currentData()
        self._desk.clear(self._visit.id, order.id, order.medium, method, self._done, self._failed)

    def _progress(self, ident: str, percent: int, step: str) -> None:
        if ident == self._order.id and self.bar.isVisibleTo(self):
            words = {"overwrite": self.tr("overwriting: %p %"), "check": self.tr("reading back: %p %")}
            self.bar.setRange(0, 100)
            self.bar.setFormat(words.get(step, "%p %"))
            self.bar.setValue(percent)

    def _done(self, found: Any) -> None:
        told = map_of(found)
        self.bar.hide()
        octets, keys = number(told.get("octets")), self.method.currentData() == "keys"
        words = (
            self.tr("{0} is cleared: header and key slots of its volumes ({1} bytes) overwritten and read back.")
            if keys
            else self.tr("{0} is cleared: {1} bytes overwritten and read back.")
        )
        limits = (
            self.tr("A copy of the header elsewhere would open it again.")
            if keys
            else self.tr("This is Clear, not Purge: flash keeps blocks that nobody can overwrite.")
        )
        let_go = (
            self.tr("It was told to let go of all its blocks; what it did with them cannot be checked.")
            if told.get("discarded") is True
            else self.tr("It cannot be told to let go of its blocks.")
        )
        self._say(" ".join((words.format(text(told.get("number")), octets), limits, let_go)))

    def _failed(self, sentence: str) -> None:
        self._busy(busy=False)
        if self.isVisible():
            self._say(sentence_for(sentence))
        else:
            complain(self.parentWidget(), sentence)
