"""Which rule of a regulation stands behind each reason. Data, not code: one book for each scheme, which an organization can edit.

A citation is true only for the secrets it speaks of: a law about state secrets is not cited where a commercial secret was refused.
So each says which secrets of the medium or of the host it needs, and where none fits, none is cited. A reason of which no
regulation speaks (a device that cannot be read) is technical and cites none.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from guard.core.errors import Broken
from guard.core.scheme import CATEGORIES, Level, Scheme

LANGUAGES = ("en", "zh")
MAX_CITES, MAX_TEXT = 4, 120
Texts = tuple[tuple[str, str], ...]
_Wrong = Callable[[str], Broken]


class Basis(StrEnum):
    """What a reason stands on: a regulation, a decision of the organization itself, or the nature of the thing."""

    REGULATION = "regulation"
    OWN = "own"
    TECHNICAL = "technical"


@dataclass(frozen=True, slots=True)
class Citation:
    """A place in a regulation, by language.

    `medium` and `host`: a category of secrets that must ("state") or must not ("not-state") be among theirs; "" for any.
    """

    regulation: Texts
    article: Texts
    medium: str = ""
    host: str = ""

    def fits(self, medium: frozenset[str], host: frozenset[str]) -> bool:
        """Whether it speaks of secrets of these categories."""
        return _among(self.medium, medium) and _among(self.host, host)


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Made by `parse_rulebook`, which checks it."""

    scheme: str
    regulations: Mapping[str, Texts]
    reasons: Mapping[str, tuple[Basis, tuple[Citation, ...]]]

    def behind(self, reason: str, medium: frozenset[str], host: frozenset[str]) -> tuple[Basis, tuple[Citation, ...]]:
        """What a reason stands on, for a medium and a host with secrets of these categories."""
        basis, citations = self.reasons.get(reason, (Basis.OWN, ()))
        if basis is not Basis.REGULATION:
            return basis, ()
        fitting = tuple(citation for citation in citations if citation.fits(medium, host))
        return (Basis.REGULATION, fitting) if fitting else (Basis.OWN, ())

    def amended(self, other: "Rulebook") -> "Rulebook":
        """This book with what another one says instead."""
        return Rulebook(self.scheme, {**self.regulations, **other.regulations}, {**self.reasons, **other.reasons})


def categories_of(scheme: Scheme, *levels: Level) -> frozenset[str]:
    """The kinds of secrets in these levels; names that the scheme does not have are none."""
    known = {rank.id: rank.category for rank in scheme.ranks}
    return frozenset(known.get(name, "") for level in levels for name in level.ranks) - {""}


def parse_rulebook(
    raw: Mapping[str, object], file: str, scheme: str, reasons: frozenset[str], base: Rulebook | None = None
) -> Rulebook:
    """Check the tables of a book for a scheme; `reasons` are all that there are, `base` the book whose regulations it may name too.

    Raises:
        Broken: `rulebook-invalid` naming file and what is wrong.
    """

    def wrong(why: str) -> Broken:
        return Broken("rulebook-invalid", file=file, why=why)

    if raw.get("scheme") != scheme:
        raise wrong(f'scheme must be "{scheme}", the scheme in force')
    if unknown := sorted(set(raw) - {"scheme", "regulation", "reason"}):
        raise wrong(f"there is no {unknown[0][:32]}; known are scheme, regulation, reason")
    regulations = dict(base.regulations) if base else {}
    named = raw.get("regulation", {})
    tables = raw.get("reason", {})
    if not isinstance(named, Mapping) or not isinstance(tables, Mapping):
        raise wrong("regulation and reason must be tables")
    for ident, table in named.items():
        regulations[ident] = _texts(table, f"regulation.{ident}", wrong)
    found = {}
    for reason, table in tables.items():
        if reason not in reasons:
            raise wrong(f"there is no reason {reason[:32]}")
        found[reason] = _entry(table, reason, regulations, wrong)
    return Rulebook(scheme, regulations, found)


def _entry(
    table: object, reason: str, regulations: Mapping[str, Texts], wrong: _Wrong
) -> tuple[Basis, tuple[Citation, ...]]:
    if not isinstance(table, Mapping) or set(table) - {"basis", "cites"}:
        raise wrong(f"reason {reason} takes cites, or basis")
    cites, basis = table.get("cites", []), table.get("basis", "regulation")
    if basis not in tuple(Basis) or (basis == Basis.REGULATION) != bool(cites):
        raise wrong(f'reason {reason} needs cites, or a basis that is "own" or "technical" and then none')
    if not isinstance(cites, list) or len(cites) > MAX_CITES:
        raise wrong(f"cites of reason {reason} must be a list of at most {MAX_CITES} tables")
    return Basis(basis), tuple(_citation(cite, reason, regulations, wrong) for cite in cites)


def _citation(cite: object, reason: str, regulations: Mapping[str, Texts], wrong: _Wrong) -> Citation:
    if not isinstance(cite, Mapping) or set(cite) - {"regulation", "medium", "host", *LANGUAGES}:
        raise wrong(f"a citation of reason {reason} takes regulation, en, zh, medium, host")
    regulation, needs = cite.get("regulation"), [cite.get(name, "") for name in ("medium", "host")]
    if regulation not in regulations:
        raise wrong(f"reason {reason} cites regulation {str(regulation)[:32]}, which is not there")
    if any(need and str(need).removeprefix("not-") not in CATEGORIES for need in needs):
        raise wrong(
            f"medium and host of a citation of reason {reason} must be one of {', '.join(CATEGORIES)}, or not- and one"
        )
    article = _texts({name: cite[name] for name in LANGUAGES if name in cite}, f"a citation of reason {reason}", wrong)
    return Citation(regulations[str(regulation)], article, *map(str, needs))


def _texts(table: object, where: str, wrong: _Wrong) -> Texts:
    if not isinstance(table, Mapping) or set(table) != set(LANGUAGES):
        raise wrong(f"{where} needs a text in each of {', '.join(LANGUAGES)}")
    for text in table.values():
        if not isinstance(text, str) or not 1 <= len(text) <= MAX_TEXT or not text.isprintable():
            raise wrong(f"{where}: a text has 1 to {MAX_TEXT} characters in one line")
    return tuple(sorted((name, str(text)) for name, text in table.items()))


def _among(need: str, found: frozenset[str]) -> bool:
    if need.startswith("not-"):
        return need.removeprefix("not-") not in found
    return not need or need in found
