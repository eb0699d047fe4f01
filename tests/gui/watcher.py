"""A place for tray icons that only tells what it is given: python watcher.py; one JSON line for each thing that happens.

Standard input takes `press LABEL` and presses that entry of the icon's menu.
"""

import asyncio
import contextlib
import json
import sys
from typing import Any

from dbus_next import BusType, Message, MessageType, Variant
from dbus_next.aio import MessageBus

NAME, PATH = "org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher"
ITEM, MENU = "org.kde.StatusNotifierItem", "com.canonical.dbusmenu"


def say(**words: object) -> None:
    print(json.dumps(words), flush=True)


class Watcher:
    def __init__(self, bus: MessageBus) -> None:
        self.bus, self.item = bus, ""

    def take(self, message: Message) -> Message | None:
        if message.message_type is not MessageType.METHOD_CALL or message.path != PATH:
            return None
        if message.member == "RegisterStatusNotifierItem":
            self.item = str(message.sender)
            self.task = asyncio.ensure_future(self.greet())
            return Message.new_method_return(message)
        if message.member == "Get":
            value = {
                "IsStatusNotifierHostRegistered": Variant("b", True),
                "ProtocolVersion": Variant("i", 0),
                "RegisteredStatusNotifierItems": Variant("as", []),
            }[message.body[1]]
            return Message.new_method_return(message, "v", [value])
        if message.member == "Introspect":
            xml = f"""<node><interface name="{NAME}">
            <method name="RegisterStatusNotifierItem"><arg type="s" direction="in"/></method>
            <property name="IsStatusNotifierHostRegistered" type="b" access="read"/></interface></node>"""
            return Message.new_method_return(message, "s", [xml])
        return None

    async def ask(self, path: str, interface: str, member: str, signature: str, body: list[Any]) -> list[Any]:
        reply = await self.bus.call(Message(self.item, path, interface, member, signature=signature, body=body))
        assert reply is not None
        assert reply.message_type is MessageType.METHOD_RETURN, reply.body
        return list(reply.body)

    async def greet(self) -> None:
        """Qt may register once more while the icon is made anew; the one that went in between says nothing."""
        with contextlib.suppress(AssertionError):
            await self.look()

    async def look(self) -> None:
        properties = "org.freedesktop.DBus.Properties"
        (found,) = await self.ask("/StatusNotifierItem", properties, "GetAll", "s", [ITEM])
        icon = [[size[0], size[1], sum(size[2][0::4])] for size in found["IconPixmap"].value]
        tip = found["ToolTip"].value
        say(registered=self.item, icon=icon, tip=[tip[2], tip[3]], menu=[label for _, label in await self.menu()])

    async def menu(self) -> list[tuple[int, str]]:
        await self.ask("/MenuBar", MENU, "AboutToShow", "i", [0])
        _, layout = await self.ask("/MenuBar", MENU, "GetLayout", "iias", [0, -1, []])
        return [(entry.value[0], entry.value[1]["label"].value) for entry in layout[2] if "label" in entry.value[1]]

    async def press(self, label: str) -> None:
        for number, found in await self.menu():
            if found.replace("_", "") == label:
                await self.ask("/MenuBar", MENU, "Event", "isvu", [number, "clicked", Variant("i", 0), 0])
                say(pressed=label)


async def main() -> None:
    bus = await MessageBus(bus_type=BusType.SESSION).connect()
    watcher = Watcher(bus)
    bus.add_message_handler(watcher.take)
    await bus.request_name(NAME)
    say(ready=True)
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := (await lines.readline()).decode().strip():
        if line == "look":
            await watcher.look()
        else:
            await watcher.press(line.removeprefix("press "))


if __name__ == "__main__":
    asyncio.run(main())
