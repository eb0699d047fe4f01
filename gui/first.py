"""The guided first medium: plug in, look, register, in three steps that follow what happens at the port."""

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QProgressBar, QPushButton, QVBoxLayout, QWidget

from gui.console.granting import GrantForm, ask_passphrase
from gui.desk import Desk
from gui.looks import plain_label, sentence_for
from gui.values import Visit
from gui.words import seen_text, verdict_word


class FirstMedium(QDialog):
    """For an admin whose registry is empty."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Follows what is plugged in."""
        super().__init__(parent)
        self._desk = desk
        self._visit = ""
        self._done = self._busy = False
        self.setWindowTitle(self.tr("Your first medium"))
        self.setMinimumWidth(520)
        self._head = plain_label(bold=True, scale=1.2)
        self._said = plain_label()
        self.form = GrantForm(desk)
        self.bar = QProgressBar()
        self.bar.hide()
        self.trouble = plain_label()
        self.trouble.hide()
        self.register = QPushButton(self.tr("&Register this medium"))
        self.register.clicked.connect(self._register)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        for widget in (self._head, self._said, self.form, self.bar, self.trouble, self.register, buttons):
            column.addWidget(widget)
        desk.visit_changed.connect(self._change)
        desk.visit_gone.connect(self._change)
        desk.progressed.connect(self._progress)
        self.form.changed.connect(self._enable)
        self._change("")

    def _change(self, ident: str) -> None:
        refused = [v for v in self._desk.visits.values() if v.settled and v.reasons == ("not-labelled",)]
        registered = self._desk.visits.get(self._visit)
        if self._done and registered is not None:
            self._finish(registered)
            return
        if self._busy:
            return
        found = refused[-1] if refused else None
        self._visit = found.id if found else ""
        for widget in (self.form, self.register):
            widget.setVisible(found is not None)
        if found is None:
            self._head.setText(self.tr("1. Plug in the stick that you want to register"))
            self._said.setText(
                self.tr(
                    "Take one that is empty or whose files you know. It is read, and nothing on it is opened or changed."
                )
            )
        else:
            self._head.setText(self.tr("2. Say what it is for"))
            self._said.setText(self.tr("This is plugged in: {0}").format(seen_text(found.seen)))
        self._enable()

    def _enable(self) -> None:
        self.register.setEnabled(bool(self._visit) and self.form.complete and not self.bar.isVisible())

    def _register(self) -> None:
        self._begin(self.form.grant())

    def _begin(self, grant: dict[str, object]) -> None:
        self.trouble.hide()
        self._busy = True
        self.bar.setRange(0, 0)
        self.bar.show()
        self._enable()
        self._desk.register(
            self._visit, grant, self._registered, self._failed, lambda sentence: self._unlock(grant, sentence)
        )

    def _progress(self, ident: str, percent: int, step: str) -> None:
        if ident == self._visit and self.bar.isVisible():
            self.bar.setRange(0, 100)
            self.bar.setValue(percent)

    def _registered(self, medium: str) -> None:
        self._done, self._busy = True, False
        self.bar.hide()
        visit = self._desk.visits.get(self._visit)
        if visit is not None:
            self._finish(visit)

    def _finish(self, visit: Visit) -> None:
        for widget in (self.form, self.register):
            widget.hide()
        self._head.setText(self.tr("3. Done"))
        self._said.setText(
            self.tr(
                "The medium is {0}. It opens by itself on computers of its networks; everywhere else it is refused."
            ).format(f"{visit.number}, {verdict_word(visit.verdict)}")
        )

    def _unlock(self, grant: dict[str, object], sentence: str) -> None:
        passphrase = ask_passphrase(self, sentence)
        if passphrase:
            self._begin({**grant, "passphrase": passphrase})
        else:
            self._failed(sentence)

    def _failed(self, sentence: str) -> None:
        self._busy = False
        self.bar.hide()
        self.trouble.setText(sentence_for(sentence))
        self.trouble.show()
        self._enable()
