"""Tables of which one row is chosen: a button never acts on another row than the marked one."""

from dataclasses import dataclass

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gui.listing import Listing
from gui.tables import Column


@dataclass(frozen=True)
class Person:
    """A row."""

    name: str
    media: int


ZHANG, LI, WANG = Person("张三", 2), Person("李四", 9), Person("王五", 10)


@pytest.fixture
def listing(qtbot: QtBot) -> Listing[Person]:
    columns: tuple[Column[Person], ...] = (
        Column("Name", lambda row: row.name),
        Column("Media", lambda row: str(row.media), key=lambda row: row.media),
    )
    found = Listing("People", columns, (10, 5), lambda row: row.name)
    qtbot.addWidget(found)
    found.show_rows([ZHANG, LI, WANG])
    return found


def marked(listing: Listing[Person]) -> Person:
    (index,) = listing.selectionModel().selectedRows()
    return listing.rows[index.row()]


def test_rows_stand_as_they_came_until_a_heading_is_clicked(listing: Listing[Person]) -> None:
    assert listing.rows == [ZHANG, LI, WANG]
    listing.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    assert listing.rows == [WANG, LI, ZHANG], "sorted by number, not by its digits"
    assert listing.chosen is None


@pytest.mark.parametrize("order", Qt.SortOrder)
def test_what_is_marked_after_a_click_on_a_heading_is_what_was_chosen(
    listing: Listing[Person], order: Qt.SortOrder
) -> None:
    for person in (ZHANG, LI, WANG):
        listing.selectRow(listing.rows.index(person))
        listing.sortByColumn(1, order)
        assert marked(listing) == listing.chosen == person
        listing.sortByColumn(0, order)
        assert marked(listing) == listing.chosen == person


def test_rows_that_come_anew_keep_what_is_chosen_and_how_they_are_sorted(listing: Listing[Person]) -> None:
    listing.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    listing.selectRow(0)
    fewer = Person("王五", 1)
    listing.show_rows([LI, fewer, ZHANG])
    assert listing.rows == [LI, ZHANG, fewer]
    assert marked(listing) == listing.chosen == fewer, "as it is now, not as it was"


def test_what_is_gone_is_chosen_no_longer_and_nothing_takes_its_place(listing: Listing[Person], qtbot: QtBot) -> None:
    listing.selectRow(1)
    with qtbot.waitSignal(listing.chose):
        listing.show_rows([ZHANG, WANG])
    assert listing.chosen is None
    assert listing.selectionModel().selectedRows() == []
