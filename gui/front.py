"""One program for each session: a second start shows the windows of the first. No Qt in here.

The names are those of the Desktop Entry Specification (D-Bus Activation): org.freedesktop.Application.
"""

import asyncio
import contextlib
import os
from collections.abc import Callable

from dbus_next import BusType, Message, MessageType, Variant

from gui.bus import BUS, BUS_PATH, Bus, Failure, plain

NAME, PATH, INTERFACE = "org.mediaguard.Tray", "/org/mediaguard/Tray", "org.freedesktop.Application"
WINDOW, CONSOLE = "window", "console"
DO_NOT_QUEUE, PRIMARY_OWNER = 4, 1
HAND_OVER_SECONDS = 3.0
RETRY_SECONDS = 5.0
# A compositor lets the first program's window come to the front only with the token that the second was started with.
TOKENS = {"activation-token": "XDG_ACTIVATION_TOKEN", "desktop-startup-id": "DESKTOP_STARTUP_ID"}


async def hand_over(action: str) -> bool:
    """Ask the program that runs already to show a window. False if there is none or it does not answer: then run."""
    platform = {key: Variant("s", os.environ[name]) for key, name in TOKENS.items() if name in os.environ}
    try:
        bus = await Bus.open(BusType.SESSION)
    except Failure:
        return False
    try:
        if not await bus.owner(NAME):
            return False
        words = [action, [], platform]
        await bus.ask(NAME, PATH, INTERFACE, "ActivateAction", "sava{sv}", words, seconds=HAND_OVER_SECONDS)
    except Failure:
        return False
    finally:
        bus.close()
    return True


class Front:
    """Owns the name on the session bus, and hears what others of the same person's programs want shown."""

    def __init__(self, wanted: Callable[[str, str], None], late: Callable[[], None]) -> None:
        """`wanted` hears window or console, and the token of its start; `late` that another program was first."""
        self._wanted, self._late = wanted, late

    async def run(self) -> None:
        """For ever; also without a session bus."""
        while True:
            with contextlib.suppress(Failure):
                await self._serve()
            await asyncio.sleep(RETRY_SECONDS)

    async def _serve(self) -> None:
        bus = await Bus.open(BusType.SESSION)
        try:
            bus.add_message_handler(self._answer)
            (got,) = await bus.ask(BUS, BUS_PATH, BUS, "RequestName", "su", [NAME, DO_NOT_QUEUE])
            if got != PRIMARY_OWNER:
                self._late()
            await bus.gone()
        finally:
            bus.close()

    def _answer(self, message: Message) -> Message | None:
        if message.message_type is not MessageType.METHOD_CALL or message.interface != INTERFACE:
            return None
        if (message.path, message.member, message.signature) == (PATH, "Activate", "a{sv}"):
            action, platform = WINDOW, plain(message.body[0])
        elif (message.path, message.member, message.signature) == (PATH, "ActivateAction", "sava{sv}"):
            action, platform = str(message.body[0]), plain(message.body[2])
        else:
            return None  # the library says that there is no such method
        if action not in (WINDOW, CONSOLE):
            return Message.new_error(message, "org.freedesktop.DBus.Error.InvalidArgs", "There is no such window.")
        self._wanted(action, str(platform.get("activation-token", "")))
        return Message.new_method_return(message)
