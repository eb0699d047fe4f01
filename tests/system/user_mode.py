"""The guest under User-Mode Linux: a kernel that runs as a process of this machine, more than twice as fast as an emulated one.

There is no QEMU, so nothing can be plugged from outside: devices are gadgets of dummy_hcd. Root, for the network to it.
"""

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.system.guest import DEB, Guest
from tests.system.image import Image
from tests.system.machine import Start

CONFIG = Path(__file__).with_suffix(".config")
_HERE, _THERE = "198.18.77.1", "198.18.77.2"  # RFC 2544: for tests, and nobody's network
_NEAR, _FAR = "guard-near", "guard-far"


@dataclass(frozen=True, slots=True)
class Kernel:
    """A built one: the program, and the folder that becomes /lib/modules."""

    program: Path
    modules: Path


def kernel(source: Path) -> Kernel:
    """The kernel made of Debian's source package (linux-source-*.tar.xz, of Linux 6.19 or later), once: ten minutes and 3 GB.

    Raises:
        ValueError: when that source has no such option as is asked for.
        subprocess.CalledProcessError: when it cannot be built.
    """
    recipe = hashlib.sha256(CONFIG.read_bytes() + source.read_bytes()).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "media-guard" / f"kernel-{recipe}"
    built = Kernel(cache / "linux", cache / "lib" / "modules")
    if not (cache / "complete").exists():
        shutil.rmtree(cache, ignore_errors=True)
        tree = cache / "source"
        tree.mkdir(parents=True)
        subprocess.run(["tar", "-xf", source, "-C", tree, "--strip-components=1"], check=True)
        _make(tree, "defconfig")
        config = tree / ".config"
        wanted = {line for line in CONFIG.read_text().splitlines() if line.startswith("CONFIG_")}
        subprocess.run([tree / "scripts/kconfig/merge_config.sh", "-m", "-Q", ".config", CONFIG], cwd=tree, check=True)
        _make(tree, "olddefconfig")
        if missing := wanted - set(config.read_text().splitlines()):
            raise ValueError(f"{source.name} cannot have {', '.join(sorted(missing))}")
        _make(tree, f"-j{os.cpu_count()}", "linux", "modules")
        _make(tree, "modules_install", f"INSTALL_MOD_PATH={cache}")
        shutil.copy(tree / "linux", built.program)
        shutil.rmtree(tree)
        (cache / "complete").touch()
    return built


def _make(tree: Path, *words: str) -> None:
    subprocess.run(["make", "-s", "ARCH=um", *words], cwd=tree, check=True)


class UserModeGuest(Guest):
    """The computer of `Guest` under another kernel."""

    def __init__(self, image: Image, kernel: Kernel) -> None:
        super().__init__(image)
        self.kernel = kernel

    def switch_on(self, start: Start) -> None:
        """Start the process; what is seen of it is its console."""
        self.address, self.port = _THERE, 22
        _disconnect()  # what a run that was killed has left
        _connect()
        words: list[str | Path] = [
            # seccomp: programs run without ptrace, with half the switches
            *(self.kernel.program, f"mem={self.memory}M", "ncpus=2", "seccomp=auto"),
            *(f"ubd0={self.folder}/cow,{self.image.disk}", "root=/dev/ubda", "rw"),
            *(f"vec0:transport=raw,ifname={_FAR},depth=64", f"ip={_THERE}::{_HERE}:255.255.255.252:guest:vec0:off"),
            *("systemd.mask=systemd-networkd.service", "net.ifnames=0", "quiet"),
            *("console=tty0", "con=null", "con0=fd:0,fd:1", "ssl=null", start.words),
        ]
        with (self.folder / "serial").open("wb") as console, (self.folder / "qemu.log").open("wb") as log:
            self._qemu = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=console, stderr=log, start_new_session=True
            )

    def prepare(self, deb: Path = DEB) -> None:
        """With the modules of this kernel."""
        self.run(f"mount -t hostfs -o {self.kernel.modules} none /lib/modules && depmod")
        super().prepare(deb)

    def close(self) -> None:
        """End the process, and those of its processes."""
        if self._qemu is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._qemu.pid, signal.SIGKILL)
        super().close()
        _disconnect()


def _connect() -> None:
    """A cable of two ends; checksums are written at once, for the far end takes frames as they are."""
    ip = [
        ["link", "add", _NEAR, "type", "veth", "peer", "name", _FAR],
        ["addr", "add", f"{_HERE}/30", "dev", _NEAR],
        ["link", "set", _NEAR, "up"],
        ["link", "set", _FAR, "up", "promisc", "on"],
    ]
    for words in ip:
        subprocess.run(["ip", *words], check=True)
    for end in (_NEAR, _FAR):
        whole = [word for feature in ("tx", "rx", "tso", "gso", "gro", "sg") for word in (feature, "off")]
        subprocess.run(["ethtool", "-K", end, *whole], check=False, capture_output=True)


def _disconnect() -> None:
    subprocess.run(["ip", "link", "del", _NEAR], check=False, capture_output=True)
