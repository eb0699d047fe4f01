"""Devices made inside the guest by dummy_hcd and configfs: any ids, several units, other functions beside storage."""

import shlex
from dataclasses import dataclass

from tests.system.guest import Guest

_REPORT = r"\005\001\011\006\241\001\005\007\031\340\051\347\025\000\045\001\165\001\225\010\201\002\300"


def inquiry(guest: Guest) -> bytes:
    """What its units answer to INQUIRY: the revision is that of the guest's kernel, 0612 for Linux 6.12."""
    major, minor = (int(part) for part in guest.out("uname -r").split(".")[:2])
    return bytes(8) + f"Linux   File-Stor Gadget{major:02}{minor:02}".encode()


@dataclass(frozen=True, slots=True)
class Gadget:
    """`files` are images in the guest, one for each unit ("" for an empty slot)."""

    name: str
    files: tuple[str, ...]
    serial: str
    vendor: int = 0x1D6B
    product: int = 0x0104
    keyboard: bool = False
    controller: int = 0

    def make(self, guest: Guest) -> None:
        """Describe it to the kernel; nothing is plugged in yet."""
        here = f"/sys/kernel/config/usb_gadget/{self.name}"
        lines = [
            "modprobe -q dummy_hcd num=8; modprobe -q libcomposite",
            f"mkdir -p {here}/strings/0x409 {here}/configs/c.1 && cd {here}",
            f"echo {self.vendor:#06x} > idVendor; echo {self.product:#06x} > idProduct; echo 0x0200 > bcdUSB",
            f"echo {shlex.quote(self.serial)} > strings/0x409/serialnumber; echo Gadget > strings/0x409/product",
            "echo Maker > strings/0x409/manufacturer",
            "mkdir functions/mass_storage.0",
        ]
        for number, file in enumerate(self.files):
            unit = f"functions/mass_storage.0/lun.{number}"
            lines += [f"mkdir -p {unit}; echo 1 > {unit}/removable"]
            if file:
                lines.append(f"echo {file} > {unit}/file")
        lines.append("ln -s functions/mass_storage.0 configs/c.1/")
        if self.keyboard:
            lines += [
                "mkdir functions/hid.0; echo 8 > functions/hid.0/report_length; echo 1 > functions/hid.0/protocol",
                f"printf '{_REPORT}' > functions/hid.0/report_desc; ln -s functions/hid.0 configs/c.1/",
            ]
        guest.run("set -e; " + "\n".join(lines))

    def plug(self, guest: Guest) -> None:
        """Connect it."""
        guest.run(f"echo dummy_udc.{self.controller} > /sys/kernel/config/usb_gadget/{self.name}/UDC")

    def unplug(self, guest: Guest) -> None:
        """Disconnect it and wait until the guard has seen that."""
        guest.run(f"echo > /sys/kernel/config/usb_gadget/{self.name}/UDC")
        guest.until(self.serial, lambda visit: visit["Stage"] == "gone")

    def change_medium(self, guest: Guest, unit: int, file: str) -> None:
        """Take the card out and put another one in."""
        here = f"/sys/kernel/config/usb_gadget/{self.name}/functions/mass_storage.0/lun.{unit}"
        guest.run(f"echo 1 > {here}/forced_eject 2>/dev/null || echo > {here}/file; echo {file} > {here}/file")

    def remove(self, guest: Guest) -> None:
        """Forget it."""
        here = f"/sys/kernel/config/usb_gadget/{self.name}"
        guest.run(
            f"cd {here} && echo > UDC 2>/dev/null; rm -f configs/c.1/mass_storage.0 configs/c.1/hid.0; "
            "rmdir functions/mass_storage.0/lun.[1-9] 2>/dev/null; rmdir configs/c.1 functions/* strings/0x409; "
            f"cd / && rmdir {here}",
            check=False,
        )
