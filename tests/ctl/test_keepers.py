"""Holders and orders of two people on the command line."""

import json

import pytest

from tests.ctl.desk import MEDIUM, VISIT, Desk

ORDER = "d1" * 16
ROW = {"id": ORDER, "kind": "clear", "medium": MEDIUM, "level": "", "state": "proposed", "proposed_by": "carol"}
HOLDER = {"name": "张三", "account": "zhang", "department": "二处", "clearance": "机密", "state": "leaving", "holds": 2}


@pytest.mark.parametrize(
    ("words", "verb", "sent"),
    [
        (("person", "张三", "--department", "二处"), "PutPerson", ["张三", {"account": "", "department": "二处"}]),
        (("clearance", "张三", "机密", "--why", "x"), "SetClearance", ["张三", "机密", "x"]),
        (("clearance", "张三", "--why", "x"), "SetClearance", ["张三", "", "x"]),
        (("leaves", "张三", "--why", "x"), "Depart", ["张三", True, "x"]),
        (("stays", "张三", "--why", "x"), "Depart", ["张三", False, "x"]),
        (("sign-off", "张三", "--why", "x"), "SignOff", ["张三", "x"]),
        (
            ("propose", "clear", "c1", "--why", "x", "--form", "7"),
            "Propose",
            ["clear", MEDIUM, {"why": "x", "form": "7"}],
        ),
        (("confirm", "d1"), "Confirm", [ORDER, True, ""]),
        (("confirm", "d1", "--decline", "--why", "no"), "Confirm", [ORDER, False, "no"]),
        (("clear", "a1", "d1"), "Clear", [VISIT, ORDER]),
    ],
)
def test_what_was_typed_is_what_is_asked_for(desk: Desk, words: tuple[str, ...], verb: str, sent: list[object]) -> None:
    desk.daemon.listings["Orders"] = [ROW]
    desk.daemon.answers |= {"Propose": [ORDER], "Clear": [{"number": "MG-0001", "octets": 5, "method": "m"}]}
    answer = desk.type(*words)
    assert answer.status == 0, answer.err
    assert [arguments for called, arguments in desk.daemon.calls if called == verb] == [sent]


def test_clearing_says_what_it_is_not(desk: Desk) -> None:
    desk.daemon.listings["Orders"] = [ROW]
    desk.daemon.answers["Clear"] = [{"number": "MG-0001", "octets": 5, "method": "m"}]
    assert "not Purge" in desk.type("clear", "a1", "d1").out


@pytest.mark.parametrize(
    "words", [("confirm", "d1", "--decline"), ("leaves", "x"), ("propose", "burn", "c1", "--why", "x"), ("clear", "a1")]
)
def test_a_decision_without_its_reason_is_bad_usage(desk: Desk, words: tuple[str, ...]) -> None:
    assert desk.type(*words).status == 2
    assert desk.daemon.verbs == []


def test_holders_and_orders_have_stable_keys(desk: Desk) -> None:
    desk.daemon.listings["Orders"] = [ROW]
    desk.daemon.answers["People"] = [[HOLDER]]
    (order,) = json.loads(desk.type("orders", "--json").out)
    assert order["id"] == ORDER
    (holder,) = json.loads(desk.type("people", "--json").out)
    assert {**holder, **HOLDER} == holder
    assert "二处" in desk.type("people").out
    assert "held" not in desk.type("held", "张三").err
    assert ("Media", [{"holder": "张三", "limit": 1000}]) in desk.daemon.calls


def test_reminders_are_sentences_for_people_and_keys_for_scripts(desk: Desk) -> None:
    row = {
        "about": "loan",
        "medium": MEDIUM,
        "number": "MG-0001",
        "at": "",
        "late": True,
        "what": "Give it \x1b[2Jback.",
    }
    desk.daemon.answers["Reminders"] = [[row]]
    assert desk.type("reminders").out == "Give it  [2Jback.\n"
    assert json.loads(desk.type("reminders", "--json").out) == [row]
    desk.daemon.answers["Reminders"] = [[]]
    assert "nothing to remind you of" in desk.type("reminders").out
    assert json.loads(desk.type("reminders", "--json").out) == []
