"""A travel record: one visit, signed by the host, one logical block on the medium. This file has the value."""

from dataclasses import dataclass

from guard.core.verdict import Access


@dataclass(frozen=True, slots=True)
class Record:
    """One visit as the medium tells it. Ids are lower-case hex; times are whole seconds since 1970, UTC.

    `sequence` counts from 1; `previous` is the SHA-256 of the COSE bytes of the record before (64 zeros for the first).
    `host_level_codes` are rank codes of `scheme`. A record says arrival and verdict; it is written before the verdict
    takes effect.
    """

    sequence: int
    previous: str  # 32 bytes
    medium_id: str  # 16 bytes
    generation: int
    host_id: str  # 8 bytes
    network_id: str  # 8 bytes
    scheme: str
    host_level_codes: tuple[int, ...]
    arrived: int
    access: Access
    alarm: bool
