"""A fault of older kernels that a guard of USB interfaces meets: said on the computer that has it, for nobody else can know."""

import re

from guard.core.errors import Broken

_DEBIAN = re.compile(r"\bDebian (\d+)\.(\d+)\.(\d+)")
# "USB: core: Fix deadlock in usb_deauthorize_interface()" (CVE-2024-26934), by line of stable kernels.
_MENDED = (((6, 1, 84), (6, 2, 0)), ((6, 6, 24), (6, 7, 0)), ((6, 7, 12), (6, 8, 0)), ((6, 8, 3), (999, 0, 0)))


def kernel_fault(version: str) -> Broken | None:
    """The fault of a kernel that can stop at a stick which is pulled while it is shut; None where it is mended.

    `version` is that of uname(2), "#1 SMP Debian 6.1.192-2 (2026-11-16)". Of kernels that are not Debian's it says nothing: which
    mends they carry, their number does not tell.
    """
    found = _DEBIAN.search(version)
    if found is None:
        return None
    number = tuple(int(part) for part in found.groups())
    if any(since <= number < until for since, until in _MENDED):
        return None
    return Broken("kernel-old", kernel=".".join(found.groups()))
