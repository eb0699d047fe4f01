#!/usr/bin/python3
"""Runs in the guest: a mass storage device made of FunctionFS that misbehaves as told.

Usage: lying_stick.py UDC SERIAL FAULT [IMAGE]
Without an image it is full of zeros. A line on standard input unplugs it. Faults:
never-ready   spins up for ever
hangs         answers INQUIRY and then nothing
one-byte      gives its data one byte a packet
grows         says another capacity each time it is asked
two-faces     shows its label to the first who reads it and another one afterwards
gone-after-N  pulls itself out at its N-th command
"""

import contextlib
import os
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

GADGET, MOUNT = "/sys/kernel/config/usb_gadget/lying", "/tmp/lying"
BLOCKS, LABEL_BLOCK = 65536, 1024
INQUIRY = b"\x00\x80\x04\x02\x1f\x00\x00\x00" + b"LYING   STICK           1.00"


def descriptors() -> bytes:
    def interface(packet: int) -> bytes:
        body = struct.pack("<9B", 9, 4, 0, 0, 2, 8, 6, 0x50, 1)
        body += struct.pack("<BBBBHB", 7, 5, 0x81, 2, packet, 0)
        return body + struct.pack("<BBBBHB", 7, 5, 0x02, 2, packet, 0)

    full, high = interface(64), interface(512)
    return struct.pack("<IIIII", 3, 20 + len(full) + len(high), 3, 3, 3) + full + high


def make(udc: str, serial: str) -> None:
    script = f"""
    modprobe -q dummy_hcd num=8; modprobe -q libcomposite; modprobe -q usb_f_fs
    mkdir -p {GADGET}/strings/0x409 {GADGET}/configs/c.1 {MOUNT}; cd {GADGET}
    echo 0x1d6b > idVendor; echo 0x0105 > idProduct; echo 0x0200 > bcdUSB
    echo {serial} > strings/0x409/serialnumber; echo Lying > strings/0x409/product
    mkdir -p functions/ffs.lying; ln -sf {GADGET}/functions/ffs.lying configs/c.1/
    mount -t functionfs lying {MOUNT}
    """
    subprocess.run(["sh", "-c", script], check=True)


def stall_control(ep0: int) -> None:
    """Every class request is stalled, GET MAX LUN too: the device has one unit."""
    while True:
        event = os.read(ep0, 12)
        if len(event) == 12 and event[8] == 4:  # SETUP
            try:
                if event[0] & 0x80:
                    os.read(ep0, 0)
                else:
                    os.write(ep0, b"")
            except OSError:
                continue


class Stick:
    """What it answers."""

    def __init__(self, fault: str, image: Path | None, pull: Callable[[], None]) -> None:
        self.fault, self.pull = fault, pull
        self.file = os.open(image, os.O_RDWR) if image else -1
        self.blocks = image.stat().st_size // 512 if image else BLOCKS
        self.sense = (0, 0, 0)
        self.commands, self.capacities, self.label_reads = 0, 0, 0

    def answer(self, command: bytes) -> bytes | None:
        """The data of a command, None for one that fails."""
        self.commands += 1
        if self.fault.startswith("gone-after-") and self.commands >= int(self.fault.removeprefix("gone-after-")):
            self.pull()
        code = command[0]
        if code == 0x12:
            return INQUIRY
        if code == 0x03:
            key, additional, qualifier = self.sense
            return bytes([0x70, 0, key, 0, 0, 0, 0, 10, 0, 0, 0, 0, additional, qualifier, 0, 0, 0, 0])
        if self.fault == "hangs":
            threading.Event().wait()
        if code == 0x00 and self.fault == "never-ready":
            self.sense = (2, 4, 1)
            return None
        if code == 0x25:
            self.capacities += 1
            more = 2048 * (self.capacities - 1) if self.fault == "grows" else 0
            return struct.pack(">II", self.blocks - 1 + more, 512)
        if code == 0x1A:
            return bytes([3, 0, 0, 0])
        if code == 0x28:
            return self.read(*struct.unpack(">xxIxHx", command[:10]))
        return b""

    def read(self, block: int, count: int) -> bytes:
        if self.file < 0:
            return bytes(512 * count)
        data = os.pread(self.file, 512 * count, 512 * block).ljust(512 * count, b"\0")
        if block <= LABEL_BLOCK < block + count:
            self.label_reads += 1
            if self.fault == "two-faces" and self.label_reads > 1:
                at = 512 * (LABEL_BLOCK - block)
                return data[:at] + bytes(512) + data[at + 512 :]
        return data


def serve(stick: Stick) -> None:
    into, out = os.open(f"{MOUNT}/ep1", os.O_RDWR), os.open(f"{MOUNT}/ep2", os.O_RDWR)
    while True:
        try:
            wrapper = os.read(out, 512)
            if len(wrapper) != 31 or wrapper[:4] != b"USBC":
                continue
            tag, length = struct.unpack_from("<II", wrapper, 4)
            command, status, data = wrapper[15:], 0, b""
            if command[0] == 0x2A:
                taken = b""
                while len(taken) < length:  # no more than is coming: a longer read would swallow the next command
                    taken += os.read(out, length - len(taken))
                if stick.file >= 0:
                    os.pwrite(stick.file, taken, 512 * struct.unpack_from(">I", command, 2)[0])
            else:
                answer = stick.answer(command)
                data, status = (answer[:length], 0) if answer is not None else (b"", 1)
            if stick.fault == "one-byte" and len(data) > 1:
                for byte in data:
                    os.write(into, bytes([byte]))
            elif data:
                os.write(into, data)
            os.write(into, struct.pack("<4sIIB", b"USBS", tag, length - len(data), status))
        except OSError:
            continue


def main() -> None:
    udc, serial, fault = sys.argv[1:4]
    image = Path(sys.argv[4]) if len(sys.argv) > 4 else None
    make(udc, serial)
    ep0 = os.open(f"{MOUNT}/ep0", os.O_RDWR)
    os.write(ep0, descriptors())
    os.write(ep0, struct.pack("<IIII", 2, 16 + 2 + 6, 1, 1) + struct.pack("<H", 0x0409) + b"lying\0")
    threading.Thread(target=stall_control, args=(ep0,), daemon=True).start()
    plug = Path(GADGET, "UDC")
    stick = Stick(fault, image, lambda: threading.Thread(target=plug.write_text, args=("\n",)).start())
    threading.Thread(target=serve, args=(stick,), daemon=True).start()
    plug.write_text(udc)
    print("plugged", flush=True)
    sys.stdin.readline()
    with contextlib.suppress(OSError):  # it has pulled itself out already
        plug.write_text("\n")
    print("unplugged", flush=True)
    os._exit(0)


main()
