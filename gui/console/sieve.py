"""Which crossings: by period, medium, holder, networks, direction and severity; the guard does the looking up."""

from collections.abc import Iterable
from datetime import datetime, time

from PySide6.QtCore import QDate, Signal
from PySide6.QtWidgets import QComboBox, QDateEdit, QHBoxLayout, QVBoxLayout, QWidget

from gui.values import Medium
from gui.words import direction_word, severity_word

PERIODS = ("", "7", "30", "month", "before", "year", "days")


class Sieve(QWidget):
    """Two rows of choices; `changed` tells that other rows are wanted."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Everything at first."""
        super().__init__(parent)
        words = {
            "": self.tr("all of the time"),
            "7": self.tr("the last 7 days"),
            "30": self.tr("the last 30 days"),
            "month": self.tr("this month"),
            "before": self.tr("last month"),
            "year": self.tr("this year"),
            "days": self.tr("from … to …"),
        }
        self.period = self._choice(self.tr("Period"), [(words[period], period) for period in PERIODS])
        self.since, self.until = QDateEdit(QDate.currentDate().addMonths(-1)), QDateEdit(QDate.currentDate())
        for edit, name in ((self.since, self.tr("First day")), (self.until, self.tr("Last day"))):
            edit.setCalendarPopup(True)
            edit.setDisplayFormat("yyyy-MM-dd")
            edit.setAccessibleName(name)
            edit.hide()
            edit.dateChanged.connect(self.changed)
        ways = [(direction_word(way) if way else self.tr("all directions"), way) for way in ("", "down", "up", "same")]
        self.direction = self._choice(self.tr("Direction"), ways)
        weights = [
            (severity_word(w) if w else self.tr("any severity"), w) for w in ("", "alarm", "warning", "notice", "info")
        ]
        self.severity = self._choice(self.tr("Severity"), weights)
        self.before = self._choice(self.tr("From"), [(self.tr("from any network"), "")])
        self.after = self._choice(self.tr("To"), [(self.tr("to any network"), "")])
        self.medium = self._choice(self.tr("Medium"), [(self.tr("all media"), "")])
        self.holder = self._choice(self.tr("Holder"), [(self.tr("all holders"), "")])
        self.period.currentIndexChanged.connect(self._periods)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for widgets in (
            (self.period, self.since, self.until, self.direction, self.severity),
            (self.before, self.after, self.medium, self.holder),
        ):
            row = QHBoxLayout()
            for widget in widgets:
                row.addWidget(widget)
            row.addStretch(1)
            column.addLayout(row)

    def wanted(self) -> dict[str, object]:
        """As the guard takes it: seconds since 1970, ids, names."""
        chosen: dict[str, object] = {
            "direction": self.direction.currentData(),
            "severity": self.severity.currentData(),
            "from_network": self.before.currentData(),
            "to_network": self.after.currentData(),
            "medium": self.medium.currentData(),
            "holder": self.holder.currentData(),
        }
        first, last = self.days()
        if first is not None:
            chosen["since"] = _seconds(first)
        if last is not None:
            chosen["until"] = _seconds(last.addDays(1))
        return {name: value for name, value in chosen.items() if value}

    def days(self) -> tuple[QDate | None, QDate | None]:
        """The first and the last day that count, None for no bound."""
        period, today = self.period.currentData(), QDate.currentDate()
        month = QDate(today.year(), today.month(), 1)
        if period in ("7", "30"):
            return today.addDays(1 - int(period)), None
        bounds: dict[str, tuple[QDate | None, QDate | None]] = {
            "month": (month, None),
            "before": (month.addMonths(-1), month.addDays(-1)),
            "year": (QDate(today.year(), 1, 1), None),
            "days": (self.since.date(), self.until.date()),
        }
        return bounds.get(period, (None, None))

    def know(self, networks: Iterable[str], media: Iterable[Medium]) -> None:
        """What there is to choose from; what was chosen stays."""
        known = list(media)
        names = sorted(networks)
        _fill(self.before, [(name, name) for name in names])
        _fill(self.after, [(name, name) for name in names])
        _fill(self.medium, sorted((medium.number, medium.id) for medium in known))
        _fill(self.holder, [(name, name) for name in sorted({medium.holder for medium in known if medium.holder})])

    def _choice(self, name: str, items: list[tuple[str, str]]) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(name)
        box.setMaximumWidth(210)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        for shown, data in items:
            box.addItem(shown, data)
        box.currentIndexChanged.connect(self.changed)
        return box

    def _periods(self) -> None:
        for edit in (self.since, self.until):
            edit.setVisible(self.period.currentData() == "days")


def _fill(box: QComboBox, items: list[tuple[str, str]]) -> None:
    if [box.itemData(place) for place in range(1, box.count())] == [data for _, data in items]:
        return
    chosen = box.currentData()
    box.blockSignals(True)
    while box.count() > 1:
        box.removeItem(1)
    for shown, data in items:
        box.addItem(shown, data)
    box.setCurrentIndex(max(0, box.findData(chosen)))
    box.blockSignals(False)


def _seconds(day: QDate) -> int:
    """The begin of a day on this computer's clock."""
    return int(datetime.combine(day.toPython(), time()).astimezone().timestamp())  # type: ignore[arg-type]
