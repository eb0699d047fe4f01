"""With simulated ports: a small panel to plug, unplug and swap sticks, and to be somebody else for a while."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from gui.desk import Desk
from gui.looks import complain, plain_label


class PlayPanel(QWidget):
    """Sticks are the image files in a folder."""

    show_console = Signal()

    def __init__(self, desk: Desk, folder: str) -> None:
        """`folder` has the images; the guard must be able to read and write them."""
        super().__init__()
        self._desk, self._folder = desk, Path(folder)
        self.setWindowTitle(self.tr("Simulated USB ports"))
        self._ports: dict[str, str] = {}
        self.sticks = QComboBox()
        for image in sorted(self._folder.glob("*.img")):
            self.sticks.addItem(image.stem, str(image.resolve()))
        self.person = QComboBox()
        for person, shown in (
            ("alice", self.tr("Alice, who works here")),
            ("admin", self.tr("the admin")),
            ("auditor", self.tr("the auditor")),
        ):
            self.person.addItem(shown, person)
        self.plug = QPushButton(self.tr("&Plug in"))
        self.unplug = QPushButton(self.tr("Pull &out"))
        self.swap = QPushButton(self.tr("&Swap for the next"))
        self.console = QPushButton(self.tr("&Console"))
        self.console.clicked.connect(self.show_console)
        for button, act in ((self.plug, self._plug), (self.unplug, self._unplug), (self.swap, self._swap)):
            button.clicked.connect(act)
        self.sticks.currentIndexChanged.connect(self._change)
        self.person.currentIndexChanged.connect(lambda _: desk.link.become(str(self.person.currentData())))
        form = QFormLayout()
        form.addRow(self.tr("S&tick"), self.sticks)
        form.addRow(self.tr("&You are"), self.person)
        buttons = QHBoxLayout()
        for button in (self.plug, self.unplug, self.swap, self.console):
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.addWidget(
            plain_label(
                self.tr(
                    "Plug in a new stick, ask for it, become the admin, approve it in the console, pull it out, plug it in."
                )
            )
        )
        column.addLayout(form)
        column.addLayout(buttons)
        desk.guard_changed.connect(self._change)
        self._change()

    def _chosen(self) -> str:
        return str(self.sticks.currentData() or "")

    def _change(self) -> None:
        there, chosen = self._desk.guard is not None, self._chosen()
        if not there:
            self._ports.clear()
        self.plug.setEnabled(there and bool(chosen) and chosen not in self._ports)
        self.unplug.setEnabled(there and chosen in self._ports)
        self.swap.setEnabled(there and chosen in self._ports and self.sticks.count() > 1)

    def _plug(self) -> None:
        chosen = self._chosen()

        def plugged(port: str) -> None:
            self._ports[chosen] = port
            self._change()

        self._desk.plug(chosen, plugged, lambda sentence: complain(self, sentence))

    def _unplug(self) -> None:
        chosen = self._chosen()

        def unplugged(_: object) -> None:
            self._ports.pop(chosen, None)
            self._change()

        self._desk.unplug(self._ports[chosen], unplugged, lambda sentence: complain(self, sentence))

    def _swap(self) -> None:
        """Pull this one out and put the next one in."""
        self._unplug()
        self.sticks.setCurrentIndex((self.sticks.currentIndex() + 1) % self.sticks.count())
        self._plug()
