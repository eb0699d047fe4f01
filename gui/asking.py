"""The dialog in which an employee asks for a medium."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from gui.desk import Desk
from gui.looks import Card, clear, plain_label, sentence_for
from gui.terms import TermBox
from gui.values import Explanation, Guard, Visit
from gui.words import kind_word, partitions_text, seen_text

MAX_PURPOSE = 500


class RequestDialog(QDialog):
    """Purpose, holder, and what the requester suggests; the admin decides. `filed` gives the id of the request."""

    filed = Signal(str)

    def __init__(self, desk: Desk, visit: Visit, holder: str, parent: QWidget | None = None) -> None:
        """`holder` is who asks, as proposal."""
        super().__init__(parent)
        self._desk, self._visit = desk, visit
        guard = desk.guard or Guard()
        self.setWindowTitle(self.tr("Ask for a medium"))
        self.setMinimumWidth(520)
        self.purpose = QPlainTextEdit()
        self.purpose.setTabChangesFocus(True)
        self.purpose.setPlaceholderText(self.tr("For example: slides for Monday's meeting"))
        self.purpose.setFixedHeight(self.fontMetrics().height() * 4)
        self.holder = QLineEdit(holder)
        self.holder.setMaxLength(64)
        self.level = QComboBox()
        for level in guard.levels:
            if level.allowed:
                self.level.addItem(level.shown, level.name)
        self.level.setCurrentIndex(max(0, self.level.findData(guard.level)))
        self.network = QComboBox()
        self.network.addItems(list(guard.networks) or [guard.network])
        self.network.setCurrentIndex(max(0, self.network.findText(guard.network)))
        self.term = TermBox()
        self.kind = QComboBox()
        for kind in ("work", "personal"):
            self.kind.addItem(kind_word(kind), kind)
        self.level.currentIndexChanged.connect(self._fill_terms)
        self._fill_terms()
        self._trouble = plain_label()
        self._trouble.setObjectName("trouble")
        self._trouble.hide()
        self._lay_out()
        self._seen_card(None)
        desk.explain(visit.id, self._seen_card)
        self.purpose.textChanged.connect(self._check)
        self._check()
        self.purpose.setFocus()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.addRow(self.tr("&What do you need it for?"), self.purpose)
        form.addRow(self.tr("Who &holds it?"), self.holder)
        form.addRow(self.tr("Suggested &level"), self.level)
        form.addRow(self.tr("&Network"), self.network)
        form.addRow(self.tr("&Term"), self.term)
        form.addRow(self.tr("&Kind"), self.kind)
        self._card = Card()
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._send = self._buttons.addButton(self.tr("Send request"), QDialogButtonBox.ButtonRole.AcceptRole)
        self._buttons.accepted.connect(self._file)
        self._buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(self._card)
        column.addLayout(form)
        column.addWidget(
            plain_label(
                self.tr("An admin decides. Leave the medium plugged in: once approved it opens by itself."), faint=True
            )
        )
        column.addWidget(self._trouble)
        column.addWidget(self._buttons)

    def _seen_card(self, explanation: Explanation | None) -> None:
        clear(self._card.column)
        seen = explanation.seen if explanation else self._visit.seen
        self._card.column.addWidget(plain_label(seen_text(seen), bold=True))
        ids = f"{seen.vendor_id}:{seen.product_id}" if seen.vendor_id else ""
        about = " · ".join(part for part in (partitions_text(seen.partitions), ids) if part)
        if about:
            self._card.column.addWidget(plain_label(about, faint=True))
        for difference in seen.differences:
            self._card.column.addWidget(plain_label("⚠ " + difference))

    def _fill_terms(self) -> None:
        self.term.fill(self._desk.guard or Guard(), self.level.currentData())

    def _check(self) -> None:
        words = self.purpose.toPlainText().strip()
        self._send.setEnabled(0 < len(words) <= MAX_PURPOSE)
        if len(words) > MAX_PURPOSE:
            self._complain(self.tr("The purpose is too long: at most %n characters.", "", MAX_PURPOSE))
        else:
            self._trouble.hide()

    def _file(self) -> None:
        self._send.setEnabled(False)
        wishes: dict[str, object] = {
            "purpose": self.purpose.toPlainText().strip(),
            "holder": self.holder.text().strip(),
            "level": self.level.currentData() or "",
            "network": self.network.currentText(),
            "term": self.term.currentData() or "",
            "kind": self.kind.currentData(),
        }
        self._desk.request(self._visit.id, wishes, self._filed, self._failed)

    def _filed(self, request: str) -> None:
        self.filed.emit(request)
        self.accept()

    def _failed(self, sentence: str) -> None:
        self._send.setEnabled(True)
        self._complain(sentence_for(sentence))

    def _complain(self, sentence: str) -> None:
        self._trouble.setText(sentence)
        self._trouble.show()
