"""The database file: opened, checked, upgraded; one thread writes, another reads, both answer to asyncio.

What goes wrong is `Broken` with a code that says how to mend it; nothing is half written, and the next call after mending works.
"""

import asyncio
import errno
import os
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, OperationalError, SQLAlchemyError

from guard.core.errors import Broken
from guard.store.upgrades import STEPS, VERSION

Result = TypeVar("Result")
BUSY_SECONDS = 2


class Database:
    """One SQLite file in WAL mode with synchronous=FULL: a commit that returned is on the disk."""

    def __init__(self, path: Path) -> None:
        """Nothing is opened before the first use."""
        self._path = path
        self._engine: Engine | None = None
        self._identity: tuple[int, int] | None = None
        self._writer = ThreadPoolExecutor(1, "registry-writer")
        self._reader = ThreadPoolExecutor(1, "registry-reader")

    @property
    def path(self) -> Path:
        """Where it is."""
        return self._path

    async def write(
        self, act: Callable[[Connection], Result], after: Callable[[Result], None] = lambda _: None
    ) -> Result:
        """Run `act` in one transaction; it has happened whole, on disk, when this returns, or not at all.

        `after` runs behind the commit, before any other write.

        Raises:
            Broken: `registry-...`.
        """
        return await self._run(self._writer, act, after)

    async def read(self, act: Callable[[Connection], Result]) -> Result:
        """Run a query beside the writer; it sees one consistent state.

        Raises:
            Broken: `registry-...`.
        """
        return await self._run(self._reader, act, None)

    async def close(self) -> None:
        """Finish what was begun and close the file."""
        await asyncio.to_thread(self._writer.shutdown)
        await asyncio.to_thread(self._reader.shutdown)
        if self._engine is not None:
            self._engine.dispose()

    async def _run(
        self, thread: ThreadPoolExecutor, act: Callable[[Connection], Result], after: Callable[[Result], None] | None
    ) -> Result:
        if self._engine is None or self._moved():
            await asyncio.get_running_loop().run_in_executor(self._writer, self._open)
        return await asyncio.get_running_loop().run_in_executor(thread, self._transact, act, after)

    def _transact(self, act: Callable[[Connection], Result], after: Callable[[Result], None] | None) -> Result:
        engine = self._engine
        if engine is None:
            raise Broken("registry-missing", path=str(self._path))
        try:
            with engine.connect() as connection:
                connection.exec_driver_sql("BEGIN IMMEDIATE" if after else "BEGIN")
                result = act(connection)
                connection.commit()
            if after:
                after(result)
            return result
        except SQLAlchemyError as error:
            fault = self._fault(error)
            if fault.code in ("registry-corrupted", "registry-unwritable", "registry-missing"):
                self._forget()
            raise fault from error

    def _open(self) -> None:
        if self._engine is not None and not self._moved():
            return
        self._forget()
        engine = create_engine(
            f"sqlite:///{self._path}", connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False}
        )
        event.listen(engine, "connect", _configure)
        try:
            if not self._path.parent.is_dir():
                raise Broken("registry-missing", path=str(self._path.parent))
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
            with engine.connect() as connection:
                _upgrade(connection, self._path)
        except OSError as error:
            raise _os_fault(error, self._path) from error
        except SQLAlchemyError as error:
            engine.dispose()
            raise self._fault(error) from error
        found = self._path.stat()
        self._engine, self._identity = engine, (found.st_dev, found.st_ino)

    def _moved(self) -> bool:
        try:
            found = self._path.stat()
        except OSError:
            return True
        return (found.st_dev, found.st_ino) != self._identity

    def _forget(self) -> None:
        if self._engine is not None:
            self._engine.dispose()
        self._engine = self._identity = None

    def _fault(self, error: SQLAlchemyError) -> Broken:
        inner = error.orig if isinstance(error, DatabaseError | OperationalError) else None
        code = getattr(inner, "sqlite_errorcode", 0) & 0xFF
        path = str(self._path)
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return Broken("registry-locked", path=path)
        if code == sqlite3.SQLITE_FULL:
            return Broken("registry-disk-full", path=path)
        if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR):
            full = _disk_full(self._path.parent)
            return Broken("registry-disk-full" if full else "registry-unwritable", path=path)
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            return Broken("registry-corrupted", path=path)
        return Broken("registry-failed", path=path, why=str(inner or error)[:200])


def _configure(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # BEGIN and COMMIT are ours
    # SQLite's own lower() and NOCASE know ASCII alone, and people are called Özil and Иванов.
    connection.create_function("casefold", 1, casefold, deterministic=True)
    # cache_size: KiB. The kernel keeps the pages that matter; a second and a third copy would only be memory.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-256", "foreign_keys=ON", "trusted_schema=OFF"):
        connection.execute(f"PRAGMA {pragma}")


def casefold(text: str | None) -> str | None:
    """In small letters, as Unicode compares them; nothing for NULL."""
    return None if text is None else text.casefold()


def _upgrade(connection: Connection, path: Path) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    if version > VERSION:
        raise Broken("registry-newer", path=str(path), version=version, known=VERSION)
    # What an admission reads. Looking through all of it would take longer with every year: what only grows says that it is
    # damaged when it is written to, which an admission does too, and `verify` walks the journal.
    for table in ("media", "open_intents") if version else ():
        if connection.exec_driver_sql(f"PRAGMA quick_check('{table}')").scalar_one() != "ok":
            raise Broken("registry-corrupted", path=str(path))
    for step in STEPS[version:]:
        step(connection)
    connection.exec_driver_sql(f"PRAGMA user_version={VERSION}")
    connection.commit()


def _os_fault(error: OSError, path: Path) -> Broken:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Broken("registry-disk-full", path=str(path))
    if error.errno == errno.ENOENT:
        return Broken("registry-missing", path=str(path))
    return Broken("registry-unwritable", path=str(path))


def _disk_full(folder: Path) -> bool:
    try:
        found = os.statvfs(folder)
    except OSError:
        return False
    return found.f_bavail * found.f_frsize < 64 * 1024
