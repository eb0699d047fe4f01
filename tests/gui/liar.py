"""Tells everybody on the bus that a visit is read-write: python liar.py VISIT."""

import asyncio
import sys

from dbus_next import BusType, Message, Variant
from dbus_next.aio import MessageBus

_BUS = "org.freedesktop.DBus"


async def main(visit: str) -> None:
    bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
    body = ["org.mediaguard.Visit1", {"Verdict": Variant("s", "read-write"), "Stage": Variant("s", "open")}, []]
    names = await bus.call(Message(_BUS, "/org/freedesktop/DBus", _BUS, "ListNames"))
    assert names is not None
    for name in names.body[0]:
        path = f"/org/mediaguard/Guard1/visits/{visit}"
        told = Message.new_signal(path, "org.freedesktop.DBus.Properties", "PropertiesChanged", "sa{sv}as", body)
        told.destination = name
        if name.startswith(":"):
            await bus.send(told)
    await bus.introspect(_BUS, "/org/freedesktop/DBus")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
