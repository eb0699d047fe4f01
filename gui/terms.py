"""The choice of a term: the longest of the level first, then the usual shorter ones."""

from PySide6.QtWidgets import QComboBox

from gui.values import Guard


class TermBox(QComboBox):
    """Its data is a term as the guard takes it: "20y", "30d", "" for no end."""

    def fill(self, guard: Guard, level: str) -> None:
        """For another level."""
        longest = next((known.longest_years for known in guard.levels if known.name == level), 0)
        self.clear()
        if longest:
            self.addItem(self.tr("%n year(s), the longest for this level", "", longest), f"{longest}y")
        else:
            self.addItem(self.tr("no end"), "")
        for years in (10, 5, 1):
            if not longest or years < longest:
                self.addItem(self.tr("%n year(s)", "", years), f"{years}y")
        for days in (90, 30, 7):
            self.addItem(self.tr("%n day(s)", "", days), f"{days}d")
