"""One guest under QEMU: booted from a snapshot, driven over ssh from inside and over QMP from outside."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.system.image import Image

BOOT_SECONDS = 180
_NAMES = {"node_name": "node-name", "read_only": "read-only"}  # QMP's own words; device properties keep theirs
Done = subprocess.CompletedProcess[str]


class Qmp:
    """QEMU's monitor: one command, one answer; events are kept until somebody waits for them."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(60)
        try:
            self._socket.connect(str(path))
        except OSError:
            self._socket.close()
            raise
        self._lines = self._socket.makefile("r")
        self._events: list[dict[str, Any]] = []
        self._read()
        self("qmp_capabilities")

    def __call__(self, command: str, **arguments: object) -> Any:
        words = {_NAMES.get(name, name): value for name, value in arguments.items()}
        self._socket.sendall(json.dumps({"execute": command, "arguments": words}).encode() + b"\n")
        while True:
            answer = self._read()
            if "error" in answer:
                raise RuntimeError(f"{command}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]
            self._events.append(answer)

    def wait(self, event: str, device: str | None = None) -> None:
        """Wait for an event, of the machine or about a device."""
        while True:
            for seen in self._events:
                if seen["event"] == event and seen.get("data", {}).get("device") == device:
                    self._events.remove(seen)
                    return
            self._events.append(self._read())

    def close(self) -> None:
        """Hang up."""
        self._lines.close()
        self._socket.close()

    def _read(self) -> dict[str, Any]:
        line = self._lines.readline()
        if not line:
            raise RuntimeError("QEMU is gone")
        found: dict[str, Any] = json.loads(line)
        return found


@dataclass(frozen=True, slots=True)
class Start:
    """How a machine is switched on: the initramfs, more words for the kernel, more words for QEMU."""

    initrd: Path | None = None
    words: str = ""
    devices: tuple[str, ...] = ()


class Machine:
    """A guest. `run` is a command over ssh; `qmp` plugs and unplugs. One that `keeps` can be switched off and on again."""

    def __init__(self, image: Image, memory: int = 1024, start: Start | None = None, *, keeps: bool = False) -> None:
        self.image, self.memory, self.keeps = image, memory, keeps
        self.first = start or Start()
        self.folder = Path(tempfile.mkdtemp(prefix="media-guard-vm-"))
        self.boot_seconds = 0.0
        self._qemu: subprocess.Popen[bytes] | None = None
        self._qmp: Qmp | None = None
        self._started: list[subprocess.Popen[str]] = []

    def __enter__(self) -> Self:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address, self.port = free.getsockname()
        started = time.monotonic()
        try:
            if self.keeps:
                subprocess.run(["cp", "--sparse=always", str(self.image.disk), str(self.folder / "disk")], check=True)
            self.switch_on(self.first)
            self.answers()
        except BaseException:
            self.close()
            raise
        self.boot_seconds = time.monotonic() - started
        return self

    def switch_on(self, start: Start) -> None:
        """Press the button; what is seen of it is QMP and the screen."""
        with (self.folder / "qemu.log").open("wb") as log:
            self._qemu = subprocess.Popen(self._command(start), stdin=subprocess.DEVNULL, stderr=log)
        started = time.monotonic()
        while self._qmp is None:
            self._still_coming(started)
            with contextlib.suppress(FileNotFoundError, ConnectionRefusedError):
                self._qmp = Qmp(self.folder / "qmp")

    def switch_off(self) -> None:
        """Cut the power when everything is written; a machine that does not answer has nothing to write."""
        self.run("sync", check=False)
        self.qmp("quit")
        if self._qemu is not None:
            self._qemu.wait()
        self._hang_up()

    @property
    def on(self) -> bool:
        """Is it switched on?"""
        return self._qmp is not None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Pull the plug; the image is a snapshot or a copy, nothing needs saving."""
        self._hang_up()
        if self._qemu is not None:
            self._qemu.kill()
            self._qemu.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _hang_up(self) -> None:
        subprocess.run([*self.ssh("root"), "-O", "exit", "guest"], capture_output=True, check=False)
        for started in self._started:
            started.kill()
            started.wait()
            for stream in (started.stdin, started.stdout):
                if stream is not None:
                    stream.close()
        self._started.clear()
        if self._qmp is not None:
            self._qmp.close()
            self._qmp = None
        (self.folder / "qmp").unlink(missing_ok=True)

    @property
    def qmp(self) -> Qmp:
        """QEMU's monitor."""
        if self._qmp is None:
            raise RuntimeError("the machine does not run")
        return self._qmp

    def run(
        self, command: str, *, user: str = "root", check: bool = True, timeout: float = 120, stdin: str = ""
    ) -> Done:
        """Run a shell command in the guest."""
        done = subprocess.run(
            [*self.ssh(user), "guest", command],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        if check and done.returncode:
            raise AssertionError(f"in the guest: {command}\nexit {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def out(self, command: str, *, user: str = "root", timeout: float = 120) -> str:
        """The output of a command that must succeed."""
        return self.run(command, user=user, timeout=timeout).stdout.strip()

    def put(self, source: Path, target: str) -> None:
        """Copy a file into the guest."""
        with source.open("rb") as file:
            subprocess.run(
                [*self.ssh("root"), "guest", f"cat > {target}"],
                stdin=file,
                check=True,
                capture_output=True,
                timeout=120,
            )

    def get(self, source: str, target: Path) -> None:
        """Copy a file out of the guest."""
        with target.open("wb") as file:
            subprocess.run([*self.ssh("root"), "guest", f"cat {source}"], stdout=file, check=True, timeout=120)

    def start(self, command: str, *, user: str = "root") -> "subprocess.Popen[str]":
        """Start a command in the guest and leave it running; its output can be read line by line."""
        process = subprocess.Popen(
            [*self.ssh(user), "guest", command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            bufsize=1,
        )
        self._started.append(process)
        return process

    def console(self) -> str:
        """What the kernel said on the serial line."""
        path = self.folder / "serial"
        return path.read_text(errors="replace") if path.exists() else ""

    def screen(self) -> str:
        """What stands in the memory of the screen, in text mode: all that was written since the start, if it was not much."""
        file = self.folder / "screen"
        self.qmp("pmemsave", val=0xB8000, size=0x8000, filename=str(file))
        return file.read_bytes()[::2].decode("cp437")

    def type(self, text: str) -> None:
        """Type small letters on the keyboard, and Enter."""
        for key in (*text, "ret"):
            self.qmp("send-key", keys=[{"type": "qcode", "data": key}])

    def log_out(self, user: str) -> None:
        """End the session of a user: the next command begins another, with the groups that the user has then."""
        subprocess.run([*self.ssh(user), "-O", "exit", "guest"], check=True, capture_output=True, timeout=60)

    def ssh(self, user: str) -> list[str]:
        """The words before the host's name, which is `guest`."""
        options = {
            "ControlMaster": "auto",
            "ControlPath": f"{self.folder}/ssh-{user}",
            "ControlPersist": "yes",
            "StrictHostKeyChecking": "no",
            "UserKnownHostsFile": "/dev/null",
            "LogLevel": "ERROR",
            "ConnectTimeout": "5",
            "HostName": self.address,
            "Port": str(self.port),
            "User": user,
            "IdentityFile": str(self.image.key),
        }
        return ["ssh", *(word for name, value in options.items() for word in ("-o", f"{name}={value}"))]

    def _command(self, start: Start) -> list[str]:
        disk = f"{self.folder}/disk" if self.keeps else str(self.image.disk)
        return [
            "qemu-system-x86_64",
            *("-accel", os.environ.get("MEDIA_GUARD_VM_ACCEL", "tcg,thread=multi")),
            *("-cpu", "Nehalem" if "kvm" not in os.environ.get("MEDIA_GUARD_VM_ACCEL", "") else "host"),
            *("-m", str(self.memory), "-smp", "2", "-display", "none", "-no-reboot"),
            *("-serial", f"file:{self.folder}/serial"),
            *("-qmp", f"unix:{self.folder}/qmp,server=on,wait=off"),
            *("-kernel", str(self.image.kernel), "-initrd", str(start.initrd or self.image.initrd)),
            *("-append", f"root=/dev/vda rw console=ttyS0 quiet net.ifnames=0 mitigations=off {start.words}".rstrip()),
            *("-drive", f"file={disk},if=virtio,format=raw,snapshot={'off' if self.keeps else 'on'}"),
            *("-chardev", f"socket,id=plug,path={self.folder}/plug,server=on,wait=off"),
            *("-device", "virtio-serial-pci,id=ports", "-device", "virtserialport,chardev=plug,name=plug"),
            *("-device", "qemu-xhci,id=xhci,p2=8,p3=8"),
            *("-nic", f"user,model=virtio-net-pci,restrict=on,hostfwd=tcp:127.0.0.1:{self.port}-:22"),
            *start.devices,
        ]

    def shows(self, text: str) -> None:
        """Wait until a text stands on the screen; nobody but the screen tells."""
        started = time.monotonic()
        while text not in self.screen():
            self._still_coming(started)

    def answers(self) -> None:
        """Wait until sshd answers. There is no event for that outside the guest: ask until it does."""
        started = time.monotonic()
        while True:
            self._still_coming(started)
            command = [*self.ssh("root"), "guest", "true"]
            with contextlib.suppress(subprocess.TimeoutExpired):
                done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=30)
                if done.returncode == 0:
                    return

    def _still_coming(self, started: float) -> None:
        if self._qemu is None or self._qemu.poll() is not None:
            raise RuntimeError(f"the machine ended: {(self.folder / 'qemu.log').read_text()}")
        if time.monotonic() - started > BOOT_SECONDS:
            shown = " ".join(self.screen().split()) if self.on else ""
            raise RuntimeError(f"the guest did not come up:\n{self.console()[-2000:]}\n{shown[-2000:]}")
        time.sleep(0.3)
