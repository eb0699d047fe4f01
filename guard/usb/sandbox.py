"""The worker gives everything away: root directory, capabilities, and every system call but a few; of all ioctls three stay.

USBDEVFS_RESET must never be among them: that one call makes the kernel bind its storage driver to the device in spite of the claim.
The unit has done the rest before: own user, no network, no devices.
"""

import ctypes
import os
import platform
import struct

from guard.usb.usbfs import BULK, CLEAR_HALT, CONTROL

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _FILTER = 38, 22, 2
_CAP_VERSION = 0x20080522
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050001, 0x80000000  # refused with EPERM
_LOAD, _EQUAL, _ANY, _RETURN = 0x20, 0x15, 0x45, 0x06
_PROT_EXEC = 4
# linux/audit.h; then the numbers of the calls that stay (asm/unistd.h)
_MACHINES = {
    "x86_64": (
        0xC000003E,
        {
            *(0, 1, 3, 5, 8, 11, 12, 13, 14, 15, 25, 28, 35, 39, 44, 45, 47, 60, 202, 228, 230, 231, 271, 318),
        },
        16,
        9,
    ),
    "aarch64": (
        0xC00000B7,
        {
            *(57, 62, 63, 64, 73, 80, 93, 94, 98, 101, 113, 115, 134, 135, 139, 172, 206, 207, 212, 214, 215, 216),
            *(233, 278),
        },
        29,
        222,
    ),
}


class _CapHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _CapData(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def enter(empty: str | None) -> None:
    """Lock this process in, for ever. `empty` is the directory that becomes its root; None is for who has no right to change it.

    Raises:
        OSError: when any part of it fails; then the process must end.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if empty is not None:
        os.chroot(empty)
        os.chdir("/")
    header, nothing = _CapHeader(_CAP_VERSION, 0), (_CapData * 2)()
    _must(libc.capset(ctypes.byref(header), nothing))
    _must(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    code = filter_program(platform.machine())
    kept = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // 8, ctypes.addressof(kept))
    _must(libc.prctl(_PR_SET_SECCOMP, _FILTER, ctypes.byref(program), 0, 0))


def filter_program(machine: str) -> bytes:
    """The seccomp filter for a machine (Documentation/userspace-api/seccomp_filter.rst).

    Raises:
        OSError: for a machine whose numbers are not known here.
    """
    if machine not in _MACHINES:
        raise OSError(f"no system call filter for {machine}")
    audit, calls, ioctl, mmap = _MACHINES[machine]
    code = [_op(_LOAD, 4), _op(_EQUAL, audit, 1, 0), _op(_RETURN, _KILL), _op(_LOAD, 0)]
    for number in sorted(calls):
        code += [_op(_EQUAL, number, 0, 1), _op(_RETURN, _ALLOW)]
    # memory, but never code: the third argument of mmap is the protection
    code += [
        _op(_EQUAL, mmap, 0, 4),
        _op(_LOAD, 32),
        _op(_ANY, _PROT_EXEC, 1, 0),
        _op(_RETURN, _ALLOW),
        _op(_RETURN, _ERRNO),
    ]
    code += [_op(_EQUAL, ioctl, 1, 0), _op(_RETURN, _ERRNO), _op(_LOAD, 24)]
    for number in (BULK, CONTROL, CLEAR_HALT):
        code += [_op(_EQUAL, number, 0, 1), _op(_RETURN, _ALLOW)]
    code.append(_op(_RETURN, _ERRNO))
    return b"".join(code)


def _op(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)


def _must(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
