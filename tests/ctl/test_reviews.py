"""The classification clock on the command line: what was typed is what is asked for, and what is left out is not sent."""

import json

import pytest

from tests.ctl.desk import MEDIA, MEDIUM, Desk

DUE = {
    "medium": MEDIUM,
    "number": "MG-0001",
    "level": "机密",
    "mark": "机密★20年",
    "holder": "张三",
    "ends": "2026-12-31T00:00:00Z",
    "phase": "ending",
    "releasable": False,
    "released": "",
}
MARK = {"seq": 1, "mark": "机密★20年", "level": "机密", "by": "carol", "cancelled": "2026-11-24T10:00:00Z"}


@pytest.mark.parametrize(
    ("words", "verb", "sent"),
    [
        (("classify", "c1", "--term", "5y", "--why", "x"), "Classify", [MEDIUM, {"term": "5y"}, "x"]),
        (("classify", "c1", "--condition", "", "--why", "x"), "Classify", [MEDIUM, {"condition": ""}, "x"]),
        (("marks", "c1"), "Marks", [MEDIUM]),
        (
            ("propose", "release", "c1", "--level", "公开", "--why", "x"),
            "Propose",
            ["release", MEDIUM, {"level": "公开", "why": "x"}],
        ),
        (
            ("propose", "extend", "c1", "--term", "5y", "--why", "x"),
            "Propose",
            ["extend", MEDIUM, {"term": "5y", "why": "x"}],
        ),
    ],
)
def test_what_was_typed_is_what_is_asked_for(desk: Desk, words: tuple[str, ...], verb: str, sent: list[object]) -> None:
    desk.daemon.listings["Media"] = [{**MEDIA, "mark": "机密★5年"}]
    desk.daemon.answers |= {"Marks": [[MARK]], "Propose": ["d1" * 16]}
    answer = desk.type(*words)
    assert answer.status == 0, answer.err
    assert [arguments for called, arguments in desk.daemon.calls if called == verb] == [sent]


def test_reviews_and_marks_have_stable_keys_and_read_in_words(desk: Desk) -> None:
    desk.daemon.listings["Reviews"] = [DUE]
    desk.daemon.answers["Marks"] = [[MARK]]
    (row,) = json.loads(desk.type("reviews", "--json").out)
    assert {**row, **DUE} == row
    shown = desk.type("reviews").out
    assert "ends soon" in shown
    assert "2026-12-31 00:00" in shown
    (mark,) = json.loads(desk.type("marks", "c1", "--json").out)
    assert {**mark, **MARK} == mark
    assert "机密★20年" in desk.type("marks", "c1").out


def test_another_classification_without_a_reason_is_bad_usage(desk: Desk) -> None:
    assert desk.type("classify", "c1", "--term", "5y").status == 2
    assert desk.daemon.verbs == []
