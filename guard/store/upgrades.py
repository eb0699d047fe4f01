"""The steps from one schema version to the next (PRAGMA user_version).

History:
1  media, visits, crossings, requests, hardware, records, journal
2  media: read_only, as the label says
3  journal: found by kind and by subject
4  travel
5  heads: those of the journal that were signed
6  crossings: severity, number, holder and visit; found by each of them
7  media: department, due, receiver, serial; steps: the history of each medium
8  every listing by an index: media by time and state, visits by severity, requests by state and person
9  departures: how each medium looked when it last left here in order
10 people; orders of two people
11 travel: the summary that records carry on
12 manifests, visit_files, file_changes
13 campaigns, inspections
14 media: dated, ends, condition; orders: ends; marks
15 media: found by holder, department and serial number
"""

from collections.abc import Callable
from functools import partial

from sqlalchemy import Connection

from guard.store.file_tables import file_changes, manifests, visit_files
from guard.store.inventory_tables import campaigns, inspections
from guard.store.mark_tables import begin_clocks
from guard.store.tables import (
    crossings,
    departures,
    heads,
    journal,
    media,
    metadata,
    orders,
    people,
    requests,
    steps,
    travel,
    visits,
)

_FOREVER = """
CREATE TRIGGER IF NOT EXISTS {table}_keeps_{name} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, 'the journal forgets nothing'); END
"""


def _first(connection: Connection) -> None:
    metadata.create_all(connection)
    _keep_forever(connection, "journal")


def _keep_forever(connection: Connection, table: str) -> None:
    for name, verb in (("entries", "DELETE"), ("words", "UPDATE")):
        connection.exec_driver_sql(_FOREVER.format(table=table, name=name, verb=verb))


def _second(connection: Connection) -> None:
    """The first step makes the tables as they are now, so a new registry has the column already."""
    _add(connection, "media", "read_only", "INTEGER DEFAULT '0' NOT NULL")


def _third(connection: Connection) -> None:
    for index in journal.indexes:
        index.create(connection, checkfirst=True)


def _fourth(connection: Connection) -> None:
    travel.create(connection, checkfirst=True)


def _heads(connection: Connection) -> None:
    heads.create(connection, checkfirst=True)
    _keep_forever(connection, "heads")


def _crossings(connection: Connection) -> None:
    """What was not kept is taken from the visit here, else from the verdict, and from what is known of the medium now."""
    known = {row[1] for row in connection.exec_driver_sql("PRAGMA table_info(crossings)")}
    if "severity" not in known:
        connection.exec_driver_sql("ALTER TABLE crossings ADD COLUMN severity TEXT DEFAULT 'info' NOT NULL")
        for name in ("number", "holder", "visit"):
            connection.exec_driver_sql(f"ALTER TABLE crossings ADD COLUMN {name} TEXT DEFAULT '' NOT NULL")
        connection.exec_driver_sql(_FILL)
    for index in crossings.indexes:
        index.create(connection, checkfirst=True)


_FILL = """
UPDATE crossings SET
visit = coalesce((SELECT id FROM visits WHERE source = 'registry' AND visits.medium = crossings.medium AND arrived = at), ''),
severity = coalesce(
    (SELECT severity FROM visits WHERE source = 'registry' AND visits.medium = crossings.medium AND arrived = at),
    CASE verdict WHEN 'refused' THEN 'warning' ELSE 'info' END),
number = coalesce((SELECT number FROM media WHERE media.id = crossings.medium), ''),
holder = coalesce((SELECT holder FROM media WHERE media.id = crossings.medium), '')
"""


def _lives(connection: Connection) -> None:
    for name in ("department", "receiver", "receiver_department", "serial"):
        _add(connection, "media", name, "TEXT DEFAULT '' NOT NULL")
    _add(connection, "media", "due", "INTEGER")
    steps.create(connection, checkfirst=True)


def _listings(connection: Connection) -> None:
    for table in (media, visits, requests):
        for index in table.indexes:
            index.create(connection, checkfirst=True)


def _people(connection: Connection) -> None:
    for table in (people, orders):
        table.create(connection, checkfirst=True)


def _add(connection: Connection, table: str, column: str, kind: str) -> None:
    """A column, if it is not there; all three words are our own."""
    if column not in {row[1] for row in connection.exec_driver_sql(f"PRAGMA table_info({table})")}:
        connection.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")


def _departures(connection: Connection) -> None:
    departures.create(connection, checkfirst=True)


def _summaries(connection: Connection) -> None:
    for column in ("visits", "alarms"):
        _add(connection, "travel", column, "INTEGER DEFAULT '0' NOT NULL")
    _add(connection, "travel", "first", "INTEGER")


def _files(connection: Connection) -> None:
    for table in (manifests, visit_files, file_changes):
        table.create(connection, checkfirst=True)


def _inventories(connection: Connection) -> None:
    for table in (campaigns, inspections):
        table.create(connection, checkfirst=True)


def _clocks(connection: Connection) -> None:
    begin_clocks(connection, partial(_add, connection))


def _searched(connection: Connection) -> None:
    for index in media.indexes:
        index.create(connection, checkfirst=True)
    connection.exec_driver_sql("CREATE INDEX IF NOT EXISTS media_of_holder ON media (holder COLLATE NOCASE)")


def _offered(connection: Connection) -> None:
    offered = "CREATE INDEX IF NOT EXISTS media_offered ON media (receiver COLLATE NOCASE) WHERE receiver != ''"
    connection.exec_driver_sql(offered)


STEPS: tuple[Callable[[Connection], None], ...] = (
    _first,
    _second,
    _third,
    _fourth,
    _heads,
    _crossings,
    _lives,
    _listings,
    _departures,
    _people,
    _summaries,
    _files,
    _inventories,
    _clocks,
    _searched,
    _offered,
)
VERSION = len(STEPS)
