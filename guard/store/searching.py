"""A part of a number, holder, department or serial number among all media, without looking at every row of them.

A full-text index would have to be kept by triggers, and the registry trusts no virtual table inside its schema
(`trusted_schema=OFF`), so that a damaged one can never keep an admission from being written. What is read instead is narrow: the
newest rows first, which answer whatever is frequent; then the index of numbers, that of serial numbers, and each holder and
department once, by leaps along their indexes.
"""

from sqlalchemy import Select, TextClause, desc, func, or_, select, text

from guard.store.tables import media

NEWEST = 2000  # rows that are looked at before the indexes are
_FOUND = """media.rowid IN (
WITH RECURSIVE holders(x) AS (
  SELECT (SELECT holder FROM media ORDER BY holder COLLATE NOCASE LIMIT 1) UNION ALL
  SELECT (SELECT holder FROM media WHERE holder > holders.x COLLATE NOCASE ORDER BY holder COLLATE NOCASE LIMIT 1)
  FROM holders WHERE holders.x IS NOT NULL
), departments(x) AS (
  SELECT min(department) FROM media UNION ALL
  SELECT (SELECT min(department) FROM media WHERE department > departments.x) FROM departments WHERE departments.x IS NOT NULL
)
SELECT rowid FROM media WHERE number LIKE :part ESCAPE '/'
UNION SELECT rowid FROM media WHERE serial != '' AND serial LIKE :part ESCAPE '/'
UNION SELECT rowid FROM media WHERE holder COLLATE NOCASE IN (SELECT x FROM holders WHERE casefold(x) LIKE :folded ESCAPE '/')
UNION SELECT rowid FROM media WHERE department IN (SELECT x FROM departments WHERE casefold(x) LIKE :folded ESCAPE '/')
)"""
_CODES, _NAMES = (media.c.number, media.c.serial), (media.c.holder, media.c.department)


def pattern(part: str) -> str:
    """For LIKE, with `/` as the escape."""
    for special in "/%_":
        part = part.replace(special, f"/{special}")
    return f"%{part}%"


def among_newest(part: str) -> Select[tuple[object, ...]]:
    """The media that match among the newest, the newest first."""
    newest = select(media).order_by(desc(media.c.since), desc(media.c.id)).limit(NEWEST).subquery("media")
    found = [newest.c[column.name].like(pattern(part), escape="/") for column in _CODES]
    found += [func.casefold(newest.c[column.name]).like(pattern(part.casefold()), escape="/") for column in _NAMES]
    return select(newest).where(or_(*found)).order_by(desc(newest.c.since), desc(newest.c.id))


def among_all(part: str) -> TextClause:
    """The condition that a row of media matches."""
    return text(_FOUND).bindparams(part=pattern(part), folded=pattern(part.casefold()))
