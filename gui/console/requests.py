"""The queue: what waits for a decision, and everything that is needed to decide on one screen."""

from typing import Any

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QInputDialog,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSplitter,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from gui.console.granting import GrantForm, ask_passphrase
from gui.desk import Desk, Quiet
from gui.looks import Card, clear, plain_label, read_well, sentence_for
from gui.soon import Soon
from gui.tables import Column, RowModel
from gui.values import Explanation, Request, Visit, parse_crossing, parse_request, parse_visit
from gui.words import kind_word, level_word, moment, partitions_text, seen_text, state_word, verdict_word, why_word

SHOWN_TRAVEL = 5


class RequestsPage(QWidget):
    """Open requests first; a chosen one is shown beside the list."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Follows the desk."""
        super().__init__(parent)
        self._desk = desk
        self._request: Request | None = None
        columns: tuple[Column[Request], ...] = (
            Column(self.tr("Filed"), lambda row: moment(row.filed)),
            Column(self.tr("Requester"), lambda row: row.requester),
            Column(self.tr("Purpose"), lambda row: row.purpose),
            Column(self.tr("State"), lambda row: state_word(row.state)),
        )
        self.model = RowModel[Request](columns, self)
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setAccessibleName(self.tr("Requests"))
        read_well(self.table, (17, 12, 24))
        self.table.selectionModel().currentRowChanged.connect(self._choose)
        self.detail, self.decision = QVBoxLayout(), QVBoxLayout()
        splitter = QSplitter()
        splitter.addWidget(self.table)
        for part in (self.detail, self.decision):
            part.setAlignment(Qt.AlignmentFlag.AlignTop)
            inner, area = QWidget(), QScrollArea()
            inner.setLayout(part)
            area.setWidgetResizable(True)
            area.setFrameShape(QScrollArea.Shape.NoFrame)
            area.setWidget(inner)
            splitter.addWidget(area)
        splitter.setSizes([260, 300, 420])
        self._failed_label = plain_label(faint=True)
        column = QVBoxLayout(self)
        column.addWidget(self._failed_label)
        column.addWidget(splitter, 1)
        self._nothing()
        self._soon = Soon(self._refresh_shown, self)
        desk.request_changed.connect(self._soon)
        desk.guard_changed.connect(self._soon)
        desk.progressed.connect(self._progress)

    def _refresh_shown(self) -> None:
        if self.isVisible():
            self.refresh()

    def refresh(self) -> None:
        """Ask for the list."""
        self._desk.rows("Requests", {"limit": 1000}, self._came, self._no_list)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """It was turned to."""
        super().showEvent(event)
        self.refresh()

    def _no_list(self, sentence: str) -> None:
        self._failed_label.setText(sentence_for(sentence))

    def _came(self, rows: list[dict[str, object]]) -> None:
        found = [parse_request(row) for row in rows]
        found.sort(key=lambda request: request.state != "open")
        chosen = self._request.id if self._request else ""
        self.model.set_rows(found)
        waiting = sum(request.state == "open" for request in found)
        self._failed_label.setText(self.tr("%n request(s) wait for a decision.", "", waiting))
        for row, request in enumerate(found):
            if request.id == chosen:
                if request != self._request:
                    self.table.selectRow(row)
                else:
                    self.table.selectionModel().blockSignals(True)
                    self.table.selectRow(row)
                    self.table.selectionModel().blockSignals(False)
                return
        if found:
            self.table.selectRow(0)
        else:
            self._nothing()

    def _nothing(self) -> None:
        clear(self.detail)
        clear(self.decision)
        self.detail.addWidget(
            plain_label(self.tr("Nothing waits. Requests appear here when somebody asks for a medium."), faint=True)
        )

    def _choose(self, index: QModelIndex) -> None:
        if not 0 <= index.row() < len(self.model.rows):
            return
        self._request = request = self.model.rows[index.row()]
        clear(self.detail)
        clear(self.decision)
        self.detail.addWidget(plain_label(request.purpose, bold=True, scale=1.15))
        wishes = request.wishes
        asked = (
            (self.tr("Requester"), request.requester),
            (self.tr("Filed"), moment(request.filed)),
            (self.tr("Holder"), wishes.get("holder", "")),
            (self.tr("Suggested level"), level_word(self._desk.guard, wishes.get("level", ""))),
            (self.tr("Network"), wishes.get("network", "")),
            (self.tr("Term"), wishes.get("term", "")),
            (self.tr("Kind"), kind_word(wishes.get("kind", ""))),
        )
        self.detail.addWidget(_facts(self.tr("Request"), asked))
        self._medium_card = Card()
        self._travel_card = Card()
        self.detail.addWidget(self._medium_card)
        self.detail.addWidget(self._travel_card)
        self._travel_card.hide()
        self._desk.explain(request.visit, lambda found: self._explained(request, found))
        if request.state == "open":
            self._decide(request)
        else:
            outcome = self.tr("{0} by {1}").format(state_word(request.state), request.decided_by or "–")
            self.decision.addWidget(plain_label(f"{outcome} {why_word(request.why)}", bold=True))

    def _explained(self, request: Request, found: Explanation) -> None:
        if self._request is None or self._request.id != request.id:
            return
        clear(self._medium_card.column)
        column = self._medium_card.column
        column.addWidget(plain_label(self.tr("Medium"), bold=True))
        column.addWidget(plain_label(seen_text(found.seen)))
        if found.seen.partitions:
            column.addWidget(plain_label(partitions_text(found.seen.partitions), faint=True))
        for difference in found.seen.differences:
            column.addWidget(plain_label("⚠ " + difference))
        for reason in found.reasons:
            column.addWidget(plain_label(f"{reason.what} [{reason.rule}]"))
            if reason.cites:
                column.addWidget(plain_label(self.tr("By: {0}").format(reason.cites), faint=True))
        visit = self._desk.visits.get(request.visit)
        there = (
            self.tr("It is plugged in now.")
            if visit
            else self.tr("It is not plugged in any more: it cannot be approved now.")
        )
        column.addWidget(plain_label(there, faint=True))
        if visit is not None and visit.medium:
            wanted: dict[str, object] = {"medium": visit.medium, "limit": SHOWN_TRAVEL}
            self._desk.rows("Visits", wanted, self._visits_came, Quiet)
            self._desk.rows("Crossings", wanted, self._crossings_came, Quiet)

    def _visits_came(self, rows: list[dict[str, Any]]) -> None:
        self._travel_lines([self._visit_line(parse_visit(row)) for row in rows])

    def _visit_line(self, visit: Visit) -> str:
        return f"{moment(visit.arrived)}  {visit.network}  {verdict_word(visit.verdict)}  {visit.user}"

    def _crossings_came(self, rows: list[dict[str, Any]]) -> None:
        found = [parse_crossing(row) for row in rows]
        self._travel_lines([f"{moment(row.at)}  {row.from_network} → {row.to_network}" for row in found])

    def _travel_lines(self, lines: list[str]) -> None:
        if not lines:
            return
        column = self._travel_card.column
        if not self._travel_card.isVisibleTo(self):
            column.addWidget(plain_label(self.tr("Where it has been"), bold=True))
            self._travel_card.show()
        for line in lines:
            column.addWidget(plain_label(line))

    def _decide(self, request: Request) -> None:
        self.form = GrantForm(self._desk)
        self.form.propose(request)
        self.bar = QProgressBar()
        self.bar.hide()
        self.trouble = plain_label()
        self.trouble.hide()
        self.approve = QPushButton(self.tr("&Approve"))
        self.approve.setDefault(True)
        self.once = QPushButton(self.tr("Let in &once, read only"))
        self.turn_down = QPushButton(self.tr("Turn &down…"))
        self.approve.clicked.connect(lambda: self._approve(request, self.form.grant()))
        self.once.clicked.connect(lambda: self._approve(request, {"once": True, "access": "read-only"}))
        self.turn_down.clicked.connect(lambda: self._reject(request))
        self.form.changed.connect(lambda: self.approve.setEnabled(self.form.complete))
        self.approve.setEnabled(self.form.complete)
        buttons = QHBoxLayout()
        for button in (self.once, self.turn_down):
            buttons.addWidget(button)
        card = Card()
        card.column.addWidget(plain_label(self.tr("Decision"), bold=True))
        for widget in (self.form, self.bar, self.trouble):
            card.column.addWidget(widget)
        card.column.addWidget(self.approve)
        card.column.addLayout(buttons)
        self.decision.addWidget(card)

    def _approve(self, request: Request, grant: dict[str, object]) -> None:
        self._busy(busy=True)
        self._desk.approve(
            request.id,
            grant,
            lambda _: self.refresh(),
            self._failed,
            lambda sentence: self._unlock(request, grant, sentence),
        )

    def _unlock(self, request: Request, grant: dict[str, object], sentence: str) -> None:
        passphrase = ask_passphrase(self, sentence)
        if passphrase:
            self._approve(request, {**grant, "passphrase": passphrase})
        else:
            self._failed(sentence)

    def _failed(self, sentence: str) -> None:
        self._busy(busy=False)
        self.trouble.setText(sentence_for(sentence))
        self.trouble.show()

    def _busy(self, *, busy: bool) -> None:
        self.trouble.hide()
        self.bar.setRange(0, 0)
        self.bar.setVisible(busy)
        for button in (self.approve, self.once, self.turn_down):
            button.setEnabled(not busy)

    def _progress(self, ident: str, percent: int, step: str) -> None:
        if self._request is not None and ident == self._request.id and self._request.state == "open":
            self.bar.setRange(0, 100)
            self.bar.setValue(percent)

    def _reject(self, request: Request) -> None:
        why, said = QInputDialog.getMultiLineText(
            self, self.tr("Turn down"), self.tr("Why? {0} will read this.").format(request.requester)
        )
        if said and why.strip():
            self._busy(busy=True)
            self._desk.reject(request.id, why.strip(), lambda _: self.refresh(), self._failed)


def _facts(title: str, facts: tuple[tuple[str, str], ...]) -> Card:
    card = Card()
    card.column.addWidget(plain_label(title, bold=True))
    for name, value in facts:
        if value:
            card.column.addWidget(plain_label(f"{name}: {value}"))
    return card
