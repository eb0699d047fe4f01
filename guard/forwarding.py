"""Every entry of the journal goes on to journald, and so to whatever collects it: behind the commit, in order, none waiting for it.

How far it came stands in a small file, so that what could not be told (journald was away, the guard was stopped) is told later;
after a crash perhaps once more. No timer runs for a journald that is away: the next entry tries again.
"""

import asyncio
import contextlib
import errno
import logging
import os
import socket
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, select

from guard.core.errors import GuardError
from guard.core.journald import fields_of, packed
from guard.store.database import Database
from guard.store.journal import Journal
from guard.store.tables import journal

log = logging.getLogger(__name__)
ADDRESS = "/run/systemd/journal/socket"
BATCH, BUSY_SECONDS = 200, 5.0
_BUSY = (errno.EAGAIN, errno.ENOBUFS)


class Forwarding:
    """Follows the journal; the only one who waits for its `more`."""

    def __init__(
        self, database: Database, journal: Journal, place: Path, address: str = ADDRESS, behind: float = 0.0
    ) -> None:
        """`place` is the file that remembers how far it came; `behind` the seconds that it lets entries gather for."""
        self._database, self._more, self._place, self._address = database, journal.more, place, address
        self._behind = behind
        self._away = False

    async def run(self) -> None:
        """For ever."""
        sent = self._recall()
        if sent is None:  # the first time: what was before is not told, there may be years of it
            with contextlib.suppress(GuardError):
                sent = await self._database.read(_newest)
        sent = sent or 0
        self._more.set()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK) as channel:
            while True:
                await self._more.wait()
                await asyncio.sleep(self._behind)
                self._more.clear()
                with contextlib.suppress(GuardError):  # the registry's own fault is told elsewhere
                    sent = await self._catch_up(channel, sent)

    async def _catch_up(self, channel: socket.socket, sent: int) -> int:
        while True:
            rows = await self._database.read(partial(_after, start=sent))
            before = sent
            for seq, at, kind, subject, data, digest in rows:
                if not self._tell(channel, fields_of(seq, at, kind, subject, data, digest)):
                    break
                sent = seq
            if sent != before:
                self._remember(sent)
            if len(rows) < BATCH or sent != rows[-1][0]:
                return sent

    def _tell(self, channel: socket.socket, fields: dict[str, str]) -> bool:
        """Whether journald has it."""
        try:
            try:
                channel.sendto(packed(fields), self._address)
            except OSError as error:
                if error.errno != errno.EMSGSIZE:
                    raise
                fields.pop("MEDIA_GUARD_DATA")  # the rest says where to look
                channel.sendto(packed(fields), self._address)
        except OSError as error:
            if error.errno in _BUSY:
                asyncio.get_running_loop().call_later(BUSY_SECONDS, self._more.set)
            elif not self._away:
                log.warning("journald cannot be reached (%s); entries are told when it is back", error.strerror)
            self._away = True
            return False
        self._away = False
        return True

    def _recall(self) -> int | None:
        try:
            return int(self._place.read_text())
        except (OSError, ValueError):
            return None

    def _remember(self, sent: int) -> None:
        """In place and not synced: one that is lost is told twice, which is better than once too few."""
        with contextlib.suppress(OSError):
            target = os.open(self._place, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.pwrite(target, f"{sent:020d}\n".encode(), 0)
            finally:
                os.close(target)


def _newest(connection: Connection) -> int:
    return connection.execute(select(journal.c.seq).order_by(journal.c.seq.desc()).limit(1)).scalar() or 0


def _after(connection: Connection, start: int) -> list[tuple[int, str, str, str, str, str]]:
    text = "SELECT seq, at, kind, subject, data, hash FROM journal WHERE seq > ? ORDER BY seq LIMIT ?"
    return [tuple(row) for row in connection.exec_driver_sql(text, (start, BATCH))]
