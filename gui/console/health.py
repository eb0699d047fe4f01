"""How the guard of this computer is: host, network, faults, and the settings in force."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from gui.desk import Desk
from gui.icons import picture_of
from gui.looks import Card, clear, level_chip, plain_label, row_of
from gui.standing import sentence_of, standing_of


class HealthPage(QScrollArea):
    """Follows the guard."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Filled at once and with every change."""
        super().__init__(parent)
        self._desk = desk
        inner = QWidget()
        self._column = QVBoxLayout(inner)
        self._column.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.setWidgetResizable(True)
        self.setWidget(inner)
        desk.guard_changed.connect(self._fill)
        self._fill()

    def _fill(self) -> None:
        clear(self._column)
        guard = self._desk.guard
        standing = standing_of(guard, (), ())
        picture = plain_label()
        picture.setPixmap(picture_of(standing, 32))
        head = row_of(picture, plain_label(sentence_of(standing, guard, 0), bold=True, scale=1.1), stretch=False)
        head.setStretch(1, 1)
        self._column.addLayout(head)
        if guard is None:
            return
        for fault in guard.faults:
            card = Card()
            card.column.addWidget(plain_label(fault.sentence, bold=True))
            card.column.addWidget(plain_label(fault.code, faint=True))
            self._column.addWidget(card)
        card = Card()
        card.column.addWidget(plain_label(self.tr("This computer"), bold=True))
        card.column.addLayout(
            row_of(plain_label(self.tr("Network: {0}").format(guard.network)), level_chip(guard, guard.level))
        )
        ports = self.tr("simulated") if guard.ports == "simulated" else self.tr("real USB")
        for name, value in (
            (self.tr("Host"), guard.host),
            (self.tr("Scheme of levels"), guard.scheme),
            (self.tr("Ports"), ports),
            (self.tr("Version"), guard.version),
        ):
            label = plain_label(f"{name}: {value}")
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            card.column.addWidget(label)
        self._column.addWidget(card)
        if guard.settings:
            card = Card()
            card.column.addWidget(plain_label(self.tr("Settings in force"), bold=True))
            for key, value in guard.settings:
                card.column.addWidget(plain_label(f"{key} = {value}"))
            self._column.addWidget(card)
