"""What an employee asks for and what an admin grants: parsed from the caller's options, frozen, bounded."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from guard.core.errors import Hostile
from guard.core.label import Kind
from guard.core.medium import showable
from guard.core.options import parse_text, parse_texts
from guard.core.scheme import Level, Scheme
from guard.core.verdict import Access

MAX_PURPOSE = 500
MAX_HOLDER = 64
MAX_NUMBER = 32
MAX_NETWORKS = 16
_DAY = 86_400
_YEAR_DAYS = 365.2425
Word = TypeVar("Word", bound=StrEnum)


class Filesystem(StrEnum):
    """What `initialize` formats a medium with."""

    EXFAT = "exfat"
    EXT4 = "ext4"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the requester would like; the admin decides. Empty texts where nothing was said."""

    purpose: str
    holder: str
    level: str
    network: str
    term: str
    kind: str


@dataclass(frozen=True, slots=True)
class Grant:
    """What the admin decided. `networks` are opaque ids.

    `expires` None means no end; `number` "" lets the registry number it.
    """

    level: Level
    networks: tuple[str, ...]
    kind: Kind
    holder: str
    expires: int | None
    may_import: bool
    number: str
    initialize: bool
    filesystem: Filesystem
    passphrase: str = ""
    read_only: bool = False

    def __repr__(self) -> str:
        """Without the passphrase, so that no log ever has it."""
        return f"Grant({self.level}, {self.networks}, {self.kind}, {self.holder!r}, {self.expires}, {self.number!r})"


def parse_wishes(untrusted: Mapping[str, object]) -> Wishes:
    """Take the texts of a request.

    Raises:
        Hostile: `option-unknown`, `option-type`, `option-too-long`, `purpose-missing`.
    """
    texts = _texts(untrusted, {"purpose": MAX_PURPOSE, "holder": MAX_HOLDER, "level": 64, "network": 64, "term": 32})
    kind = _texts(untrusted, {"kind": 16})["kind"]
    _only(untrusted, {*texts, "kind"})
    if not texts["purpose"]:
        raise Hostile("purpose-missing")
    return Wishes(**texts, kind=kind)


def parse_grant(untrusted: Mapping[str, object], scheme: Scheme, networks: Mapping[str, str], now: int) -> Grant:
    """Take an admin's decision. `networks` maps the names known at this host to their ids.

    Raises:
        Hostile: `option-unknown`, `option-type`, `option-too-long`, `level-unknown`, `level-missing`, `holder-missing`,
            `network-unknown`, `networks-missing`, `kind-unknown`, `term-invalid`, `filesystem-unknown`, `access-unknown`.
    """
    limits = {"level": 128, "kind": 16, "holder": MAX_HOLDER, "term": 32, "number": MAX_NUMBER, "filesystem": 8}
    texts = _texts(untrusted, {**limits, "access": 16})
    passphrase = parse_text("passphrase", untrusted.get("passphrase", ""), 1024)
    flags = _flags(untrusted, ("import", "initialize", "once"))
    _only(untrusted, {*texts, *flags, "networks", "passphrase"})
    if not texts["level"]:
        raise Hostile("level-missing")
    if not texts["holder"]:
        raise Hostile("holder-missing")
    level = scheme.level(texts["level"])
    return Grant(
        level=level,
        networks=_networks(untrusted.get("networks", []), networks),
        kind=_member(Kind, texts["kind"] or Kind.WORK, "kind-unknown"),
        holder=texts["holder"],
        expires=parse_term(texts["term"], level, scheme, now),
        may_import=flags["import"],
        number=texts["number"],
        initialize=flags["initialize"],
        filesystem=_member(Filesystem, texts["filesystem"] or Filesystem.EXFAT, "filesystem-unknown"),
        passphrase=passphrase,
        read_only=_access(texts["access"] or Access.READ_WRITE) is Access.READ_ONLY,
    )


def parse_once(untrusted: Mapping[str, object]) -> Access | None:
    """How far an admin lets a medium in for this one stay; None where the decision is about a label.

    Nothing of a label goes with it, because no label is written.

    Raises:
        Hostile: `option-type`, `option-too-long`, `access-unknown`, `once-alone`.
    """
    if not _flags(untrusted, ("once",))["once"]:
        return None
    for key in untrusted:
        if key not in ("once", "access"):
            raise Hostile("once-alone", option=showable(key, 32))
    return _access(_texts(untrusted, {"access": 16})["access"] or Access.READ_ONLY)


def parse_term(text: str, level: Level, scheme: Scheme, now: int) -> int | None:
    """The end of a term: "10y", "30d", an ISO date, or "" for the longest the scheme allows (None if it sets none).

    A term longer than the scheme's longest is an error, not cut: the mark on paper would differ from the label.

    Raises:
        Hostile: `term-invalid`.
    """
    limits = [scheme.rank(name).longest_years for name in level.ranks if scheme.rank(name).longest_years]
    last = now + round(min(limits) * _YEAR_DAYS * _DAY) if limits else None
    if not text:
        return last
    if found := re.fullmatch(r"(\d{1,4})([yd])", text):
        end = now + round(int(found[1]) * (_YEAR_DAYS if found[2] == "y" else 1) * _DAY)
    else:
        try:
            day = datetime.fromisoformat(text)
        except ValueError:
            raise Hostile("term-invalid", term=text) from None
        end = int((day if day.tzinfo else day.replace(tzinfo=UTC)).timestamp())
    if end <= now or (last is not None and end > last + _DAY):
        raise Hostile("term-invalid", term=text)
    return end


def _networks(untrusted: object, known: Mapping[str, str]) -> tuple[str, ...]:
    if not isinstance(untrusted, list) or not all(isinstance(name, str) for name in untrusted):
        raise Hostile("option-type", option="networks")
    if not 1 <= len(untrusted) <= MAX_NETWORKS:
        raise Hostile("networks-missing")
    by_name = {**{ident: ident for ident in known.values()}, **known}
    ids = []
    for name in untrusted:
        if name not in by_name:
            raise Hostile("network-unknown", network=showable(name, 64), known=", ".join(sorted(known)))
        ids.append(by_name[name])
    return tuple(dict.fromkeys(ids))


def _access(text: str) -> Access:
    if text not in (Access.READ_WRITE, Access.READ_ONLY):
        raise Hostile("access-unknown", value=text, known=f"{Access.READ_WRITE}, {Access.READ_ONLY}")
    return Access(text)


def _texts(untrusted: Mapping[str, object], limits: Mapping[str, int]) -> dict[str, str]:
    """These of the options, "" where they were not given."""
    return parse_texts({name: untrusted.get(name, "") for name in limits}, limits)


def _flags(untrusted: Mapping[str, object], keys: tuple[str, ...]) -> dict[str, bool]:
    found = {}
    for key in keys:
        value = untrusted.get(key, False)
        if not isinstance(value, bool):
            raise Hostile("option-type", option=key)
        found[key] = value
    return found


def _only(untrusted: Mapping[str, object], known: set[str]) -> None:
    for key in untrusted:
        if key not in known:
            raise Hostile("option-unknown", option=showable(key, 32))


def _member(kind: type[Word], text: str, code: str) -> Word:
    try:
        return kind(text)
    except ValueError:
        raise Hostile(code, value=text, known=", ".join(kind)) from None
