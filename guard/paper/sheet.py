"""A sheet of A4 across, and the pen for it: text that fits its place, rules, bars. Points from the lower left corner."""

import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from guard.paper.fonts import LATIN

WIDTH, HEIGHT, MARGIN = 841.89, 595.28, 36.0
INK, FAINT, RULE, BAND = "#1a1a1a", "#5f6368", "#c9cdd2", "#f2f4f6"
TONES = {"read-write": "#1a6b32", "read-only": "#b06f00", "refused": "#b3261e", "held": "#00687a"}
_WITHOUT_ARROWS = str.maketrans({"→": ">", "↑": "", "↓": ""})
SEVERITIES = {"alarm": "#b3261e", "warning": "#b06f00", "notice": "#00687a", "info": "#5f6368"}


@dataclass(slots=True)
class Pen:
    """Draws on a canvas with one font."""

    canvas: Any
    font: str
    _fitted: dict[tuple[str, float, float], str] = field(default_factory=dict)
    _colours: dict[str, Any] = field(default_factory=dict)

    def text(self, x: float, y: float, text: str, size: float = 9, colour: str = INK, *, end: str = "left") -> None:
        """One line; `end` is the side that stands at x: left, right or middle."""
        canvas = self.canvas
        canvas.setFont(self.font, size)
        canvas.setFillColor(self.colour(colour))
        draw = {"left": canvas.drawString, "right": canvas.drawRightString, "middle": canvas.drawCentredString}[end]
        draw(x, y, self._shown(text))

    def width(self, text: str, size: float) -> float:
        """How wide a line is."""
        from reportlab.pdfbase.pdfmetrics import stringWidth  # noqa: PLC0415 - only who draws loads the library

        return float(stringWidth(self._shown(text), self.font, size))

    def fit(self, text: str, width: float, size: float) -> str:
        """The text, or as much of it as fits, with an ellipsis."""
        key = (text, width, size)
        if key not in self._fitted:
            cut = shown(text)
            if self.width(cut, size) > width:
                while cut and self.width(cut + "…", size) > width:
                    cut = cut[:-1]
                cut += "…"
            if len(self._fitted) > 20_000:
                self._fitted.clear()
            self._fitted[key] = cut
        return self._fitted[key]

    def lines(self, text: str, width: float, size: float) -> list[str]:
        """The text in lines that fit; between words, or anywhere in Chinese and in hex."""
        found, line = [], ""
        for piece in _pieces(shown(text)):
            if line and self.width((line + piece).rstrip(), size) > width:
                found.append(line.rstrip())
                line = ""
            line += piece if line else piece.lstrip()
            while self.width(line.rstrip(), size) > width:
                cut = next(n for n in range(len(line) - 1, 0, -1) if n == 1 or self.width(line[:n], size) <= width)
                found.append(line[:cut])
                line = line[cut:]
        return [*found, line.rstrip()] if line.strip() else found

    def paragraph(self, x: float, y: float, text: str, width: float, size: float = 9, colour: str = INK) -> float:
        """Several lines downward; gives the y below them."""
        for line in self.lines(text, width, size):
            self.text(x, y, line, size, colour)
            y -= size * 1.45
        return y

    def colour(self, name: str) -> Any:
        """The library's colour; it takes names too, but reads them anew each time."""
        from reportlab.lib.colors import HexColor  # noqa: PLC0415 - only who draws loads the library

        if name not in self._colours:
            self._colours[name] = HexColor(name)
        return self._colours[name]

    def _shown(self, text: str) -> str:
        return shown(text.translate(_WITHOUT_ARROWS) if self.font == LATIN else text)

    def rule(self, x: float, y: float, to: float, colour: str = RULE, weight: float = 0.6) -> None:
        """A level line."""
        self.canvas.setStrokeColor(self.colour(colour))
        self.canvas.setLineWidth(weight)
        self.canvas.line(x, y, to, y)

    def box(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """A filled rectangle."""
        self.canvas.setFillColor(self.colour(colour))
        self.canvas.rect(x, y, width, height, stroke=0, fill=1)


@lru_cache(4096)
def shown(text: str) -> str:
    """The text without anything that hides, turns around or controls."""
    return "".join(c if unicodedata.category(c) not in _UNSHOWABLE else "\ufffd" for c in text)


_UNSHOWABLE = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})


def _pieces(text: str) -> list[str]:
    pieces, word = [], ""
    for char in text:
        if unicodedata.east_asian_width(char) in "WF":
            pieces += [word, char] if word else [char]
            word = ""
        else:
            word += char
            if char == " ":
                pieces.append(word)
                word = ""
    return [*pieces, word] if word else pieces
