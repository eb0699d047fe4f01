"""The label: the signed statement on a medium. This file has the value; `sign_label` and `verify_label` below."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a medium is for; a person's own stick is never a work stick."""

    WORK = "work"
    PERSONAL = "personal"


@dataclass(frozen=True, slots=True)
class Label:
    """What the issuer states. Ids are lower-case hex; times are whole seconds since 1970, UTC.

    `level_codes` are rank codes of `scheme` (guard.core.scheme). `networks` are opaque network ids, where the medium
    may be used read-write. `may_import` allows read-only use on a higher or unlisted network. `expires` is the end of the
    term, None for no end. `hardware` is the SHA-256 of guard.core.medium.Hardware.
    """

    medium_id: str  # 16 bytes
    generation: int  # 1 .. 2**32-1, the newer counts
    scheme: str
    level_codes: tuple[int, ...]
    kind: Kind
    networks: tuple[str, ...]  # 8 bytes each, at most 16
    may_import: bool
    holder: str  # at most 64 characters
    number: str  # asset number, at most 32 characters
    issued: int
    expires: int | None
    hardware: str  # 32 bytes
