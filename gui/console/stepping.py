"""A step in the life of a medium: the form that is filled in for it, and the steps taken so far."""

from typing import Any

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLineEdit, QSpinBox, QVBoxLayout, QWidget

from gui.desk import Desk, Quiet
from gui.lives import StepTaken, parse_step
from gui.looks import clear, plain_label
from gui.values import Medium
from gui.words import day, level_word, moment, step_word

BY_HAND = (
    "issue",
    "lend",
    "return",
    "stock",
    "hand-over",
    "send-to-repair",
    "repaired",
    "withdraw",
    "restore",
    "report-lost",
    "found",
    "archive",
)
_TO_SOMEBODY = ("issue", "lend", "hand-over")
MOST = 50


class StepDialog(QDialog):
    """What is written down with a step; OK can be pressed when everything that the step needs is there."""

    def __init__(self, medium: Medium, step: str, parent: QWidget | None = None) -> None:
        """For one medium and one step."""
        super().__init__(parent)
        self._step = step
        self.setWindowTitle(f"{medium.number}: {step_word(step)}")
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * 60)
        self.holder, self.department = QLineEdit(), QLineEdit()
        self.days = QSpinBox()
        self.days.setRange(1, 365)
        self.days.setValue(7)
        self.days.setSuffix(self.tr(" days"))
        self.why, self.approved_by, self.form = QLineEdit(), QLineEdit(), QLineEdit()
        rows = QFormLayout()
        if step in _TO_SOMEBODY:
            rows.addRow(self.tr("&To whom"), self.holder)
            rows.addRow(self.tr("&Department"), self.department)
        if step == "lend":
            rows.addRow(self.tr("D&ue back in"), self.days)
        rows.addRow(self.tr("&Why"), self.why)
        rows.addRow(self.tr("&Approved by"), self.approved_by)
        rows.addRow(self.tr("&Form number"), self.form)
        for field, longest in (
            (self.holder, 64),
            (self.department, 64),
            (self.why, 500),
            (self.approved_by, 64),
            (self.form, 64),
        ):
            field.setMaxLength(longest)
            field.textChanged.connect(self._look)
        buttons = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(buttons.Ok | buttons.Cancel)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addLayout(rows)
        if step == "hand-over":
            column.addWidget(
                plain_label(self.tr("Until the receiver accepts it, nobody can use this medium."), faint=True)
            )
        column.addWidget(self.buttons)
        self._look()

    def papers(self) -> dict[str, object]:
        """What was filled in."""
        found: dict[str, object] = {"why": self.why.text().strip()}
        for name, field in (("approved_by", self.approved_by), ("form", self.form)):
            if field.text().strip():
                found[name] = field.text().strip()
        if self._step in _TO_SOMEBODY:
            found |= {"holder": self.holder.text().strip(), "department": self.department.text().strip()}
        if self._step == "lend":
            found["due"] = f"{self.days.value()}d"
        return found

    def _look(self) -> None:
        ready = bool(self.why.text().strip()) and (self._step not in _TO_SOMEBODY or bool(self.holder.text().strip()))
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(ready)


class LifeList(QWidget):
    """The steps of one medium, newest first."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Empty until it is asked."""
        super().__init__(parent)
        self._desk = desk
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)

    def ask(self, medium: str) -> None:
        """Fetch the history of a medium."""
        self._desk.rows("History", {"medium": medium, "limit": MOST}, self._came, Quiet)

    def _came(self, rows: list[dict[str, Any]]) -> None:
        clear(self._column)
        for row in rows:
            self._column.addWidget(plain_label(self._line(parse_step(row))))
        if not rows:
            self._column.addWidget(plain_label(self.tr("No step is on record."), faint=True))

    def _line(self, taken: StepTaken) -> str:
        parts = [f"{moment(taken.at)}  {step_word(taken.step)}"]
        if taken.holder and taken.step in ("register", "relabel", "accept", *_TO_SOMEBODY):
            parts.append(self.tr("to {0}").format(" ".join(filter(None, (taken.department, taken.holder)))))
        if taken.due is not None:
            parts.append(self.tr("until {0}").format(day(taken.due)))
        if taken.level and taken.level != taken.level_before:
            levels = [level_word(self._desk.guard, level) for level in (taken.level_before, taken.level) if level]
            parts.append(" → ".join(levels))
        if taken.approved_by:
            parts.append(self.tr("approved by {0}").format(taken.approved_by))
        if taken.form:
            parts.append(self.tr("form {0}").format(taken.form))
        parts += [taken.why] if taken.why else []
        return ", ".join([*parts, self.tr("by {0}").format(taken.by)])
