"""The tables of inventories: campaigns, and what each medium owes to each; made by a step of guard.store.tables."""

from sqlalchemy import Column, Index, Integer, MetaData, Table, Text

metadata = MetaData()

campaigns = Table(
    "campaigns",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("title", Text, nullable=False),
    Column("department", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("begun", Integer, nullable=False),
    Column("by", Text, nullable=False),
    Column("due", Integer, nullable=False),
    Column("closed", Integer),
    Column("closed_by", Text, nullable=False),
    Column("why", Text, nullable=False),
    Index("campaigns_in_state", "state", "seq"),
    sqlite_autoincrement=True,
)

# One row for each medium of a campaign, made when it begins. Department and holder are those of that day.
inspections = Table(
    "inspections",
    metadata,
    Column("campaign", Integer, primary_key=True),
    Column("medium", Text, primary_key=True),
    Column("department", Text, nullable=False),
    Column("holder", Text, nullable=False),
    Column("seen", Integer),
    Column("how", Text, nullable=False, server_default=""),
    Column("by", Text, nullable=False, server_default=""),
    Column("visit", Text, nullable=False, server_default=""),
    Index("inspections_of_medium", "medium"),
    Index("inspections_missing", "campaign", "seen", "department", "holder"),
)
