"""The tables of registry and journal; how older ones become these is in guard.store.upgrades."""

from sqlalchemy import Column, Index, Integer, LargeBinary, MetaData, Table, Text, UniqueConstraint, text

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
    Column("read_only", Integer, nullable=False, server_default="0"),
    Column("expires", Integer),
    Column("generation", Integer, nullable=False),
    Column("hardware", Text, nullable=False, index=True),
    Column("high_water", Text, nullable=False),
    Column("record_sequence", Integer, nullable=False, default=0),
    Column("record_hash", Text, nullable=False, default=""),
    Column("inspection_due", Integer),
    Column("holder_departed", Integer, nullable=False, default=0),
    Column("department", Text, nullable=False, server_default=""),
    Column("due", Integer),  # when a loan ends
    Column("receiver", Text, nullable=False, server_default=""),  # to whom it is offered
    Column("receiver_department", Text, nullable=False, server_default=""),
    Column("serial", Text, nullable=False, server_default=""),
    Column("dated", Integer),  # since when it is classified so
    Column("ends", Integer),  # when that is over; the label says `expires`
    Column("condition", Text, nullable=False, server_default=""),
    Column("registered_here", Integer, nullable=False),
    Column("since", Integer, nullable=False),
    Index("media_by_time", "since", "id"),
    Index("media_in_state", "state", "since", "id"),
    Index("media_of_department", "department"),
    Index("media_by_serial", "serial", sqlite_where=text("serial != ''")),
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
    Index("visits_by_severity", "severity", "seq"),
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
    Column("severity", Text, nullable=False, server_default="info"),
    Column("number", Text, nullable=False, server_default=""),
    Column("holder", Text, nullable=False, server_default=""),
    Column("visit", Text, nullable=False, server_default=""),
    UniqueConstraint("medium", "record"),
    Index("crossings_of_medium", "medium", "at"),
    Index("crossings_by_time", "at"),
    Index("crossings_of_holder", "holder", "at"),
    Index("crossings_from", "from_network", "at"),
    Index("crossings_to", "to_network", "at"),
    Index("crossings_between", "from_network", "to_network", "at"),
    Index("crossings_by_direction", "direction", "at"),
    Index("crossings_by_severity", "severity", "at"),
    sqlite_autoincrement=True,
)

travel = Table(
    "travel",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("medium", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("hash", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("host", Text, nullable=False),  # the subject of the certificate that signed; of a sealed record a pseudonym
    Column("network", Text, nullable=False),  # "" where it is sealed; the same for level and access
    Column("level", Text, nullable=False),
    Column("hour", Integer),
    Column("access", Text, nullable=False),
    Column("alarm", Integer, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("removal", Integer, nullable=False),
    Column("fingerprint", Integer, nullable=False),
    Column("untouched", Integer, nullable=False),
    Column("written", Integer, nullable=False),  # MiB
    Column("journal_sequence", Integer, nullable=False),
    Column("journal_hash", Text, nullable=False),
    Column("box", Text, nullable=False, default=""),  # what is sealed, in hex
    Column("visits", Integer, nullable=False, server_default="0"),  # the summary that a ring carries on when it wraps
    Column("alarms", Integer, nullable=False, server_default="0"),
    Column("first", Integer),
    UniqueConstraint("medium", "hash"),
    Index("travel_of_medium", "medium", "sequence"),
    Index("travel_of_host", "host", "journal_sequence"),
    sqlite_autoincrement=True,
)

departures = Table(
    "departures",
    metadata,
    Column("medium", Text, primary_key=True),
    Column("at", Integer, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("parts", Text, nullable=False),  # JSON list of [part, hash]
    Column("record", Text, nullable=False),  # hash of the newest travel record then
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
    Index("requests_in_state", "state", "seq"),
    Index("requests_of_user", "uid", "seq"),
    sqlite_autoincrement=True,
)

steps = Table(
    "steps",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("medium", Text, nullable=False),
    Column("at", Integer, nullable=False),
    Column("step", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("uid", Integer, nullable=False),
    Column("approved_by", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("holder", Text, nullable=False),
    Column("department", Text, nullable=False),
    Column("due", Integer),
    Column("level_before", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("ordered", Text, nullable=False),  # id of the order it carried out
    Index("steps_of_medium", "medium", "seq"),
    sqlite_autoincrement=True,
)

people = Table(
    "people",
    metadata,
    Column("key", Text, primary_key=True),  # the name in small letters
    Column("name", Text, nullable=False),
    Column("account", Text, nullable=False, index=True),
    Column("department", Text, nullable=False),
    Column("clearance", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("since", Integer, nullable=False),
    Column("why", Text, nullable=False),
    Column("marked_by", Integer, nullable=False),  # uid of who said that they leave
)

orders = Table(
    "orders",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("medium", Text, nullable=False, index=True),
    Column("level", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("approved_by", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("proposed_uid", Integer, nullable=False),
    Column("proposed", Integer, nullable=False),
    Column("expires", Integer, nullable=False),
    Column("confirmed_by", Text, nullable=False),
    Column("confirmed_uid", Integer, nullable=False),
    Column("confirmed", Integer),
    Column("ends", Integer),  # of an order to extend
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
    Index("journal_by_kind", "kind", "seq"),
    Index("journal_by_subject", "subject", "seq"),
)

open_intents = Table(
    "open_intents",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("subject", Text, nullable=False, index=True),
)

heads = Table(
    "heads",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("hash", Text, nullable=False),
    Column("at", Integer, nullable=False),
    Column("cose", LargeBinary, nullable=False),  # guard.core.head
)
