"""How a medium may be cleared, and what is recommended for its level and kind: data for a choice that a person makes.

Sources: NIST SP 800-88 Rev. 1, sections 2.4 to 2.6 and appendix A (Clear, Purge, Destroy; cryptographic erase; overwriting does not
reach every cell of flash); field rule that media which held state secrets are not released by overwriting.
"""

from dataclasses import dataclass
from enum import StrEnum

from guard.core.errors import Hostile
from guard.core.rulebook import categories_of
from guard.core.scheme import Level, Scheme


class Method(StrEnum):
    """What is done to a medium."""

    OVERWRITE = "overwrite"  # every block that can be addressed, read back
    KEYS = "keys"  # header and key slots of its encrypted volumes, read back
    DESTROY = "destroy"  # the thing itself, by hand


class Technology(StrEnum):
    """What a medium stores with; who does not know says so, and flash is assumed."""

    FLASH = "flash"
    MAGNETIC = "magnetic"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Choice:
    """`why` and `limits` are words (guard.words): why it is recommended or not, and what it cannot promise."""

    method: Method
    possible: bool
    recommended: bool
    why: str
    limits: str


def parse_method(untrusted: object) -> Method:
    """A method that the guard carries out.

    Raises:
        Hostile: `clear-method-unknown`.
    """
    if untrusted not in (Method.OVERWRITE, Method.KEYS):
        raise Hostile("clear-method-unknown", value=str(untrusted)[:32], known="overwrite, keys")
    return Method(str(untrusted))


def parse_technology(untrusted: object) -> Technology:
    """What somebody says a medium stores with.

    Raises:
        Hostile: `technology-unknown`.
    """
    if untrusted not in tuple(Technology):
        raise Hostile("technology-unknown", value=str(untrusted)[:32], known=", ".join(Technology))
    return Technology(str(untrusted))


def choices(scheme: Scheme, level: Level, technology: Technology, encrypted: bool) -> tuple[Choice, ...]:
    """Every method, of which exactly one is recommended."""
    state = "state" in categories_of(scheme, level)
    flash = technology is not Technology.MAGNETIC
    best = Method.DESTROY if state else Method.KEYS if encrypted and flash else Method.OVERWRITE
    overwrite = (
        "advice-overwrite-state" if state else "advice-overwrite-flash" if flash else "advice-overwrite-magnetic"
    )
    keys = "advice-keys-state" if state else "advice-keys" if encrypted else "advice-keys-none"
    return (
        Choice(
            Method.OVERWRITE,
            True,
            best is Method.OVERWRITE,
            overwrite,
            "advice-overwrite-limits-flash" if flash else "advice-overwrite-limits",
        ),
        Choice(Method.KEYS, encrypted, best is Method.KEYS, keys, "advice-keys-limits"),
        Choice(
            Method.DESTROY,
            True,
            best is Method.DESTROY,
            "advice-destroy-state" if state else "advice-destroy",
            "advice-destroy-limits",
        ),
    )
