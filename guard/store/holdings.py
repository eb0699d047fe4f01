"""What somebody holds, as reminders need it: read only."""

from collections.abc import Collection

from sqlalchemy import Connection, select

from guard.core.classification import first_end
from guard.core.life import USABLE, MediumState
from guard.core.reminders import Holding
from guard.core.scheme import Scheme
from guard.store.database import Database
from guard.store.file_tables import visit_files
from guard.store.naming import held_by
from guard.store.tables import media, visits


class Holdings:
    """Looks when it is asked."""

    def __init__(self, database: Database, scheme: Scheme) -> None:
        """Both are of this host."""
        self._database, self._scheme = database, scheme

    async def of(self, names: Collection[str]) -> tuple[Holding, ...]:
        """The media that anybody of these names holds and may use."""
        query = select(media).where(media.c.state.in_(USABLE), held_by(names))

        def run(connection: Connection) -> tuple[Holding, ...]:
            return tuple(
                Holding(
                    medium=row.id,
                    number=row.number,
                    state=MediumState(row.state),
                    lowest=self._scheme.is_lowest(self._scheme.level(row.high_water or row.level)),
                    due=row.due,
                    inspection_due=row.inspection_due,
                    ends=first_end(row.expires, row.ends),
                    files_since=_files_since(connection, row.id),
                )
                for row in connection.execute(query)
            )

        return await self._database.read(run)


def _files_since(connection: Connection, medium: str) -> int | None:
    """When files were first seen on it after it was last seen empty; None where it is empty or was never listed."""
    listed = select(visits.c.seq, visit_files.c.at).join_from(visits, visit_files, visit_files.c.visit == visits.c.id)
    listed = listed.where(visits.c.medium == medium)
    empty = listed.where(visit_files.c.files == 0, visit_files.c.complete == 1).order_by(visits.c.seq.desc())
    last = connection.execute(empty.limit(1)).first()
    full = listed.where(visit_files.c.files > 0, visits.c.seq > (last.seq if last else 0)).order_by(visits.c.seq)
    first = connection.execute(full.limit(1)).first()
    return first.at if first else None
