"""How a worker locks itself in: another root, no capability but one that is named, and every system call refused but a few.

The unit has done the rest before: own user, no network, no devices. Imports nothing of the guard, so that every worker may use it.
"""

import ctypes
import os
import struct
from collections.abc import Collection, Sequence
from typing import NamedTuple

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _FILTER = 38, 22, 2
_CAP_VERSION = 0x20080522
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050001, 0x80000000  # refused with EPERM
_LOAD, _EQUAL, _ANY, _RETURN = 0x20, 0x15, 0x45, 0x06
_AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # linux/audit.h
_MMAP = {"x86_64": 9, "aarch64": 222}
_PROT_EXEC = 4


class Only(NamedTuple):
    """A call that stays where its argument (from 0) is one of these values."""

    call: int
    argument: int
    values: Sequence[int]


class Without(NamedTuple):
    """A call that stays where its argument has none of these bits."""

    call: int
    argument: int
    bits: int


class _CapHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _CapData(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def lock_in(program: bytes, root: str | None, keep: int = 0) -> None:
    """Lock this process in, for ever. `root` is the directory that becomes its root; None is for who has no right to change it.

    `keep` is the number of the one capability that stays (linux/capability.h), if it is there; 0 for none.

    Raises:
        OSError: when any part of it fails; then the process must end.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if root is not None:
        os.chroot(root)
        os.chdir("/")
    header, data = _CapHeader(_CAP_VERSION, 0), (_CapData * 2)()
    _must(libc.capget(ctypes.byref(header), data))
    kept = data[0].permitted & (1 << keep if keep else 0)
    data = (_CapData * 2)(_CapData(kept, kept, 0), _CapData(0, 0, 0))
    _must(libc.capset(ctypes.byref(header), data))
    _must(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    code = ctypes.create_string_buffer(program, len(program))
    filtering = _Program(len(program) // 8, ctypes.addressof(code))
    _must(libc.prctl(_PR_SET_SECCOMP, _FILTER, ctypes.byref(filtering), 0, 0))


def assemble(machine: str, calls: Collection[int], rules: Sequence[Only | Without]) -> bytes:
    """The seccomp filter for a machine (Documentation/userspace-api/seccomp_filter.rst); memory stays, but never code.

    Raises:
        OSError: for a machine whose numbers are not known here.
    """
    if machine not in _AUDIT:
        raise OSError(f"no system call filter for {machine}")
    code = [_op(_LOAD, 4), _op(_EQUAL, _AUDIT[machine], 1, 0), _op(_RETURN, _KILL), _op(_LOAD, 0)]
    for number in sorted(calls):
        code += [_op(_EQUAL, number, 0, 1), _op(_RETURN, _ALLOW)]
    for rule in (Without(_MMAP[machine], 2, _PROT_EXEC), *rules):
        body = [_op(_LOAD, 16 + 8 * rule.argument)]
        if isinstance(rule, Only):
            for value in rule.values:
                body += [_op(_EQUAL, value, 0, 1), _op(_RETURN, _ALLOW)]
        else:
            body += [_op(_ANY, rule.bits, 1, 0), _op(_RETURN, _ALLOW)]
        body.append(_op(_RETURN, _ERRNO))
        code += [_op(_EQUAL, rule.call, 0, len(body)), *body]
    code.append(_op(_RETURN, _ERRNO))
    return b"".join(code)


def _op(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)


def _must(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
