"""The life of a medium on the command line: what was typed is what is asked for."""

import json

from tests.ctl.desk import MEDIA, MEDIUM, Desk

TAKEN = {
    "medium": MEDIUM,
    "at": "2026-11-24T10:00:00Z",
    "step": "lend",
    "before": "registered",
    "after": "lent",
    "by": "carol",
    "approved_by": "王主任",
    "form": "BM-7",
    "holder": "李四",
    "department": "二处",
    "due": "2026-12-01T00:00:00Z",
    "level_before": "",
    "level": "",
    "order": "",
    "why": "travel",
    "seq": 3,
}


def test_a_loan_carries_its_papers_and_says_how_the_medium_stands(desk: Desk) -> None:
    desk.daemon.listings["Media"] = [{**MEDIA, "state": "lent"}]
    papers = ("--why", "travel", "--holder", "李四", "--due", "7d", "--approved-by", "王主任", "--form", "BM-7")
    answer = desk.type("step", "c1", "lend", *papers)
    assert (answer.status, answer.out) == (0, "Medium c1c1c1c1 is lent now.\n")
    sent = {"why": "travel", "holder": "李四", "due": "7d", "approved_by": "王主任", "form": "BM-7"}
    assert [arguments for verb, arguments in desk.daemon.calls if verb == "Step"] == [[MEDIUM, "lend", sent]]


def test_a_step_without_a_reason_or_that_nobody_takes_alone_is_bad_usage(desk: Desk) -> None:
    for words in (("c1", "lend"), ("c1", "destroy", "--why", "x"), ("c1", "accept", "--why", "x")):
        assert desk.type("step", *words).status == 2
    assert desk.daemon.verbs == []


def test_accepting_and_declining_are_not_taken_for_each_other(desk: Desk) -> None:
    assert "yours now" in desk.type("accept", "c1").out
    assert desk.type("decline", "c1").status == 2
    assert "its holder keeps it" in desk.type("decline", "c1", "--why", "not mine").out
    sent = [arguments for verb, arguments in desk.daemon.calls if verb == "Accept"]
    assert sent == [[MEDIUM, True, ""], [MEDIUM, False, "not mine"]]


def test_the_history_has_stable_keys_and_reads_in_words(desk: Desk) -> None:
    desk.daemon.listings["History"] = [TAKEN]
    (row,) = json.loads(desk.type("history", "c1", "--json").out)
    assert row == TAKEN
    shown = desk.type("history").out
    assert "王主任" in shown
    assert "lent" in shown
    assert [arguments for verb, arguments in desk.daemon.calls if verb == "History"] == [
        [{"limit": 100, "medium": MEDIUM}],
        [{"limit": 100}],
    ]
