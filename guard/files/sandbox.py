"""What stays to the lister: to open for reading below its root, to look, to read and to answer. It can write nothing, anywhere.

Of all capabilities CAP_DAC_READ_SEARCH stays, because files on a medium may belong to anybody. The root is the medium itself, so
whatever a name or a link says, nothing else can be reached.
"""

import os

from guard.sandbox import Only, Without, assemble, lock_in

CAP_DAC_READ_SEARCH = 2
FAT_GET_ATTRIBUTES = 0x80047210  # linux/msdos_fs.h: whether FAT itself hides a folder
OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_NEVER = 0xFFFFFFFF & ~(OPEN | os.O_DIRECTORY)
# the numbers of the calls that stay (asm/unistd.h), then openat and ioctl
_MACHINES = {
    "x86_64": (
        {
            *(0, 3, 5, 8, 11, 12, 13, 14, 15, 25, 28, 35, 39, 44, 45, 60, 72, 202, 217, 228, 230, 231, 262, 271, 318),
            332,
        },
        257,
        16,
    ),
    "aarch64": (
        {
            *(25, 57, 61, 62, 63, 73, 79, 80, 93, 94, 98, 101, 113, 115, 134, 135, 139, 172, 206, 207, 214, 215, 216),
            *(233, 278, 291),
        },
        56,
        29,
    ),
}


def enter(root: str | None) -> None:
    """Lock this process in, for ever, below `root`; None is for who has no right to change it.

    Raises:
        OSError: when any part of it fails; then the process must end.
    """
    lock_in(filter_program(os.uname().machine), root, CAP_DAC_READ_SEARCH)


def filter_program(machine: str) -> bytes:
    """The seccomp filter for a machine. The flags of open(2) are those of this machine.

    Raises:
        OSError: for a machine whose numbers are not known here.
    """
    calls, openat, ioctl = _MACHINES.get(machine, (set(), 0, 0))
    return assemble(machine, calls, (Without(openat, 2, _NEVER), Only(ioctl, 1, (FAT_GET_ATTRIBUTES,))))
