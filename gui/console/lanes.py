"""Which media moved between which networks: one lane for each network, time from left to right, one line for each medium."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gui.words import direction_word, moment, verdict_word

_TONES = ("#0b57a4", "#a84300", "#1a6b32", "#8e2a8b", "#00687a", "#7a5c00", "#b3261e", "#5b4bb7")
_DASHES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine)
LABEL_WIDTH, MARGIN, AXIS = 130, 16, 30
NEAR = 12.0  # pixels
_STEPS = (60, 300, 900, 3600, 10_800, 43_200, 86_400, 604_800, 2_592_000, 7_776_000, 31_536_000)


@dataclass(frozen=True, slots=True)
class Hop:
    """A medium came to another network. `visit` is "" where that was at another computer."""

    at: datetime
    medium: str
    name: str
    from_network: str
    to_network: str
    direction: str
    verdict: str
    visit: str


class Lanes(QWidget):
    """Wheel to zoom, drag or arrows to move, click or Enter to open what is nearest."""

    chosen = Signal(object)

    def __init__(self) -> None:
        """Without hops."""
        super().__init__()
        self.hops: list[Hop] = []
        self.networks: list[str] = []
        self._media: list[str] = []
        self._from, self._to = 0.0, 1.0
        self._dragged: QPointF | None = None
        self._moved = False
        self._current = -1
        self.setMinimumHeight(160)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Crossings between networks over time"))

    def show_hops(self, hops: Sequence[Hop], order: Sequence[str] = ()) -> None:
        """Others; `order` puts networks first that are known, the rest follow as they appear."""
        self.hops = sorted(hops, key=lambda hop: hop.at)
        named = [network for hop in self.hops for network in (hop.from_network, hop.to_network)]
        self.networks = [name for name in order if name in named]
        self.networks += [name for name in dict.fromkeys(named) if name not in self.networks]
        self._media = list(dict.fromkeys(hop.medium for hop in self.hops))
        self._current = -1
        self.whole()

    def whole(self) -> None:
        """Show all of the time."""
        if self.hops:
            first, last = self.hops[0].at.timestamp(), self.hops[-1].at.timestamp()
            room = max(1800.0, (last - first) * 0.06)
            self._from, self._to = first - room, last + room
        self.update()

    def zoom(self, factor: float, at: float | None = None) -> None:
        """Closer (above 1) or farther, around a time."""
        middle = (self._from + self._to) / 2 if at is None else at
        span = min(max((self._to - self._from) / factor, 60.0), 40 * 31_536_000.0)
        share = (middle - self._from) / (self._to - self._from)
        self._from = middle - span * share
        self._to = self._from + span
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """On the screen."""
        painter = QPainter(self)
        colours = self.palette()
        painter.fillRect(self.rect(), colours.color(QPalette.ColorRole.Base))
        ink, faint = colours.color(QPalette.ColorRole.Text), colours.color(QPalette.ColorRole.PlaceholderText)
        self._paint(painter, QRectF(self.rect()), ink, faint, colours.color(QPalette.ColorRole.AlternateBase))

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Zoom around the pointer."""
        self.zoom(1.25 ** (event.angleDelta().y() / 120), self._time(event.position().x()))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """The begin of a click or a drag."""
        self._dragged, self._moved = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Drag, or tell what is under the pointer."""
        if self._dragged is not None and event.buttons() & Qt.MouseButton.LeftButton:
            shift = event.position().x() - self._dragged.x()
            if self._moved or abs(shift) > 4:
                self._moved = True
                self._shift(-shift * (self._to - self._from) / max(1.0, self._width()))
                self._dragged = event.position()
            return
        near = self._nearest(event.position())
        self.setCursor(Qt.CursorShape.PointingHandCursor if near >= 0 else Qt.CursorShape.ArrowCursor)
        QToolTip.showText(event.globalPosition().toPoint(), self._words(self.hops[near]) if near >= 0 else "", self)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """A click opens what is nearest."""
        near = self._nearest(event.position())
        if not self._moved and near >= 0:
            self._current = near
            self.update()
            self.chosen.emit(self.hops[near])
        self._dragged = None

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Plus, minus, 0 zoom; arrows go from hop to hop; Enter opens."""
        key = event.key()
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            self.zoom(0.8 if key == Qt.Key.Key_Minus else 1.25)
        elif key == Qt.Key.Key_0:
            self.whole()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and self.hops:
            self._current = max(0, min(len(self.hops) - 1, self._current + (1 if key == Qt.Key.Key_Right else -1)))
            self.setAccessibleDescription(self._words(self.hops[self._current]))
            at = self.hops[self._current].at.timestamp()
            if not self._from <= at <= self._to:
                self._shift(at - (self._from + self._to) / 2)
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._current >= 0:
            self.chosen.emit(self.hops[self._current])
        else:
            super().keyPressEvent(event)

    def _paint(self, painter: QPainter, area: QRectF, ink: QColor, faint: QColor, band: QColor) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.hops:
            painter.setPen(faint)
            painter.drawText(
                area, Qt.AlignmentFlag.AlignCenter, self.tr("No medium has gone from one network to another.")
            )
            return
        for row, network in enumerate(self.networks):
            lane = self._lane(row, area)
            if row % 2 == 0:
                painter.fillRect(lane, band)
            painter.setPen(ink)
            place = QRectF(8, lane.top(), LABEL_WIDTH - 12, lane.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap, network)
        self._paint_axis(painter, area, faint)
        painter.setClipRect(QRectF(LABEL_WIDTH, 0, area.width() - LABEL_WIDTH, area.height()))
        for number, medium in enumerate(self._media):
            self._paint_medium(painter, area, number, [hop for hop in self.hops if hop.medium == medium], ink)
        painter.setClipping(False)

    def _paint_axis(self, painter: QPainter, area: QRectF, faint: QColor) -> None:
        span, width = self._to - self._from, area.width() - LABEL_WIDTH - MARGIN
        step = next((step for step in _STEPS if span / step * 110 <= width), _STEPS[-1])
        shape = "%H:%M" if step < 43_200 else "%m-%d" if step < 2_592_000 else "%Y-%m"
        font = QFont(painter.font())
        tick = self._from - self._from % step + step
        painter.setFont(font)
        while tick < self._to:
            x = self._x(tick, area)
            painter.setPen(QPen(faint, 0.5))
            painter.drawLine(QLineF(x, 4, x, area.height() - AXIS))
            when = datetime.fromtimestamp(tick).astimezone()
            words = when.strftime(shape)
            if step < 43_200 and (when.hour, when.minute) == (0, 0):
                words = when.strftime("%m-%d")
            painter.drawText(
                QRectF(x - 50, area.height() - AXIS + 4, 100, AXIS - 6), Qt.AlignmentFlag.AlignHCenter, words
            )
            tick += step

    def _paint_medium(self, painter: QPainter, area: QRectF, number: int, hops: list[Hop], ink: QColor) -> None:
        tone = QColor(_TONES[number % len(_TONES)])
        if ink.lightness() > 128:  # a dark window
            tone = tone.lighter(190)
        pen = QPen(tone, 2, _DASHES[number // len(_TONES) % len(_DASHES)])
        aside = self._aside(hops[0].medium)
        before = QPointF(self._x(hops[0].at.timestamp(), area) - 40, self._y(hops[0].from_network, area) + aside)
        points = [
            before,
            *(QPointF(self._x(h.at.timestamp(), area), self._y(h.to_network, area) + aside) for h in hops),
        ]
        painter.setPen(pen)
        for one, other in pairwise(points):
            corner = QPointF(other.x() - min(24.0, max(0.0, other.x() - one.x())), one.y())
            painter.drawLine(one, corner)
            painter.drawLine(corner, other)
        for hop, point in zip(hops, points[1:], strict=True):
            chosen = 0 <= self._current < len(self.hops) and self.hops[self._current] is hop
            painter.setPen(QPen(ink if chosen else tone, 3 if chosen else 2))
            if hop.verdict == "refused":  # another shape, not only another colour
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawLine(point + QPointF(-6, -6), point + QPointF(6, 6))
                painter.drawLine(point + QPointF(-6, 6), point + QPointF(6, -6))
            elif hop.verdict == "read-only":
                painter.setBrush(self.palette().color(QPalette.ColorRole.Base))
                painter.drawEllipse(point, 6, 6)
            else:
                painter.setBrush(tone)
                painter.drawEllipse(point, 6, 6)
        painter.setPen(tone)
        painter.drawText(points[-1] + QPointF(10, -6), hops[-1].name)

    def _words(self, hop: Hop) -> str:
        way = f"{hop.from_network} → {hop.to_network} ({direction_word(hop.direction)})"
        return f"{hop.name}  {moment(hop.at)}\n{way}\n{verdict_word(hop.verdict)}"

    def _nearest(self, at: QPointF) -> int:
        area = QRectF(self.rect())
        best, found = NEAR, -1
        for number, hop in enumerate(self.hops):
            point = QPointF(self._x(hop.at.timestamp(), area), self._y(hop.to_network, area) + self._aside(hop.medium))
            distance = QLineF(point, at).length()
            if distance < best:
                best, found = distance, number
        return found

    def _shift(self, seconds: float) -> None:
        self._from += seconds
        self._to += seconds
        self.update()

    def _width(self) -> float:
        return self.width() - LABEL_WIDTH - MARGIN

    def _time(self, x: float) -> float:
        return self._from + (x - LABEL_WIDTH) / max(1.0, self._width()) * (self._to - self._from)

    def _x(self, at: float, area: QRectF) -> float:
        return LABEL_WIDTH + (at - self._from) / (self._to - self._from) * (area.width() - LABEL_WIDTH - MARGIN)

    def _y(self, network: str, area: QRectF) -> float:
        return self._lane(self.networks.index(network), area).center().y()

    def _aside(self, medium: str) -> float:
        """Media keep their own height within a lane, so that no line hides another."""
        return ((self._media.index(medium) * 3) % 7 - 3) * 8.0

    def _lane(self, row: int, area: QRectF) -> QRectF:
        height = (area.height() - AXIS) / max(1, len(self.networks))
        return QRectF(0, row * height, area.width(), height)
