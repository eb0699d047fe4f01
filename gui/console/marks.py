"""The marks of a medium: what its sticker carries now, and what it carried before, struck out as on the thing itself."""

from typing import Any

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from gui.desk import Desk, Quiet
from gui.looks import clear, plain_label
from gui.marks import Mark, parse_mark
from gui.words import day


class MarkList(QWidget):
    """The marks of one medium, newest first."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Empty until it is asked."""
        super().__init__(parent)
        self._desk = desk
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)

    def ask(self, medium: str) -> None:
        """Fetch the marks of a medium."""
        self._desk.call("Marks", "s", [medium], self._came, Quiet)

    def _came(self, rows: list[dict[str, Any]]) -> None:
        clear(self._column)
        for row in rows:
            found = parse_mark(row)
            self._column.addWidget(_stamp(found))
            self._column.addWidget(plain_label(self._line(found), faint=True))
        if not rows:
            self._column.addWidget(plain_label(self.tr("It has had no mark."), faint=True))

    def _line(self, found: Mark) -> str:
        parts = [self.tr("since {0}").format(day(found.at))]
        if found.cancelled is not None:
            parts.append(self.tr("cancelled on {0}").format(day(found.cancelled)))
        elif found.ends is not None:
            parts.append(self.tr("ends on {0}").format(day(found.ends)))
        parts += [found.why] if found.why else []
        return ", ".join([*parts, self.tr("by {0}").format(found.by)])


def _stamp(found: Mark) -> QLabel:
    """The text of the mark; one that was cancelled is struck out, as it is on the medium."""
    label = plain_label(found.mark, bold=found.cancelled is None)
    font = QFont(label.font())
    font.setStrikeOut(found.cancelled is not None)
    label.setFont(font)
    return label
