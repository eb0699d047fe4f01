"""What was decided about a medium, and every reason for it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Access(StrEnum):
    """What a verdict lets happen, from the loosest to the strictest."""

    READ_WRITE = "read-write"
    READ_ONLY = "read-only"
    HELD = "held"
    REFUSED = "refused"

    @property
    def opens(self) -> bool:
        """True where the kernel gets a disk."""
        return self in (Access.READ_WRITE, Access.READ_ONLY)


class Severity(StrEnum):
    """How much a finding matters to those who watch, from the least to the most."""

    INFO = "info"
    NOTICE = "notice"
    WARNING = "warning"
    ALARM = "alarm"


OBSERVED = "observed"  # the rule of a verdict that was told and not carried out
_STRICTNESS = {access: place for place, access in enumerate(Access)}
_WEIGHT = {severity: place for place, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class Reason:
    """One finding: the rule that made it, what it allows at most, and the facts its sentence names."""

    rule: str
    access: Access
    severity: Severity
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The strictest access of all reasons, the highest severity, and all reasons in the order of the rules."""

    access: Access
    severity: Severity
    reasons: tuple[Reason, ...]

    @classmethod
    def of(cls, reasons: Iterable[Reason]) -> "Verdict":
        """Combine findings; no finding at all is refused (default refuse)."""
        found = tuple(reasons)
        if not found:
            found = (Reason("default", Access.REFUSED, Severity.ALARM),)
        return cls(
            access=max((reason.access for reason in found), key=_STRICTNESS.__getitem__),
            severity=max((reason.severity for reason in found), key=_WEIGHT.__getitem__),
            reasons=found,
        )

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids of the rules, in order."""
        return tuple(reason.rule for reason in self.reasons)

    def observed(self, until: str) -> "Verdict":
        """What becomes of it while the guard only observes (to the day `until`): everything opens, and every reason is told.

        The severity stays what it would have been, so that who watches sees what is to come.
        """
        if self.access is Access.READ_WRITE:
            return self
        facts = (("until", until), ("would", str(self.access)))
        first = Reason(OBSERVED, Access.READ_WRITE, Severity.WARNING, facts)
        return Verdict(
            Access.READ_WRITE, max((self.severity, first.severity), key=_WEIGHT.__getitem__), (first, *self.reasons)
        )


def loosest(accesses: Iterable[Access]) -> Access:
    """The loosest of several; of none, refused."""
    return min(accesses, key=_STRICTNESS.__getitem__, default=Access.REFUSED)


def strictest(accesses: Iterable[Access]) -> Access:
    """The strictest of several; of none, refused."""
    return max(accesses, key=_STRICTNESS.__getitem__, default=Access.REFUSED)
