"""Runs in the guest: plugs gadgets in, mounts what appears through udisks, and says when each thing happened. One JSON line a plug.

    inside.py REGIME PLUGS [AT ONCE]

All times are of the monotonic clock, which the kernel's own events and the guard's phases have too.
"""

import asyncio
import contextlib
import json
import os
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any

from dbus_next import BusType, Message, MessageType
from dbus_next.aio import MessageBus

GADGETS = Path("/sys/kernel/config/usb_gadget")
TRACING = Path("/sys/kernel/tracing")
UDISKS = "org.freedesktop.UDisks2"
SECONDS = 60
REST = 3  # between two plugs: no hand is faster, and whoever has something to put right after a stick has done it


class Events:
    """Uevents, the kernel's and udev's, each with the moment it came."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, 15)  # NETLINK_KOBJECT_UEVENT
        self._socket.setsockopt(socket.SOL_SOCKET, 33, 8 << 20)  # SO_RCVBUFFORCE
        self._socket.bind((0, 3))
        self.seen: list[tuple[float, str, str]] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            packet = self._socket.recv(65536)
            now = time.monotonic()
            udev = packet.startswith(b"libudev\0")
            start = int.from_bytes(packet[16:20], sys.byteorder) if udev else 0
            words = dict(word.split(b"=", 1) for word in packet[start:].split(b"\0") if b"=" in word)
            kind = words.get(b"DEVTYPE", words.get(b"SUBSYSTEM", b"?")).decode()
            what = f"{'udev' if udev else 'kernel'} {words[b'ACTION'].decode()} {kind}"
            self.seen.append((now, what, words[b"DEVPATH"].decode()))


class Hand:
    """Plugs and mounts."""

    def __init__(self, bus: MessageBus) -> None:
        self.bus, self.done = bus, asyncio.Event()
        self.mounted: dict[str, float] = {}
        self.wanted = 0
        self.mounting: set[asyncio.Task[None]] = set()
        self.appeared: dict[str, float] = {}
        bus.add_message_handler(self._hear)

    def _hear(self, message: Message) -> None:
        if message.message_type is MessageType.SIGNAL and message.member == "InterfacesAdded":
            path, interfaces = message.body
            if f"{UDISKS}.Filesystem" in interfaces and path.rpartition("/")[2].startswith("sd"):
                self.appeared[path] = time.monotonic()
                task = asyncio.ensure_future(self._mount(path))
                self.mounting.add(task)
                task.add_done_callback(self.mounting.discard)

    async def ask(self, path: str, member: str) -> Message:
        answer = await self.bus.call(
            Message(UDISKS, path, f"{UDISKS}.Filesystem", member, signature="a{sv}", body=[{}])
        )
        assert answer is not None
        return answer

    async def _mount(self, path: str) -> None:
        answer = await self.ask(path, "Mount")
        if answer.message_type is MessageType.ERROR:
            print(answer.error_name, answer.body, file=sys.stderr)
            return
        self.mounted[path] = time.monotonic()
        if len(self.mounted) >= self.wanted:
            self.done.set()

    async def plug(self, numbers: range) -> tuple[float, bool]:
        self.mounted, self.appeared, self.wanted = {}, {}, len(numbers)
        self.done.clear()
        started = time.monotonic()
        for number in numbers:
            (GADGETS / f"g{number}" / "UDC").write_text(f"dummy_udc.{number}")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.done.wait(), SECONDS)
        return started, self.done.is_set()

    async def pull(self, numbers: range) -> None:
        for path in self.mounted:
            await self.ask(path, "Unmount")
        for number in numbers:
            (GADGETS / f"g{number}" / "UDC").write_text("\n")


def _probes() -> None:
    """Where authorizations are decided, seen by the kernel."""
    with contextlib.suppress(OSError):
        (TRACING / "trace_clock").write_text("mono")
        (TRACING / "kprobe_events").write_text("p:device usb_authorize_device\n")
        (TRACING / "events/kprobes/enable").write_text("1")
        (TRACING / "tracing_on").write_text("1")


def _authorized() -> list[float]:
    with contextlib.suppress(OSError):
        lines = (TRACING / "trace").read_text().splitlines()
        (TRACING / "trace").write_text("")
        return [float(line.split(": device:")[0].split()[-1]) for line in lines if ": device:" in line]
    return []


def spent() -> dict[str, int]:
    """CPU time until now in microseconds, of the computer ("all") and of each service."""
    groups = Path("/sys/fs/cgroup")
    files = {path.parent.name.removesuffix(".service"): path for path in groups.glob("system.slice/*/cpu.stat")}
    files |= {"init": groups / "init.scope/cpu.stat", "all": groups / "cpu.stat"}
    found: dict[str, int] = {}
    for name, file in files.items():
        with contextlib.suppress(OSError):  # a unit that has just ended
            found[name.partition("@")[0]] = found.get(name.partition("@")[0], 0) + int(file.read_text().split()[1])
    return found


async def main() -> None:
    regime, count = sys.argv[1], int(sys.argv[2])
    numbers = range(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
    rule = f"type='signal',sender='{UDISKS}',interface='org.freedesktop.DBus.ObjectManager'"
    word = "org.freedesktop.DBus"
    await bus.call(Message(word, "/org/freedesktop/DBus", word, "AddMatch", signature="s", body=[rule]))
    events, hand = Events(), Hand(bus)
    _probes()
    for _ in range(count):
        events.seen.clear()
        _authorized()
        before = spent()
        started, done = await hand.plug(numbers)
        after = spent()
        found: dict[str, Any] = {"regime": regime, "at_once": len(numbers), "started": started, "done": done}
        found["cpu"] = {name: (used - before.get(name, 0)) / 1000 for name, used in after.items()}
        found["mounted"] = sorted(hand.mounted.values())
        found["appeared"] = sorted(hand.appeared.values())
        found["authorized"] = _authorized()
        first: dict[str, float] = {}
        for moment, what, path in list(events.seen):
            if "/dummy" in path:
                first.setdefault(what, moment)
        found["events"] = first
        await hand.pull(numbers)
        for _ in range(200):
            gone = sum(what == "udev remove usb_device" and "/dummy" in path for _, what, path in list(events.seen))
            if gone >= len(numbers):
                break
            await asyncio.sleep(0.05)
        await asyncio.to_thread(os.system, "udevadm settle")
        await asyncio.sleep(REST)
        print(json.dumps(found), flush=True)


asyncio.run(main())
