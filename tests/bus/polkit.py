"""A pretended polkit: refuses unless told otherwise, can hang, and keeps what it was asked."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dbus_next import Message, MessageType

from guard.bus.connection import Connection, plain


class PretendedPolkit:
    """`says`: "no", "yes", "employee" (yes to asking and ejecting), "error", "nonsense", "roles" or "nothing" (no answer ever).

    "roles": by the table `roles` of the packaged rules, by the user whom the bus knows under the name that is asked about; where a
    password is asked for, it is given.
    """

    def __init__(self, connection: Connection, says: str) -> None:
        self.says = says
        self.asked: list[list[Any]] = []
        self.taken_back: list[str] = []
        self.roles: Mapping[int, Mapping[str, Sequence[str]]] = {}
        self._answering: set[asyncio.Task[None]] = set()
        self._heard = asyncio.Event()
        self._connection = connection
        connection.listen(self._receive)

    @classmethod
    async def on(cls, address: str, says: str = "no") -> "PretendedPolkit":
        connection = await Connection.open(address)
        polkit = cls(connection, says)
        await connection.own("org.freedesktop.PolicyKit1")
        return polkit

    def close(self) -> None:
        self._connection.close()

    async def hears(self, questions: int, taken_back: int = 0) -> None:
        """Returns when so many questions were asked and so many taken back."""
        await self.until(lambda: len(self.asked) >= questions and len(self.taken_back) >= taken_back)

    async def until(self, true: Callable[[], bool]) -> None:
        """Returns when something is true that a question makes true."""
        while not true():
            self._heard.clear()
            await asyncio.wait_for(self._heard.wait(), 20)

    def _receive(self, message: Message) -> bool:
        if message.message_type is not MessageType.METHOD_CALL:
            return False
        if message.member == "CancelCheckAuthorization":
            self.taken_back.append(message.body[0])
        elif message.member == "CheckAuthorization":
            self.asked.append(plain(message.body))
            self._answer(message)
        self._heard.set()
        return True

    def _answer(self, message: Message) -> None:
        if self.says in ("no", "yes", "employee"):
            free = self.says == "employee" and message.body[1] in ("org.mediaguard.request", "org.mediaguard.eject")
            body = [[self.says == "yes" or free, False, {}]]
            self._connection.send(Message.new_method_return(message, "(bba{ss})", body))
        elif self.says == "roles":
            task = asyncio.ensure_future(self._by_role(message))
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)
        elif self.says == "nonsense":
            self._connection.send(Message.new_method_return(message, "as", [["yes"]]))
        elif self.says == "error":
            self._connection.send(Message.new_error(message, "org.freedesktop.PolicyKit1.Error.Failed", "no"))

    async def _by_role(self, message: Message) -> None:
        subject, action = plain(message.body)[:2]
        bus = "org.freedesktop.DBus"
        (uid,) = await self._connection.ask(bus, "/", bus, "GetConnectionUnixUser", "s", [subject[1]["name"]])
        yes = self.roles.get(uid, {}).get(action, ["NO"])[0] != "NO"
        self._connection.send(Message.new_method_return(message, "(bba{ss})", [[yes, False, {}]]))
