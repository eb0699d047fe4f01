"""Reviews: whose classification is over or ends soon, and what two people may decide about it."""

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gui.desk import PAGE, Desk
from gui.listing import Listing
from gui.looks import complain, plain_label, sentence_for
from gui.reviews import Review, parse_review
from gui.tables import Column
from gui.terms import TermBox
from gui.words import day, level_word, phase_word, step_word


class ProposeDialog(QDialog):
    """What is written down with a proposal about one medium: a level to release it to, or a term to extend it by."""

    def __init__(self, desk: Desk, review: Review, kind: str, parent: QWidget | None = None) -> None:
        """`kind`: release or extend."""
        super().__init__(parent)
        self.setWindowTitle(f"{review.number}: {step_word(kind)}")
        self._kind = kind
        self.level, self.term = QComboBox(), TermBox()
        self.why, self.approved_by, self.form = QLineEdit(), QLineEdit(), QLineEdit()
        guard, rows = desk.guard, QFormLayout()
        if kind == "release":
            for known in reversed(guard.levels if guard else ()):
                if known.name != review.level:
                    self.level.addItem(known.shown, known.name)
            rows.addRow(self.tr("To &level"), self.level)
        else:
            if guard is not None:
                self.term.fill(guard, review.level)
            rows.addRow(self.tr("&From now on"), self.term)
        rows.addRow(self.tr("&Why"), self.why)
        rows.addRow(self.tr("&Approved by"), self.approved_by)
        rows.addRow(self.tr("F&orm number"), self.form)
        for field, longest in ((self.why, 500), (self.approved_by, 64), (self.form, 64)):
            field.setMaxLength(longest)
        buttons = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(buttons.Ok | buttons.Cancel)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.why.textChanged.connect(self._look)
        column = QVBoxLayout(self)
        column.addLayout(rows)
        column.addWidget(plain_label(self.tr("Another admin confirms it, on the page “Two people”."), faint=True))
        column.addWidget(self.buttons)
        self._look()

    def papers(self) -> dict[str, object]:
        """What was filled in."""
        found = {"why": self.why.text().strip()}
        found |= {"approved_by": self.approved_by.text().strip(), "form": self.form.text().strip()}
        name, box = ("level", self.level) if self._kind == "release" else ("term", self.term)
        found[name] = str(box.currentData() or "")
        return {key: text for key, text in found.items() if text}

    def _look(self) -> None:
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(bool(self.why.text().strip()))


class ReviewsPage(QWidget):
    """Asks when it is shown. `medium` turns to the page of one."""

    medium = Signal(str)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Empty until it is shown."""
        super().__init__(parent)
        self._desk = desk
        self.table = Listing[Review](
            self.tr("Reviews"),
            (
                Column(self.tr("Number"), lambda row: row.number),
                Column(self.tr("Mark"), lambda row: row.mark),
                Column(self.tr("Holder"), lambda row: row.holder),
                Column(self.tr("Department"), lambda row: row.department),
                Column(self.tr("Ends"), lambda row: day(row.ends)),
                Column(self.tr("State"), lambda row: phase_word(row.phase)),
                Column(self.tr("Under way"), self._under_way),
            ),
            (12, 18, 12, 12, 12, 14),
            lambda row: row.medium,
        )
        self.table.chose.connect(self._look)
        self.table.opened.connect(lambda row: self.medium.emit(row.medium))
        self._said = plain_label()
        self.release, self.extend = QPushButton(self.tr("&Release…")), QPushButton(self.tr("&Extend…"))
        self.release.clicked.connect(lambda: self._propose("release"))
        self.extend.clicked.connect(lambda: self._propose("extend"))
        bar = QHBoxLayout()
        bar.addWidget(self.release)
        bar.addWidget(self.extend)
        bar.addStretch(1)
        column = QVBoxLayout(self)
        column.addWidget(self._said)
        column.addWidget(self.table, 1)
        column.addLayout(bar)
        self._look()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """It was turned to."""
        super().showEvent(event)
        self.refresh()

    def refresh(self) -> None:
        """Ask for all of them."""
        self._desk.rows(
            "Reviews", {"limit": PAGE}, self._came, lambda sentence: self._said.setText(sentence_for(sentence))
        )

    def _came(self, rows: list[dict[str, Any]]) -> None:
        self.table.show_rows([parse_review(row) for row in rows])

    def _under_way(self, review: Review) -> str:
        if review.released:
            return self.tr("released to {0}").format(level_word(self._desk.guard, review.released))
        return step_word(review.order_kind) if review.order_kind else ""

    def _look(self) -> None:
        review = self.table.chosen
        self.release.setEnabled(review is not None and review.may_release)
        self.extend.setEnabled(review is not None and review.may_extend)
        if review is None:
            words = self.tr("Nothing is released by itself: two people look at each medium when its term is over.")
        elif review.released:
            words = self.tr("Register it at its lower level and erase it, to carry out what was decided.")
        elif not review.releasable:
            words = self.tr(
                "It has held something higher or of another kind, so the end of its own term does not release it."
            )
        else:
            words = self.tr("Look at what is on it before you propose anything.")
        self._said.setText(words)

    def _propose(self, kind: str) -> None:
        review = self.table.chosen
        if review is None:
            return
        dialog = ProposeDialog(self._desk, review, kind, self)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self._desk.call(
                "Propose",
                "ssa{sv}",
                [kind, review.medium, dialog.papers()],
                lambda _: self.refresh(),
                lambda sentence: complain(self, sentence),
                asked=True,
            )
