#!/usr/bin/python3
"""Runs in the guest as an ordinary user: tries every door to a stick until standard input ends. Says what opened."""

import json
import os
import select
import subprocess
import sys
from collections import Counter
from pathlib import Path

NODES = ("/dev/sd*", "/dev/sg*", "/dev/bsg/*", "/dev/sr*", "/dev/disk/by-id/usb-*")


def nodes() -> set[Path]:
    """What could be a stick's now."""
    return {path for pattern in NODES for path in Path("/").glob(pattern.removeprefix("/"))}


OWN = nodes()  # the computer's own drives, there before the first stick


def spin(tried: Counter[str], opened: dict[str, int]) -> None:
    """Once over everything that is there."""
    for path in nodes() - OWN:
        attempt(path, os.O_RDONLY, tried, opened)
    for path in Path("/dev/bus/usb").glob("*/*"):
        attempt(path, os.O_RDWR, tried, opened)
    for path in Path("/sys/bus/usb/devices").glob("*:*/authorized"):
        attempt(path, os.O_WRONLY, tried, opened)
    attempt(Path("/sys/bus/usb/drivers_probe"), os.O_WRONLY, tried, opened)
    for path in Path("/sys/bus/usb/devices").glob("*-*"):
        attempt(path / "bConfigurationValue", os.O_WRONLY, tried, opened)
    try:
        os.mknod("/tmp/own-sda", 0o60600, os.makedev(8, 0))
        opened["mknod"] = opened.get("mknod", 0) + 1
    except OSError:
        tried["mknod"] += 1


def attempt(path: Path, flags: int, tried: Counter[str], opened: dict[str, int]) -> None:
    """Try one node."""
    tried[str(path.parent) if path.name.isdigit() else path.name.rstrip("0123456789")] += 1
    try:
        os.close(os.open(path, flags | os.O_NONBLOCK))
    except OSError:
        return
    opened[str(path)] = opened.get(str(path), 0) + 1


def main() -> None:
    tried, opened = Counter[str](), dict[str, int]()
    watching = subprocess.Popen(
        ["udisksctl", "monitor"], stdout=subprocess.PIPE, text=True
    )  # and a mounter that reacts to whatever udisks announces
    assert watching.stdout is not None
    os.set_blocking(watching.stdout.fileno(), False)
    mounts = Counter[int]()
    print("spinning", flush=True)
    while not select.select([sys.stdin], [], [], 0)[0]:
        spin(tried, opened)
        for letter in "abcdefgh":
            for part in ("", "1"):
                if tried["rounds"] % 20 == 0 and (part or letter == "a"):
                    asked = ["udisksctl", "mount", "--no-user-interaction", "-b", f"/dev/sd{letter}{part}"]
                    mounts[subprocess.run(asked, capture_output=True, check=False).returncode] += 1
        tried["rounds"] += 1
    watching.kill()
    said = watching.stdout.read() or ""
    print(
        json.dumps(
            {"tried": dict(tried), "opened": opened, "mounts": mounts, "announced": said.count("block_devices/sd")}
        )
    )


main()
