"""Where the keys of an encrypted volume lie: header and key slots, without which nobody opens it, whatever passphrase they have.

Sources: LUKS1 On-Disk Format 1.2.3, section 2; LUKS2 On-Disk Format 1.1.2, sections 2 and 3.
"""

import json
from collections.abc import Mapping

HEAD = 64 * 1024  # bytes from the start of a volume that `key_area` needs
_MAGIC = (b"LUKS\xba\xbe", b"SKUL\xba\xbe")
_SMALLEST, _MOST_SLOTS = 16 * 1024 * 1024, 128 * 1024 * 1024
_SIZES = frozenset(1 << power for power in range(14, 23))  # of a header of LUKS2


def key_area(untrusted: bytes) -> int | None:
    """How many bytes from the start of a volume hold header and key slots; None where it is not encrypted with LUKS.

    More rather than less: what lies behind the keys is ciphertext that nobody can read without them.
    """
    if untrusted[:6] not in _MAGIC or len(untrusted) < HEAD:
        return None
    if untrusted[6:8] == b"\0\1":
        return max(1 << 21, int.from_bytes(untrusted[104:108], "big") * 512)
    size = int.from_bytes(untrusted[8:16], "big")
    if size not in _SIZES:
        size = max(_SIZES)
    data = _first_segment(untrusted[4096:size]) if size <= HEAD else 0
    return max(_SMALLEST, data) if data else 2 * size + _MOST_SLOTS


def _first_segment(untrusted: bytes) -> int:
    """Where the ciphertext begins, as the header says; 0 where it does not say."""
    try:
        found = json.loads(untrusted.split(b"\0", 1)[0])
        segments = found["segments"] if isinstance(found, Mapping) else {}
        offsets = [int(segment["offset"]) for segment in segments.values()]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return 0
    return min(offsets) if offsets and 0 < min(offsets) < 1 << 40 else 0
