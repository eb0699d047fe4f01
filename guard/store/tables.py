"""The tables, and the steps from one schema version to the next (PRAGMA user_version).

History:
1  media, visits, crossings, requests, hardware, records, journal
"""

from collections.abc import Callable

from sqlalchemy import Column, Connection, Index, Integer, MetaData, Table, Text, UniqueConstraint

metadata = MetaData()

media = Table(
    "media",
    metadata,
    Column("id", Text, primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("scheme", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("networks", Text, nullable=False),  # JSON list of network ids
    Column("holder", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("may_import", Integer, nullable=False),
    Column("expires", Integer),
    Column("generation", Integer, nullable=False),
    Column("hardware", Text, nullable=False, index=True),
    Column("high_water", Text, nullable=False),
    Column("record_sequence", Integer, nullable=False, default=0),
    Column("record_hash", Text, nullable=False, default=""),
    Column("inspection_due", Integer),
    Column("holder_departed", Integer, nullable=False, default=0),
    Column("registered_here", Integer, nullable=False),
    Column("since", Integer, nullable=False),
)

visits = Table(
    "visits",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("medium", Text, nullable=False, default=""),
    Column("interface", Text, nullable=False),
    Column("disk", Text, nullable=False, default=""),
    Column("arrived", Integer, nullable=False),
    Column("left", Integer),
    Column("verdict", Text, nullable=False, default="held"),
    Column("severity", Text, nullable=False, default="info"),
    Column("reasons", Text, nullable=False, default="[]"),  # JSON list of [rule, facts]
    Column("user", Text, nullable=False, default=""),
    Column("uid", Integer),
    Column("network", Text, nullable=False),
    Column("level", Text, nullable=False, default=""),
    Column("seen", Text, nullable=False, default="{}"),
    Index("visits_of_medium", "medium", "seq"),
    Index("visits_unfinished", "left", "seq"),
    Index("visits_of_user", "uid", "seq"),
    sqlite_autoincrement=True,
)

crossings = Table(
    "crossings",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("medium", Text, nullable=False),
    Column("at", Integer, nullable=False),
    Column("from_network", Text, nullable=False),
    Column("to_network", Text, nullable=False),
    Column("from_level", Text, nullable=False),
    Column("to_level", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("record", Text, nullable=False),  # hash of the record it was learned from, or the id of the visit here
    UniqueConstraint("medium", "record"),
    Index("crossings_of_medium", "medium", "at"),
    Index("crossings_by_time", "at"),
    sqlite_autoincrement=True,
)

requests = Table(
    "requests",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("visit", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("uid", Integer, nullable=False),
    Column("requester", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("wishes", Text, nullable=False),  # JSON object
    Column("filed", Integer, nullable=False),
    Column("expires", Integer, nullable=False),
    Column("decided_by", Text, nullable=False, default=""),
    Column("decided", Integer),
    Column("why", Text, nullable=False, default=""),
    Index("requests_by_state", "state", "uid"),
    Index("requests_of_visit", "visit"),
    sqlite_autoincrement=True,
)

journal = Table(
    "journal",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("at", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("data", Text, nullable=False),
    Column("hash", Text, nullable=False),
)

open_intents = Table(
    "open_intents",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("subject", Text, nullable=False, index=True),
)

_FOREVER = """
CREATE TRIGGER journal_keeps_{name} BEFORE {verb} ON journal
BEGIN SELECT RAISE(ABORT, 'the journal forgets nothing'); END
"""


def _first(connection: Connection) -> None:
    metadata.create_all(connection)
    for name, verb in (("entries", "DELETE"), ("words", "UPDATE")):
        connection.exec_driver_sql(_FOREVER.format(name=name, verb=verb))


STEPS: tuple[Callable[[Connection], None], ...] = (_first,)
VERSION = len(STEPS)
