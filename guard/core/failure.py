"""Why a device stays out when something went wrong with it, or when the guard could not do its part."""

from guard.core.errors import GuardError, Hostile
from guard.core.verdict import Access, Reason, Severity


def failure(fault: Exception) -> Reason:
    """`changed-after-admission`, `unreadable` where it was the device, `guard-failed` where it was this host."""
    code = fault.code if isinstance(fault, GuardError) else "internal"
    if code == "changed-after-admission":
        return Reason(code, Access.REFUSED, Severity.ALARM)
    if isinstance(fault, Hostile):
        return Reason("unreadable", Access.REFUSED, Severity.WARNING, (("fault", code),))
    return Reason("guard-failed", Access.REFUSED, Severity.ALARM, (("fault", code),))


def of_the_host(fault: Exception) -> bool:
    """True where something of this host is broken; a failed effect concerns its device alone, and trying again would not help."""
    return not isinstance(fault, Hostile) and not (isinstance(fault, GuardError) and fault.code.startswith("effect-"))
