"""Every code and every rule has its sentence in both languages, with the same facts; and no sentence is left over."""

import ast
import string
import tomllib
from pathlib import Path

import pytest

from guard.core.policy import RULES
from guard.words import LANGUAGES, explain_reason, language_of, say

GUARD = Path(__file__).resolve().parents[2] / "guard"
TABLES = {name: tomllib.loads((GUARD / "words" / f"{name}.toml").read_text()) for name in LANGUAGES}
_KINDS = ("label", "record", "certificate")
_BY_KIND = ("malformed", "forged", "algorithm", "damaged", "version", "unknown-issuer")


def _raised() -> set[str]:
    """All codes in the source: first arguments of the three errors, and texts that look like codes of faults."""
    found: set[str] = set()
    for path in GUARD.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in (
                "Refused",
                "Hostile",
                "Broken",
                "Torn",
                "_member",
            ):
                found |= {
                    a.value
                    for a in node.args
                    if isinstance(a, ast.Constant) and isinstance(a.value, str) and "-" in a.value
                }
    return found


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_code_that_is_raised_has_a_sentence() -> None:
    missing = _raised() - set(TABLES["en"]["error"]) - set(TABLES["en"]["reason"])
    assert missing == set()


def test_every_kind_of_statement_can_be_told() -> None:
    for kind in _KINDS:
        for fault in _BY_KIND:
            if (kind, fault) not in {("certificate", "damaged"), ("certificate", "version")}:
                assert f"{kind}-{fault}" in TABLES["en"]["error"]


def test_every_rule_has_a_reason() -> None:
    outside = {"default", "strictest-of-units", "changed-after-admission", "escaped", "guard-failed", "ejected"}
    assert {rule.id for rule in RULES} | outside == set(TABLES["en"]["reason"])


@pytest.mark.parametrize("section", ["error", "word", "reason"])
def test_both_languages_say_the_same_things_with_the_same_facts(section: str) -> None:
    english, chinese = TABLES["en"][section], TABLES["zh"][section]
    assert set(english) == set(chinese)
    for key, text in english.items():
        for one, other in zip(
            *([t.values() if isinstance(t, dict) else [t] for t in (text, chinese[key])]), strict=True
        ):
            assert _placeholders(one) == _placeholders(other), key


def test_every_reason_says_what_why_and_what_next() -> None:
    for table in TABLES.values():
        for rule, reason in table["reason"].items():
            assert list(reason) == ["what", "why", "next"], rule
            assert all(reason.values())


def test_facts_of_a_hostile_device_are_cut_and_never_formatted_again() -> None:
    sentence = say("level-unknown", {"level": "{known.__class__}" * 100, "known": "x"}, "en")
    assert "{known.__class__}" in sentence
    assert len(sentence) < 400


def test_dates_and_faults_in_reasons_are_told_in_words() -> None:
    assert "2026-09-21" in explain_reason("term-over", {"expires": "1790000000"}, "en").what
    assert "签名" in explain_reason("label-invalid", {"fault": "label-forged"}, "zh").what


def test_the_language_follows_the_terminal() -> None:
    assert language_of({"LANG": "zh_CN.UTF-8"}) == "zh"
    assert language_of({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_US.UTF-8"}) == "en"
    assert language_of({}) == "en"
