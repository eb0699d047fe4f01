"""The tables of files that came and went; made by a step of guard.store.tables."""

from sqlalchemy import Column, Index, Integer, LargeBinary, MetaData, Table, Text

metadata = MetaData()

# The newest manifest of each file system of a medium, whole, to compare the next one with.
manifests = Table(
    "manifests",
    metadata,
    Column("medium", Text, primary_key=True),
    Column("volume", Integer, primary_key=True),
    Column("visit", Text, nullable=False),
    Column("at", Integer, nullable=False),
    Column("left", Integer, nullable=False),  # 1: as the medium left here
    Column("sequence", Integer, nullable=False),  # newest travel record then
    Column("cut", Integer, nullable=False),
    Column("unread", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),  # packed entries, zlib
    Index("manifests_by_time", "at"),
)

visit_files = Table(
    "visit_files",
    metadata,
    Column("visit", Text, primary_key=True),
    Column("at", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("files", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    Column("complete", Integer, nullable=False),
    Column("counts", Text, nullable=False),  # JSON object
    Column("findings", Text, nullable=False),  # JSON list of [rule, severity, facts]
)

file_changes = Table(
    "file_changes",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("visit", Text, nullable=False),
    Column("at", Integer, nullable=False),
    Column("what", Text, nullable=False),
    Column("volume", Integer, nullable=False),
    Column("path", Text, nullable=False),  # made showable; no two read the same
    Column("kind", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("modified", Integer, nullable=False),
    Column("hash", Text, nullable=False),
    Column("odd", Text, nullable=False),  # JSON list
    Index("file_changes_of_visit", "visit", "seq"),
    Index("file_changes_by_time", "at"),
    sqlite_autoincrement=True,
)
