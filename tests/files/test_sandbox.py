"""What a lister that was taken over can still do: read the medium. Tried in real processes, and read from the filter."""

import errno
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from guard.files.sandbox import filter_program
from tests.usb.test_sandbox import ALLOW, KILL, REFUSE, _run

ROOT = Path(__file__).resolve().parents[2]
RIGHTS = ["root", "nobody"] if os.geteuid() == 0 else ["nobody"]
_TRY = """
import ctypes, errno, fcntl, mmap, os, socket, sys, time
from guard.files import sandbox, tree
root = os.open(sys.argv[2], sandbox.OPEN | os.O_DIRECTORY)
writable = os.open(sys.argv[2] + "/mine", os.O_RDWR | os.O_CREAT, 0o666)
null = os.open("/dev/null", os.O_RDWR)
ours, theirs = socket.socketpair()
answer = socket.socket(fileno=0)  # it may not even write to its standard output
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
def raw(*words):
    if libc.syscall(*words) < 0:
        raise OSError(ctypes.get_errno(), "")
os.fchdir(root)
if sys.argv[1] == "nobody":
    if os.geteuid() == 0:
        os.setgroups([]); os.setresgid(65534, 65534, 65534); os.setresuid(65534, 65534, 65534)
    sandbox.enter(None)
else:
    sandbox.enter(".")
def said(act):
    try:
        act()
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error.errno))
    return "done"
flags = sandbox.OPEN
tries = dict(
    create=lambda: os.open("x", os.O_CREAT | os.O_WRONLY), truncate=lambda: os.open("mine", os.O_RDONLY | os.O_TRUNC),
    open_to_write=lambda: os.open("mine", os.O_WRONLY), open_both=lambda: os.open("mine", os.O_RDWR),
    write=lambda: os.write(writable, b"x"),
    pwrite=lambda: os.pwrite(writable, b"x", 0), ftruncate=lambda: os.ftruncate(writable, 0),
    allocate=lambda: os.posix_fallocate(writable, 0, 10), rename=lambda: os.rename("mine", "y"), unlink=lambda: os.unlink("mine"),
    mkdir=lambda: os.mkdir("d"), link=lambda: os.link("mine", "y"), symlink=lambda: os.symlink("mine", "y"),
    chmod=lambda: os.chmod("mine", 0), chown=lambda: os.chown("mine", 0, 0), utime=lambda: os.utime("mine"),
    xattr=lambda: os.setxattr("mine", "user.a", b"b"), mknod=lambda: os.mkfifo("p"), chroot=lambda: os.chroot("."),
    chdir=lambda: os.chdir("."), fork=os.fork,
    execve=lambda: os.execv("/bin/true", ["true"]), kill=lambda: os.kill(os.getppid(), 0),
    setuid=lambda: os.setuid(0), socket=lambda: socket.socket(), mount=lambda: raw(165, b"a", b"b", b"c", 0, 0),
    handle=lambda: raw(304, root, b"x" * 16, 0), executable=lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC),
    hand_over=lambda: socket.send_fds(ours, [b"x"], [null]), terminal=lambda: fcntl.ioctl(null, 0x5401, bytes(64)),
    fat_set=lambda: fcntl.ioctl(root, 0x40047211, bytes(4)), bulk=lambda: fcntl.ioctl(null, 0xC0185502, bytes(24)),
    fat_get=lambda: fcntl.ioctl(root, sandbox.FAT_GET_ATTRIBUTES, bytes(4)),
    look=lambda: tree.look(root, b"mine"), read=lambda: os.read(os.open("mine", flags), 10), names=lambda: list(os.scandir(root)),
    memory=lambda: bytearray(50_000_000), clock=time.monotonic, talk=lambda: (ours.send(b"x"), theirs.recv(1)),
    etc=lambda: os.open("/etc/passwd", flags),
)
for name, act in tries.items():
    answer.send(f"{name} {said(act)}\\n".encode())
"""
_ALLOWED = {"fat_get": "ENOTTY", **dict.fromkeys(("look", "read", "names", "memory", "clock", "talk"), "done")}


@pytest.mark.parametrize("rights", RIGHTS)
def test_a_locked_in_lister_can_look_and_read_and_answer_and_nothing_else(rights: str, tmp_path: Path) -> None:
    medium = tmp_path / "medium"
    medium.mkdir(mode=0o755)
    ours, theirs = socket.socketpair()
    with theirs:
        child = subprocess.Popen(
            [sys.executable, "-c", _TRY, rights, str(medium)], cwd=ROOT, stdin=theirs.fileno(), stderr=subprocess.PIPE
        )
    with ours, ours.makefile() as answers:
        said = answers.read()
    _, complaint = child.communicate(timeout=50)
    found = dict(line.split() for line in said.splitlines())
    assert found, complaint
    assert found.pop("etc") == ("ENOENT" if rights == "root" else "done"), "its root is the medium"
    assert {name: found.pop(name) for name in _ALLOWED} == _ALLOWED
    assert len(found) == 32
    assert set(found.values()) == {"EPERM"}, found
    assert [path.name for path in medium.iterdir()] == ["mine"]
    assert (medium / "mine").read_bytes() == b""


def test_the_filter_opens_for_reading_alone() -> None:
    program = filter_program("x86_64")
    arch, openat = 0xC000003E, 257
    safe = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK | os.O_DIRECTORY
    assert _run(program, arch, openat, 3, 0, safe) == ALLOW
    for flag in (
        os.O_WRONLY,
        os.O_RDWR,
        os.O_CREAT,
        os.O_TRUNC,
        os.O_APPEND,
        os.O_PATH,
        os.O_TMPFILE & ~os.O_DIRECTORY,
        os.O_NOATIME,
    ):
        assert _run(program, arch, openat, 3, 0, safe | flag) == REFUSE, flag
    # open, write, openat2, open_by_handle_at, name_to_handle_at, sendmsg, mount, socket, connect, clone, execve, ptrace, unlinkat
    for number in (2, 1, 437, 304, 303, 46, 165, 41, 42, 56, 59, 101, 263):
        assert _run(program, arch, number) == REFUSE
    assert _run(program, 0xC00000B7, openat, 3, 0, safe) == KILL


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_few_calls_stay_on_each_machine(machine: str) -> None:
    arch = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}[machine]
    program = filter_program(machine)
    assert len({number for number in range(1024) if _run(program, arch, number) == ALLOW}) <= 28
    assert errno.EPERM == REFUSE & 0xFFFF


def test_a_machine_that_is_not_known_gets_no_lister() -> None:
    with pytest.raises(OSError, match="riscv64"):
        filter_program("riscv64")
