"""The icons, drawn: told apart by shape as well as by colour, sharp at every size."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from gui.standing import Standing

SIZES = (16, 22, 24, 32, 48, 64, 128)
_COLOURS = {
    Standing.PROTECTED: "#1a7f37",
    Standing.WAITING: "#0b63ce",
    Standing.ATTENTION: "#b35900",
    Standing.UNPROTECTED: "#b3261e",
}


def icon_of(standing: Standing) -> QIcon:
    """The icon in all sizes."""
    icon = QIcon()
    for size in SIZES:
        icon.addPixmap(picture_of(standing, size))
    return icon


def picture_of(standing: Standing, size: int) -> QPixmap:
    """A shield with a tick, a clock, a triangle with a mark, a square with a cross."""
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(size / 64, size / 64)
    painter.setPen(QPen(QColor("white"), 2.5))  # a rim that shows on dark and on light panels
    painter.setBrush(QColor(_COLOURS[standing]))
    painter.drawPath(_outline(standing))
    painter.setPen(QPen(QColor("white"), 7, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for stroke in _SIGNS[standing]:
        painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in stroke]))
    painter.end()
    return pixmap


def _outline(standing: Standing) -> QPainterPath:
    path = QPainterPath()
    if standing is Standing.PROTECTED:
        path.moveTo(32, 2)
        path.cubicTo(40, 8, 50, 10, 58, 10)
        path.cubicTo(60, 36, 50, 54, 32, 62)
        path.cubicTo(14, 54, 4, 36, 6, 10)
        path.cubicTo(14, 10, 24, 8, 32, 2)
    elif standing is Standing.WAITING:
        path.addEllipse(QRectF(3, 3, 58, 58))
    elif standing is Standing.ATTENTION:
        path.addPolygon(QPolygonF([QPointF(32, 3), QPointF(62, 60), QPointF(2, 60)]))
        path.closeSubpath()
    else:
        path.addRect(QRectF(4, 4, 56, 56))
    return path


_SIGNS: dict[Standing, tuple[tuple[tuple[float, float], ...], ...]] = {
    Standing.PROTECTED: (((19, 31), (29, 42), (46, 22)),),
    Standing.WAITING: (((32, 14), (32, 33), (45, 41)),),
    Standing.ATTENTION: (((32, 24), (32, 40)), ((32, 51), (32, 51.5))),
    Standing.UNPROTECTED: (((21, 21), (43, 43)), ((43, 21), (21, 43))),
}
