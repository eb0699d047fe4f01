"""What an admin grants: level, networks, holder, term, kind; and, with the risk named, initializing."""

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QInputDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QWidget,
)

from gui.desk import Desk
from gui.looks import plain_label
from gui.terms import TermBox
from gui.values import Guard, Request
from gui.words import kind_word

MAX_HOLDER, MAX_NUMBER = 64, 32


class GrantForm(QWidget):
    """Filled in from a request; `changed` whenever something was typed."""

    changed = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """For the levels and networks of this guard."""
        super().__init__(parent)
        self._guard = desk.guard or Guard()
        self.level, self.term, self.kind = QComboBox(), TermBox(), QComboBox()
        for level in self._guard.levels:
            if level.allowed:
                self.level.addItem(level.shown, level.name)
        self.networks = QListWidget()
        for name in self._guard.networks:
            item = QListWidgetItem(name, self.networks)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if name == self._guard.network else Qt.CheckState.Unchecked)
        self.networks.setFixedHeight(self.fontMetrics().height() * min(6, max(2, self.networks.count() + 1)) + 8)
        self.networks.setAccessibleName(self.tr("Networks where it may be written"))
        self.holder, self.number = QLineEdit(), QLineEdit()
        self.holder.setMaxLength(MAX_HOLDER)
        self.number.setMaxLength(MAX_NUMBER)
        self.number.setPlaceholderText(self.tr("next free number"))
        for kind in ("work", "personal"):
            self.kind.addItem(kind_word(kind), kind)
        self.may_import = QCheckBox(self.tr("On hi&gher networks it may be read (one-way import)"))
        self.read_only = QCheckBox(self.tr("Never &writable: read only everywhere"))
        self.initialize = QCheckBox(self.tr("&Initialize: erase everything on it and make it anew"))
        self.filesystem = QComboBox()
        self.filesystem.addItems(["exfat", "ext4"])
        self._warning = plain_label(self.tr("⚠ Everything on the medium will be lost. Type ERASE to allow it:"))
        self.erase = QLineEdit()
        self.erase.setAccessibleName(self.tr("Type ERASE"))
        self._lay_out()
        self.level.setCurrentIndex(max(0, self.level.findData(self._guard.level)))
        self.level.currentIndexChanged.connect(self._fill_terms)
        self._fill_terms()
        self._toggle()
        for signal in (
            self.holder.textChanged,
            self.networks.itemChanged,
            self.erase.textChanged,
            self.level.currentIndexChanged,
        ):
            signal.connect(self.changed)
        self.initialize.toggled.connect(self._toggle)

    @property
    def complete(self) -> bool:
        """Everything that is needed is there."""
        erased = not self.initialize.isChecked() or self.erase.text() == "ERASE"
        return bool(self.holder.text().strip() and self._chosen() and self.level.currentData() and erased)

    def propose(self, request: Request) -> None:
        """Begin with what the requester suggested."""
        wishes = request.wishes
        self.holder.setText(wishes.get("holder") or request.requester)
        for box, wish in ((self.level, "level"), (self.kind, "kind"), (self.term, "term")):
            found = box.findData(wishes.get(wish, ""))
            if found >= 0:
                box.setCurrentIndex(found)
        if wishes.get("network") in self._guard.networks:
            for row in range(self.networks.count()):
                wished = self.networks.item(row).text() == wishes["network"]
                self.networks.item(row).setCheckState(Qt.CheckState.Checked if wished else Qt.CheckState.Unchecked)
        for box_ in (self.initialize, self.may_import, self.read_only):
            box_.setChecked(False)
        self.erase.clear()
        self.number.clear()

    def grant(self) -> dict[str, object]:
        """As the guard wants it."""
        found: dict[str, object] = {
            "level": self.level.currentData(),
            "networks": self._chosen(),
            "holder": self.holder.text().strip(),
            "term": self.term.currentData() or "",
            "kind": self.kind.currentData(),
            "import": self.may_import.isChecked(),
            "number": self.number.text().strip(),
            "initialize": self.initialize.isChecked(),
        }
        if self.read_only.isChecked():
            found["access"] = "read-only"
        if self.initialize.isChecked():
            found["filesystem"] = self.filesystem.currentText()
        return found

    def _lay_out(self) -> None:
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.addRow(self.tr("&Level"), self.level)
        form.addRow(self.tr("&Networks"), self.networks)
        form.addRow(self.tr("&Holder"), self.holder)
        form.addRow(self.tr("&Term"), self.term)
        form.addRow(self.tr("&Kind"), self.kind)
        form.addRow(self.tr("N&umber"), self.number)
        form.addRow(self.may_import)
        form.addRow(self.read_only)
        form.addRow(self.initialize)
        form.addRow(self.tr("&File system"), self.filesystem)
        form.addRow(self._warning)
        form.addRow(self.erase)
        self._form = form

    def _toggle(self) -> None:
        shown = self.initialize.isChecked()
        for widget in (self.filesystem, self._warning, self.erase):
            self._form.setRowVisible(widget, shown)
        self.changed.emit()

    def _chosen(self) -> list[str]:
        items = [self.networks.item(row) for row in range(self.networks.count())]
        return [item.text() for item in items if item.checkState() == Qt.CheckState.Checked]

    def _fill_terms(self) -> None:
        self.term.fill(self._guard, self.level.currentData())


def ask_passphrase(parent: QWidget, sentence: str) -> str:
    """Of the issuer's key, because the guard said so in this sentence; "" where the person gives none."""
    words, typed = QInputDialog.getText(
        parent, QCoreApplication.translate("Passphrase", "Issuer key"), sentence, QLineEdit.EchoMode.Password
    )
    return words if typed else ""
