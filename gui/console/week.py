"""The week in short: what came, what was refused and by which rule, what waits, what is overdue, incidents and crossings."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from gui.console.filing import Filing
from gui.desk import Desk
from gui.inventories import Running, parse_running
from gui.looks import Card, clear, complain, plain_label, sentence_for
from gui.plain import map_of, number, rows_of, text, texts, time_of
from gui.words import day, level_word, moment, step_word, verdict_word


class WeekPage(QWidget):
    """Asks when it is shown; the paper is made by the command line, which draws it."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Empty until it is shown."""
        super().__init__(parent)
        self._desk = desk
        self.titles: list[str] = []
        self._column = QVBoxLayout()
        self._column.setAlignment(Qt.AlignmentFlag.AlignTop)
        inner = QWidget()
        inner.setLayout(self._column)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inner)
        self.paper = QPushButton(self.tr("&Save as PDF…"))
        self.paper.clicked.connect(self._save)
        self.filing = Filing(self)
        self.filing.done.connect(self._saved)
        self.filing.failed.connect(self._not_saved)
        self._said = plain_label(faint=True)
        bar = QHBoxLayout()
        bar.addWidget(self.paper)
        bar.addWidget(self._said, 1)
        column = QVBoxLayout(self)
        column.addWidget(area, 1)
        column.addLayout(bar)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """It was turned to."""
        super().showEvent(event)
        self._desk.call("Summary", "a{sv}", [{}], self._show, self._failed)

    def _failed(self, sentence: str) -> None:
        clear(self._column)
        self._column.addWidget(plain_label(sentence_for(sentence)))

    def _show(self, found: object) -> None:
        clear(self._column)
        self.titles.clear()
        week = map_of(found)
        visits, crossings, late = (map_of(week.get(name)) for name in ("visits", "crossings", "late"))
        counts = [
            f"{verdict_word(verdict)}: {number(visits[verdict])}"
            for verdict in ("read-write", "read-only", "refused", "held", "observed")
            if verdict in visits
        ]
        counts += [f"{step_word(step)}: {number(count)}" for step, count in map_of(week.get("steps")).items()]
        title = self.tr("Plugged in: {0} times, {1} registered media")
        self._card(title.format(number(visits.get("total")), number(visits.get("media"))), counts)
        refused = [
            (f"{number(row.get('count'))} × {text(row.get('why'))} [{text(row.get('rule'))}]", text(row.get("cites")))
            for row in rows_of(week.get("refused"))
        ]
        lines = [line for said, cites in refused for line in (said, "    " + self.tr("By: {0}").format(cites))]
        self._card(self.tr("Refused: {0}").format(number(visits.get("refused"))), lines)
        self._card(
            self.tr("Incidents: {0}").format(number(week.get("alarms"))),
            [
                f"{moment(time_of(row.get('at')))}  {text(row.get('user'))}  {', '.join(texts(row.get('rules')))}"
                for row in rows_of(week.get("incidents"))
            ],
        )
        self._card(
            self.tr("Crossings: {0}").format(sum(number(count) for count in crossings.values())),
            [
                f"{text(row.get('from_network'))} → {text(row.get('to_network'))}: {number(row.get('count'))}"
                f" ({verdict_word(text(row.get('verdict')))})"
                for row in rows_of(week.get("ways"))
            ],
        )
        self._card(
            self.tr("Requests that wait: {0}").format(number(week.get("waiting"))),
            [f"{text(row.get('requester'))}: {text(row.get('purpose'))}" for row in rows_of(week.get("requests"))],
        )
        running = [parse_running(row) for row in rows_of(week.get("inventories"))]
        self._card(
            self.tr("Running inventories: {0}").format(len(running)),
            [line for inventory in running for line in self._count(inventory)],
        )
        over = {
            "loan-over": self.tr("loan ended on {0}"),
            "inspection-overdue": self.tr("inspection was due on {0}"),
            "term-over": self.tr("term ended on {0}"),
        }
        self._card(
            self.tr("Overdue media: {0}").format(sum(number(count) for count in late.values())),
            [
                f"{text(row.get('number'))}  {text(row.get('holder'))}  "
                + over.get(text(row.get("why")), "{0}").format(day(time_of(row.get("since"))))
                for row in rows_of(week.get("overdue"))
            ],
        )

    def _count(self, running: Running) -> list[str]:
        """An inventory, and the departments that miss something."""
        found = running.inventory
        scope = " ".join(
            filter(None, (found.department, f"≥ {level_word(self._desk.guard, found.level)}" if found.level else ""))
        )
        title = f"{found.title} ({scope})" if scope else found.title
        words = (
            self.tr("{0}, overdue since {1}: {2} of {3} seen, {4} missing")
            if running.overdue
            else self.tr("{0}, until {1}: {2} of {3} seen, {4} missing")
        )
        lines = [words.format(title, day(found.due), found.seen, found.expected, found.missing)]
        for department, missing, expected in running.departments:
            said = self.tr("{0}: {1} of {2} missing").format(
                department or self.tr("without a department"), missing, expected
            )
            lines.append("    " + said)
        return lines

    def _card(self, title: str, lines: list[str]) -> None:
        self.titles.append(title)
        card = Card()
        card.column.addWidget(plain_label(title, bold=True))
        for line in lines:
            card.column.addWidget(plain_label(line))
        self._column.addWidget(card)

    def _save(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(self, self.tr("Save as PDF"), "summary.pdf", "PDF (*.pdf)")
        if not chosen:
            return
        path = Path(chosen)
        path = path if path.suffix.lower() == ".pdf" else path.with_name(path.name + ".pdf")
        self.paper.setEnabled(False)
        self.filing.draw(path, ["summary", "--week"], self._desk.link.language, self._desk.link.person)

    def _saved(self, path: str) -> None:
        self.paper.setEnabled(True)
        self._said.setText(path)

    def _not_saved(self, sentence: str) -> None:
        self.paper.setEnabled(True)
        complain(self, sentence)
