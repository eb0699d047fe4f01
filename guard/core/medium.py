"""A medium as this host sees it: the hardware behind one unit, and what binds a label to it."""

import hashlib
from dataclasses import dataclass

from guard.core.unit import Unit

MAX_TEXT = 128


@dataclass(frozen=True, slots=True)
class Hardware:
    """What the label is bound to. Ids as the device says them; they never admit anything by themselves.

    Fields that change with bus speed (bcdUSB, packet sizes) are left out, so a label holds in every port.
    """

    vendor_id: int
    product_id: int
    serial: str
    lun: int
    blocks: int
    block_size: int
    inquiry: bytes

    def digest(self) -> bytes:
        """SHA-256, 32 bytes; each field with its length, so that no two field lists read the same."""
        hashed = hashlib.sha256(b"media-guard hardware 1")
        for part in (
            self.vendor_id.to_bytes(2, "big"),
            self.product_id.to_bytes(2, "big"),
            self.serial.encode("utf-8", "surrogateescape"),
            self.lun.to_bytes(1, "big"),
            self.blocks.to_bytes(8, "big"),
            self.block_size.to_bytes(4, "big"),
            self.inquiry[8:36],
        ):
            hashed.update(len(part).to_bytes(2, "big") + part)
        return hashed.digest()


def hardware(vendor_id: int, product_id: int, untrusted_serial: str, unit: Unit) -> Hardware:
    """The hardware behind a unit; the serial is cut to 128 characters."""
    return Hardware(
        vendor_id=vendor_id,
        product_id=product_id,
        serial=untrusted_serial[:MAX_TEXT],
        lun=unit.lun,
        blocks=unit.blocks,
        block_size=unit.block_size,
        inquiry=unit.inquiry,
    )


def showable(untrusted_text: str, limit: int = MAX_TEXT) -> str:
    """The text without control, format (bidi) and surrogate characters, at most `limit` long; safe in a terminal."""
    kept = "".join(char if char.isprintable() else " " for char in untrusted_text[: 4 * limit])
    return " ".join(kept.split())[:limit]
