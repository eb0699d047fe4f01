"""One card for each medium that is plugged in: what it is, how it stands, and the one button that helps."""

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget

from gui.desk import Desk
from gui.looks import NEUTRAL, VERDICTS, Card, Chip, clear, level_chip, plain_label, row_of
from gui.notices import OBSERVED, may_ask, name_of
from gui.values import Explanation, Request, Visit
from gui.words import seen_text, stage_word, verdict_word


class PluggedCard(Card):
    """Changed in place as the visit changes."""

    ask = Signal(str)
    why = Signal(str)
    eject = Signal(str)

    def __init__(self, desk: Desk, ident: str, parent: QWidget | None = None) -> None:
        """For a visit that is there."""
        super().__init__(parent)
        self._desk, self.id = desk, ident
        self._explanation: Explanation | None = None
        self._explained: tuple[str, tuple[str, ...]] = ("", ())
        self.bar = QProgressBar()
        self.bar.hide()
        desk.progressed.connect(self._progress)
        self.change()

    def change(self) -> None:
        """Show the visit as it is now."""
        visit = self._desk.visits.get(self.id)
        if visit is None:
            return
        if visit.settled and self._explained != (visit.verdict, visit.reasons):
            self._explained, self._explanation = (visit.verdict, visit.reasons), None
            self._desk.explain(visit.id, self._take)
        self._fill(visit)

    def _take(self, explanation: Explanation) -> None:
        self._explanation = explanation
        visit = self._desk.visits.get(self.id)
        if visit is not None:
            self._fill(visit)

    def _request(self) -> Request | None:
        found = [request for request in self._desk.requests.values() if request.visit == self.id]
        return found[-1] if found else None

    def _fill(self, visit: Visit) -> None:
        self.bar.setParent(None)
        clear(self.column)
        chip = Chip(verdict_word(visit.verdict), QColor(VERDICTS.get(visit.verdict, NEUTRAL)))
        if not visit.settled:
            chip.say(stage_word(visit.stage), QColor(NEUTRAL))
        level = level_chip(self._desk.guard, visit.level)
        head = row_of(chip, level, plain_label(name_of(visit), bold=True), stretch=False)
        head.setStretch(2, 1)
        self.column.addLayout(head)
        seen = seen_text(visit.seen)
        if visit.seen.capacity or visit.seen.name:
            self.column.addWidget(plain_label(seen, faint=True))
        for sentence in self._sentences(visit):
            self.column.addWidget(plain_label(sentence))
        self.column.addWidget(self.bar)
        self.column.addLayout(self._buttons(visit))

    def _sentences(self, visit: Visit) -> list[str]:
        request = self._request()
        waits = request is not None and request.state == "open"
        if waits and OBSERVED in visit.reasons:
            return [self.tr("Your request waits for an admin. Until then it opens because the guard only observes.")]
        if waits and visit.verdict == "refused":
            return [self.tr("Your request waits for an admin. Leave the medium plugged in; it opens by itself.")]
        found = []
        if visit.verdict == "refused" and request is not None and request.state == "rejected":
            found.append(self.tr("Your request was turned down: {0}").format(request.why))
        if visit.verdict == "read-only":
            found.append(self.tr("You can copy from this stick; nothing can be written to it."))
        reasons = self._explanation.reasons if self._explanation else ()
        if OBSERVED in visit.reasons and reasons:
            found.append(reasons[0].what)
            reasons = reasons[1:]
        if (visit.verdict in ("refused", "held") or OBSERVED in visit.reasons) and reasons:
            first = reasons[0]
            found += [f"{first.what} {first.why}", self.tr("What to do: {0}").format(first.next)]
            if first.cites:
                found.append(self.tr("By: {0}").format(first.cites))
        return found

    def _buttons(self, visit: Visit) -> QHBoxLayout:
        row = QHBoxLayout()
        request = self._request()
        if may_ask(visit) and not (request is not None and request.state == "open"):
            row.addWidget(self._button(self.tr("Ask for it…"), self.ask, default=True))
        if visit.stage == "open":
            row.addWidget(self._button(self.tr("Safe removal"), self.eject))
        if visit.settled:
            row.addWidget(self._button(self.tr("Why?"), self.why))
        row.addStretch(1)
        return row

    def _button(self, words: str, signal: SignalInstance, *, default: bool = False) -> QPushButton:
        button = QPushButton(words)
        visit = self._desk.visits.get(self.id)
        button.setAccessibleName(f"{words} {name_of(visit) if visit else ''}")
        button.setDefault(default)
        button.clicked.connect(lambda: signal.emit(self.id))
        return button

    def _progress(self, ident: str, percent: int, step: str) -> None:
        request = self._request()
        if ident == self.id or (request is not None and ident == request.id):
            self.bar.setValue(percent)
            self.bar.setVisible(percent < 100)
