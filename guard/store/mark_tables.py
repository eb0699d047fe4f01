"""The table of marks: every classification that a medium has had; made by a step of guard.store.tables."""

from collections.abc import Callable

from sqlalchemy import Column, Connection, Index, Integer, MetaData, Table, Text

metadata = MetaData()

marks = Table(
    "marks",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("medium", Text, nullable=False),
    Column("at", Integer, nullable=False),
    Column("by", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("dated", Integer, nullable=False),
    Column("ends", Integer),
    Column("condition", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("ordered", Text, nullable=False),  # id of the order that it carried out
    Column("cancelled", Integer),  # when the next one took its place
    Index("marks_of_medium", "medium", "seq"),
    sqlite_autoincrement=True,
)


def begin_clocks(connection: Connection, add: Callable[[str, str, str], None]) -> None:
    """What has a label is classified since its newest one; `add` adds a column to a table, if it is not there.

    The index is made here and not with its table, because step 8 makes all of that table's while the column is not there yet.
    """
    for column, kind in (("dated", "INTEGER"), ("ends", "INTEGER"), ("condition", "TEXT DEFAULT '' NOT NULL")):
        add("media", column, kind)
    add("orders", "ends", "INTEGER")
    marks.create(connection, checkfirst=True)
    for statement in _BEGIN:
        connection.exec_driver_sql(statement)


_BEGIN = (
    "CREATE INDEX IF NOT EXISTS media_by_end ON media (ends)",
    """UPDATE media SET ends = expires, dated = coalesce(
    (SELECT max(at) FROM steps WHERE steps.medium = media.id AND step IN ('register', 'relabel')), since) WHERE generation > 0""",
    """INSERT INTO marks (medium, at, "by", level, dated, ends, condition, why, ordered)
    SELECT id, dated, '', level, dated, ends, '', '', '' FROM media WHERE generation > 0""",
)
