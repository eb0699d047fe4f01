"""Every code and every rule has its sentence in both languages, with the same facts; and no sentence is left over."""

import ast
import re
import string
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from guard.core.fingerprint import Part
from guard.core.policy import RULES
from guard.core.snapshot import Seen
from guard.words import LANGUAGES, explain_reason, language_of, say

GUARD = Path(__file__).resolve().parents[2] / "guard"
TABLES = {name: tomllib.loads((GUARD / "words" / f"{name}.toml").read_text()) for name in LANGUAGES}
_KINDS = ("label", "record", "certificate", "head")
_NEVER = {  # what is not on a medium is not torn, and a head names its issuer as a record does
    *(("certificate", fault) for fault in ("damaged", "version")),
    *(("head", fault) for fault in ("damaged", "version", "unknown-issuer")),
}
_BY_KIND = ("malformed", "forged", "algorithm", "damaged", "version", "unknown-issuer")


def _nodes() -> Iterator[tuple[str, ast.AST]]:
    for path in GUARD.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            yield f"{path.relative_to(GUARD)}:{getattr(node, 'lineno', 0)}", node


def _raised() -> Iterator[tuple[str, str, set[str]]]:
    """Every place where one of the errors is made: where, its code, the names of its facts. Codes by f-string are `_BY_KIND`."""
    for where, node in _nodes():
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("Refused", "Hostile", "Broken", "Torn"):
            for first in ast.walk(node.args[0]):
                if isinstance(first, ast.Constant) and isinstance(first.value, str) and "-" in first.value.strip("-"):
                    yield where, first.value, {keyword.arg or "" for keyword in node.keywords}


def _texts() -> set[str]:
    return {node.value for _, node in _nodes() if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_code_that_is_raised_has_a_sentence_and_all_the_facts_it_names() -> None:
    found = [site for site in _raised() if site[1] not in {f"-{fault}" for fault in _BY_KIND}]
    assert len(found) > 100
    for where, code, facts in found:
        if code in TABLES["en"]["reason"]:
            continue
        assert code in TABLES["en"]["error"], f"{where}: {code} has no sentence"
        lacking = _placeholders(TABLES["en"]["error"][code]) - facts
        assert not lacking, f"{where}: the sentence of {code} needs {lacking}"


def test_no_sentence_is_left_over() -> None:
    texts = _texts()
    composed = {f"{kind}-{fault}" for kind in _KINDS for fault in _BY_KIND}
    assert set(TABLES["en"]["error"]) - texts - composed == set()
    changed = {f"changed-{field.name}" for field in fields(Seen)}
    parts = {f"part-{part}" for part in Part}
    assert set(TABLES["en"]["word"]) - texts - {"version", "host", "ports"} - changed - parts == set()


def test_every_word_that_the_command_line_asks_for_is_there() -> None:
    for where, node in _nodes():
        if (
            isinstance(node, ast.Call)
            and ast.unparse(node.func) in ("word", "say")
            and isinstance(node.args[0], ast.Constant)
        ):
            section = "word" if ast.unparse(node.func) == "word" else "error"
            assert node.args[0].value in TABLES["en"][section], where


def test_every_kind_of_statement_can_be_told() -> None:
    for kind in _KINDS:
        for fault in _BY_KIND:
            if (kind, fault) not in _NEVER:
                assert f"{kind}-{fault}" in TABLES["en"]["error"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_fault_within_a_reason_reads_well_without_its_facts(language: str) -> None:
    for code in TABLES[language]["error"]:
        if code.startswith(
            ("device-", "label-", "record-", "effect-", "registry-", "gap-", "sysfs-", "usbfs-", "reader-")
        ):
            text = explain_reason("guard-failed", {"fault": code}, language).what
            assert not {"\N{OBJECT REPLACEMENT CHARACTER}", "…"} & set(text), text
            assert not re.search(r"[(（]\s*[)）]|[:：]\s*[.,。，]|\s[.,。，]| of of |[{}]", text), text


def test_a_sentence_on_its_own_begins_with_a_capital_but_a_file_keeps_its_name() -> None:
    assert say("device-gone", {}, "en").startswith("The device")
    assert say("settings-syntax", {"file": "guard.toml", "why": "x"}, "en").startswith("guard.toml ")
    assert explain_reason("unreadable", {"fault": "device-gone"}, "en").what.endswith(
        "read: the device was pulled while it was read. Plug it in again."
    )


def test_every_rule_has_a_reason() -> None:
    outside = {
        "default",
        "strictest-of-units",
        "changed-after-admission",
        "escaped",
        "guard-failed",
        "ejected",
        "written-read-only",
        "observed",
    }
    afterwards = {f"files-{found}" for found in ("suspicious", "undeclared", "elsewhere", "odd", "unknown")}
    assert {rule.id for rule in RULES} | outside | afterwards == set(TABLES["en"]["reason"])


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


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_changed_elsewhere_is_named_where_it_is_known_and_not_missed_where_it_is_not(language: str) -> None:
    since = {"since": "2026-09-21"}
    plain = explain_reason("changed-elsewhere", since, language).what
    assert plain.endswith((".", "。"))
    assert not {"(", "（"} & set(plain.split("2026-09-21")[1])
    for part in Part:
        named = explain_reason("changed-elsewhere", since | {"parts": f"root, {part}"}, language).what
        assert TABLES[language]["word"][f"part-{part}"] in named
        assert str(part) not in named or language == "en"
