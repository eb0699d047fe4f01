"""Deciding and erasing: what was typed is what is asked for, and nothing is erased by a slip of the hand."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from guard.ctl.client import Failure
from tests.ctl.desk import MEDIUM, OTHER, REFUSED, REQUEST, VISIT, Desk

GRANT = ("--level", "机密", "--networks", "办公网, lab", "--holder", "张三")


def test_a_request_finds_the_only_refused_visit(desk: Desk) -> None:
    answer = desk.type("request", "--purpose", "slides", "--json")
    assert json.loads(answer.out) == {"id": REQUEST}
    verb, (visit, wishes) = desk.daemon.calls[-1]
    assert (verb, visit, wishes["purpose"]) == ("Request", VISIT, "slides")


@pytest.mark.parametrize("left", ["", "2026-11-24T11:00:00Z"])
def test_a_request_does_not_guess_between_two_or_take_one_that_left(desk: Desk, left: str) -> None:
    desk.daemon.listings["Visits"] = [{**REFUSED, "left": left}, {**REFUSED, "id": OTHER, "left": left}]
    answer = desk.type("request", "--purpose", "slides")
    assert answer.status == 1
    assert "Say which visit" in answer.err
    assert desk.daemon.verbs == []


def test_an_approval_carries_every_option(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "phrase").write_text("geheim\r\nsecond line\n")
    more = ("--term", "10y", "--import", "--number", "7", "--kind", "personal", "--filesystem", "ext4", "--read-only")
    answer = desk.type("approve", "b1", *GRANT, *more, "--passphrase-file", str(tmp_path / "phrase"))
    assert answer.status == 0, answer.err
    approved = [arguments for verb, arguments in desk.daemon.calls if verb == "Approve"]
    assert approved == [
        [
            REQUEST,
            {
                "networks": ["办公网", "lab"],
                "import": True,
                "initialize": False,
                "access": "read-only",
                "level": "机密",
                "holder": "张三",
                "kind": "personal",
                "term": "10y",
                "number": "7",
                "filesystem": "ext4",
                "passphrase": "geheim",
            },
        ]
    ]
    assert "geheim" not in answer.out + answer.err


def test_letting_in_once_carries_no_word_of_a_label(desk: Desk) -> None:
    for words, access in (((), "read-only"), (("--read-only",), "read-only"), (("--read-write",), "read-write")):
        desk.daemon.calls.clear()
        answer = desk.type("approve", "b1", "--once", *words)
        assert answer.status == 0, answer.err
        approved = [arguments for verb, arguments in desk.daemon.calls if verb == "Approve"]
        assert approved == [[REQUEST, {"once": True, "access": access}]]


@pytest.mark.parametrize("given", [GRANT[:2], GRANT[2:4], ("--initialize",), ("--import",), ("--passphrase-file", "-")])
def test_once_and_a_label_are_not_mixed_up(desk: Desk, given: tuple[str, ...]) -> None:
    answer = desk.type("approve", "b1", "--once", *given, stdin="geheim\n")
    assert answer.status == 2
    assert "--once writes no label" in answer.err
    assert desk.daemon.verbs == []


def test_an_approval_is_told_even_to_those_who_may_not_see_the_visit(desk: Desk) -> None:
    desk.daemon.answers["Explain"] = Failure("no", 1, "visit-unknown")
    answer = desk.type("approve", REQUEST, *GRANT)
    assert (answer.status, answer.out, answer.err) == (0, "Approved.\n", "")


def test_a_passphrase_comes_from_standard_input_but_an_empty_one_is_none(desk: Desk) -> None:
    assert desk.type("approve", REQUEST, *GRANT, "--passphrase-file", "-", stdin="geheim\n").status == 0
    assert [a[1]["passphrase"] for v, a in desk.daemon.calls if v == "Approve"] == ["geheim"]
    desk.daemon.calls.clear()
    assert desk.type("approve", REQUEST, *GRANT, "--passphrase-file", "-", stdin="\n").status == 2
    assert desk.daemon.verbs == []


def test_a_needed_passphrase_is_asked_for_only_on_a_terminal(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def needs(arguments: list[Any]) -> list[Any]:
        if "passphrase" not in arguments[1]:
            raise Failure("The key has a passphrase.", 1, "passphrase-needed")
        return []

    desk.daemon.answers["Approve"] = needs
    script = desk.type("approve", REQUEST, *GRANT)
    assert (script.status, script.err) == (1, "The key has a passphrase.\n")
    monkeypatch.setattr("click.termui.hidden_prompt_func", lambda _: "geheim")
    monkeypatch.setattr("tests.ctl.desk.io.StringIO", _Terminal)
    person = desk.type("approve", REQUEST, *GRANT)
    assert person.status == 0, person.err
    assert [a[1].get("passphrase") for v, a in desk.daemon.calls if v == "Approve"] == [None, None, "geheim"]


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "\n",
        "y\n",
        "erase\n",
        "ERASE\n",
        "ERASE\n\n",
        f"ERASE\n{OTHER[:8]}\n",
        f"yes\n{REQUEST[:8]}\n",
        "ERASE\nb1\n",
    ],
)
def test_nothing_is_erased_without_both_answers(desk: Desk, typed: str) -> None:
    answer = desk.type("approve", REQUEST, *GRANT, "--initialize", stdin=typed)
    assert (answer.status, answer.out) == (1, "")
    assert "Nothing was erased" in answer.err
    assert desk.daemon.verbs == []


def test_the_questions_name_the_stick_that_would_be_erased(desk: Desk) -> None:
    answer = desk.type("approve", REQUEST, *GRANT, "--initialize", stdin=f"ERASE\n{REQUEST[:8]}\n")
    assert answer.status == 0, answer.err
    assert "Kingston DataTraveler S1 (16.0 GB)" in answer.err
    assert [a[1]["initialize"] for v, a in desk.daemon.calls if v == "Approve"] == [True]


def test_a_script_says_in_full_that_it_means_to_erase(desk: Desk) -> None:
    assert desk.type("register", VISIT, *GRANT, "--initialize", "--erase-all-data").status == 0
    assert desk.daemon.verbs == ["Register"]
    desk.daemon.calls.clear()
    assert desk.type("register", VISIT, *GRANT, "--erase-all-data").status == 2
    assert desk.daemon.verbs == []


@pytest.mark.parametrize("missing", ["--level", "--networks", "--holder"])
def test_an_approval_without_a_needed_option_is_bad_usage(desk: Desk, missing: str) -> None:
    at = GRANT.index(missing)
    answer = desk.type("approve", REQUEST, *GRANT[:at], *GRANT[at + 2 :])
    assert (answer.status, desk.daemon.calls) == (2, [])
    assert missing in answer.err


def test_reject_eject_and_step_send_whole_ids(desk: Desk) -> None:
    assert desk.type("reject", "b", "--why", "no need").status == 0
    assert desk.type("eject", "a1").status == 0
    assert desk.type("step", "c", "report-lost", "--why", "left in a train").status == 0
    sent = [(verb, arguments) for verb, arguments in desk.daemon.calls if verb in desk.daemon.verbs]
    assert sent == [
        ("Reject", [REQUEST, "no need"]),
        ("Eject", [VISIT]),
        ("Step", [MEDIUM, "report-lost", {"why": "left in a train"}]),
    ]


def test_a_broken_journal_is_named_by_entry_and_is_a_failure(desk: Desk) -> None:
    desk.daemon.answers["Verify"] = [{"entries": 9, "ok": False, "first_bad": 4, "why": "hash"}]
    answer = desk.type("verify")
    assert (answer.status, answer.out) == (1, "")
    assert "entry 4" in answer.err
    found = desk.type("verify", "--json")
    assert (found.status, found.err) == (1, "")
    assert json.loads(found.out) == {"entries": 9, "ok": False, "first_bad": 4, "why": "hash"}


def test_a_whole_journal_is_told(desk: Desk) -> None:
    desk.daemon.answers["Verify"] = [{"entries": 9, "ok": True, "first_bad": 0, "why": ""}]
    assert (desk.type("verify").status, desk.type("verify").out) == (0, "The journal is whole: 9 entries.\n")
