"""What stays to the reader: to transfer and to answer. Of all ioctls three.

USBDEVFS_RESET must never be among them: that one call makes the kernel bind its storage driver to the device in spite of the claim.
"""

import os

from guard.sandbox import Only, assemble, lock_in
from guard.usb.usbfs import BULK, CLEAR_HALT, CONTROL

# the numbers of the calls that stay (asm/unistd.h), then ioctl
_MACHINES = {
    "x86_64": (
        {
            *(0, 1, 3, 5, 8, 11, 12, 13, 14, 15, 25, 28, 35, 39, 44, 45, 47, 60, 202, 228, 230, 231, 271, 318),
        },
        16,
    ),
    "aarch64": (
        {
            *(57, 62, 63, 64, 73, 80, 93, 94, 98, 101, 113, 115, 134, 135, 139, 172, 206, 207, 212, 214, 215, 216),
            *(233, 278),
        },
        29,
    ),
}


def enter(empty: str | None) -> None:
    """Lock this process in, for ever. `empty` is the directory that becomes its root; None is for who has no right to change it.

    Raises:
        OSError: when any part of it fails; then the process must end.
    """
    lock_in(filter_program(os.uname().machine), empty)


def filter_program(machine: str) -> bytes:
    """The seccomp filter for a machine.

    Raises:
        OSError: for a machine whose numbers are not known here.
    """
    calls, ioctl = _MACHINES.get(machine, (set(), 0))
    return assemble(machine, calls, (Only(ioctl, 1, (BULK, CONTROL, CLEAR_HALT)),))
