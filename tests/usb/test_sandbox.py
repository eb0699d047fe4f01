"""What a worker that a device has taken over can still do: next to nothing. Tried in real processes, and read from the filter."""

import errno
import os
import socket
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from guard.usb.sandbox import filter_program
from guard.usb.wire import HELLO

ROOT = Path(__file__).resolve().parents[2]
RIGHTS = ["root", "nobody"] if os.geteuid() == 0 else ["nobody"]
_TRY = """
import ctypes, errno, fcntl, mmap, os, socket, struct, sys, time
from guard.usb import sandbox
null = os.open("/dev/null", os.O_RDWR)
ours, theirs = socket.socketpair()
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
def raw(*words):
    if libc.syscall(*map(ctypes.c_long, words)) < 0:
        raise OSError(ctypes.get_errno(), "")
if sys.argv[1] == "nobody":
    if os.geteuid() == 0:
        os.setgroups([]); os.setresgid(65534, 65534, 65534); os.setresuid(65534, 65534, 65534)
    sandbox.enter(None)
else:
    sandbox.enter(sys.argv[2])
ioctl = int(sys.argv[3])
def said(act):
    try:
        act()
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error.errno))
    return "done"
tries = dict(
    open=lambda: os.open("/", os.O_RDONLY), create=lambda: os.open("x", os.O_CREAT | os.O_WRONLY), list=lambda: os.listdir("/"),
    stat=lambda: os.stat("/"), socket=lambda: socket.socket(), pair=lambda: socket.socketpair(), fork=os.fork,
    execve=lambda: os.execv("/bin/true", ["true"]), kill=lambda: os.kill(os.getppid(), 0), setuid=lambda: os.setuid(0),
    chroot=lambda: os.chroot("."),
    chdir=lambda: os.chdir("/"), pipe=os.pipe, dup=lambda: os.dup(null), unlink=lambda: os.unlink("x"),
    executable=lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC),
    hand_over=lambda: socket.send_fds(ours, [b"x"], [null]),
    reset=lambda: fcntl.ioctl(null, 0x5514), set_interface=lambda: fcntl.ioctl(null, 0x80085504, bytes(8)),
    set_configuration=lambda: fcntl.ioctl(null, 0x80045505, bytes(4)), claim=lambda: fcntl.ioctl(null, 0x8004550F, bytes(4)),
    release=lambda: fcntl.ioctl(null, 0x80045510, bytes(4)), submit=lambda: fcntl.ioctl(null, 0x8038550A, bytes(56)),
    driver=lambda: fcntl.ioctl(null, 0xC0105512, bytes(16)), disconnect_claim=lambda: fcntl.ioctl(null, 0x8108551B, bytes(264)),
    terminal=lambda: fcntl.ioctl(null, 0x5401, bytes(64)),
    reset_disguised=lambda: raw(ioctl, null, 0x5514 | 1 << 32, 0),
    bulk=lambda: fcntl.ioctl(null, 0xC0185502, bytes(24)), control=lambda: fcntl.ioctl(null, 0xC0185500, bytes(24)),
    clear_halt=lambda: fcntl.ioctl(null, 0x80045515, bytes(4)),
    memory=lambda: bytearray(50_000_000), sleep=lambda: time.sleep(0.001), clock=time.monotonic,
    talk=lambda: (ours.send(b"x"), theirs.recv(1)),
)
for name, act in tries.items():
    os.write(1, f"{name} {said(act)}\\n".encode())
"""
_ALLOWED = {"bulk": "ENOTTY", "control": "ENOTTY", "clear_halt": "ENOTTY"} | dict.fromkeys(
    ("memory", "sleep", "clock", "talk"), "done"
)


@pytest.mark.parametrize("rights", RIGHTS)
def test_a_locked_in_worker_can_transfer_and_answer_and_nothing_else(rights: str, tmp_path: Path) -> None:
    number = {"x86_64": "16", "aarch64": "29"}[os.uname().machine]
    done = subprocess.run(
        [sys.executable, "-c", _TRY, rights, str(tmp_path), number],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = dict(line.split() for line in done.stdout.splitlines())
    assert {name: found.pop(name) for name in _ALLOWED} == _ALLOWED
    assert len(found) == 27
    assert set(found.values()) == {"EPERM"}, found
    assert list(tmp_path.iterdir()) == []


def test_no_two_sticks_meet_the_same_addresses_or_the_same_stack_guard(tmp_path: Path) -> None:
    """What a device learns by crashing one worker must be worth nothing against the next: each is a program started afresh."""
    workers: list[subprocess.Popen[bytes]] = []
    ends: list[socket.socket] = []
    try:
        for _ in range(4):
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            ends.append(ours)
            ours.settimeout(50)
            with theirs:
                words = {"MEDIA_GUARD_EMPTY": str(tmp_path) if os.geteuid() == 0 else "", "PYTHONPATH": str(ROOT)}
                command = [sys.executable, "-m", "guard.usb.worker"]
                workers.append(subprocess.Popen(command, stdin=theirs.fileno(), env=words, cwd=ROOT))
            assert ours.recv(len(HELLO) + 1) == HELLO
        found = [_secrets(worker.pid) for worker in workers]
    finally:
        for end in ends:
            end.close()
        ended = [worker.wait(20) for worker in workers]
    assert ended == [0] * 4
    shared = [name for name in found[0] if len({secrets[name] for secrets in found}) < 4]
    assert shared == []
    units = ROOT / "systemd"
    assert "Accept=yes" in (units / "media-guard-reader.socket").read_text().splitlines()
    assert (units / "media-guard-reader@.service").exists(), "systemd starts one program for each connection"


def _secrets(pid: int) -> dict[str, bytes]:
    """Where a process has its libraries, heap and stack, and what its C library made the stack guard from (AT_RANDOM)."""
    process = Path("/proc") / str(pid)
    maps = process.joinpath("maps").read_bytes().splitlines()
    regions = ("libc.so", "[heap]", "[stack]")
    found = {name: next(line for line in maps if name.encode() in line).split(b"-")[0] for name in regions}
    where = dict(struct.iter_unpack("LL", process.joinpath("auxv").read_bytes()))[25]
    with process.joinpath("mem").open("rb", buffering=0) as memory:
        memory.seek(where)
        return found | {"stack guard": memory.read(8)[1:]}


def test_a_worker_that_cannot_be_locked_in_ends() -> None:
    program = "from guard.usb import sandbox; sandbox.enter('/nonexistent'); print('free')"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=50, check=False
    )
    assert done.returncode != 0
    assert "free" not in done.stdout


def _run(program: bytes, arch: int, number: int, *words: int) -> int:
    """The kernel's side of a filter: what it says to a system call."""
    data = number.to_bytes(4, "little") + arch.to_bytes(4, "little") + bytes(8)
    data += b"".join((words[i] if i < len(words) else 0).to_bytes(8, "little") for i in range(6))
    at, value = 0, 0
    while True:
        code, true, false = int.from_bytes(program[at * 8 : at * 8 + 2], "little"), *program[at * 8 + 2 : at * 8 + 4]
        operand = int.from_bytes(program[at * 8 + 4 : at * 8 + 8], "little")
        at += 1
        if code == 0x06:
            return operand
        if code == 0x20:
            value = int.from_bytes(data[operand : operand + 4], "little")
        else:
            at += true if (value == operand if code == 0x15 else value & operand) else false


ALLOW, KILL, REFUSE = 0x7FFF0000, 0x80000000, 0x00050000 | errno.EPERM
MACHINES = [("x86_64", 0xC000003E, 16, 9), ("aarch64", 0xC00000B7, 29, 222)]
# open, openat, socket, connect, clone, fork, vfork, execve, ptrace, mprotect, sendmsg, dup, chroot, kill, bpf, clone3, ...
_NEVER = {
    "x86_64": (
        2,
        10,
        32,
        33,
        41,
        42,
        43,
        46,
        56,
        57,
        58,
        59,
        62,
        101,
        105,
        161,
        165,
        257,
        310,
        311,
        321,
        322,
        425,
        435,
    ),
    "aarch64": (23, 24, 51, 56, 117, 129, 146, 198, 203, 211, 220, 221, 226, 270, 271, 280, 281, 425, 435, 437),
}


@pytest.mark.parametrize(("machine", "arch", "ioctl", "mmap"), MACHINES)
def test_the_filter_lets_three_ioctls_through_on_each_machine(machine: str, arch: int, ioctl: int, mmap: int) -> None:
    program = filter_program(machine)
    assert len(program) // 8 < 4096
    for number in (0xC0185500, 0xC0185502, 0x80045515):
        assert _run(program, arch, ioctl, 3, number) == ALLOW
    for number in (*range(0x5500, 0x5520), 0xC0185501, 0x80085504, 0x8004550F, 0x8038550A, 0, 0xFFFFFFFF):
        assert _run(program, arch, ioctl, 3, number) == REFUSE
        assert _run(program, arch, ioctl, 3, number | 1 << 32) == REFUSE
    assert _run(program, arch, mmap, 0, 4096, 3) == ALLOW
    assert all(_run(program, arch, mmap, 0, 4096, how) == REFUSE for how in (4, 5, 6, 7))
    assert all(_run(program, arch, number) == REFUSE for number in _NEVER[machine])


@pytest.mark.parametrize(("machine", "arch", "ioctl", "mmap"), MACHINES)
def test_calls_of_another_machine_kill_and_unknown_ones_are_refused(
    machine: str, arch: int, ioctl: int, mmap: int
) -> None:
    program = filter_program(machine)
    assert all(_run(program, other, 0) == KILL for other in (0x40000003, 0x40000028, 0, 0xC00000F3))
    allowed = {number for number in range(1024) if _run(program, arch, number) == ALLOW}
    assert len(allowed) <= 26
    assert ioctl not in allowed
    assert all(_run(program, arch, number | 0x40000000) == REFUSE for number in range(600))


def test_a_machine_that_is_not_known_gets_no_worker() -> None:
    with pytest.raises(OSError, match="riscv64"):
        filter_program("riscv64")
