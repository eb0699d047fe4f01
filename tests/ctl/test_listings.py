"""What scripts read has exactly the keys they rely on; what people read cannot speak to their terminal."""

import json
import re

import pytest

from guard.ctl.client import Failure
from guard.words import LANGUAGES
from tests.ctl.desk import HOSTILE, MEDIUM, OTHER, REFUSED, REQUEST, STOP, VISIT, Desk

KEYS = {
    "media": ["id", "number", "level", "kind", "networks", "holder", "state", "effective_level", "present"],
    "visits": [
        "id",
        "medium",
        "interface",
        "disk",
        "arrived",
        "left",
        "verdict",
        "reasons",
        "severity",
        "user",
        "network",
        "files",
    ],
    "crossings": [
        "medium",
        "at",
        "from_network",
        "to_network",
        "from_level",
        "to_level",
        "direction",
        "verdict",
        "source",
        "severity",
        "holder",
        "number",
        "visit",
        "files",
    ],
    "requests": ["id", "state", "visit", "requester", "purpose", "decided_by", "why"],
    "journal": ["seq", "at", "kind", "subject", "data", "hash"],
}
OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


@pytest.mark.parametrize("listing", KEYS)
def test_json_has_exactly_the_promised_keys_and_nothing_else_is_printed(desk: Desk, listing: str) -> None:
    answer = desk.type(listing, "--json")
    assert [list(row) for row in json.loads(answer.out)] == [KEYS[listing]]
    assert (answer.status, answer.err) == (0, "")


def test_the_travel_of_a_medium_has_its_keys_and_says_in_words_how_each_visit_ended(desk: Desk) -> None:
    answer = desk.type("travel", MEDIUM[:8], "--json", "--before", "9")
    assert [list(row) for row in json.loads(answer.out)] == [
        [*[key for key in STOP if "box" not in key and key != "removal_sequence"], "sealed"]
    ]
    assert desk.daemon.calls[-1] == ("Travel", [MEDIUM, {"limit": 100, "before": 9}])
    desk.daemon.answers["Travel"] = [[{**STOP, "verdict": "read-write", "ended": "unknown"}]]
    shown = desk.type("travel", MEDIUM).out
    assert "unknown (just pulled out)" in shown
    assert "removed safely" not in shown


@pytest.mark.parametrize("listing", KEYS)
def test_no_rows_are_an_empty_array(desk: Desk, listing: str) -> None:
    desk.daemon.listings[listing.capitalize()] = []
    assert json.loads(desk.type(listing, "--json").out) == []


def test_status_has_its_keys_and_the_faults_as_codes_and_sentences(desk: Desk) -> None:
    found = json.loads(desk.type("status", "--json").out)
    assert list(found) == ["version", "host", "network", "level", "scheme", "ports", "health"]
    told = {"code": "registry-locked", "what": "It is locked."}
    assert found["health"] == {"state": "degraded", "faults": [told]}
    assert found["ports"] == "simulated"
    painted = desk.type("status")
    assert painted.err == "It is locked.\n"
    assert "not good" in painted.out


@pytest.mark.parametrize("columns", [0, 60, 160])
@pytest.mark.parametrize("words", [("media",), ("media", "--json"), ("show", MEDIUM), ("show", MEDIUM, "--json")])
def test_hostile_text_never_reaches_the_terminal_as_a_code(desk: Desk, words: tuple[str, ...], columns: int) -> None:
    if columns:
        desk.on_a_terminal(columns)
    out = desk.type(*words).out
    kept = re.sub(r"\x1b\[[0-9;]*m", "", out) if columns else out  # our own colours
    assert not OBEYED.search(kept)
    assert "[red]Kingston[/red]" in re.sub(r"\s", "", kept) or columns == 160  # markup is shown, not obeyed
    assert "\x1b[31mKingston" not in out


def test_json_still_says_what_the_text_was(desk: Desk) -> None:
    assert json.loads(desk.type("media", "--json").out)[0]["holder"] == HOSTILE


def test_colours_only_on_a_terminal_and_never_with_no_color(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b" not in desk.type("visits").out
    desk.on_a_terminal(200)
    assert "\x1b[31mrefused" in desk.type("visits").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[31m" not in desk.type("visits").out


def test_a_level_has_the_colour_of_its_scheme(desk: Desk) -> None:
    desk.daemon.listings["Media"][0] = {
        **desk.daemon.listings["Media"][0],
        "level": "CONFIDENTIAL",
        "effective_level": "",
    }
    desk.on_a_terminal(200)
    assert re.search(r"\x1b\[[0-9;]+mCONFIDENTIAL", desk.type("media").out)


def test_a_narrow_terminal_gets_a_list_for_each_row_and_no_line_is_too_long(desk: Desk) -> None:
    desk.on_a_terminal(60)
    lines = desk.type("visits").out.splitlines()
    assert any(line.startswith("verdict") and line.endswith("refused") for line in lines)
    assert max(map(len, lines)) <= 60


def test_a_pipe_gets_each_row_on_one_line(desk: Desk) -> None:
    desk.daemon.listings["Visits"] = [{**REFUSED, "reasons": ["above-ceiling", "network-not-listed"] * 8}]
    assert len(desk.type("visits").out.splitlines()) == 2


def test_chinese_columns_stand_below_each_other(desk: Desk) -> None:
    desk.daemon.language = "zh"
    out = desk.type("show", REQUEST).out.splitlines()
    cells = [sum(1 + (ord(c) > 0x2E80) for c in re.split(r"(?<=\S)  +(?=\S)", line)[0]) for line in out if "  " in line]
    widths = [sum(1 + (ord(c) > 0x2E80) for c in line[: line.index("alice")]) for line in out if "alice" in line]
    assert max(cells) + 2 == widths[0]
    assert "申请时间" in desk.type("show", REQUEST).out


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("words", [(name,) for name in KEYS] + [("show", MEDIUM), ("show", VISIT), ("show", REQUEST)])
def test_every_heading_is_told_in_the_readers_language(desk: Desk, words: tuple[str, ...], language: str) -> None:
    desk.daemon.language = language
    heading = " ".join(line[:20] for line in desk.type(*words).out.splitlines())
    for key in ("effective_level", "decided_by", "from_network", "seq"):
        assert key not in heading
    assert language == "en" or not re.search(
        r"(?m)^(id|verdict|holder|filed|wishes|generation)\b", desk.type(*words).out
    )


def test_media_are_searched_for_by_the_register_and_not_here(desk: Desk) -> None:
    assert desk.type("media", "--search", "张", "--state", "lost").status == 0
    assert desk.daemon.calls[-1] == ("Media", [{"limit": 100, "state": "lost", "search": "张"}])
    assert desk.type("media").status == 0
    assert desk.daemon.calls[-1] == ("Media", [{"limit": 100}])


def test_an_id_may_be_cut_but_not_be_ambiguous_or_unknown(desk: Desk) -> None:
    desk.daemon.listings["Visits"] = [REFUSED, {**REFUSED, "id": OTHER}]
    assert json.loads(desk.type("show", "a1", "--json").out)["id"] == VISIT
    both = desk.type("show", "a")
    assert (both.status, both.out) == (1, "")
    assert "more than one" in both.err
    none = desk.type("explain", "ff")
    assert (none.status, none.out) == (1, "")
    assert "Explain" not in [name for name, _ in desk.daemon.calls]


def test_a_prefix_that_fits_a_medium_and_a_visit_is_ambiguous(desk: Desk) -> None:
    desk.daemon.listings["Visits"] = [{**REFUSED, "id": "c1" + "0" * 30}]
    answer = desk.type("show", "c1")
    assert (answer.status, answer.out) == (1, "")


def test_explain_says_what_why_and_what_next(desk: Desk) -> None:
    assert desk.type("explain", VISIT).out == (
        "verdict: refused\n• W [not-labelled]\n  Y\n  What to do: N\n"
        '  Type: mediaguardctl request --purpose "what you need it for"\n'
    )
    assert json.loads(desk.type("explain", VISIT, "--json").out)["reasons"][0]["rule"] == "not-labelled"


@pytest.mark.parametrize(("status", "code"), [(1, "visit-unknown"), (3, ""), (4, "")])
def test_a_failure_is_one_sentence_on_standard_error_and_its_status(desk: Desk, status: int, code: str) -> None:
    desk.daemon.answers["Explain"] = Failure("It may \x1b[2Jnot be.", status, code)
    answer = desk.type("explain", VISIT)
    assert (answer.status, answer.out, answer.err) == (status, "", "It may  [2Jnot be.\n")


@pytest.mark.parametrize("words", [("nothing",), ("show",), ("visits", "--limit", "0"), ("visits", "--frob")])
def test_bad_usage_is_two_and_asks_nothing(desk: Desk, words: tuple[str, ...]) -> None:
    answer = desk.type(*words)
    assert (answer.status, answer.out) == (2, "")
    assert answer.err
    assert desk.daemon.calls == []


def test_the_journal_is_asked_for_what_was_typed_and_for_nothing_else(desk: Desk) -> None:
    assert desk.type("journal", "--kind", "intent", "--subject", "x", "--after", "0", "--json").status == 0
    assert desk.daemon.calls[-1] == ("Journal", [{"limit": 100, "after": 0, "kind": "intent", "subject": "x"}])
    assert desk.type("journal", "--json").status == 0
    assert desk.daemon.calls[-1] == ("Journal", [{"limit": 100}])


COUNTS = dict.fromkeys(("came", "went", "changed", "appeared", "altered", "vanished", "unclear", "undeclared"), 0)
CHANGE = {
    "seq": 1,
    "what": "appeared",
    "volume": 1,
    "path": ".sys",
    "kind": "folder",
    "size": 0,
    "modified": "",
    "hash": "",
}
FOUND = {
    "files": {"state": "arrived", "files": 7, "size": 90, "complete": True, **COUNTS, "appeared": 1, "undeclared": 1},
    "findings": [{"rule": "files-suspicious", "severity": "alarm", "what": "W", "why": "Y", "next": "N"}],
    "changes": [{**CHANGE, "odd": ["hidden-folder"]}],
}


def test_the_files_of_a_visit_are_told_in_words_and_as_json(desk: Desk) -> None:
    desk.daemon.answers["Files"] = [FOUND]
    answer = desk.type("files", VISIT[:8])
    assert desk.daemon.calls[-1] == ("Files", [VISIT, {"limit": 100, "after": 0}])
    assert "7 files, 90 bytes. In this visit 0 came, 0 went, 0 changed." in answer.out
    assert "Undeclared, since it left here: 1 appeared" in answer.out
    assert "! W [files-suspicious]" in answer.out
    assert re.search(r"appeared +\.sys .*hidden folder", answer.out)
    assert "There are more" not in answer.out
    assert json.loads(desk.type("files", VISIT, "--json").out) == FOUND
    desk.daemon.answers["Files"] = [{"files": {}, "findings": [], "changes": []}]
    assert "Nothing is known" in desk.type("files", VISIT).out


def test_a_hostile_answer_about_files_speaks_to_no_terminal(desk: Desk) -> None:
    change = {**CHANGE, "path": HOSTILE, "odd": [HOSTILE]}
    desk.daemon.answers["Files"] = [{**FOUND, "changes": [change]}]
    for words in (("files", VISIT), ("files", VISIT, "--json")):
        assert not OBEYED.search(desk.type(*words).out)
