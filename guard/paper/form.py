"""Register forms (登记表) to sign: the sheet of one medium with its history, and the list of all that a department holds.

What the register knows is printed; where somebody signs, and for what will happen yet, there is room to write. The columns are the
fields of registers of classified media (number, level, serial number, holder, department, state), with a signature at each step.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from guard.paper.fonts import font_for, use_font
from guard.paper.sheet import BAND, FAINT, HEIGHT, INK, MARGIN, RULE, WIDTH, Pen
from guard.words import word

Row = Mapping[str, str]
_LINE = 22.0
_FREE = 4  # lines to be written by hand, at least; the last page is filled with them
_LIST = (  # name of the word, width; the last three are for hands
    ("form-no", 30.0),
    ("number", 78.0),
    ("mark", 108.0),
    ("serial", 92.0),
    ("holder", 84.0),
    ("since", 62.0),
    ("state", 62.0),
    ("form-received", 90.0),
    ("form-returned", 90.0),
    ("form-remarks", 0.0),
)
_STEPS = (
    ("at", 62.0),
    ("step", 74.0),
    ("holder", 84.0),
    ("by", 62.0),
    ("approved_by", 62.0),
    ("form", 62.0),
    ("form-signature", 0.0),
)
_FACTS = (
    ("number", "mark"),
    ("serial", "kind"),
    ("holder", "department"),
    ("level", "effective_level"),
    ("state", "since"),
    ("networks", "expires"),
    ("medium", ""),
)


@dataclass(frozen=True, slots=True)
class Form:
    """What stands on every page. `at` is the day it was made."""

    organization: str
    at: str
    language: str


def draw_department(form: Form, department: str, media: Sequence[Row]) -> bytes:
    """The list of a department, A4 across: a line for each medium, with room for two signatures each.

    Raises:
        Broken: `report-font`.
    """
    heads = [word(name, form.language) for name, _ in _LIST]
    pen, out = _pen(form, (WIDTH, HEIGHT), [*heads, department, *_texts(media)])
    top, bottom = HEIGHT - MARGIN - 70, MARGIN + 54
    each = int((top - bottom) // _LINE) - 1
    pages = max(1, -(-len(media) // each))
    widths = _widths(_LIST, WIDTH - 2 * MARGIN)
    for page in range(pages):
        _head(
            pen, form, "form-title-list", (WIDTH, HEIGHT), f"{word('department', form.language)}: {department or '–'}"
        )
        some = media[page * each : (page + 1) * each]
        rows = [
            [str(page * each + place), *(one.get(name, "") for name, _ in _LIST[1:7]), "", "", ""]
            for place, one in enumerate(some, 1)
        ]
        _grid(pen, MARGIN, top, widths, [heads, *rows])
        left = word("form-count", form.language, count=len(media))
        _foot(pen, form, (WIDTH, HEIGHT), left, word("report-page", form.language, page=page + 1, pages=pages))
        pen.canvas.showPage()
    pen.canvas.save()
    return out.getvalue()


def draw_medium(form: Form, medium: Row, steps: Sequence[Row]) -> bytes:
    """The sheet of one medium, A4 upright: its facts, its history oldest first, and empty lines for what comes.

    Raises:
        Broken: `report-font`.
    """
    size = (HEIGHT, WIDTH)
    heads = [word(name, form.language) for name, _ in _STEPS]
    names = {name: word(name, form.language) for pair in _FACTS for name in pair if name}
    pen, out = _pen(form, size, [*heads, *names.values(), *_texts([medium, *steps])])
    width = size[0] - 2 * MARGIN
    first, rest = size[1] - MARGIN - 90 - len(_FACTS) * _LINE, size[1] - MARGIN - 70
    bottom = MARGIN + 54
    rows = [[*(step.get(name, "") for name, _ in _STEPS[:-1]), ""] for step in steps] + [[""] * len(_STEPS)] * _FREE
    room = [int((first - bottom) // _LINE) - 1, int((rest - bottom) // _LINE) - 1]
    cuts = [rows[: room[0]]]
    cuts += [rows[start : start + room[1]] for start in range(room[0], len(rows), room[1])]
    cuts[-1] = cuts[-1] + [[""] * len(_STEPS)] * (room[len(cuts) > 1] - len(cuts[-1]))
    for number, some in enumerate(cuts, 1):
        _head(pen, form, "form-title-medium", size, medium.get("number", ""))
        if number == 1:
            _facts(
                pen,
                MARGIN,
                rest,
                width,
                [[(names.get(n, ""), medium.get(n, "")) for n in pair if n] for pair in _FACTS],
            )
        _grid(pen, MARGIN, first if number == 1 else rest, _widths(_STEPS, width), [heads, *some])
        of = word("report-page", form.language, page=number, pages=len(cuts))
        _foot(pen, form, size, "", of)
        pen.canvas.showPage()
    pen.canvas.save()
    return out.getvalue()


def _pen(form: Form, size: tuple[float, float], texts: list[str]) -> tuple[Pen, io.BytesIO]:
    from reportlab.pdfgen.canvas import Canvas  # noqa: PLC0415 - only who draws loads the library

    title = word("form-title-list", form.language)
    font = use_font(font_for([*texts, form.organization, title]))
    out = io.BytesIO()
    canvas: Any = Canvas(out, pagesize=size, invariant=1, pageCompression=1, lang=form.language)
    canvas.setTitle(title)
    return Pen(canvas, font), out


def _head(pen: Pen, form: Form, title: str, size: tuple[float, float], about: str) -> None:
    top = size[1] - MARGIN
    pen.text(size[0] / 2, top - 20, word(title, form.language), 18, end="middle")
    if form.organization:
        pen.text(MARGIN, top - 4, pen.fit(form.organization, size[0] / 2 - 150, 9.5), 9.5, FAINT)
    pen.text(MARGIN, top - 54, pen.fit(about, size[0] / 2, 11), 11)
    pen.text(size[0] - MARGIN, top - 54, f"{word('form-made', form.language)}: {form.at}", 9.5, FAINT, end="right")


def _foot(pen: Pen, form: Form, size: tuple[float, float], left: str, page: str) -> None:
    third = (size[0] - 2 * MARGIN) / 3
    for place, name in enumerate(("form-keeper", "form-checked", "report-date")):
        x, label = MARGIN + place * third, word(name, form.language)
        pen.text(x, MARGIN + 26, label, 9.5)
        pen.rule(x + pen.width(label, 9.5) + 6, MARGIN + 23, x + third - 14, INK)
    pen.text(MARGIN, MARGIN, left, 8.5, FAINT)
    pen.text(size[0] - MARGIN, MARGIN, page, 8.5, FAINT, end="right")


def _facts(pen: Pen, x: float, top: float, width: float, rows: Sequence[Sequence[tuple[str, str]]]) -> None:
    for number, row in enumerate(rows):
        each, y = width / len(row), top - (number + 1) * _LINE
        for place, (name, value) in enumerate(row):
            left = x + place * each
            pen.box(left, y, 92, _LINE, BAND)
            pen.text(left + 5, y + 7.5, pen.fit(name, 84, 9), 9, FAINT)
            pen.text(left + 97, y + 7.5, pen.fit(value, each - 102, 9.5), 9.5)
        _lines(pen, x, top, [width / len(row)] * len(row), number, number + 1)


def _grid(pen: Pen, x: float, top: float, widths: Sequence[float], rows: Sequence[Sequence[str]]) -> None:
    """A table with ruled cells; its first row is the heading."""
    pen.box(x, top - _LINE, sum(widths), _LINE, BAND)
    for number, row in enumerate(rows):
        left, y = x, top - (number + 1) * _LINE
        for width, text in zip(widths, row, strict=True):
            pen.text(left + 4, y + 7.5, pen.fit(text, width - 8, 9), 9, FAINT if number == 0 else INK)
            left += width
    _lines(pen, x, top, widths, 0, len(rows))


def _lines(pen: Pen, x: float, top: float, widths: Sequence[float], first: int, last: int) -> None:
    pen.canvas.setStrokeColor(pen.colour(RULE))
    pen.canvas.setLineWidth(0.6)
    for number in range(first, last + 1):
        pen.canvas.line(x, top - number * _LINE, x + sum(widths), top - number * _LINE)
    for place in range(len(widths) + 1):
        left = x + sum(widths[:place])
        pen.canvas.line(left, top - first * _LINE, left, top - last * _LINE)


def _widths(columns: Sequence[tuple[str, float]], width: float) -> list[float]:
    rest = width - sum(wide for _, wide in columns)
    return [wide or rest for _, wide in columns]


def _texts(rows: Sequence[Row]) -> set[str]:
    return {text for row in rows for text in row.values()}
