"""The levels in force: names, order, mark format and longest term. Data, not code.

A scheme is a partial order of named levels: state secrets are a chain, work and commercial secrets stand
beside it. A `Level` is a set of such names of which none dominates another, so any two levels have a join even
where neither is above the other (a medium that held work secrets and state secrets is both). Ordered by "each
name of mine is dominated by a name of yours" these sets form a distributive lattice with the empty set at the
bottom (Birkhoff). No other module compares levels in any other way.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from string import Formatter

from guard.core.errors import Broken, Hostile

MAX_LEVELS = 64
MAX_NAME_LENGTH = 64
MAX_ID_BYTES = 32  # it stands in every label and certificate
CATEGORIES = ("state", "work", "commercial")


@dataclass(frozen=True, slots=True)
class Rank:
    """One named level of a scheme.

    `code` (1 to 255) stands for it on the medium. `above` are the ids it directly dominates. `names` are further
    names by language. `state_secret` allows the mark with a star; `longest_years` is the longest term, 0 for none. `category` says
    whose rules hold for it: "state", "work", "commercial", or "" for no secret and for schemes that make no difference.
    """

    id: str
    code: int
    above: tuple[str, ...]
    names: tuple[tuple[str, str], ...]
    state_secret: bool
    longest_years: int
    colour: str
    category: str = ""


@dataclass(frozen=True, slots=True, order=False)
class Level:
    """A classification: the highest names that apply, sorted by code; never two of which one dominates the other."""

    ranks: tuple[str, ...]

    def __str__(self) -> str:
        """The names joined by "+", as written on the command line and in JSON."""
        return "+".join(self.ranks)


BOTTOM = Level(())


@dataclass(frozen=True, slots=True)
class Scheme:
    """The scheme in force; made by `parse_scheme`, which checks it."""

    id: str
    mark: str
    ranks: tuple[Rank, ...]
    commercial_mark: str
    _below: Mapping[str, frozenset[str]] = field(repr=False)

    def rank(self, name: str) -> Rank:
        """The rank with this id or with this name in any language (case does not matter).

        Raises:
            Hostile: `level-unknown`.
        """
        wanted = name.strip().casefold()
        for rank in self.ranks:
            if wanted == rank.id.casefold() or any(wanted == text.casefold() for _, text in rank.names):
                return rank
        raise Hostile("level-unknown", level=name[:MAX_NAME_LENGTH], known=", ".join(r.id for r in self.ranks))

    def level(self, text: str) -> Level:
        """Parse "机密" or "机密+核心商密" (ids or names).

        Raises:
            Hostile: `level-unknown`.
        """
        return self._highest(self.rank(part).id for part in text.split("+"))

    def level_of_codes(self, codes: Iterable[int]) -> Level:
        """The level written on a medium as rank codes.

        Raises:
            Hostile: `level-code-unknown`.
        """
        by_code = {rank.code: rank.id for rank in self.ranks}
        found = []
        for code in codes:
            if code not in by_code:
                raise Hostile("level-code-unknown", number=code, scheme=self.id)
            found.append(by_code[code])
        return self._highest(found)

    def is_lowest(self, level: Level) -> bool:
        """True if every rank dominates this level."""
        return all(self.dominates(Level((rank.id,)), level) for rank in self.ranks)

    def codes(self, level: Level) -> tuple[int, ...]:
        """The rank codes of a level, ascending."""
        return tuple(sorted(self.rank(name).code for name in level.ranks))

    def dominates(self, high: Level, low: Level) -> bool:
        """True if `high` is at or above `low`."""
        return all(any(name in self._below[other] for other in high.ranks) for name in low.ranks)

    def join(self, *levels: Level) -> Level:
        """The lowest level that dominates all of them."""
        return self._highest(name for level in levels for name in level.ranks)

    def _highest(self, names: Iterable[str]) -> Level:
        chosen = set(names)
        kept = [n for n in chosen if not any(n != other and n in self._below[other] for other in chosen)]
        return Level(tuple(sorted(kept, key=lambda name: self.rank(name).code)))


def parse_scheme(raw: Mapping[str, object]) -> Scheme:
    """Check the tables of a scheme file and make the frozen scheme.

    Raises:
        Broken: `scheme-invalid` naming what is wrong: a missing key, a double id or code, a circle in the order.
    """
    ident = _text(raw, "id", "scheme")
    if len(ident.encode()) > MAX_ID_BYTES:
        raise Broken("scheme-invalid", scheme=ident, why=f"id may have at most {MAX_ID_BYTES} bytes")
    mark = _mark(raw, "mark", ident, {"level", "term"})
    commercial = _mark(raw, "commercial_mark", ident, {"owner", "level", "term"}) if "commercial_mark" in raw else ""
    if "★" in commercial:
        raise Broken(
            "scheme-invalid", scheme=ident, why="the star belongs to state secrets; it must not be in commercial_mark"
        )
    tables = raw.get("level")
    if not isinstance(tables, list) or not 1 <= len(tables) <= MAX_LEVELS:
        raise Broken("scheme-invalid", scheme=ident, why="it needs one to 64 [[level]] tables")
    ranks = tuple(_rank(table, ident) for table in tables)
    for what, values in (("id", [r.id for r in ranks]), ("code", [r.code for r in ranks])):
        if len(set(values)) != len(values):
            raise Broken("scheme-invalid", scheme=ident, why=f"two levels have the same {what}")
    return Scheme(id=ident, mark=mark, ranks=ranks, commercial_mark=commercial, _below=_closure(ranks, ident))


def _closure(ranks: tuple[Rank, ...], ident: str) -> dict[str, frozenset[str]]:
    direct = {rank.id: rank.above for rank in ranks}
    below: dict[str, frozenset[str]] = {}

    def walk(name: str, path: tuple[str, ...]) -> frozenset[str]:
        if name not in direct:
            raise Broken("scheme-invalid", scheme=ident, why=f"level {name} is named but not defined")
        if name in path:
            raise Broken("scheme-invalid", scheme=ident, why=f"level {name} is above itself")
        if name not in below:
            below[name] = frozenset({name}).union(*(walk(other, (*path, name)) for other in direct[name]))
        return below[name]

    for rank in ranks:
        walk(rank.id, ())
    return below


def _rank(table: object, scheme: str) -> Rank:
    if not isinstance(table, dict):
        raise Broken("scheme-invalid", scheme=scheme, why="a [[level]] is not a table")
    ident = _text(table, "id", scheme)
    code, years = table.get("code"), table.get("longest_years", 0)
    above, names = table.get("above", []), table.get("names", {})
    if not isinstance(code, int) or isinstance(code, bool) or not 1 <= code <= 255:
        raise Broken("scheme-invalid", scheme=scheme, why=f"level {ident} needs a code from 1 to 255")
    if not isinstance(years, int) or isinstance(years, bool) or not 0 <= years <= 100:
        raise Broken("scheme-invalid", scheme=scheme, why=f"longest_years of level {ident} must be 0 to 100")
    if not isinstance(above, list) or not all(isinstance(name, str) for name in above):
        raise Broken("scheme-invalid", scheme=scheme, why=f"above of level {ident} must be a list of ids")
    if not isinstance(names, dict) or not all(isinstance(name, str) for name in names.values()):
        raise Broken("scheme-invalid", scheme=scheme, why=f"names of level {ident} must be texts by language")
    star = table.get("state_secret", False) is True
    category = table.get("category", "state" if star else "")
    if category not in ("", *CATEGORIES) or (star and category != "state"):
        raise Broken(
            "scheme-invalid", scheme=scheme, why=f"category of level {ident} must be one of {', '.join(CATEGORIES)}"
        )
    return Rank(
        id=ident,
        code=code,
        above=tuple(above),
        names=tuple(names.items()),
        state_secret=star,
        longest_years=years,
        colour=_text(table, "colour", scheme),
        category=str(category),
    )


def _mark(raw: Mapping[str, object], key: str, where: str, known: set[str]) -> str:
    text = _text(raw, key, where)
    try:
        gaps = [(name, form or change) for _, name, form, change in Formatter().parse(text) if name is not None]
    except ValueError:
        gaps = [("", "")]
    if any(name not in known or form for name, form in gaps) or "level" not in dict(gaps):
        raise Broken(
            "scheme-invalid", scheme=where, why=f"{key} must have {{level}}, and may have {', '.join(sorted(known))}"
        )
    return text


def _text(table: Mapping[str, object], key: str, where: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_NAME_LENGTH:
        raise Broken("scheme-invalid", scheme=where, why=f"{key} must be a text of 1 to 64 characters")
    return value
