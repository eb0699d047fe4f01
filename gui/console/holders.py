"""Holders: who they are, what each answers for, and what is left to settle when somebody leaves."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QInputDialog, QPushButton, QSplitter, QVBoxLayout, QWidget

from gui.desk import Desk, Quiet
from gui.listing import Listing
from gui.lives import Holder, parse_holder
from gui.looks import complain, plain_label, sentence_for
from gui.tables import Column
from gui.values import Medium, parse_medium
from gui.words import level_word, person_word, state_word


class HoldersPage(QWidget):
    """Asks when it is shown. `medium` turns to the page of one."""

    medium = Signal(str)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Empty until it is shown."""
        super().__init__(parent)
        self._desk = desk
        self.table = Listing[Holder](
            self.tr("Holders"),
            (
                Column(self.tr("Name"), lambda row: row.name),
                Column(self.tr("Department"), lambda row: row.department),
                Column(self.tr("Clearance"), lambda row: level_word(desk.guard, row.clearance)),
                Column(self.tr("State"), lambda row: person_word(row.state)),
                Column(self.tr("Media"), lambda row: str(row.holds), key=lambda row: row.holds),
            ),
            (16, 14, 12, 12),
            lambda row: row.name,
        )
        self.media = Listing[Medium](
            self.tr("What they answer for"),
            (
                Column(self.tr("Number"), lambda row: row.number),
                Column(self.tr("Level"), lambda row: level_word(desk.guard, row.effective_level)),
                Column(self.tr("State"), lambda row: state_word(row.state)),
                Column(self.tr("Offered to"), lambda row: row.receiver),
            ),
            (12, 12, 20),
            lambda row: row.id,
        )
        self.table.chose.connect(self._choose)
        self.media.opened.connect(lambda row: self.medium.emit(row.id))
        self._said = plain_label(faint=True)
        self.leaves, self.stays = QPushButton(self.tr("&Leaves…")), QPushButton(self.tr("S&tays…"))
        self.sign = QPushButton(self.tr("Sign &off…"))
        self.leaves.clicked.connect(lambda: self._say("Depart", "sbs", True))
        self.stays.clicked.connect(lambda: self._say("Depart", "sbs", False))
        self.sign.clicked.connect(lambda: self._say("SignOff", "ss"))
        self._lay_out()

    def _lay_out(self) -> None:
        left, right = QWidget(), QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table)
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        bar = QHBoxLayout()
        for button in (self.leaves, self.stays, self.sign):
            bar.addWidget(button)
        bar.addStretch(1)
        column.addWidget(self._said)
        column.addWidget(self.media, 1)
        column.addLayout(bar)
        splitter = QSplitter()
        splitter.addWidget(left)
        splitter.addWidget(right)
        splitter.setSizes([520, 440])
        QVBoxLayout(self).addWidget(splitter)
        self._look()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """It was turned to."""
        super().showEvent(event)
        self.refresh()

    def refresh(self) -> None:
        """Ask for everybody."""
        self._desk.call("People", "", [], self._came, lambda sentence: self._said.setText(sentence_for(sentence)))

    def _came(self, rows: list[dict[str, Any]]) -> None:
        self.table.show_rows([parse_holder(row) for row in rows])

    def _choose(self) -> None:
        self._look()
        if self.table.chosen is not None:
            name = self.table.chosen.name
            self._desk.rows("Media", {"holder": name, "limit": 1000}, lambda rows: self._held(name, rows), Quiet)

    def _held(self, name: str, rows: list[dict[str, Any]]) -> None:
        if self.table.chosen is not None and self.table.chosen.name == name:
            held = [medium for medium in map(parse_medium, rows) if medium.state not in ("destroyed", "archived")]
            self.media.show_rows(held)

    def _look(self) -> None:
        holder = self.table.chosen
        self.leaves.setEnabled(holder is not None and holder.state == "active")
        self.stays.setEnabled(holder is not None and holder.state == "leaving")
        self.sign.setEnabled(holder is not None and holder.state == "leaving" and holder.holds == 0)
        if holder is None:
            self.media.show_rows([])
            self._said.setText(self.tr("Choose somebody to see what they answer for."))
        elif holder.state == "leaving" and holder.holds:
            words = self.tr(
                "%n medium(s) are refused until each was given back, accepted by somebody else or cleared.",
                "",
                holder.holds,
            )
            self._said.setText(words)
        elif holder.state == "leaving":
            self._said.setText(self.tr("Everything is settled. Another admin signs for it."))
        else:
            self._said.setText(self.tr("What {0} answers for").format(holder.name))

    def _say(self, verb: str, signature: str, *more: object) -> None:
        if self.table.chosen is None:
            return
        name = self.table.chosen.name
        why, said = QInputDialog.getText(self, name, self.tr("Why?"))
        if said and why.strip():
            done: Callable[[Any], None] = lambda _: self.refresh()  # noqa: E731 - a name for the type
            self._desk.call(
                verb, signature, [name, *more, why.strip()], done, lambda sentence: complain(self, sentence), asked=True
            )
