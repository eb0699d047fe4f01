"""Fonts to embed: one with Chinese where it is installed; else the one that comes with the library, for Latin text alone."""

import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from guard.core.errors import Broken

# Only outlines of TrueType can be embedded; Noto CJK as packaged has others.
_CHINESE = (
    ("truetype/wqy/wqy-microhei.ttc", 0),
    ("truetype/wqy/wqy-zenhei.ttc", 0),
    ("truetype/droid/DroidSansFallbackFull.ttf", 0),
    ("truetype/arphic/uming.ttc", 0),
)
LATIN = "Vera"
_FOLDER = Path("/usr/share/fonts")


def font_for(texts: Iterable[str], folder: Path = _FOLDER) -> str:
    """The name of a font that has every character of the texts.

    Raises:
        Broken: `report-font` where only a Chinese font would do and there is none.
    """
    for name, _ in _CHINESE:
        if (folder / name).is_file():
            return Path(name).stem
    has = _face(use_font(LATIN)).charToGlyph
    lacking = (c for text in texts for c in text if ord(c) not in has and unicodedata.category(c)[0] != "C")
    missing = next(lacking, "")
    if missing:
        raise Broken("report-font", char=missing)
    return LATIN


def use_font(name: str, folder: Path = _FOLDER) -> str:
    """Load a font by the name that `font_for` gave.

    Raises:
        Broken: `report-font` where it is not installed.
    """
    if name == LATIN:
        return _register(None, 0)
    for path, index in _CHINESE:
        if Path(path).stem == name and (folder / path).is_file():
            return _register(folder / path, index)
    raise Broken("report-font", char="中")


def font_file(name: str, folder: Path = _FOLDER) -> tuple[str, int]:
    """Where a font by the name that `font_for` gave lies, and which of the file it is, for what draws dots.

    Raises:
        Broken: `report-font` where it is not installed.
    """
    if name == LATIN:
        from reportlab.pdfbase.ttfonts import TTFOpenFile  # noqa: PLC0415 - only who draws loads the library

        path, file = TTFOpenFile("Vera.ttf")
        file.close()
        return str(path), 0
    for path, index in _CHINESE:
        if Path(path).stem == name and (folder / path).is_file():
            return str(folder / path), index
    raise Broken("report-font", char="中")


@cache
def _register(path: Path | None, index: int) -> str:
    from reportlab.pdfbase import pdfmetrics  # noqa: PLC0415 - only who draws loads the library
    from reportlab.pdfbase.ttfonts import TTFont  # noqa: PLC0415

    name = path.stem if path else LATIN
    pdfmetrics.registerFont(TTFont(name, str(path or "Vera.ttf"), subfontIndex=index))
    return name


def _face(name: str) -> Any:
    from reportlab.pdfbase import pdfmetrics  # noqa: PLC0415

    return pdfmetrics.getFont(name).face
