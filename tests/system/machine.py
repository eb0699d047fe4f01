"""One guest under QEMU: booted from a snapshot, driven over ssh from inside and over QMP from outside."""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
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
        self._socket.settimeout(30)
        self._socket.connect(str(path))
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

    def wait(self, event: str, device: str) -> None:
        """Wait for an event about a device."""
        while True:
            for seen in self._events:
                if seen["event"] == event and seen["data"].get("device") == device:
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


class Machine:
    """A running guest. `run` is a command over ssh; `qmp` plugs and unplugs."""

    def __init__(self, image: Image, memory: int = 1024) -> None:
        self.image, self.memory = image, memory
        self.folder = Path(tempfile.mkdtemp(prefix="media-guard-vm-"))
        self.boot_seconds = 0.0
        self._qmp: Qmp | None = None
        self._started: list[subprocess.Popen[str]] = []

    def __enter__(self) -> Self:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        started = time.monotonic()
        with (self.folder / "qemu.log").open("wb") as log:
            self._qemu = subprocess.Popen(self._command(), stderr=log)
        try:
            self._wait_for_ssh(started)
            self._qmp = Qmp(self.folder / "qmp")
        except BaseException:
            self.close()
            raise
        self.boot_seconds = time.monotonic() - started
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Pull the plug; the image is a snapshot, nothing needs saving."""
        subprocess.run([*self._ssh("root"), "-O", "exit", "guest"], capture_output=True, check=False)
        for started in self._started:
            started.kill()
            started.wait()
            for stream in (started.stdin, started.stdout):
                if stream is not None:
                    stream.close()
        if self._qmp is not None:
            self._qmp.close()
        self._qemu.kill()
        self._qemu.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

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
            [*self._ssh(user), "guest", command],
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
                [*self._ssh("root"), "guest", f"cat > {target}"],
                stdin=file,
                check=True,
                capture_output=True,
                timeout=120,
            )

    def start(self, command: str, *, user: str = "root") -> "subprocess.Popen[str]":
        """Start a command in the guest and leave it running; its output can be read line by line."""
        process = subprocess.Popen(
            [*self._ssh(user), "guest", command],
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

    def _ssh(self, user: str) -> list[str]:
        options = {
            "ControlMaster": "auto",
            "ControlPath": f"{self.folder}/ssh-{user}",
            "ControlPersist": "yes",
            "StrictHostKeyChecking": "no",
            "UserKnownHostsFile": "/dev/null",
            "LogLevel": "ERROR",
            "ConnectTimeout": "5",
            "HostName": "127.0.0.1",
            "Port": str(self.port),
            "User": user,
            "IdentityFile": str(self.image.key),
        }
        return ["ssh", *(word for name, value in options.items() for word in ("-o", f"{name}={value}"))]

    def _command(self) -> list[str]:
        return [
            "qemu-system-x86_64",
            *("-accel", os.environ.get("MEDIA_GUARD_VM_ACCEL", "tcg,thread=multi")),
            *("-cpu", "qemu64" if "kvm" not in os.environ.get("MEDIA_GUARD_VM_ACCEL", "") else "host"),
            *("-m", str(self.memory), "-smp", "2", "-display", "none", "-no-reboot"),
            *("-serial", f"file:{self.folder}/serial"),
            *("-qmp", f"unix:{self.folder}/qmp,server=on,wait=off"),
            *("-kernel", str(self.image.kernel), "-initrd", str(self.image.initrd)),
            *("-append", "root=/dev/vda rw console=ttyS0 quiet net.ifnames=0 mitigations=off"),
            *("-drive", f"file={self.image.disk},if=virtio,format=raw,snapshot=on"),
            *("-device", "qemu-xhci,id=xhci,p2=8,p3=8"),
            *("-nic", f"user,model=virtio-net-pci,restrict=on,hostfwd=tcp:127.0.0.1:{self.port}-:22"),
        ]

    def _wait_for_ssh(self, started: float) -> None:
        """There is no event outside the guest for "sshd answers": ask until it does."""
        while True:
            if self._qemu.poll() is not None:
                raise RuntimeError(f"QEMU ended: {(self.folder / 'qemu.log').read_text()}")
            if time.monotonic() - started > BOOT_SECONDS:
                raise RuntimeError(f"the guest did not come up:\n{self.console()[-2000:]}")
            try:
                if (
                    subprocess.run(
                        [*self._ssh("root"), "guest", "true"], capture_output=True, check=False, timeout=30
                    ).returncode
                    == 0
                ):
                    return
            except subprocess.TimeoutExpired:
                continue
            time.sleep(0.3)
