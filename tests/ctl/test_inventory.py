"""Inventories on the command line: what was typed or scanned is what is asked for, and one bad code does not stop the others."""

import json
from typing import Any

import pytest

from guard.ctl.client import REFUSED, Failure
from tests.ctl.desk import MEDIUM, Desk

INVENTORY = "e1" * 16
ROW = {
    "id": INVENTORY,
    "title": "秋季清查",
    "state": "open",
    "due": "2026-12-31T23:59:59Z",
    "expected": 3,
    "missing": 1,
}
FOUND = {"id": MEDIUM, "number": "MG-0001", "level": "机密", "holder": "张三", "department": "二处", "state": "issued"}
COUNTED = {**FOUND, "counted": "秋季清查", "inspection_due": ""}
MISSING = {"medium": MEDIUM, "number": "MG-0001", "level": "机密", "department": "二处", "holder": "李四"}


@pytest.mark.parametrize(
    ("words", "verb", "sent"),
    [
        (
            ("begin", "秋季", "--due", "30d", "--level", "机密"),
            "BeginInventory",
            ["秋季", {"due": "30d", "level": "机密"}],
        ),
        (("scan", f"MG|{MEDIUM}"), "Inspect", [f"MG|{MEDIUM}"]),
        (("missing", "e1", "--after", "5"), "Missing", [INVENTORY, {"limit": 1000, "after": 5}]),
        (("missing", "e1", "--by-department"), "InventoryDepartments", [INVENTORY]),
        (("close", "e1", "--why", "done"), "EndInventory", [INVENTORY, True, "done"]),
        (("close", "e1", "--call-off", "--why", "wrong"), "EndInventory", [INVENTORY, False, "wrong"]),
    ],
)
def test_what_was_typed_is_what_is_asked_for(desk: Desk, words: tuple[str, ...], verb: str, sent: list[object]) -> None:
    desk.daemon.listings["Inventories"] = [ROW]
    desk.daemon.answers |= {
        "BeginInventory": [INVENTORY],
        "Inspect": [COUNTED],
        "Missing": [[MISSING]],
        "InventoryDepartments": [[{"department": "二处", "expected": 3}]],
    }
    answer = desk.type("inventory", *words)
    assert answer.status == 0, answer.err
    assert [arguments for called, arguments in desk.daemon.calls if called == verb] == [sent]


def test_a_scanner_goes_on_after_a_code_that_is_not_known_and_the_end_says_so(desk: Desk) -> None:
    def answer(arguments: list[Any]) -> list[Any]:
        if arguments == ["torn"]:
            raise Failure("No such code.", REFUSED, "sticker-unknown")
        return [COUNTED if arguments == ["MG-0001"] else {**COUNTED, "counted": "", "state": "lost"}]

    desk.daemon.answers["Inspect"] = answer
    found = desk.type("inventory", "scan", stdin="torn\n\nMG-0001\nMG-0002\n")
    assert found.status == 1
    told = found.out.splitlines()
    assert [told[0], "is counted: 秋季清查" in told[1], "no inventory waits" in told[2]] == [
        "No such code.",
        True,
        True,
    ]
    assert "is lost. Keep it" in told[3]
    assert "Not every code" in found.err


@pytest.mark.parametrize("words", [("begin", "x"), ("close", "e1"), ("begin", "--due", "30d"), ("missing",)])
def test_an_inventory_without_its_day_or_a_reason_is_bad_usage(desk: Desk, words: tuple[str, ...]) -> None:
    assert desk.type("inventory", *words).status == 2
    assert desk.daemon.calls == []


def test_inventories_have_stable_keys_and_read_in_words(desk: Desk) -> None:
    desk.daemon.listings["Inventories"] = [ROW]
    (row,) = json.loads(desk.type("inventory", "list", "--json").out)
    assert {**row, **ROW} == row
    assert "秋季清查" in desk.type("inventory", "list").out
    desk.daemon.answers["Missing"] = [[MISSING]]
    shown = desk.type("inventory", "missing", "e1").out
    assert "李四" in shown
    assert "二处" in shown
