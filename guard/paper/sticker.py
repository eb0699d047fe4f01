"""Stickers for media: number, mark, holder, department, and the id of the medium as a QR code, for label printers and sheets."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from guard.paper.fonts import font_for, use_font
from guard.paper.sheet import INK, Pen

MM = 72 / 25.4
PAPERS = {"label": (62 * MM, 29 * MM), "sheet": (210 * MM, 297 * MM)}
_WIDTH, _HEIGHT = 62 * MM, 29 * MM
_ACROSS, _DOWN = 3, 9  # of a sheet
_LEFT, _TOP, _APART = 7 * MM, 14 * MM, 5 * MM


@dataclass(frozen=True, slots=True)
class Sticker:
    """What stands on one. `mark` is the mark in the words of the scheme; `colour` that of the level, as #rrggbb."""

    ident: str
    number: str
    mark: str
    colour: str
    holder: str
    department: str


def draw_stickers(stickers: Sequence[Sticker], paper: str) -> bytes:
    """A PDF with one sticker a page ("label") or 27 on a sheet ("sheet").

    Raises:
        Broken: `report-font`.
    """
    from reportlab.pdfgen.canvas import Canvas  # noqa: PLC0415 - only who draws loads the library

    font = use_font(font_for(text for one in stickers for text in (one.number, one.mark, one.holder, one.department)))
    out, size = io.BytesIO(), PAPERS[paper]
    canvas = Canvas(out, pagesize=size, invariant=1, pageCompression=1)
    pen, each = Pen(canvas, font), 1 if paper == "label" else _ACROSS * _DOWN
    for place, sticker in enumerate(stickers):
        column, row = place % each % _ACROSS, place % each // _ACROSS
        x, y = (0.0, 0.0) if each == 1 else (_LEFT + column * (_WIDTH + _APART), size[1] - _TOP - (row + 1) * _HEIGHT)
        _draw(pen, sticker, x, y)
        if place % each == each - 1 or place == len(stickers) - 1:
            canvas.showPage()
    canvas.save()
    return out.getvalue()


def _draw(pen: Pen, sticker: Sticker, x: float, y: float) -> None:
    pen.canvas.setStrokeColor(INK)
    pen.canvas.setLineWidth(0.4)
    pen.canvas.rect(x + 1, y + 1, _WIDTH - 2, _HEIGHT - 2, stroke=1, fill=0)
    pen.box(x + 1, y + 1, 2.5 * MM, _HEIGHT - 2, sticker.colour)
    _qr(pen, sticker.ident, x + _WIDTH - 24 * MM, y + 3 * MM, 22 * MM)
    left, room = x + 5 * MM, _WIDTH - 30 * MM
    size = 15.0
    while size > 8 and pen.width(sticker.mark, size) > room:
        size -= 0.5
    pen.text(left, y + 20 * MM, pen.fit(sticker.mark, room, size), size)
    pen.text(left, y + 13.5 * MM, pen.fit(sticker.number, room, 11), 11)
    pen.text(left, y + 8 * MM, pen.fit(sticker.holder, room, 8.5), 8.5)
    pen.text(left, y + 3.5 * MM, pen.fit(sticker.department, room, 8.5), 8.5)


def qr_squares(text: str) -> list[list[bool]]:
    """The squares of a QR code with medium error correction, row by row, without the quiet zone."""
    from reportlab.graphics.barcode.qr import QrCodeWidget  # noqa: PLC0415 - as above

    widget = QrCodeWidget(text, barLevel="M")
    widget.getBounds()  # makes the code
    return [[bool(dark) for dark in row] for row in widget.qr.modules]


def _qr(pen: Pen, text: str, x: float, y: float, side: float) -> None:
    from reportlab.graphics import renderPDF  # noqa: PLC0415 - as above
    from reportlab.graphics.barcode.qr import QrCodeWidget  # noqa: PLC0415
    from reportlab.graphics.shapes import Drawing  # noqa: PLC0415

    widget = QrCodeWidget(text, barLevel="M", barBorder=1)
    left, bottom, right, top = widget.getBounds()
    scale = side / max(right - left, top - bottom)
    drawing = Drawing(side, side, transform=[scale, 0, 0, scale, 0, 0])
    drawing.add(widget)
    renderPDF.draw(drawing, pen.canvas, x, y)
