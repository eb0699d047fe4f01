"""Why a medium was judged as it was: every reason with its rule and what to do."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QScrollArea, QVBoxLayout, QWidget

from gui.desk import Desk
from gui.looks import NEUTRAL, VERDICTS, Card, Chip, clear, open_at, plain_label, row_of, sentence_for
from gui.notices import name_of
from gui.values import Explanation, Visit
from gui.words import files_text, seen_text, verdict_word


class WhyDialog(QDialog):
    """Asks the guard and shows its answer."""

    def __init__(self, desk: Desk, visit: Visit, parent: QWidget | None = None) -> None:
        """For one visit, there or over."""
        super().__init__(parent)
        self._desk, self._visit, self._known = desk, visit.id, bool(visit.verdict)
        self.setWindowTitle(self.tr("Why?"))
        open_at(self, 560, 420)
        self._head = head = plain_label(name_of(visit), bold=True, scale=1.2)
        self._seen = plain_label(seen_text(visit.seen) if visit.stage else "", faint=True)
        self._chip = chip = Chip(verdict_word(visit.verdict), QColor(VERDICTS.get(visit.verdict, NEUTRAL)))
        self._reasons = QVBoxLayout()
        self._reasons.addWidget(plain_label(self.tr("Asking the guard…"), faint=True))
        inner = QWidget()
        inner.setLayout(self._reasons)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(inner)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        self.files = buttons.addButton(self.tr("&Files…"), QDialogButtonBox.ButtonRole.ActionRole)
        self.files.clicked.connect(self._show_files)
        self.files.hide()
        column = QVBoxLayout(self)
        top = row_of(chip, head, stretch=False)
        top.setStretch(1, 1)
        column.addLayout(top)
        column.addWidget(self._seen)
        column.addWidget(area, 1)
        column.addWidget(buttons)
        desk.explain(visit.id, self._show, self._failed)

    def _show(self, explanation: Explanation) -> None:
        clear(self._reasons)
        self._chip.say(verdict_word(explanation.verdict), QColor(VERDICTS.get(explanation.verdict, NEUTRAL)))
        self._head.setText(self._head.text() if self._known else explanation.seen.name)
        self._seen.setText(seen_text(explanation.seen))
        for difference in explanation.seen.differences:
            self._reasons.addWidget(plain_label("⚠ " + difference))
        self.files.setVisible(explanation.files.state not in ("", "listing"))
        if explanation.files.known:
            self._reasons.addWidget(plain_label(files_text(explanation.files), faint=True))
        for reason in (*explanation.findings, *explanation.reasons):
            card = Card()
            card.column.addWidget(plain_label(reason.what, bold=True))
            if reason.why:
                card.column.addWidget(plain_label(reason.why))
            if reason.next:
                card.column.addWidget(plain_label(self.tr("What to do: {0}").format(reason.next)))
            if reason.cites:
                card.column.addWidget(plain_label(self.tr("By: {0}").format(reason.cites)))
            rule = plain_label(self.tr("Rule: {0}").format(reason.rule), faint=True)
            rule.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            card.column.addWidget(rule)
            self._reasons.addWidget(card)
        self._reasons.addStretch(1)

    def _show_files(self) -> None:
        from gui.files import FilesDialog  # noqa: PLC0415 - few look: the icon stays small

        FilesDialog(self._desk, self._visit, self._head.text(), self).show()

    def _failed(self, sentence: str) -> None:
        clear(self._reasons)
        self._reasons.addWidget(plain_label(sentence_for(sentence)))
        self._reasons.addStretch(1)
