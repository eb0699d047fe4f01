"""Which rows a person means who types the beginning of an id, the number of a medium, or is asked whose it is. All by index."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_

from guard.store.tables import media


def begins(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """Ids, which are lower-case hex, that begin so."""
    return and_(column >= text, column < f"{text}g")


def numbered(number: str) -> ColumnElement[bool]:
    """Media with this number here, and those whose label has it while another had it here first (guard.store.labels)."""
    twins = [f"{number} (" + beginning + ")" for beginning in (func.substr(media.c.id, 1, 6), media.c.id)]
    near = and_(media.c.number >= f"{number} (", media.c.number < f"{number} )")
    return or_(media.c.number == number, and_(near, media.c.number.in_(twins)))


@dataclass(frozen=True, slots=True)
class Own:
    """What belongs to somebody: media with these ids, and those held by or offered to one of these names."""

    ids: frozenset[str]
    names: frozenset[str]

    def among(self) -> ColumnElement[bool]:
        """The rows of media."""
        offered = and_(media.c.receiver != "", _one_of(media.c.receiver, self.names))
        return or_(media.c.id.in_(sorted(self.ids)), held_by(self.names), offered)


def held_by(names: Iterable[str]) -> ColumnElement[bool]:
    """Media that anybody of these names holds."""
    return _one_of(media.c.holder, names)


def _one_of(column: ColumnElement[str], names: Iterable[str]) -> ColumnElement[bool]:
    """SQLite's NOCASE knows ASCII alone, so a name is looked for in every usual spelling."""
    spelt = {spelt for name in names for spelt in (name, name.casefold(), name.upper(), name.title())}
    return column.collate("NOCASE").in_(sorted(spelt))
