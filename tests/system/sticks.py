"""Sticks for the guest: image files with a partition table, a file system and, if wanted, a label of our organization."""

import hashlib
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

from guard.core.area import AREA_END, LABEL_A, LABEL_B, SLOT, WINDOW, WINDOW_SIZE, frame
from guard.core.keyring import Keyring
from guard.core.label import Kind, Label, sign_label
from guard.core.medium import Hardware
from guard.core.record import Record
from guard.core.ring import log_in
from guard.org.keys import FileSigner
from guard.schemes import load_scheme

MIB = 1024 * 1024
# QEMU 7.2's usb-storage, as its descriptors and INQUIRY data say
QEMU_VENDOR, QEMU_PRODUCT = 0x46F4, 0x0001
QEMU_INQUIRY = bytes(8) + b"QEMU    QEMU HARDDISK   2.5+"


@dataclass(frozen=True, slots=True)
class Stick:
    """An image file and what the device says of itself."""

    image: Path
    serial: str
    block_size: int = 512

    @property
    def hardware(self) -> Hardware:
        """What the guard will see of it."""
        blocks = self.image.stat().st_size // self.block_size
        return Hardware(QEMU_VENDOR, QEMU_PRODUCT, self.serial, 0, blocks, self.block_size, QEMU_INQUIRY)

    def digest(self) -> str:
        """SHA-256 of the whole image."""
        return hashlib.sha256(self.image.read_bytes()).hexdigest()

    def copy_to(self, image: Path, serial: str) -> "Stick":
        """A byte copy on other hardware."""
        subprocess.run(["cp", "--sparse=always", str(self.image), str(image)], check=True)
        return replace(self, image=image, serial=serial)

    def records(self, medium_id: str, keyring: Keyring) -> tuple[Record, ...]:
        """The travel log as it stands in the image."""
        data = self.image.read_bytes()
        log = log_in(data[WINDOW : WINDOW + WINDOW_SIZE], medium_id, keyring, self.block_size)
        assert not log.fault
        return log.records


MAKERS = {
    "vfat": ("c", ("mkfs.vfat", "-n", "STICK")),  # FAT16 where it is small
    "fat32": ("c", ("mkfs.vfat", "-F", "32", "-n", "STICK")),  # from 64 MiB on
    "exfat": ("7", ("mkfs.exfat", "-L", "STICK")),
    "ntfs": ("7", ("mkntfs", "-F", "-Q", "-q", "-L", "STICK")),
    "ext4": ("83", ("mkfs.ext4", "-q", "-F", "-L", "STICK")),
}
KERNEL_NAMES = {
    "fat32": "vfat",
    "ntfs": "ntfs-3g",
}  # for mount -t, where it is another; Debian 12's kernel has no ntfs3


def make_stick(
    folder: Path, serial: str, size: int = 64 * MIB, start: int = 2048, block_size: int = 512, filesystem: str = "vfat"
) -> Stick:
    """As sold: MBR and one partition; with blocks of another size empty."""
    kind, maker = MAKERS[filesystem]
    image = folder / f"{serial}.img"
    with image.open("wb") as file:
        file.truncate(size)
    if block_size == 512:
        table = f"start={start},type={kind}\n"
        subprocess.run(["sfdisk", "-q", str(image)], input=table, text=True, check=True, capture_output=True)
        part = folder / f"{serial}.part"
        with part.open("wb") as file:
            file.truncate(size - start * 512)
        subprocess.run([*maker, str(part)], check=True, capture_output=True)
        subprocess.run(
            ["dd", f"if={part}", f"of={image}", f"seek={start}", "conv=notrunc,sparse", "bs=512", "status=none"],
            check=True,
        )
        part.unlink()
    return Stick(image, serial, block_size)


def label_stick(stick: Stick, issuer: FileSigner, level: str, networks: tuple[str, ...], **changes: object) -> Label:
    """Write a label as a registrar's station would have; returns it. Every run of a test has media of its own."""
    scheme = load_scheme("cn")
    medium_id = hashlib.sha256(f"{stick.image.parent}/{stick.serial}".encode()).hexdigest()[:32]
    label = Label(
        medium_id=medium_id,
        generation=1,
        scheme="cn",
        level_codes=scheme.codes(scheme.level(level)),
        kind=Kind.WORK,
        networks=networks,
        may_import=False,
        holder="张三",
        number=f"T-{stick.serial}",
        issued=1_700_000_000,
        expires=None,
        hardware=stick.hardware.digest().hex(),
    )
    label = replace(label, **changes)  # type: ignore[arg-type]
    block = frame(sign_label(label, issuer), SLOT)
    with stick.image.open("r+b") as file:
        file.seek(WINDOW)
        file.write(bytes(AREA_END - WINDOW))
        for offset in (LABEL_A, LABEL_B):
            file.seek(offset)
            file.write(block)
    return label
