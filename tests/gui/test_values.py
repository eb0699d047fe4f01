"""What comes from the bus: any of it is taken without an error, and nothing in it hides, turns around or controls."""

import re
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from guard.core.policy import RULES
from guard.words import explain_reason
from gui.console.journal import KINDS
from gui.desk import Desk
from gui.icons import picture_of
from gui.link import Link
from gui.looks import _COLOURS, VERDICTS, ink_on
from gui.mine import MineWindow
from gui.notices import ASKABLE, notice_of
from gui.plain import text
from gui.standing import Standing, sentence_of, standing_of
from gui.values import (
    Explanation,
    Guard,
    Reason,
    Request,
    Visit,
    parse_crossing,
    parse_entry,
    parse_explanation,
    parse_guard,
    parse_medium,
    parse_request,
    parse_visit,
)
from gui.words import entry_word

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
NAMES = st.sampled_from(
    [
        "Id",
        "id",
        "Seen",
        "seen",
        "arrived",
        "Reasons",
        "reasons",
        "wishes",
        "Levels",
        "Faults",
        "Settings",
        "data",
        "expires",
        "at",
    ]
)
PARSERS: list[Callable[[Any], object]] = [
    parse_visit,
    parse_request,
    parse_medium,
    parse_crossing,
    parse_entry,
    parse_explanation,
    lambda row: parse_guard(row, "en"),
]


@pytest.mark.parametrize("parse", PARSERS)
@given(row=st.dictionaries(NAMES | st.text(), JUNK))
def test_whatever_the_bus_brings_is_taken_without_an_error(
    parse: Callable[[Any], object], row: dict[str, object]
) -> None:
    assert parse(row) is not None


@given(st.text())
def test_no_text_hides_turns_around_or_controls(untrusted: str) -> None:
    assert not [c for c in text(untrusted) if unicodedata.category(c) in ("Cc", "Cf", "Co", "Cs")]


def visit_of(**changes: object) -> Visit:
    row: dict[str, object] = {
        "id": "a" * 32,
        "stage": "shut",
        "verdict": "refused",
        "severity": "notice",
        "user": "alice",
    }
    return parse_visit({**row, **changes})


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "rule",
    [rule.id for rule in RULES]
    + ["changed-after-admission", "escaped", "guard-failed", "ejected", "written-read-only"],
)
def test_no_reason_lacks_a_sentence_and_a_next_step(app: QApplication, rule: str, language: str) -> None:
    told = explain_reason(rule, {}, language)
    assert told.what
    assert told.next
    assert "mediaguardctl" not in told.next, "people with a window have buttons"
    visit = visit_of(reasons=[rule])
    notice = notice_of(
        visit, Explanation(visit.id, visit.verdict, (Reason(rule, told.what, told.why, told.next),), visit.seen), None
    )
    assert notice is not None
    assert told.what in notice.body
    assert told.next in notice.body
    assert rule in notice.body


def test_a_refusal_names_the_regulation_behind_it_and_none_where_it_has_none(app: QApplication) -> None:
    visit = visit_of(reasons=["lost"], severity="alarm")
    for cites in ("Law, Article 28", ""):
        explanation = parse_explanation(
            {"reasons": [{"rule": "lost", "what": "what", "why": "why", "next": "next", "cites": cites}]}
        )
        notice = notice_of(visit, explanation, None)
        assert notice is not None
        assert ("By: Law, Article 28" in notice.body) is bool(cites)
        assert "By: \n" not in notice.body


def test_every_rule_that_can_be_asked_about_is_a_rule() -> None:
    assert {rule.id for rule in RULES} >= ASKABLE


@pytest.mark.parametrize("rule", ["above-ceiling", "lost", "other-hardware", "composite"])
def test_an_alarm_is_urgent_and_cannot_be_asked_away(app: QApplication, rule: str) -> None:
    visit = visit_of(reasons=[rule], severity="alarm")
    notice = notice_of(
        visit, Explanation(visit.id, visit.verdict, (Reason(rule, "what", "why", "next"),), visit.seen), None
    )
    assert notice is not None
    assert notice.urgent
    assert "request" not in [name for name, _ in notice.actions]


def test_a_refusal_that_cannot_be_explained_now_is_no_silence(app: QApplication) -> None:
    notice = notice_of(visit_of(reasons=["lost"], severity="alarm"), None, None)
    assert notice is not None
    assert "was refused" in notice.title
    assert notice.urgent
    assert "why" in [name for name, _ in notice.actions]


def test_the_journal_page_offers_every_kind_that_the_guard_writes(root: Path) -> None:
    written = {
        kind
        for path in (root / "guard").rglob("*.py")
        for kind in re.findall(r'journal\.(?:append|write)\(\s*"([a-z-]+)"', path.read_text())
    }
    assert len(written) >= 10
    assert written <= set(KINDS)
    assert not [kind for kind in KINDS if kind and entry_word(kind) == kind], "in plain words"


def test_read_write_is_quiet_and_read_only_says_what_can_be_done(app: QApplication) -> None:
    assert notice_of(visit_of(stage="open", verdict="read-write"), None, None) is None
    notice = notice_of(visit_of(stage="open", verdict="read-only"), None, None)
    assert notice is not None
    assert notice.body == "You can copy from this stick; nothing can be written to it."
    assert notice_of(visit_of(stage="reading", verdict="held"), None, None) is None


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({}, ""),
        ({"expires": "2001-01-01T00:00:00Z"}, "over since 2001-01-01: return it"),
        ({"expires": "2099-06-15T12:00:00Z"}, "return by 2099-06-15"),
        ({"expires": "2099-06-15T12:00:00Z", "inspection_due": "2098-06-15T12:00:00Z"}, "inspection by 2098-06-15"),
        ({"expires": "2099-06-15T12:00:00Z", "due": "2098-06-15T12:00:00Z"}, "return by 2098-06-15"),
        (
            {"expires": "2099-06-15T12:00:00Z", "inspection_due": "2001-01-01T00:00:00Z"},
            "inspection overdue since 2001-01-01",
        ),
    ],
)
def test_what_is_due_first_is_said(app: QApplication, row: dict[str, object], said: str) -> None:
    link = Link("en")
    assert MineWindow(Desk(link))._due(parse_medium(row)) == said
    link.stop()


def test_how_a_computer_stands(app: QApplication) -> None:
    guard, refused, fine = Guard(), visit_of(), visit_of(stage="open", verdict="read-write")
    waiting = parse_request({"id": "r", "state": "open", "visit": refused.id})
    table: list[tuple[Guard | None, list[Visit], list[Request], Standing]] = [
        (None, [], [], Standing.UNPROTECTED),
        (Guard(health="not-initialized"), [], [], Standing.UNPROTECTED),
        (Guard(health="degraded"), [], [], Standing.ATTENTION),
        (guard, [refused], [], Standing.ATTENTION),
        (guard, [refused], [waiting], Standing.WAITING),
        (guard, [fine], [], Standing.PROTECTED),
    ]
    for known, visits, requests, expected in table:
        assert standing_of(known, visits, requests) is expected
        assert sentence_of(expected, known, len(requests))


def test_the_four_icons_differ_in_shape_and_not_only_in_colour(app: QApplication) -> None:
    for size in (16, 22, 48):
        shapes = []
        for standing in Standing:
            image = picture_of(standing, size).toImage()
            solid = [image.pixelColor(x, y).alpha() > 128 for x in range(size) for y in range(size)]
            shapes.append(solid)
        for one in range(4):
            for other in range(one):
                differing = sum(a != b for a, b in zip(shapes[one], shapes[other], strict=True))
                assert differing > size * size * 0.03


def test_every_chip_is_read_well() -> None:
    def luminance(colour: QColor) -> float:
        parts = [
            v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4
            for v in (colour.redF(), colour.greenF(), colour.blueF())
        ]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    for name in (*_COLOURS.values(), *VERDICTS.values()):
        paper = QColor(name)
        light, dark = sorted((luminance(paper), luminance(ink_on(paper))), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, name
