"""Certificates: the root vouches for issuers, an issuer vouches for hosts. This file has the value."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a certified key may sign."""

    ISSUER = "issuer"  # labels and host certificates
    HOST = "host"  # travel records


@dataclass(frozen=True, slots=True)
class Certificate:
    """A signed statement about a public key (Ed25519, 32 bytes).

    For a host: its id, its network's opaque id and the network's level. For an issuer these are empty.
    """

    role: Role
    public_key: bytes
    subject_id: str  # 8 bytes, lower-case hex
    network_id: str  # 8 bytes, lower-case hex; "" for an issuer
    scheme: str
    level_codes: tuple[int, ...]
    issued: int
    expires: int | None
