"""Which files came and went, by visit; and of each medium the newest manifest, to compare the next one with.

The journal has the counts and the hash of every manifest for ever; names are kept for a time only.
"""

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from guard.core.contents import Baseline, Change, Contents
from guard.core.errors import Hostile
from guard.core.manifest import Cut, Manifest, parse_entries, shown
from guard.store.database import Database
from guard.store.file_tables import file_changes, manifests, visit_files
from guard.store.journal import Journal
from guard.store.queries import Listing, Page, iso

MOST_ROWS = 10_000  # of one listing; the counts are of all
_MOST_SIZE = (1 << 63) - 1
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Taken:
    """A manifest of one file system, taken during a visit at `at` (seconds); `medium` "" for one without our label.

    `left`: it shows the medium as it leaves; `sequence` of the newest travel record that is on it.
    """

    visit: str
    medium: str
    volume: int
    at: int
    left: bool
    sequence: int
    manifest: Manifest


class Files:
    """Manifests and changes."""

    def __init__(self, database: Database, journal: Journal, keep_days: int) -> None:
        """`keep_days`: how long names are kept."""
        self._database, self._journal, self._keep = database, journal, keep_days * _DAY

    async def begin(self, medium: str, volume: int, *, writable: bool) -> Baseline | None:
        """The newest manifest of a file system; where it can be written from now on, nobody knows any more how it left.

        Raises:
            Broken: `registry-...`.
        """
        which = (manifests.c.medium == medium, manifests.c.volume == volume)

        def act(connection: Connection) -> Baseline | None:
            row = connection.execute(select(manifests).where(*which)).first()
            if row is None:
                return None
            if writable:
                connection.execute(update(manifests).where(*which).values(left=0))
            try:
                entries = tuple(parse_entries(zlib.decompress(row.body)))
            except (Hostile, zlib.error):  # of another version: nothing is known
                return None
            return Baseline(Manifest(entries, Cut(row.cut), row.unread), bool(row.left), row.at, row.sequence)

        return await self._database.write(act)

    async def note(self, taken: Taken, changes: Sequence[Change], contents: Contents) -> None:
        """Keep a manifest, what it differs by, and the picture of the visit; with an entry in the journal.

        Raises:
            Broken: `registry-...`.
        """
        manifest = taken.manifest
        data = {
            "volume": taken.volume,
            "left": taken.left,
            "files": manifest.files,
            "size": manifest.size,
            "complete": manifest.complete,
            "sha256": manifest.digest(),
            "counts": dict(contents.counts),
            "findings": [finding.rule for finding in contents.findings],
        }

        def act(connection: Connection) -> None:
            if taken.medium:
                row = _manifest_row(taken)
                connection.execute(upsert(manifests).values(row).on_conflict_do_update(["medium", "volume"], set_=row))
            rows = [_change_row(taken, change) for change in changes[:MOST_ROWS]]
            if rows:
                connection.execute(insert(file_changes), rows)
            _keep(connection, taken.visit, taken.at, contents)
            for table in (file_changes, manifests):
                connection.execute(delete(table).where(table.c.at < taken.at - self._keep))

        await self._journal.write("manifest", taken.visit, data, act)

    async def failed(self, visit: str, at: int, fault: str, contents: Contents) -> None:
        """The files of a visit could not be listed.

        Raises:
            Broken: `registry-...`.
        """
        await self._journal.write("manifest", visit, {"fault": fault}, lambda c: _keep(c, visit, at, contents))

    async def changes(self, visit: str, page: Page) -> Listing:
        """The changes of a visit, the ones to look at first, first; after `page.after` in the order of their numbers."""
        query = select(file_changes).where(file_changes.c.visit == visit, file_changes.c.seq > (page.after or 0))
        query = query.order_by(file_changes.c.seq).limit(page.limit)
        rows = await self._database.read(lambda connection: list(connection.execute(query)))
        return [
            {
                "seq": row.seq,
                "what": row.what,
                "volume": row.volume,
                "path": row.path,
                "kind": row.kind,
                "size": row.size,
                "modified": iso(row.modified) if 0 <= row.modified < 1 << 37 else "",
                "hash": row.hash,
                "odd": json.loads(row.odd),
            }
            for row in rows
        ]


def _keep(connection: Connection, visit: str, at: int, contents: Contents) -> None:
    found = [[finding.rule, finding.severity, dict(finding.facts)] for finding in contents.findings]
    row = {
        "visit": visit,
        "at": at,
        "state": contents.state,
        "files": contents.files,
        "size": min(contents.size, _MOST_SIZE),
        "complete": int(contents.complete),
        "counts": json.dumps(dict(contents.counts)),
        "findings": json.dumps(found, ensure_ascii=False),
    }
    connection.execute(upsert(visit_files).values(row).on_conflict_do_update(["visit"], set_=row))


def _manifest_row(taken: Taken) -> dict[str, object]:
    manifest = taken.manifest
    row = {
        "medium": taken.medium,
        "volume": taken.volume,
        "visit": taken.visit,
        "at": taken.at,
        "left": int(taken.left),
    }
    body = zlib.compress(manifest.pack(), 1)
    return row | {"sequence": taken.sequence, "cut": int(manifest.cut), "unread": manifest.unread, "body": body}


def _change_row(taken: Taken, change: Change) -> dict[str, object]:
    entry = change.entry
    return {
        "visit": taken.visit,
        "at": taken.at,
        "what": change.what,
        "volume": change.volume,
        "path": shown(entry.path),
        "kind": entry.kind.name.lower(),
        "size": min(entry.size, _MOST_SIZE),
        "modified": entry.modified // 10**9,
        "hash": entry.digest.hex(),
        "odd": json.dumps(sorted(change.oddities)),
    }
