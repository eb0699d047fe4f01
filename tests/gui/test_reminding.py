"""Reminders are one notification, once a day, and nothing where there is nothing to say."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from gui import reminding
from gui.desk import Desk
from gui.feed import GuardSeen
from gui.link import Link
from gui.popups import Notice
from gui.reminding import Reminding
from gui.values import parse_guard

ROWS = [
    {"about": "loan", "late": True, "what": "MG-1: give it back."},
    {"about": "term", "late": False, "what": "MG-2"},
]


class World:
    """A desk whose link keeps what is asked and shown."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.today, self.file = "2026-11-26", folder / "state" / "reminded"
        self.link = Link("en")
        self.asked: list[Any] = []
        self.shown: list[tuple[str, Notice]] = []
        monkeypatch.setattr(
            self.link, "ask", lambda member, _, __, done, failed, **___: self._ask(member, done, failed)
        )
        monkeypatch.setattr(self.link, "show", lambda key, notice: self.shown.append((key, notice)))
        monkeypatch.setattr(reminding, "_today", lambda: self.today)

    def _ask(self, member: str, done: Any, failed: Any) -> None:
        if member == "Reminders":
            self.asked.append((done, failed))

    def login(self) -> Reminding:
        desk = Desk(self.link)
        found = Reminding(desk, self.file)
        desk._take(GuardSeen(parse_guard({}, "en"), fresh=True))
        return found


@pytest.fixture
def world(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[World]:
    found = World(monkeypatch, tmp_path)
    yield found
    found.link.stop()


def test_once_a_day_however_often_somebody_logs_in(world: World) -> None:
    first = world.login()
    world.asked.pop()[0](ROWS)
    ((key, notice),) = world.shown
    assert (key, notice.urgent) == ("reminders", True)
    assert notice.body == "MG-1: give it back.\nMG-2"
    first.look()
    again = world.login()
    assert world.asked == []
    assert len(world.shown) == 1
    world.today = "2026-11-27"
    for one in (first, again):
        one.look()
    assert len(world.asked) == 2


def test_two_answers_on_one_day_are_one_notification(world: World) -> None:
    one = world.login()
    one.look()
    assert len(world.asked) == 1, "while it is asked it is not asked again"
    world.asked[0][0](ROWS)
    world.asked[0][0](ROWS)
    assert len(world.shown) == 1


def test_nothing_to_say_or_no_answer_shows_nothing_and_is_asked_again(world: World) -> None:
    one = world.login()
    world.asked.pop()[0]([])
    one.look()
    world.asked.pop()[1]("The guard is away.")
    one.look()
    assert len(world.asked) == 1
    assert world.shown == []
    assert not world.file.exists()


@pytest.mark.parametrize("hostile", [None, "x", [1, "x"], [{"what": 5}], [{"what": ""}], {"what": "x"}])
def test_an_answer_that_is_none_is_no_notification(world: World, hostile: object) -> None:
    world.login()
    world.asked.pop()[0](hostile)
    assert world.shown == []


def test_where_the_day_cannot_be_kept_they_are_shown_all_the_same(world: World) -> None:
    world.file.parent.mkdir()
    world.file.mkdir()
    world.login()
    world.asked.pop()[0]([{"what": f"MG-{number}"} for number in range(9)])
    ((_, notice),) = world.shown
    assert notice.body.splitlines()[:5] == [f"MG-{number}" for number in range(5)]
    assert "4 more" in notice.body
    assert not notice.urgent
