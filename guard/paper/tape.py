"""Stickers for label printers as PNG, 300 dots an inch, black and white: as high as the tape is wide, as long as the words are.

Such printers have no colours and print dots or none, so the colour of the level is left out, letters are cut to dots, and the QR
code has whole dots for each of its squares. What is on it is what is on the PDF (guard.paper.sticker). The widest tape is printed
across, as the PDF is.
"""

import io
from typing import Any

from guard.paper.fonts import font_file, font_for
from guard.paper.sheet import shown
from guard.paper.sticker import Sticker, qr_squares

DPI = 300
TAPES = (12, 18, 24, 29, 36, 62)  # widths that are sold, in millimetres
_QUIET = 2  # squares round the code; a printer's own margin adds the rest (ISO/IEC 18004 asks for four)
_EDGE = 1.5  # millimetres that printers do not reach
_LONGEST = 3.2  # of the width
_ACROSS = {62: 29}  # printed across the tape: so long


def draw_tape(sticker: Sticker, tape: int) -> bytes:
    """A PNG of one sticker for a tape of so many millimetres.

    Raises:
        Broken: `report-font`.
    """
    from PIL import Image, ImageDraw  # noqa: PLC0415 - only who draws loads the library

    texts = [shown(text) for text in (sticker.mark, sticker.number, sticker.holder, sticker.department)]
    path, index = font_file(font_for(texts))
    high, edge = _dots(_ACROSS.get(tape, tape)), _dots(_EDGE)
    room = high - 2 * edge
    squares = qr_squares(sticker.ident)
    dots = room // (len(squares) + 2 * _QUIET)
    code = dots * (len(squares) + 2 * _QUIET)
    lines = _lines(texts, tape)
    heights = _heights(room, len(lines))
    widest = (_dots(tape) if tape in _ACROSS else round(high * _LONGEST)) - code - 3 * edge
    fonts = [_fitting(path, index, text, size, widest) for text, size in zip(lines, heights, strict=True)]
    cut = [_cut(font, text, widest) for font, text in zip(fonts, lines, strict=True)]
    words = max(round(font.getlength(text)) for font, text in zip(fonts, cut, strict=True))
    words = widest if tape in _ACROSS else words
    image = Image.new("L", (words + code + 3 * edge, high), 255)
    draw = ImageDraw.Draw(image)
    y = float(edge)
    for font, text, size in zip(fonts, cut, heights, strict=True):
        draw.text((edge, y + size / 2), text, fill=0, font=font, anchor="lm")
        y += size + (room - sum(heights)) / max(1, len(lines) - 1)
    left, top = words + 2 * edge + _QUIET * dots, edge + (room - code) // 2 + _QUIET * dots
    for row, line in enumerate(squares):
        for column, dark in enumerate(line):
            if dark:
                x0, y0 = left + column * dots, top + row * dots
                draw.rectangle((x0, y0, x0 + dots - 1, y0 + dots - 1), fill=0)
    out = io.BytesIO()
    image.point(lambda tone: 255 if tone > 127 else 0).convert("1").save(out, "PNG", dpi=(DPI, DPI), optimize=True)
    return out.getvalue()


def _dots(millimetres: float) -> int:
    return round(millimetres / 25.4 * DPI)


def _lines(texts: list[str], tape: int) -> list[str]:
    """Mark and number always; on narrow tapes holder and department share a line, or have no place."""
    mark, number, holder, department = texts
    if tape <= 12:
        return [mark, number]
    if tape <= 18:
        return [mark, number, " · ".join(filter(None, (holder, department)))]
    return [mark, number, *filter(None, (holder, department))]


def _heights(room: int, lines: int) -> list[int]:
    """The mark is the largest."""
    shares = [1.6, 1.15, *[0.9] * (lines - 2)]
    return [int(room * 0.94 * share / sum(shares)) for share in shares]


def _fitting(path: str, index: int, text: str, size: int, room: int) -> Any:
    """The font as large as its line is high, or smaller down to half, so that the text fits."""
    from PIL import ImageFont  # noqa: PLC0415 - as above

    for points in range(int(size * 0.82), int(size * 0.82) // 2, -1):
        font = ImageFont.truetype(path, points, index=index)
        if font.getlength(text) <= room:
            return font
    return ImageFont.truetype(path, int(size * 0.82) // 2, index=index)


def _cut(font: Any, text: str, room: int) -> str:
    if font.getlength(text) <= room:
        return text
    while text and font.getlength(text + "…") > room:
        text = text[:-1]
    return text + "…"
