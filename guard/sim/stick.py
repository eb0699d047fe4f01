"""A simulated stick: an image file, and beside it `<file>.stick` with what the hardware says of itself.

The image alone copied to another name is another stick with the same contents, as a byte copy on other hardware is.
"""

import json
import secrets
import struct
from dataclasses import asdict, dataclass
from pathlib import Path

from guard.core.errors import Hostile
from guard.core.unit import Unit

SUFFIX, FILES = ".stick", ".files"
MIB = 1024 * 1024
SMALLEST, LARGEST = 8 * MIB, 1 << 40


@dataclass(frozen=True, slots=True)
class Stick:
    """What the pretended hardware says. `fault` is the code of an error that every access ends with ("" for none)."""

    vendor_id: int = 0x0951
    product_id: int = 0x1666
    manufacturer: str = "Kingston"
    product: str = "DataTraveler 3.0"
    serial: str = ""
    block_size: int = 512
    write_protected: bool = False
    composite: bool = False
    fault: str = ""


def open_stick(image: Path) -> tuple[Stick, Unit]:
    """Read the description beside an image; makes one (with a random serial) for an image that has none.

    Raises:
        Hostile: `sim-not-an-image` when the file is missing, too small or not whole blocks; `sim-description` when the
            description is not one.
    """
    if not image.is_file() or not SMALLEST <= image.stat().st_size <= LARGEST:
        raise Hostile("sim-not-an-image", file=str(image))
    beside = image.with_name(image.name + SUFFIX)
    if not beside.exists():
        beside.write_text(json.dumps(asdict(Stick(serial=secrets.token_hex(8).upper())), indent=1))
    try:
        stick = Stick(**json.loads(beside.read_text()))
        blocks, rest = divmod(image.stat().st_size, stick.block_size)
        inquiry = _inquiry(stick)
    except (ValueError, TypeError, ZeroDivisionError, struct.error) as error:
        raise Hostile("sim-description", file=str(beside)) from error
    if rest:
        raise Hostile("sim-not-an-image", file=str(image))
    return stick, Unit(0, 0, inquiry, blocks, stick.block_size, stick.write_protected)


def new_stick(image: Path, size: int, start: int = MIB) -> None:
    """Make an image of `size` bytes as sold: one FAT partition (type 0c) from byte `start`; 0 means no table at all.

    Raises:
        Hostile: `sim-exists` when the file is there already; `sim-size` for a size that no stick has.
    """
    if not SMALLEST <= size <= LARGEST or size % 4096:
        raise Hostile("sim-size", size=size)
    try:
        with image.open("xb") as file:
            file.truncate(size)
            if start:
                first, count = start // 512, (size - start) // 512
                entry = struct.pack("<B3sB3sII", 0, b"\xfe\xff\xff", 0x0C, b"\xfe\xff\xff", first, count)
                file.write(bytes(440) + secrets.token_bytes(4) + bytes(2) + entry + bytes(48) + b"\x55\xaa")
    except FileExistsError as error:
        raise Hostile("sim-exists", file=str(image)) from error


def descriptors(stick: Stick) -> bytes:
    """The raw descriptors as the kernel would hand them out: one storage interface, with a keyboard if composite.

    USB 2.0 specification, section 9.6, tables 9-8 to 9-13.
    """
    device = struct.pack(
        "<BBHBBBBHHHBBBB", 18, 1, 0x0200, 0, 0, 0, 64, stick.vendor_id, stick.product_id, 0x0110, 1, 2, 3, 1
    )
    storage = struct.pack("<9B", 9, 4, 0, 0, 2, 8, 6, 0x50, 0)
    storage += struct.pack("<BBBBHB", 7, 5, 0x81, 2, 512, 0) + struct.pack("<BBBBHB", 7, 5, 0x02, 2, 512, 0)
    keyboard = struct.pack("<9B", 9, 4, 1, 0, 1, 3, 1, 1, 0) + struct.pack("<BBBBHB", 7, 5, 0x83, 3, 8, 10)
    body = storage + (keyboard if stick.composite else b"")
    configuration = struct.pack("<BBHBBBBB", 9, 2, 9 + len(body), 1 + stick.composite, 1, 0, 0x80, 100)
    return device + configuration + body


def _inquiry(stick: Stick) -> bytes:
    vendor = stick.manufacturer.encode("ascii", "replace")[:8].ljust(8)
    product = stick.product.encode("ascii", "replace")[:16].ljust(16)
    return bytes([0, 0x80, 4, 2, 31, 0, 0, 0]) + vendor + product + b"1.00"
