"""Every sentence a person reads, in English and Chinese. Data in en.toml and zh.toml; the code only fills in the facts."""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "zh")
_LONGEST_FACT = 200
_DATES = frozenset({"expires", "due"})  # facts that are seconds since 1970


@dataclass(frozen=True, slots=True)
class Explanation:
    """A reason for people: what was found, why that matters, what to do next."""

    rule: str
    what: str
    why: str
    next: str


def language_of(environment: Mapping[str, str] = os.environ) -> str:
    """Give "zh" for a Chinese locale, else "en" (LC_ALL before LC_MESSAGES before LANG)."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if found := environment.get(name, ""):
            return "zh" if found.lower().startswith("zh") else "en"
    return "en"


def say(code: str, facts: Mapping[str, str | int], language: str) -> str:
    """The sentence of an error code, with the next step; a code without a sentence says itself."""
    told = {name: word(str(value), language) if name == "state" else value for name, value in facts.items()}
    text = _sentence(code, told, language)
    return text[:1].upper() + text[1:] if _table(language)["error"].get(code, "")[:1].islower() else text


def explain_reason(rule: str, facts: Mapping[str, Any], language: str) -> Explanation:
    """What a rule found, why, and what to do. A fact named `fault` is a code and is said as its own sentence; `parts` are words."""
    table = _table(language)["reason"].get(rule, {})
    known = {name: value if isinstance(value, str | int) else str(value) for name, value in facts.items()}
    for name in _DATES.intersection(known):
        known[name] = datetime.fromtimestamp(int(known[name]), UTC).date().isoformat()
    if "parts" in known:
        names = [word(f"part-{part}", language) for part in str(known["parts"]).split(", ")]
        known["parts"] = ("、" if language == "zh" else ", ").join(names)
    if "would" in known:
        known["would"] = word(str(known["would"]), language)
    if "fault" in known:
        known["fault"] = _sentence(str(known["fault"]), {}, language)
    texts = [_fill(table.get(part, rule if part == "what" else ""), known) for part in ("what", "why", "next")]
    return Explanation(rule, *texts)


def reasons() -> frozenset[str]:
    """Every reason that can be told."""
    return frozenset(_table("en")["reason"])


def word(key: str, language: str, **facts: str | int) -> str:
    """A word or sentence of the command line itself."""
    return _fill(_table(language)["word"].get(key, key), facts)


@cache
def _table(language: str) -> dict[str, dict[str, Any]]:
    name = language if language in LANGUAGES else "en"
    return tomllib.loads(Path(__file__).with_name(f"{name}.toml").read_text("utf-8"))


def _sentence(code: str, facts: Mapping[str, str | int], language: str) -> str:
    """Faults within reasons follow a colon, so some sentences begin with a small letter."""
    text = _table(language)["error"].get(code)
    return _fill(text, facts) if isinstance(text, str) else code


_GAP = "\N{OBJECT REPLACEMENT CHARACTER}"
_GAPS = (
    (re.compile(rf" ?[(（][^()（）]*{_GAP}[^()（）]*[)）]"), ""),
    (re.compile(rf"(?<=[^\x00-\x7f]) ?[“]?{_GAP}[”]? ?(?=[^\x00-\x7f])"), ""),
    (re.compile(rf" {_GAP}(?=[ .,;:])|{_GAP}"), ""),
)


class _Facts(dict[str, str]):
    """A fact that is not there is no error: the sentence is told without it."""

    def __missing__(self, key: str) -> str:
        return _GAP


def _fill(text: str, facts: Mapping[str, str | int]) -> str:
    cut = {name: str(value).replace(_GAP, "")[:_LONGEST_FACT] for name, value in facts.items()}
    text = text.format_map(_Facts(cut))
    for gap, instead in _GAPS if _GAP in text else ():
        text = gap.sub(instead, text)
    return " ".join(text.split())
