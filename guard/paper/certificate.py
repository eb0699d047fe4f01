"""The certificate of a medium that was cleared or destroyed: which one, how, checked how, and the two people who decided it."""

import io
from collections.abc import Mapping
from dataclasses import dataclass

from guard.paper.fonts import font_for, use_font
from guard.paper.sheet import FAINT, RULE, Pen
from guard.words import word

_WIDTH, _HEIGHT, _MARGIN = 595.28, 841.89, 64.0
_FACTS = ("number", "serial", "medium", "level", "order", "form", "approved_by", "why", "method", "octets", "at")

_TITLES = {"clear": "certificate-clear", "keys": "certificate-clear", "destroy": "certificate-destroy"}
_LIMITS = {
    "clear": "certificate-clear-limits",
    "keys": "certificate-keys-limits",
    "destroy": "certificate-destroy-limits",
}


@dataclass(frozen=True, slots=True)
class Certificate:
    """`kind` is clear, keys (cleared by destroying keys) or destroy; `facts` by their words, empty ones are left out.

    The two names are never the same.
    """

    kind: str
    facts: Mapping[str, str]
    proposed_by: str
    confirmed_by: str
    organization: str
    language: str


def draw_certificate(paper: Certificate) -> bytes:
    """A PDF of one page.

    Raises:
        Broken: `report-font`.
    """
    from reportlab.pdfgen.canvas import Canvas  # noqa: PLC0415 - only who draws loads the library

    title = word(_TITLES[paper.kind], paper.language)
    limits = word(_LIMITS[paper.kind], paper.language)
    names = {name: word(name, paper.language) for name in (*_FACTS, "proposed_by", "confirmed_by")}
    texts = [*names.values(), *paper.facts.values(), title, limits, paper.organization]
    font = use_font(font_for([*texts, paper.proposed_by, paper.confirmed_by]))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(_WIDTH, _HEIGHT), invariant=1, pageCompression=1, lang=paper.language)
    canvas.setTitle(title)
    pen, y = Pen(canvas, font), _HEIGHT - _MARGIN
    pen.text(_MARGIN, y, pen.fit(paper.organization, _WIDTH - 2 * _MARGIN, 10), 10, FAINT)
    pen.text(_MARGIN, y - 34, title, 20)
    pen.rule(_MARGIN, y - 46, _WIDTH - _MARGIN)
    y -= 76
    for name in _FACTS:
        if value := paper.facts.get(name, ""):
            pen.text(_MARGIN, y, names[name], 10, FAINT)
            y = pen.paragraph(_MARGIN + 130, y, value, _WIDTH - 2 * _MARGIN - 130, 10) - 7
    y = pen.paragraph(_MARGIN, y - 12, limits, _WIDTH - 2 * _MARGIN, 9.5, FAINT)
    for place, (name, who) in enumerate((("proposed_by", paper.proposed_by), ("confirmed_by", paper.confirmed_by))):
        x = _MARGIN + place * 250
        pen.text(x, y - 60, f"{names[name]}: {pen.fit(who, 150, 10)}", 10)
        pen.rule(x, y - 92, x + 200, RULE)
        pen.text(x, y - 104, word("certificate-sign", paper.language), 8.5, FAINT)
    canvas.showPage()
    canvas.save()
    return out.getvalue()
