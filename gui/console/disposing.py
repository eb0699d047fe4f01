"""Disposing of a medium: what is recommended, why, and what it cannot promise; then a proposal that another admin confirms."""

from typing import Any

from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from gui.desk import Desk
from gui.looks import Card, clear, complain, plain_label, sentence_for
from gui.plain import rows_of, text
from gui.values import Medium


class DisposalDialog(QDialog):
    """Asks the guard anew with every answer; OK proposes what was chosen, and somebody else confirms it."""

    def __init__(self, desk: Desk, medium: Medium, parent: QWidget | None = None) -> None:
        """For one medium."""
        super().__init__(parent)
        self._desk, self._medium = desk, medium
        self.setWindowTitle(self.tr("{0}: dispose of it").format(medium.number))
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * 80)
        self.technology = QComboBox()
        for name, words in (
            ("unknown", self.tr("I do not know")),
            ("flash", self.tr("Flash: a stick, a card, an SSD")),
            ("magnetic", self.tr("Magnetic: a hard disk")),
        ):
            self.technology.addItem(words, name)
        self.encrypted = QCheckBox(self.tr("&Everything on it was always encrypted (LUKS)"))
        self.why, self.form = QLineEdit(), QLineEdit()
        self.why.setMaxLength(400)
        self.form.setMaxLength(64)
        rows = QFormLayout()
        rows.addRow(self.tr("&What it stores with"), self.technology)
        rows.addRow(self.encrypted)
        self.choices = QVBoxLayout()
        self.group = QButtonGroup(self)
        papers = QFormLayout()
        papers.addRow(self.tr("Wh&y"), self.why)
        papers.addRow(self.tr("&Form number"), self.form)
        buttons = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(buttons.Ok | buttons.Cancel)
        self.buttons.button(buttons.Ok).setText(self.tr("&Propose it"))
        self.buttons.accepted.connect(self._propose)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addLayout(rows)
        column.addLayout(self.choices)
        column.addLayout(papers)
        column.addWidget(plain_label(self.tr("Another admin confirms it before anything is done."), faint=True))
        column.addWidget(self.buttons)
        self.technology.currentIndexChanged.connect(self._ask)
        self.encrypted.toggled.connect(self._ask)
        self.why.textChanged.connect(self._look)
        self.group.buttonToggled.connect(self._look)
        self._look()
        self._ask()

    def method(self) -> str:
        """What was chosen: overwrite, keys or destroy; "" for nothing yet."""
        chosen = self.group.checkedButton()
        return str(chosen.property("method")) if chosen is not None else ""

    def papers(self) -> dict[str, object]:
        """What the proposal says."""
        found: dict[str, object] = {"why": f"{self._word(self.method())}: {self.why.text().strip()}"}
        return found | ({"form": self.form.text().strip()} if self.form.text().strip() else {})

    def _word(self, method: str) -> str:
        words = {
            "overwrite": self.tr("overwrite all of it"),
            "keys": self.tr("destroy its keys"),
            "destroy": self.tr("destroy the thing itself"),
        }
        return words.get(method, method)

    def _ask(self) -> None:
        about = {"technology": self.technology.currentData(), "encrypted": self.encrypted.isChecked()}
        self._desk.call("Advice", "sa{sv}", [self._medium.id, about], self._came, self._failed)

    def _failed(self, sentence: str) -> None:
        self._forget()
        self.choices.addWidget(plain_label(sentence_for(sentence)))
        self._look()

    def _forget(self) -> None:
        for button in self.group.buttons():
            self.group.removeButton(button)
        clear(self.choices)

    def _came(self, found: Any) -> None:
        self._forget()
        for row in rows_of(found if isinstance(found, list) else []):
            method = text(row.get("method"))
            recommended = row.get("recommended") is True
            words = self._word(method)
            choice = QRadioButton(self.tr("{0} (recommended)").format(words) if recommended else words)
            choice.setProperty("method", method)
            choice.setEnabled(row.get("possible") is True)
            self.group.addButton(choice)
            choice.setChecked(recommended)
            card = Card()
            card.column.addWidget(choice)
            card.column.addWidget(plain_label(text(row.get("why"))))
            card.column.addWidget(plain_label(text(row.get("limits")), faint=True))
            self.choices.addWidget(card)
        self._look()

    def _look(self) -> None:
        ready = bool(self.method()) and bool(self.why.text().strip())
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(ready)

    def _propose(self) -> None:
        kind = "destroy" if self.method() == "destroy" else "clear"
        words = [kind, self._medium.id, self.papers()]
        self._desk.call(
            "Propose",
            "ssa{sv}",
            words,
            lambda _: self.accept(),
            lambda sentence: complain(self, sentence),
            asked=True,
        )
