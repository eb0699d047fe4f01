"""The issuers this host trusts, each vouched for by the root."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from guard.core.certificate import Role, read_certificate
from guard.core.cose import key_id
from guard.core.errors import Hostile


@dataclass(frozen=True, slots=True, eq=False)
class Keyring:
    """Public keys of trusted issuers by key id. Only the same object is equal: what one has verified holds for no other."""

    issuers: Mapping[bytes, bytes]

    def issuer_key(self, ident: bytes, kind: str) -> bytes:
        """The public key of an issuer.

        Raises:
            Hostile: `<kind>-unknown-issuer`.
        """
        key = self.issuers.get(ident)
        if key is None:
            raise Hostile(f"{kind}-unknown-issuer", issuer=ident.hex())
        return key


def make_keyring(root_key: bytes, certificates: Iterable[bytes], now: int) -> tuple[Keyring, tuple[Hostile, ...]]:
    """Verify issuer certificates by the root key (32 bytes); what cannot be trusted is left out and returned as a fault."""
    issuers: dict[bytes, bytes] = {}
    faults = []
    for untrusted in certificates:
        try:
            certificate = read_certificate(untrusted, root_key, Role.ISSUER, now)
        except Hostile as fault:
            faults.append(fault)
        else:
            issuers[key_id(certificate.public_key)] = certificate.public_key
    return Keyring(issuers), tuple(faults)
