"""Small pieces that all windows share: level chips, cards, sentences of failure."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMessageBox, QTableView, QVBoxLayout, QWidget

from gui.values import Guard
from gui.words import level_word

translate = QCoreApplication.translate
# Names of colours in a scheme, in tones on which white or black text is read well (contrast at least 4.5, WCAG 2.1, 1.4.3).
_COLOURS = {
    "red": "#b3261e",
    "dark_orange": "#a84300",
    "orange": "#a84300",
    "yellow": "#f2c200",
    "blue": "#0b57a4",
    "cyan": "#00687a",
    "green": "#1a6b32",
    "magenta": "#8e2a8b",
    "purple": "#6d3aa8",
}
VERDICTS = {"read-write": "#1a6b32", "read-only": "#0b57a4", "refused": "#b3261e", "held": "#7a5c00"}
NEUTRAL = "#5f6368"


def colour_of(guard: Guard | None, level: str) -> QColor:
    """The colour of a level; grey where it is not known."""
    highest = level.rsplit("+", maxsplit=1)[-1]
    for known in guard.levels if guard else ():
        if known.name == highest:
            return QColor(_COLOURS.get(known.colour, known.colour if QColor(known.colour).isValid() else NEUTRAL))
    return QColor(NEUTRAL)


def ink_on(paper: QColor) -> QColor:
    """Black or white, whichever is read better on a colour (relative luminance, WCAG 2.1)."""

    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4

    luminance = 0.2126 * linear(paper.redF()) + 0.7152 * linear(paper.greenF()) + 0.0722 * linear(paper.blueF())
    return QColor("black") if luminance > 0.179 else QColor("white")


class Chip(QLabel):
    """A word on a colour."""

    def __init__(self, word: str = "", colour: QColor | None = None, parent: QWidget | None = None) -> None:
        """`colour` is the paper; the ink is chosen."""
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.say(word, colour or QColor(NEUTRAL))

    def say(self, word: str, colour: QColor) -> None:
        """Change it."""
        self.setText(word)
        self.setVisible(bool(word))
        ink = ink_on(colour).name()
        self.setStyleSheet(f"background:{colour.name()};color:{ink};border-radius:4px;padding:2px 8px;font-weight:600;")


class Card(QFrame):
    """A framed box with a column in it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Empty."""
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.column = QVBoxLayout(self)


def level_chip(guard: Guard | None, level: str) -> Chip:
    """A chip for a level."""
    return Chip(level_word(guard, level), colour_of(guard, level))


def plain_label(words: str = "", *, bold: bool = False, faint: bool = False, scale: float = 1.0) -> QLabel:
    """A label that wraps and reads nothing as markup: what a stick says of itself is on it."""
    label = QLabel(words)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    font = QFont(label.font())
    font.setBold(bold)
    font.setPointSizeF(font.pointSizeF() * scale)
    label.setFont(font)
    if faint:
        label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return label


def open_at(window: QWidget, width: int, height: int) -> None:
    """The size a window opens with: what suits it, but never more than the screen has (at 200 % a full-HD screen is 960 by 540)."""
    room = window.screen().availableSize()
    window.resize(min(width, room.width()), min(height, room.height()))


def row_of(*widgets: QWidget, stretch: bool = True) -> QHBoxLayout:
    """Widgets side by side."""
    row = QHBoxLayout()
    for widget in widgets:
        row.addWidget(widget)
    if stretch:
        row.addStretch(1)
    return row


def clear(layout: QVBoxLayout | QHBoxLayout) -> None:
    """Remove everything in a layout."""
    while (item := layout.takeAt(0)) is not None:
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        elif isinstance(inner, QVBoxLayout | QHBoxLayout):
            clear(inner)
            inner.deleteLater()


def sentence_for(sentence: str) -> str:
    """A failure of a call in one sentence."""
    return sentence or translate("Looks", "The guard is not running, so nothing was done. Try again when it is back.")


def complain(parent: QWidget | None, sentence: str) -> None:
    """Tell a person that something did not work."""
    box = QMessageBox(
        QMessageBox.Icon.Warning, "Media Guard", sentence_for(sentence), QMessageBox.StandardButton.Ok, parent
    )
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()


def read_well(table: QTableView, widths: Sequence[int] = ()) -> None:
    """How every table looks."""
    table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
    table.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
    table.setAlternatingRowColors(True)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setTabKeyNavigation(False)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 12)
    table.horizontalHeader().setStretchLastSection(True)
    table.horizontalHeader().setHighlightSections(False)
    unit = table.fontMetrics().averageCharWidth()
    for column, width in enumerate(widths):
        table.setColumnWidth(column, (width + 3) * unit)
