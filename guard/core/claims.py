"""Reading the claims of a verified statement: every field once, of the right type, within its limits (RFC 8392 names)."""

from collections.abc import Mapping
from dataclasses import dataclass

from guard.core.errors import Hostile

EXPIRES, ISSUED, IDENT = 4, 6, 7
PRIVATE = -70001
MAX_TIME = 1 << 40


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of one statement and our own map within them; `kind` names the error codes."""

    kind: str
    outer: Mapping[object, object]
    inner: Mapping[object, object]

    def integer(self, key: int, low: int, high: int) -> int:
        """An integer of ours from `low` to `high`."""
        return self._integer(self.inner.get(key), low, high)

    def time(self, key: int) -> int:
        """A CWT time in whole seconds."""
        return self._integer(self.outer.get(key), 0, MAX_TIME)

    def optional_time(self, key: int) -> int | None:
        """A CWT time, or None where the claim is absent."""
        return self.time(key) if key in self.outer else None

    def ident(self, length: int) -> str:
        """The CWT id, exactly `length` bytes, in hex."""
        return self._raw(self.outer.get(IDENT), length).hex()

    def raw(self, key: int, length: int) -> bytes:
        """Exactly `length` bytes."""
        return self._raw(self.inner.get(key), length)

    def text(self, key: int, longest: int) -> str:
        """A printable text of at most `longest` characters."""
        value = self.inner.get(key)
        if not isinstance(value, str) or len(value) > longest or not (value.isprintable() or not value):
            raise Hostile(f"{self.kind}-malformed")
        return value

    def flag(self, key: int) -> bool:
        """True or false."""
        value = self.inner.get(key)
        if not isinstance(value, bool):
            raise Hostile(f"{self.kind}-malformed")
        return value

    def mark(self, key: int) -> bool:
        """True, or False where the claim is absent; False is never written, so that a statement has one form."""
        if key in self.inner and not self.flag(key):
            raise Hostile(f"{self.kind}-malformed")
        return key in self.inner

    def codes(self, key: int) -> tuple[int, ...]:
        """Level codes, ascending, at most 8."""
        value = self._list(key, 8)
        codes = tuple(self._integer(item, 1, 255) for item in value)
        if list(codes) != sorted(set(codes)):
            raise Hostile(f"{self.kind}-malformed")
        return codes

    def ids(self, key: int, length: int, most: int) -> tuple[str, ...]:
        """A list of ids of `length` bytes each, none twice."""
        ids = tuple(self._raw(item, length).hex() for item in self._list(key, most))
        if len(set(ids)) != len(ids):
            raise Hostile(f"{self.kind}-malformed")
        return ids

    def _list(self, key: int, most: int) -> list[object]:
        value = self.inner.get(key)
        if not isinstance(value, list | tuple) or len(value) > most:
            raise Hostile(f"{self.kind}-malformed")
        return list(value)

    def _integer(self, value: object, low: int, high: int) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise Hostile(f"{self.kind}-malformed")
        return value

    def _raw(self, value: object, length: int) -> bytes:
        if not isinstance(value, bytes) or len(value) != length:
            raise Hostile(f"{self.kind}-malformed")
        return value


def claims_of(payload: object, kind: str, outer: set[int], inner: set[int]) -> Claims:
    """Check that the statement has our private map and no claim that is not known (`outer`, `inner`).

    Raises:
        Hostile: `<kind>-malformed`.
    """
    if not isinstance(payload, Mapping) or PRIVATE not in payload or not set(payload) <= outer | {PRIVATE}:
        raise Hostile(f"{kind}-malformed")
    own = payload[PRIVATE]
    if not isinstance(own, Mapping) or not set(own) <= inner:
        raise Hostile(f"{kind}-malformed")
    return Claims(kind, payload, own)
