"""A small sysfs in a folder, and what a kernel would do in it."""

import shutil
import threading
from pathlib import Path

from guard.usb.gate import Gate
from guard.usb.plugged import Plugged

DEVICE = bytes([18, 1, 0, 2, 0, 0, 0, 64, 0x51, 0x09, 0x66, 0x16, 0x10, 1, 1, 2, 3, 1])
STORAGE = (8, 6, 0x50)
KEYBOARD = (3, 1, 1)


def configuration(value: int, *interfaces: tuple[int, int, int]) -> bytes:
    """A configuration with one alternate setting for each interface, two bulk endpoints each."""
    body = b""
    for number, kind in enumerate(interfaces):
        body += bytes([9, 4, number, 0, 2, *kind, 0])
        body += bytes([7, 5, 0x81 + number, 2, 0, 2, 0, 7, 5, 1 + number, 2, 0, 2, 0])
    return bytes([9, 2, *(len(body) + 9).to_bytes(2, "little"), len(interfaces), value, 0, 0x80, 50]) + body


class Tree:
    """/sys, /proc and /run below a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.runtime = root / "run/media-guard"
        for folder in (
            "sys/bus/usb/devices",
            "sys/kernel",
            "sys/class/block",
            "sys/dev/block",
            "proc/self",
            "run/udev/data",
        ):
            (root / folder).mkdir(parents=True)
        self.write("sys/bus/usb/drivers_probe", "")
        self.write("sys/kernel/uevent_seqnum", "100")
        self.write("sys/module/usb_storage/parameters/delay_use", "1\n")
        self.write("proc/sys/kernel/random/boot_id", "11111111-2222-3333-4444-555555555555\n")
        self.write("proc/self/mountinfo", "")
        self.write("proc/swaps", "Filename\tType\tSize\tUsed\tPriority\n")
        for kind in ("rw", "ro"):
            (self.runtime / kind).mkdir(parents=True)

    def write(self, path: str, text: str | bytes) -> None:
        """A file below the root."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)

    def plug(
        self,
        name: str = "3-1",
        number: int = 5,
        kinds: tuple[tuple[int, int, int], ...] = (STORAGE,),
        extra: bytes = b"",
    ) -> Path:
        """A device in its first configuration, unauthorized."""
        device = f"sys/devices/usb3/{name}"
        self.write(f"{device}/devnum", f"{number}\n")
        self.write(f"{device}/busnum", "3\n")
        self.write(f"{device}/dev", f"189:{255 + number}\n")
        self.write(f"{device}/serial", "S1\n")
        self.write(f"{device}/bConfigurationValue", "1\n")
        self.write(f"{device}/descriptors", DEVICE + configuration(1, *kinds) + extra)
        self._link(f"sys/bus/usb/devices/{name}", device)
        for place, kind in enumerate(kinds):
            port = f"{name}:1.{place}"
            self.write(f"{device}/{port}/authorized", "0\n")
            self.write(f"{device}/{port}/bInterfaceClass", f"{kind[0]:02x}\n")
            self.write(f"{device}/{port}/bInterfaceNumber", f"{place:02x}\n")
            self._link(f"sys/bus/usb/devices/{port}", f"{device}/{port}")
        return self.root / device

    def unplug(self, name: str = "3-1") -> None:
        """The device is gone."""
        shutil.rmtree(self.root / "sys/devices/usb3" / name)
        for link in (self.root / "sys/bus/usb/devices").glob(f"{name}*"):
            link.unlink()

    def bind(self, port: str = "3-1:1.0", driver: str = "usb-storage") -> None:
        """A driver is there."""
        self._link(f"sys/devices/usb3/{port.partition(':')[0]}/{port}/driver", f"sys/bus/usb/drivers/{driver}")

    def disk(
        self,
        name: str = "sda",
        port: str = "3-1:1.0",
        lun: int = 0,
        *,
        ro: int = 1,
        part_ro: int = 1,
        blocks: int = 1000,
    ) -> str:
        """A disk with one partition; returns its path below sys."""
        path = f"sys/devices/usb3/{port.partition(':')[0]}/{port}/host2/target2:0:0/2:0:0:{lun}/block/{name}"
        for file, value in (("ro", ro), ("size", blocks), ("diskseq", 7), ("dev", f"8:{16 * lun}")):
            self.write(f"{path}/{file}", f"{value}\n")
        self.write(f"{path}/{name}1/ro", f"{part_ro}\n")
        self.write(f"{path}/{name}1/partition", "1\n")
        self._link(f"sys/class/block/{name}", path)
        self._link(f"sys/class/block/{name}1", f"{path}/{name}1")
        return path

    def authorized(self, port: str = "3-1:1.0") -> str:
        """What stands in the file."""
        return (self.root / "sys/bus/usb/devices" / port / "authorized").read_text().strip()

    def delay(self) -> str:
        """Seconds that usb-storage waits for a device."""
        return (self.root / "sys/module/usb_storage/parameters/delay_use").read_text().strip()

    def marks(self) -> set[str]:
        """Release marks, as rw/3-1:1.0."""
        return {f"{path.parent.name}/{path.name}" for path in self.runtime.glob("r?/*")}

    def _link(self, path: str, target: str) -> None:
        link = self.root / path
        link.parent.mkdir(parents=True, exist_ok=True)
        (self.root / target).mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(self.root / target)


class ObedientGate(Gate):
    """A gate on a tree where somebody plays the kernel: taking the authorization away unbinds, probing binds."""

    tree: Tree
    binds = "usb-storage"
    marks_when_probed: set[str]
    delay_when_probed = ""

    def __init__(self, root: Path, runtime: Path, seconds: float = 5.0) -> None:
        super().__init__(root, runtime, seconds)
        self.probed = threading.Event()

    def _shut(self, plugged: Plugged) -> None:
        folder = self.tree.root / "sys/devices/usb3" / plugged.port.partition(":")[0] / plugged.port
        (folder / "driver").unlink(missing_ok=True)
        shutil.rmtree(folder / "host2", ignore_errors=True)
        super()._shut(plugged)

    def _probe(self, plugged: Plugged) -> None:
        self.marks_when_probed = self.tree.marks()
        self.delay_when_probed = self.tree.delay()
        super()._probe(plugged)
        if self.binds:
            self.tree.bind(plugged.port, self.binds)
        self.probed.set()
