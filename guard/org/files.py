"""Files of the configuration: read only if nobody but their owner could have written them; written whole or not at all."""

import os
import stat
from pathlib import Path

from guard.core.errors import Broken

MAX_BYTES = 256 * 1024


def read_guarded(path: Path, *, secret: bool = False) -> bytes:
    """Read a file that only its owner (root, or the user who runs the guard) can write; a secret one nobody else can read.

    Raises:
        Broken: `file-missing`, `file-unsafe`, `file-unreadable`.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError as error:
        raise Broken("file-missing", path=str(path)) from error
    except OSError as error:
        raise Broken("file-unreadable", path=str(path)) from error
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(file.fileno())
        loose = stat.S_IRWXG | stat.S_IRWXO if secret else stat.S_IWGRP | stat.S_IWOTH
        if not stat.S_ISREG(found.st_mode) or found.st_uid not in (0, os.geteuid()) or found.st_mode & loose:
            raise Broken("file-unsafe", path=str(path))
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise Broken("file-unreadable", path=str(path))
    return data


def write_new(path: Path, data: bytes, *, secret: bool = False) -> None:
    """Make a file that was not there, on disk when this returns.

    Raises:
        Broken: `file-exists`, `file-unwritable`.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600 if secret else 0o644)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError as error:
        raise Broken("file-exists", path=str(path)) from error
    except OSError as error:
        raise Broken("file-unwritable", path=str(path), why=error.strerror or "") from error
