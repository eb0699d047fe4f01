"""The hash of a journal entry, and the proof that one entry stood in a journal whose head was signed."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from guard.core.errors import Hostile
from guard.core.head import Head, read_head
from guard.core.keyring import Keyring

MAX_DATA = 64 * 1024
_TEXTS = ("at", "kind", "subject", "data", "before", "hash", "signature")


def entry_hash(seq: int, at: str, kind: str, subject: str, data: str, before: str) -> str:
    """SHA-256 in hex over the canonical JSON of [seq, at, kind, subject, data, hash before]."""
    text = json.dumps([seq, at, kind, subject, data, before], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Proof:
    """One entry whole, the hash of the one before it, its own hash, and the signed head that is exactly this entry (hex)."""

    seq: int
    at: str
    kind: str
    subject: str
    data: str
    before: str
    hash: str
    signature: str


def parse_proof(untrusted: object) -> Proof:
    """Take a proof as the guard gave it.

    Raises:
        Hostile: `proof-malformed`.
    """
    if not isinstance(untrusted, Mapping):
        raise Hostile("proof-malformed")
    seq, texts = untrusted.get("seq"), [untrusted.get(name) for name in _TEXTS]
    if not isinstance(seq, int) or isinstance(seq, bool):
        raise Hostile("proof-malformed")
    if not all(isinstance(text, str) and len(text) <= MAX_DATA for text in texts):
        raise Hostile("proof-malformed")
    return Proof(seq, *(str(text) for text in texts))


def check_proof(proof: Proof, keyring: Keyring) -> Head:
    """The entry hashes to what the host signed; whose host that was.

    Raises:
        Hostile: `proof-malformed`, `proof-broken` (the entry is not the one that was signed), or what `read_head` raises.
    """
    try:
        signed = bytes.fromhex(proof.signature)
    except ValueError:
        raise Hostile("proof-malformed") from None
    head = read_head(signed, keyring)
    found = entry_hash(proof.seq, proof.at, proof.kind, proof.subject, proof.data, proof.before)
    if (proof.seq, found) != (head.sequence, head.hash) or proof.hash != found:
        raise Hostile("proof-broken")
    return head
