"""The gate: the only writer of sysfs. Holds, authorizes, releases and shuts one USB interface, and reads every effect back.

Kernel: Documentation/usb/authorization.rst. Setting `authorized` to 1 binds no driver; writing the name to `drivers_probe` does.
"""

import asyncio
import contextlib
import os
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from guard.core.errors import Broken, Hostile
from guard.core.ports import Disk
from guard.core.verdict import Access
from guard.usb.plugged import GONE, Plugged
from guard.usb.settle import Settle

STORAGE_DRIVERS = re.compile(r"usb-storage|uas|ums-[a-z0-9-]+|rtsx_usb|vub300|ushc")
DISK_SECONDS = 30.0  # usb-storage waits one second by itself; some disks have to spin up
_LEAVING = 1.0  # seconds from a device's lost driver to the news that it is gone
_SECTOR = 512
_DISK_TYPES = frozenset({0x00, 0x05, 0x07, 0x0E, 0x14})  # SCSI peripheral types of which the kernel makes disks
Result = TypeVar("Result")


@dataclass(slots=True)
class _Waiting:
    """Disks of one port that udev has finished with; `gone` ends the waiting."""

    ready: set[str] = field(default_factory=set)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    gone: bool = False


class Gate:
    """Everything that is written to sysfs, and the release marks that the udev rules read."""

    def __init__(self, root: Path, runtime: Path, seconds: float = DISK_SECONDS) -> None:
        """`runtime` is /run/media-guard; `seconds` is how long a disk may take to appear."""
        self._root, self._runtime, self._seconds = root, runtime, seconds
        self._waiting: dict[str, _Waiting] = {}
        self._settle = Settle(root)
        # Unbinding can wait for a device that does not answer: its own threads, so that nothing else stands still.
        self._threads = ThreadPoolExecutor(max_workers=32, thread_name_prefix="gate")

    def observe(self, on: bool) -> None:
        """The mark that verdicts are only told."""
        mark = self._runtime / "observing"
        if on:
            mark.touch(mode=0o600)
        else:
            mark.unlink(missing_ok=True)

    def forget_marks(self) -> None:
        """At start: what an earlier run released, nobody has released now."""
        self.observe(False)
        for kind in ("rw", "ro"):
            directory = self._runtime / kind
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            for mark in directory.iterdir():
                mark.unlink(missing_ok=True)

    def disk_ready(self, port: str, name: str) -> None:
        """Udev is done with a new disk of this port, read-only flag included."""
        waiting = self._waiting.get(port)
        if waiting is not None:
            waiting.ready.add(name)
            waiting.news.set()

    def gone(self, port: str) -> None:
        """The device is gone: no mark stays, nobody waits for its disks."""
        self._unmark(port)
        waiting = self._waiting.get(port)
        if waiting is not None:
            waiting.gone = True
            waiting.news.set()

    async def authorize(self, plugged: Plugged) -> None:
        """Let the interface be claimed; no driver binds by that.

        Raises:
            Hostile: `device-gone`.
            Broken: `effect-not-authorized`, `effect-driver-bound`; the port is shut then.
        """
        await self._run(self._authorize, plugged)

    async def shut(self, plugged: Plugged, *, whole_device: bool = False) -> None:
        """Take the authorization away and read back that no driver is bound. A device that is gone is shut.

        `whole_device`: the other functions of the device too.

        Raises:
            Broken: `effect-still-open`, `sysfs-write`.
        """
        plugged.released, plugged.disks = False, ()
        await self._run(self._shut, plugged)
        plugged.ours = True
        if whole_device:
            for sibling in plugged.siblings():
                if not _is_storage(sibling):
                    await self._run(self._shut, sibling)

    async def admit(self, plugged: Plugged, access: Access) -> tuple[Disk, ...]:
        """Release to the kernel's storage driver and read back what became of it. `plugged.units` say what has to appear.

        Raises:
            Hostile: `device-gone`.
            Broken: `effect-...`; the port is shut then.
        """
        waiting = self._waiting[plugged.port] = _Waiting()
        plugged.released = True
        try:
            try:
                await self._run(self._release, plugged, access)
                await self._wait(plugged, waiting)
                plugged.disks = await self._run(self._check, plugged, access)
            except Broken as error:
                if error.code == "effect-no-driver" and await _leaves(waiting):
                    raise Hostile("device-gone") from error
                raise
            for sibling in plugged.siblings():  # a composite that was admitted was approved as a whole
                if not _is_storage(sibling):
                    await self._run(self._release_other, sibling)
        except BaseException:
            await asyncio.shield(self.shut(plugged, whole_device=True))
            raise
        finally:
            del self._waiting[plugged.port]
        return plugged.disks

    async def let_pass(self, plugged: Plugged) -> None:
        """Release the whole device, read-write; nothing is waited for and nothing read back.

        Raises:
            Hostile: `device-gone`.
            Broken: `sysfs-write`.
        """
        plugged.released = True
        for interface in (plugged, *plugged.siblings()):
            if interface is plugged or interface.read("bInterfaceClass") != b"08":  # those are let pass on their own
                await self._run(self._pass, interface)

    def disks_of(self, plugged: Plugged) -> dict[int, str]:
        """Disks that the kernel has made of the interface, by logical unit."""
        found = {}
        for host in plugged.entries():
            if not re.fullmatch(r"host\d+", host):
                continue
            for target in plugged.entries(host):
                for unit in plugged.entries(host, target) if target.startswith("target") else ():
                    for disk in plugged.entries(host, target, unit, "block"):
                        found[int(unit.rsplit(":", 1)[-1])] = f"{host}/{target}/{unit}/block/{disk}"
        return found

    def sequence_of(self, plugged: Plugged, path: str) -> int:
        """The number of a disk that is never used twice, 0 if it is gone."""
        try:
            return int(plugged.read(f"{path}/diskseq"))
        except (Hostile, ValueError):
            return 0

    async def _run(self, act: Callable[..., Result], plugged: Plugged, *args: object) -> Result:
        def alone() -> Result:
            with plugged.lock:  # what was cancelled half-way ends before the shutting begins
                return act(plugged, *args)

        return await asyncio.get_running_loop().run_in_executor(self._threads, alone)

    def _authorize(self, plugged: Plugged) -> None:
        self._unmark(plugged.port)
        plugged.write("authorized", b"1")
        if not plugged.authorized:
            raise Broken("effect-not-authorized", port=plugged.port)
        if plugged.driver:
            driver = plugged.driver
            self._shut(plugged)
            raise Broken("effect-driver-bound", port=plugged.port, driver=driver)

    def _shut(self, plugged: Plugged) -> None:
        self._unmark(plugged.port)
        try:
            plugged.write("authorized", b"0")
            closed = not plugged.authorized and not plugged.driver
        except Hostile:
            return
        if not closed:
            raise Broken("effect-still-open", port=plugged.port, driver=plugged.driver or "none")

    def _release(self, plugged: Plugged, access: Access) -> None:
        if not access.opens:
            raise RuntimeError(f"{access} opens nothing")
        if plugged.driver:
            raise Broken("effect-driver-bound", port=plugged.port, driver=plugged.driver)
        self._mark(plugged.port, access)
        plugged.write("authorized", b"1")
        plugged.binds_expected += 1
        with self._settle.seen_ready():
            self._probe(plugged)
        if not STORAGE_DRIVERS.fullmatch(plugged.driver):
            plugged.binds_expected -= 1
            raise _no_driver(plugged)

    def _pass(self, plugged: Plugged) -> None:
        self._mark(plugged.port, Access.READ_WRITE)
        plugged.write("authorized", b"1")
        if plugged.driver:
            return
        plugged.binds_expected += 1
        self._probe(plugged)
        if not STORAGE_DRIVERS.fullmatch(plugged.driver):
            plugged.binds_expected -= 1

    def _release_other(self, plugged: Plugged) -> None:
        plugged.write("authorized", b"1")
        self._probe(plugged)

    def _probe(self, plugged: Plugged) -> None:
        """By name; should the name belong to another device meanwhile, that one is not authorized and gets no driver."""
        try:
            (self._root / "sys/bus/usb/drivers_probe").write_bytes(plugged.port.encode())
        except OSError as error:
            if error.errno in GONE:
                raise Hostile("device-gone") from error
            raise Broken("sysfs-write", file="drivers_probe", error=os.strerror(error.errno or 0)) from error

    async def _wait(self, plugged: Plugged, waiting: _Waiting) -> None:
        """Until udev is done with a disk for each unit."""
        missing = {unit.lun for unit in plugged.units if unit.device_type in _DISK_TYPES}
        try:
            async with asyncio.timeout(self._seconds):
                while True:
                    waiting.news.clear()
                    if waiting.gone or not plugged.there:
                        raise Hostile("device-gone")
                    disks = self.disks_of(plugged)
                    missing -= {lun for lun, path in disks.items() if path.rsplit("/", 1)[-1] in waiting.ready}
                    if not missing:
                        return
                    await waiting.news.wait()
        except TimeoutError:
            raise Broken("effect-no-disk", port=plugged.port, lun=min(missing)) from None

    def _check(self, plugged: Plugged, access: Access) -> tuple[Disk, ...]:
        units = {unit.lun: unit for unit in plugged.units}
        found = []
        for lun, path in self.disks_of(plugged).items():
            name, unit = path.rsplit("/", 1)[-1], units.get(lun)
            if unit is None or unit.device_type not in _DISK_TYPES:
                raise Broken("effect-unknown-disk", port=plugged.port, disk=name, lun=lun)
            # The kernel leaves out the last block of models that count one too many.
            size = int(plugged.read(f"{path}/size")) * _SECTOR
            if unit.blocks and size not in (unit.capacity, unit.capacity - unit.block_size):
                raise Broken("effect-other-size", disk=name, size=size, expected=unit.capacity)
            read_only = plugged.read(f"{path}/ro") == b"1"
            whole = read_only
            for part in plugged.entries(path):
                if plugged.entries(path, part) and part.startswith(name):
                    whole = whole and plugged.read(f"{path}/{part}/ro") == b"1"
            if access is Access.READ_ONLY and not whole:
                raise Broken("effect-writable", disk=name)
            if access is Access.READ_WRITE and read_only and unit.write_protected is False:
                raise Broken("effect-read-only", disk=name)
            found.append(Disk(name, lun, self.sequence_of(plugged, path), read_only))
        if not plugged.authorized or not STORAGE_DRIVERS.fullmatch(plugged.driver):
            raise _no_driver(plugged)
        return tuple(found)

    def _mark(self, port: str, access: Access) -> None:
        self._unmark(port)
        kind = "rw" if access is Access.READ_WRITE else "ro"
        os.close(os.open(self._runtime / kind / port, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600))

    def _unmark(self, port: str) -> None:
        for kind in ("rw", "ro"):
            (self._runtime / kind / port).unlink(missing_ok=True)


async def _leaves(waiting: _Waiting) -> bool:
    """The kernel takes the driver from a device that is pulled before it takes the device's directories, and tells last."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LEAVING):
            while not waiting.gone:
                waiting.news.clear()
                await waiting.news.wait()
    return waiting.gone


def _is_storage(plugged: Plugged) -> bool:
    try:
        return plugged.read("bInterfaceClass") in (b"08", b"06", b"09")
    except Hostile:
        return True


def _no_driver(plugged: Plugged) -> Hostile | Broken:
    """A stick that was pulled meanwhile is no fault of this host."""
    if not plugged.there:
        return Hostile("device-gone")
    return Broken("effect-no-driver", port=plugged.port, driver=plugged.driver or "none")
