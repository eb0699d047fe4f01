"""One unit of a device. A named tuple: the reader, which starts for each stick, loads this, and dataclasses are half its start."""

from typing import NamedTuple


class Unit(NamedTuple):
    """One logical unit as read through the gate; `blocks` 0 means an empty slot.

    `inquiry` is the standard INQUIRY data, at most 36 bytes. `write_protected` is None where the device does not say.
    """

    lun: int
    device_type: int
    inquiry: bytes
    blocks: int
    block_size: int
    write_protected: bool | None

    @property
    def capacity(self) -> int:
        """Size in bytes."""
        return self.blocks * self.block_size
