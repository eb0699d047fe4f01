"""A thousand visits, a hundred thousand entries: nothing lost, nothing frozen, only what is looked at in memory."""

from functools import partial
from typing import Any

from PySide6.QtCore import QModelIndex, QTimer
from PySide6.QtWidgets import QApplication

from gui.console.entries import BLOCK, FLYING, KEPT, EntriesModel
from gui.desk import Desk
from gui.feed import VisitGone, VisitSeen
from gui.link import Link
from gui.mine import MineWindow
from gui.values import Explanation, Reason
from tests.gui.desktop import Desktop, wait_until
from tests.gui.test_values import visit_of

ENTRIES = 100_000


class Journal:
    """Answers pages like the guard, later."""

    def __init__(self, entries: int) -> None:
        self.entries = entries
        self.asked: list[dict[str, object]] = []
        self.flying = self.most = 0
        self.fail_next = False

    def __call__(self, page: dict[str, object], done: Any, failed: Any) -> None:
        self.asked.append(page)
        self.flying += 1
        self.most = max(self.most, self.flying)
        before = int(str(page.get("before", 0))) or self.entries + 1
        newest = min(before - 1, self.entries)
        rows = [
            {
                "seq": seq,
                "at": "2026-01-01T00:00:00Z",
                "kind": "result",
                "subject": "s",
                "data": {"n": seq},
                "hash": "h",
            }
            for seq in range(newest, max(0, newest - int(str(page["limit"]))), -1)
        ]
        fail, self.fail_next = self.fail_next, False

        def answer() -> None:
            self.flying -= 1
            if fail:
                failed()
            else:
                done(rows)

        QTimer.singleShot(0, answer)


def test_a_hundred_thousand_entries_are_there_and_only_what_is_shown_is_fetched(app: QApplication) -> None:
    journal = Journal(ENTRIES)
    model = EntriesModel(journal)
    model.look({})
    wait_until(lambda: model.rowCount() == ENTRIES)
    assert len(journal.asked) == 1
    for row in (0, ENTRIES // 2, ENTRIES - 1):
        model.entry(row)
        wait_until(partial(model.entry, row))
        entry = model.entry(row)
        assert entry is not None
        assert entry.seq == ENTRIES - row
    assert len(journal.asked) == 4
    for row in range(0, ENTRIES, BLOCK):
        model.entry(row)
        wait_until(partial(model.entry, row))
    assert len(model._blocks) == KEPT


def test_scrolling_past_a_hundred_thousand_entries_asks_for_little_at_a_time_and_a_failed_block_once_more(
    app: QApplication,
) -> None:
    journal = Journal(ENTRIES)
    model = EntriesModel(journal)
    model.look({})
    wait_until(lambda: model.rowCount() == ENTRIES)
    for row in range(0, ENTRIES, BLOCK):
        model.entry(row)
    wait_until(lambda: not model._asked)
    assert journal.most <= FLYING
    assert len(journal.asked) < 20, "what was only scrolled past is not fetched"
    journal.fail_next = True
    middle = ENTRIES // 2
    assert model.entry(middle) is None
    wait_until(lambda: not model._asked)
    assert model.entry(middle) is None
    wait_until(lambda: model.entry(middle) is not None)


def test_what_is_appended_comes_on_top_and_moves_nothing_else(app: QApplication) -> None:
    journal = Journal(1_234)
    model = EntriesModel(journal)
    model.look({})
    wait_until(lambda: model.rowCount() == 1_234)
    wait_until(lambda: model.entry(0) is not None)
    inserted: list[tuple[int, int]] = []
    model.rowsInserted.connect(lambda parent, first, last: inserted.append((first, last)))
    journal.entries += 7
    model.grow(journal.entries)
    assert inserted == [(0, 6)]
    wait_until(lambda: model.entry(0) is not None and model.entry(7) is not None)
    entry = model.entry(7)
    assert entry is not None
    assert entry.seq == 1_234
    assert model.rowCount() == 1_241


def test_an_answer_to_an_earlier_filter_is_dropped(app: QApplication) -> None:
    journal = Journal(2_000)
    model = EntriesModel(journal)
    model.look({"kind": "intent"})
    model.look({})
    wait_until(lambda: model.rowCount() == 2_000)
    assert not model._found
    model.look({"kind": "result"})
    wait_until(lambda: model.rowCount() == BLOCK)
    while model.canFetchMore(QModelIndex()):
        before = model.rowCount()
        model.fetchMore(QModelIndex())
        wait_until(partial(_grown, model, before))
    assert model.rowCount() == 2_000


def test_a_thousand_visits_leave_the_window_alive_and_nothing_out(app: QApplication) -> None:
    link = Link("en")
    desk = Desk(link)
    window = MineWindow(desk)
    window.show()
    ticks: list[int] = []
    heart = QTimer()
    heart.timeout.connect(lambda: ticks.append(len(window._cards)))
    heart.start(0)
    for number in range(1_000):
        link._push(VisitSeen(visit_of(id=f"{number:032x}", stage="open", verdict="read-write")))
    wait_until(lambda: len(window._cards) == 1_000, 50)
    between = {count for count in ticks if 0 < count < 1_000}
    assert len(between) >= 50, "the window lived between the slices"
    assert len(desk.visits) == 1_000
    for number in range(1_000):
        link._push(VisitGone(f"{number:032x}"))
    wait_until(lambda: not desk.visits)
    assert not window._cards
    assert not link._events
    window.close()
    link.stop()


def test_one_notification_for_each_of_many_visits(desktop: Desktop) -> None:
    """A thousand, through a real session bus; each changes three times and is told once."""
    desktop.desk.explain = lambda visit, done, failed=None: done(_explained(visit))  # type: ignore[method-assign]
    for number in range(1_000):
        for stage in ("arrived", "reading", "shut", "shut"):
            verdict = "refused" if stage == "shut" else "held"
            visit = visit_of(id=f"{number:032x}", stage=stage, verdict=verdict, reasons=["not-labelled"])
            desktop.link._push(VisitSeen(visit))
    desktop.until(lambda: len(desktop.server.shown) >= 1_000, 50)
    done: list[object] = []
    desktop.desk.rows("Visits", {}, done.append, done.append)
    desktop.until(lambda: done)
    assert len(desktop.server.shown) == 1_000
    assert not [shown for shown in desktop.server.shown if shown.replaces]


def _grown(model: EntriesModel, before: int) -> bool:
    return model.rowCount() > before or not model._more


def _explained(visit: str) -> Any:
    return Explanation(visit, "refused", (Reason("not-labelled", "what", "why", "next"),), visit_of().seen)
