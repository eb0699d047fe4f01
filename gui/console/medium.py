"""A medium's page: label, holder, state, and its travel as a timeline."""

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QInputDialog, QMenu, QPushButton, QScrollArea, QVBoxLayout, QWidget

from gui.console.timeline import Stop, Timeline
from gui.desk import Desk, Quiet
from gui.looks import clear, complain, level_chip, plain_label, row_of
from gui.values import Medium, Told, parse_visit
from gui.words import day, files_short, kind_word, level_word, state_word, step_word

MOST = 200


class MediumPage(QScrollArea):
    """Beside the list of media."""

    why = Signal(str)
    changed = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None, *, editable: bool = True) -> None:
        """Empty until a medium is chosen. `editable`: with what an admin may change."""
        super().__init__(parent)
        self._desk, self._editable = desk, editable
        self.medium: Medium | None = None
        inner = QWidget()
        self._column = QVBoxLayout(inner)
        self._column.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.setWidgetResizable(True)
        self.setWidget(inner)
        self._column.addWidget(
            plain_label(self.tr("Choose a medium to see its label and where it has been."), faint=True)
        )
        self.timeline = Timeline()

    def show_medium(self, medium: Medium) -> None:
        """Another one, or the same once more."""
        self.medium = medium
        guard = self._desk.guard
        self.timeline.setParent(None)
        clear(self._column)
        head = row_of(
            level_chip(guard, medium.effective_level), plain_label(medium.number, bold=True, scale=1.3), stretch=False
        )
        head.setStretch(1, 1)
        self._column.addLayout(head)
        facts = (
            (self.tr("Label"), level_word(guard, medium.level)),
            (self.tr("Mark"), medium.mark),
            (self.tr("Effective level"), level_word(guard, medium.effective_level)),
            (self.tr("Kind"), kind_word(medium.kind)),
            (self.tr("Holder"), medium.holder),
            (self.tr("Department"), medium.department),
            (self.tr("Offered to"), medium.receiver),
            (self.tr("Due back"), day(medium.due)),
            (self.tr("Networks"), ", ".join(medium.networks)),
            (self.tr("State"), state_word(medium.state)),
            (self.tr("Expires"), day(medium.expires)),
            (self.tr("Id"), medium.id),
        )
        for name, value in facts:
            if value:
                label = plain_label(f"{name}: {value}")
                label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                self._column.addWidget(label)
        if self._editable:
            self._add_life(medium)
        elif medium.offered:
            self._add_offer(medium)
        if self._editable and "audit" in self._desk.rights:
            self._add_marks(medium)
        self._column.addWidget(plain_label(self.tr("Where it has been"), bold=True))
        self.timeline = Timeline()
        self.timeline.chosen.connect(self.why)
        self._column.addWidget(self.timeline)
        wanted: dict[str, object] = {"medium": medium.id, "limit": MOST}
        timeline = self.timeline
        self._desk.rows("Visits", wanted, lambda rows: self._visits(timeline, rows), Quiet)
        self._desk.travel(medium.id, MOST, lambda told: self._told(timeline, told))

    def _add_offer(self, medium: Medium) -> None:
        """It is offered to whoever sits here."""
        self.take, self.leave = QPushButton(self.tr("&Accept it")), QPushButton(self.tr("&Decline…"))
        self._column.addWidget(
            plain_label(self.tr("It is offered to you. Whoever accepts it answers for it."), bold=True)
        )
        self._column.addLayout(row_of(self.take, self.leave))
        said = lambda sentence: complain(self, sentence)  # noqa: E731 - short
        self.take.clicked.connect(lambda: self._desk.accept(medium.id, True, "", lambda _: self.changed.emit(), said))
        self.leave.clicked.connect(lambda: self._decline(medium.id))

    def _decline(self, ident: str) -> None:
        why, said = QInputDialog.getText(self, self.tr("Decline"), self.tr("Why?"))
        if said and why.strip():
            done, failed = lambda _: self.changed.emit(), lambda sentence: complain(self, sentence)
            self._desk.accept(ident, False, why.strip(), done, failed)

    def _add_life(self, medium: Medium) -> None:
        """What an admin may do with it, and what was done."""
        from gui.console.stepping import BY_HAND, LifeList  # noqa: PLC0415 - an employee's page has none of it

        self.change = QPushButton(self.tr("Next &step"))
        menu = QMenu(self.change)
        for step in medium.steps:
            if step in BY_HAND:
                menu.addAction(step_word(step)).triggered.connect(lambda _=False, to=step: self._step(medium, to))
        self.change.setMenu(menu)
        self.change.setEnabled(not menu.isEmpty())
        self.dispose = QPushButton(self.tr("Dis&pose of it…"))
        self.dispose.clicked.connect(lambda: self._dispose(medium))
        self._column.addLayout(row_of(self.change, self.dispose))
        self._column.addWidget(plain_label(self.tr("Its life so far"), bold=True))
        life = LifeList(self._desk)
        life.ask(medium.id)
        self._column.addWidget(life)

    def _add_marks(self, medium: Medium) -> None:
        """Every mark that its sticker has carried."""
        from gui.console.marks import MarkList  # noqa: PLC0415 - as above

        self._column.addWidget(plain_label(self.tr("Its marks"), bold=True))
        self.marks = MarkList(self._desk)
        self.marks.ask(medium.id)
        self._column.addWidget(self.marks)

    def _visits(self, timeline: Timeline, rows: list[dict[str, Any]]) -> None:
        visits = [parse_visit(row) for row in rows]
        stops = [
            Stop(v.arrived, v.network, v.verdict, v.user, v.id, files=files_short(v.files)) for v in visits if v.arrived
        ]
        timeline.add(stops)

    def _told(self, timeline: Timeline, told: list[Told]) -> None:
        """What the medium itself tells of other computers; what happened here is there already."""
        here = self._desk.guard.host if self._desk.guard else ""
        timeline.add([Stop(t.at, t.network, t.verdict, "", "", t.ended) for t in told if t.at and t.host != here])

    def _step(self, medium: Medium, step: str) -> None:
        from gui.console.stepping import StepDialog  # noqa: PLC0415 - as above

        form = StepDialog(medium, step, self)
        form.accepted.connect(lambda: self._take(medium.id, step, form.papers()))
        form.open()
        self.form = form

    def _dispose(self, medium: Medium) -> None:
        from gui.console.disposing import DisposalDialog  # noqa: PLC0415 - as above

        self.disposal = DisposalDialog(self._desk, medium, self)
        self.disposal.accepted.connect(self.changed)
        self.disposal.open()

    def _take(self, ident: str, step: str, papers: dict[str, object]) -> None:
        self._desk.step(ident, step, papers, lambda _: self.changed.emit(), lambda sentence: complain(self, sentence))
