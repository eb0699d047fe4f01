"""Where a medium has been, newest first, as a line with stops."""

from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QWidget

from gui.looks import NEUTRAL, VERDICTS
from gui.words import moment, verdict_word


@dataclass(frozen=True, slots=True)
class Stop:
    """One visit. `visit` is its id, "" where it was at another computer; `ended` as the medium tells; `files` in short."""

    at: datetime
    network: str
    verdict: str
    user: str
    visit: str
    ended: str = ""
    files: str = ""


class Timeline(QWidget):
    """Drawn; a stop of this computer can be clicked, or chosen with arrows and Enter."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Without stops."""
        super().__init__(parent)
        self.stops: list[Stop] = []
        self._current = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Where it has been"))

    def add(self, stops: list[Stop]) -> None:
        """More stops, in any order."""
        known = {(stop.at, stop.network) for stop in self.stops}
        self.stops += [stop for stop in stops if (stop.at, stop.network) not in known]
        self.stops.sort(key=lambda stop: stop.at, reverse=True)
        self.setAccessibleDescription("; ".join(self._words(stop) for stop in self.stops[:20]))
        self.updateGeometry()
        self.setMinimumHeight(self.sizeHint().height())
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As high as there are stops."""
        return QSize(320, max(1, len(self.stops)) * self._step() + 8)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """The line, a dot for each stop, and its words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        step = self._step()
        ink, faint = (
            self.palette().color(QPalette.ColorRole.WindowText),
            self.palette().color(QPalette.ColorRole.PlaceholderText),
        )
        if not self.stops:
            painter.setPen(faint)
            painter.drawText(
                self.rect(), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, self.tr("nowhere yet")
            )
            return
        painter.setPen(QPen(faint, 2))
        painter.drawLine(QPointF(9, step / 2), QPointF(9, (len(self.stops) - 0.5) * step))
        for row, stop in enumerate(self.stops):
            if not event.rect().intersects(QRectF(0, row * step, self.width(), step).toRect()):
                continue
            middle = (row + 0.5) * step
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Window), 2))
            painter.setBrush(QColor(VERDICTS.get(stop.verdict, NEUTRAL)))
            if stop.visit:
                painter.drawEllipse(QPointF(9, middle), 7, 7)
            else:  # told by the medium: another shape, not only another colour
                painter.drawRect(QRectF(3, middle - 6, 12, 12))
            painter.setPen(ink if stop.visit else faint)
            place = QRectF(26, row * step, self.width() - 30, step)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, self._words(stop))
            if self.hasFocus() and row == self._current:
                painter.setPen(QPen(ink, 1, Qt.PenStyle.DotLine))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(place)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """A click on a stop."""
        self._current = min(len(self.stops) - 1, int(event.position().y() / self._step()))
        self._choose()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Arrows and Enter."""
        moves = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
        if event.key() in moves and self.stops:
            self._current = max(0, min(len(self.stops) - 1, self._current + moves[Qt.Key(event.key())]))
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._choose()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Show where the focus is."""
        super().focusInEvent(event)
        self.update()

    def _choose(self) -> None:
        self.update()
        if 0 <= self._current < len(self.stops) and self.stops[self._current].visit:
            self.chosen.emit(self.stops[self._current].visit)

    def _words(self, stop: Stop) -> str:
        who = stop.user or (self.tr("another computer") if not stop.visit else "")
        pulled = self.tr("just pulled out") if stop.ended == "unknown" else ""
        words = (moment(stop.at), stop.network, verdict_word(stop.verdict), who, pulled, stop.files)
        return "  ".join(part for part in words if part)

    def _step(self) -> int:
        return self.fontMetrics().height() + 12
