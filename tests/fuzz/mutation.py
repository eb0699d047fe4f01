"""Small changes to known files: what a fuzzer does between two looks at the coverage."""

import random
from collections.abc import Sequence

_ODD = (
    b"\0",
    b"\xff",
    b"\x7f",
    b"\x80",
    b"\xff\xff",
    b"\0\0\0\0",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"=",
    b"\x1f",
    b'"',
)
LONGEST = 70_000


def mutated(chance: random.Random, known: Sequence[bytes]) -> bytes:
    """One of the known files, changed one to eight times."""
    data = bytearray(chance.choice(known) if known else b"")
    for _ in range(chance.randint(1, 8)):
        _change(chance, data, known)
    return bytes(data[:LONGEST])


def _change(chance: random.Random, data: bytearray, known: Sequence[bytes]) -> None:
    at = chance.randint(0, len(data))
    match chance.randint(0, 6):
        case 0 if data:
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        case 1 if data:
            data[chance.randrange(len(data))] = chance.randrange(256)
        case 2:
            del data[at : at + chance.choice((1, 2, 4, 16, 512))]
        case 3:
            data[at:at] = chance.choice(_ODD)
        case 4:
            piece = chance.choice(_ODD)
            data[at : at + len(piece)] = piece
        case 5:
            data[at:at] = data[at : at + chance.choice((1, 8, 64, 512))]
        case _ if known:
            other = chance.choice(known)
            start = chance.randint(0, len(other))
            data[at:] = other[start:]
