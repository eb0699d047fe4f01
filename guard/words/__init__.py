"""Every sentence a person reads, in English and Chinese. Data in en.toml and zh.toml; the code only fills in the facts."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import resources
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
    text = _table(language)["error"].get(code)
    return _fill(text, facts) if isinstance(text, str) else code


def explain_reason(rule: str, facts: Mapping[str, Any], language: str) -> Explanation:
    """What a rule found, why, and what to do. A fact named `fault` is a code and is said as its own sentence."""
    table = _table(language)["reason"].get(rule, {})
    known = {name: value if isinstance(value, str | int) else str(value) for name, value in facts.items()}
    for name in _DATES.intersection(known):
        known[name] = datetime.fromtimestamp(int(known[name]), UTC).date().isoformat()
    if "fault" in known:
        known["fault"] = say(str(known["fault"]), {}, language)
    texts = [_fill(table.get(part, rule if part == "what" else ""), known) for part in ("what", "why", "next")]
    return Explanation(rule, *texts)


def word(key: str, language: str, **facts: str | int) -> str:
    """A word or sentence of the command line itself."""
    return _fill(_table(language)["word"].get(key, key), facts)


@cache
def _table(language: str) -> dict[str, dict[str, Any]]:
    name = language if language in LANGUAGES else "en"
    return tomllib.loads(resources.files(__name__).joinpath(f"{name}.toml").read_text("utf-8"))


class _Facts(dict[str, str]):
    """Facts that are not there are left out, not an error: a sentence with a gap is better than none."""

    def __missing__(self, key: str) -> str:
        return "…"


def _fill(text: str, facts: Mapping[str, str | int]) -> str:
    cut = {name: str(value)[:_LONGEST_FACT] for name, value in facts.items()}
    return " ".join(text.format_map(_Facts(cut)).split())
