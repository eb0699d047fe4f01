"""A guest with the package installed and initialized, and hands to plug things in and see what becomes of them."""

import contextlib
import json
import queue
import subprocess
import tarfile
import threading
import time
from collections.abc import Collection
from pathlib import Path
from typing import Any

from guard.core.keyring import Keyring
from guard.org.keys import FileSigner, load_signer
from guard.org.organization import Place, create_organization
from guard.org.trust import load_identity
from tests.system.image import Image
from tests.system.machine import Machine, Start
from tests.system.sticks import Stick

DEB = Path(__file__).resolve().parents[2] / "build" / "deb" / "media-guard.deb"
TRAY = DEB.with_name("media-guard-tray.deb")
FOUNDED = 1_700_000_000
_PULL_GADGETS = """for g in /sys/kernel/config/usb_gadget/*/; do [ -e $g/UDC ] || continue
echo >$g/UDC; rm -f $g/configs/*/*.*[0-9]; rmdir $g/configs/*/ $g/functions/* $g/strings/*; rmdir $g; done"""
Visit = dict[str, Any]


class Guest(Machine):
    """One computer of the organization, network `lab`, level 机密."""

    def __init__(self, image: Image, memory: int = 1024, start: Start | None = None, *, keeps: bool = False) -> None:
        super().__init__(image, memory, start, keeps=keeps)
        self._in: set[str] = set()  # serial numbers of what is plugged in
        self._visits: queue.Queue[Visit] = queue.Queue()

    def prepare(self, deb: Path = DEB) -> None:
        """Install, initialize with keys that the tests have too, start."""
        self.config = self.folder / "config"
        self.config.mkdir()
        self.network = create_organization(self.config, Place("guest", "lab", "机密"), "cn", "", FOUNDED)
        self.issuer: FileSigner = load_signer(self.config / "issuer.key")
        self.install(self.config, deb)

    def install(self, config: Path, deb: Path = DEB) -> None:
        """Install the package with a configuration that was made outside, and start."""
        assert deb.exists(), "build the package first: make deb"
        self.config = config
        self.keyring: Keyring = load_identity(self.config, FOUNDED).keyring
        self.put(deb, "/root/guard.deb")
        packed = self.folder / "config.tar"
        with tarfile.open(packed, "w") as tar:
            tar.add(self.config, "media-guard", filter=_as_root)
        self.run("modprobe usb-storage; echo 5 >/sys/module/usb_storage/parameters/delay_use")
        self.put(packed, "/root/config.tar")
        self.run(
            "tar -xf /root/config.tar -C /etc && dpkg -i /root/guard.deb", timeout=600
        )  # another Python compiles first
        self.run("systemctl is-active --wait media-guardd.service")
        self._visits = queue.Queue()
        self.watch()

    def watch(self) -> None:
        """Follow the guard; pictures of visits come into a queue. Also after the guard was stopped."""
        self._watching = self.start(
            "while true; do mediaguardctl watch --json 2>/dev/null; systemctl is-active -q media-guardd || sleep 0.2; done"
        )
        ready = threading.Event()

        def read() -> None:
            ready.set()
            for line in self._watching.stdout or ():
                with contextlib.suppress(ValueError):
                    self._visits.put(json.loads(line))

        threading.Thread(target=read, daemon=True).start()
        ready.wait()

    def stop_watching(self) -> None:
        """Follow the guard no longer."""
        self.run("pkill -f '[w]hile true; do mediaguardctl'; pkill -f '[m]ediaguardctl watch'", check=False)
        self._watching.wait(30)

    def plug(self, stick: Stick, driver: str = "usb-storage", **options: object) -> str:
        """Put a stick in; returns the id of QEMU's device."""
        name = stick.serial
        self.qmp(
            "blockdev-add",
            node_name=name,
            driver="raw",
            read_only=bool(options.pop("readonly", False)),
            file={"driver": "file", "filename": str(stick.image), "locking": "off"},
        )
        device = f"dev-{name}"
        self._in.add(name)
        if driver == "usb-storage" and stick.block_size == 512:
            self.qmp("device_add", driver=driver, id=device, drive=name, bus="xhci.0", serial=name, **options)
            return device
        # usb-storage knows no other block size, and usb-uas comes without a disk: made of two parts, attached when whole
        bridge = "usb-bot" if driver == "usb-storage" else driver
        size = stick.block_size
        self.qmp("device_add", driver=bridge, id=device, bus="xhci.0", serial=name, **options)
        self.qmp(
            "device_add",
            driver="scsi-hd",
            drive=name,
            bus=f"{device}.0",
            logical_block_size=size,
            physical_block_size=size,
            id=f"disk-{name}",
        )
        self.qmp("qom-set", path=f"/machine/peripheral/{device}", property="attached", value=True)
        return device

    def back(self) -> None:
        """After another start: wait until the machine answers, and follow the guard anew."""
        self.answers()
        self._visits = queue.Queue()
        self.watch()

    def unplug(self, stick: Stick) -> None:
        """Pull it out, and wait until the guard has seen that."""
        device = f"dev-{stick.serial}"
        self.qmp("device_del", id=device)
        self.qmp.wait("DEVICE_DELETED", device)
        self.qmp("blockdev-del", node_name=stick.serial)
        self._in.discard(stick.serial)
        self.until(stick.serial, lambda visit: visit["Stage"] == "gone")

    def pull_all(self) -> None:
        """After a test that failed: pull out what it left, so that the next one has the machine to itself."""
        self.run(_PULL_GADGETS, check=False)
        for name in tuple(self._in):
            with contextlib.suppress(RuntimeError, OSError):  # it never got as far as a device
                self.qmp("device_del", id=f"dev-{name}")
                self.qmp.wait("DEVICE_DELETED", f"dev-{name}")
            with contextlib.suppress(RuntimeError, OSError):
                self.qmp("blockdev-del", node_name=name)
            self._in.discard(name)
        self.settled()

    def _picture(self, seconds: float) -> Visit:
        """The next picture. Where logind has ended the session that we followed in, with all that ran in it, follow in another."""
        end = time.monotonic() + seconds
        while True:
            try:
                return self._visits.get(timeout=min(5.0, max(0.0, end - time.monotonic())))
            except queue.Empty:
                if time.monotonic() >= end:
                    raise
            if self._watching.poll() is not None:
                self.watch()

    def judged(self, stick: Stick, seconds: float = 120) -> Visit:
        """Wait until the stick is let in or kept out."""
        return self.until(stick.serial, lambda visit: visit["Stage"] in ("open", "shut"), seconds)

    def until(self, serial: str, true: Any, seconds: float = 120) -> Visit:
        """Wait for a picture of the visit of a device with this serial number; older pictures are passed over."""
        seen: list[Visit] = []
        while True:
            try:
                visit = self._picture(seconds)
            except queue.Empty:
                raise AssertionError(f"{serial}: waited in vain; seen {[_short(v) for v in seen[-6:]]}") from None
            if visit["Seen"]["serial"] == serial:
                seen.append(visit)
                if true(visit):
                    return visit

    def until_each(self, serials: Collection[str], true: Any, seconds: float = 120) -> dict[str, Visit]:
        """Wait until each of several devices has come so far, in whatever order they do; `seconds` from one picture to the next."""
        found: dict[str, Visit] = {}
        while len(found) < len(serials):
            try:
                visit = self._picture(seconds)
            except queue.Empty:
                raise AssertionError(f"{sorted(set(serials) - set(found))}: waited in vain") from None
            serial = visit["Seen"]["serial"]
            if serial in serials and serial not in found and true(visit):
                found[serial] = visit
        return found

    def told_so_far(self, serial: str) -> list[Visit]:
        """The pictures that have come of the visit of a device with this serial number, without waiting for another."""
        seen: list[Visit] = []
        with contextlib.suppress(queue.Empty):
            while True:
                visit = self._visits.get_nowait()
                if visit["Seen"]["serial"] == serial:
                    seen.append(visit)
        return seen

    def next_judged(self, seconds: float = 120) -> Visit:
        """Wait until any stick is let in or kept out."""
        while True:
            visit = self._picture(seconds)
            if visit["Stage"] in ("open", "shut"):
                return visit

    def settled(self, seconds: float = 2) -> None:
        """Wait until the guard has had nothing to say for a while."""
        with contextlib.suppress(queue.Empty):
            while True:
                self._picture(seconds)

    def ctl(self, words: str, user: str = "root") -> Any:
        """A listing of mediaguardctl, as JSON."""
        return json.loads(self.out(f"mediaguardctl {words} --json", user=user))

    def mount(self, visit: Visit, user: str = "alice") -> "subprocess.CompletedProcess[str]":
        """Mount the first partition through udisks as an ordinary user."""
        return self.run(
            f"udevadm settle; udisksctl mount --no-user-interaction -b /dev/{visit['Disk']}1", user=user, check=False
        )

    def sound(self) -> None:
        """Nothing went wrong inside: no traceback, no crash, and the journal is whole."""
        # Not `-u 'media-guard-*@*'`: after thousands of plugs, each with a reader's unit, that takes minutes.
        ours = 'grep \'"_SYSTEMD_UNIT":"media-guard\''
        fields = "-o json --output-fields=MESSAGE,_SYSTEMD_UNIT"
        found = self.out(f"journalctl --grep=Traceback {fields} | {ours} || true", timeout=600)
        assert found == "", self.out("journalctl --no-pager -o with-unit | grep media-guard | grep -A40 Traceback")
        assert self.ctl("verify")["ok"]


def _as_root(info: tarfile.TarInfo) -> tarfile.TarInfo:
    info.uid = info.gid = 0
    info.uname = info.gname = "root"
    return info


def _short(visit: Visit) -> tuple[object, ...]:
    return visit["Stage"], visit["Verdict"], visit["Reasons"]


def in_from_start(stick: Stick) -> tuple[str, ...]:
    """QEMU's words for a stick that is in when the machine is switched on; `unplug` knows it."""
    name = stick.serial
    return (
        *("-blockdev", f"driver=raw,node-name={name},file.driver=file,file.locking=off,file.filename={stick.image}"),
        *("-device", f"usb-storage,id=dev-{name},drive={name},bus=xhci.0,serial={name}"),
    )
