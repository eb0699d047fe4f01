#!/usr/bin/python3
"""Runs in the guest: a mass storage device made of FunctionFS that misbehaves as told. Usage: lying_stick.py UDC SERIAL FAULT

Faults: never-ready (spins up for ever), hangs (answers INQUIRY and then nothing).
"""

import os
import struct
import subprocess
import sys
import threading
from pathlib import Path

GADGET, MOUNT = "/sys/kernel/config/usb_gadget/lying", "/tmp/lying"
BLOCKS = 65536
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
    modprobe -q dummy_hcd num=4; modprobe -q libcomposite; modprobe -q usb_f_fs
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


def serve(fault: str) -> None:
    into, out = os.open(f"{MOUNT}/ep1", os.O_RDWR), os.open(f"{MOUNT}/ep2", os.O_RDWR)
    sense = (0, 0, 0)
    while True:
        try:
            wrapper = os.read(out, 512)
        except OSError:
            continue
        if len(wrapper) != 31 or wrapper[:4] != b"USBC":
            continue
        tag, length = struct.unpack_from("<II", wrapper, 4)
        command, status, data = wrapper[15:], 0, b""
        if command[0] == 0x12:
            data = INQUIRY
        elif command[0] == 0x03:
            key, code, qualifier = sense
            data = bytes([0x70, 0, key, 0, 0, 0, 0, 10, 0, 0, 0, 0, code, qualifier, 0, 0, 0, 0])
        elif fault == "hangs":
            continue
        elif command[0] == 0x00 and fault == "never-ready":
            status, sense = 1, (2, 4, 1)
        elif command[0] == 0x25:
            data = struct.pack(">II", BLOCKS - 1, 512)
        elif command[0] == 0x1A:
            data = bytes([3, 0, 0, 0])
        elif command[0] == 0x28:
            data = bytes(512 * struct.unpack_from(">H", command, 7)[0])
        data = data[:length]
        if data:
            os.write(into, data)
        os.write(into, struct.pack("<4sIIB", b"USBS", tag, length - len(data), status))


def main() -> None:
    udc, serial, fault = sys.argv[1:4]
    make(udc, serial)
    ep0 = os.open(f"{MOUNT}/ep0", os.O_RDWR)
    os.write(ep0, descriptors())
    os.write(ep0, struct.pack("<IIII", 2, 16 + 2 + 6, 1, 1) + struct.pack("<H", 0x0409) + b"lying\0")
    threading.Thread(target=stall_control, args=(ep0,), daemon=True).start()
    threading.Thread(target=serve, args=(fault,), daemon=True).start()
    Path(GADGET, "UDC").write_text(udc)
    print("plugged", flush=True)
    sys.stdin.read()
    Path(GADGET, "UDC").write_text("\n")
    print("unplugged", flush=True)
    os._exit(0)


main()
