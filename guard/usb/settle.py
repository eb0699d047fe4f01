"""The second that usb-storage waits before its first command (`delay_use`), not waited where it has no purpose.

It is there for devices that cannot be talked to right after the plug (drivers/usb/storage/usb.c). What the gate releases has
answered the reader: TEST UNIT READY said yes, and blocks were read. The driver looks at the parameter once, while it is probed,
so it is 0 for exactly that long; whatever the guard has not read keeps the kernel's delay.
"""

import contextlib
import logging
import threading
from collections.abc import Iterator
from pathlib import Path

log = logging.getLogger(__name__)


class Settle:
    """`delay_use` of this kernel; several devices may be released at once."""

    def __init__(self, root: Path) -> None:
        """`root` is where sys is found. Where the parameter cannot be written, the kernel waits as it does everywhere."""
        self._file = root / "sys/module/usb_storage/parameters/delay_use"
        self._lock = threading.Lock()
        self._releasing, self._usual = 0, b""

    @contextlib.contextmanager
    def seen_ready(self) -> Iterator[None]:
        """While the driver is probed for a device that the reader has seen ready."""
        with self._lock:
            self._releasing += 1
            if self._releasing == 1:
                self._usual = self._read()
                self._write(b"0")
        try:
            yield
        finally:
            with self._lock:
                self._releasing -= 1
                if not self._releasing:
                    self._write(self._usual)

    def _read(self) -> bytes:
        try:
            return self._file.read_bytes().strip()
        except OSError:
            return b""

    def _write(self, value: bytes) -> None:
        if self._usual in (b"", b"0"):
            return
        try:
            self._file.write_bytes(value)
        except OSError as error:
            log.info("%s: %s; a disk takes as long as without the guard", self._file, error)
            self._usual = b""
