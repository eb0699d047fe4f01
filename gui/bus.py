"""A client's connection to a message bus, by dbus-next 0.2.3, with what that lacks: patience, time limits, an end."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Sequence
from typing import Any

from dbus_next import BusType, Message, MessageFlag, MessageType, Variant
from dbus_next.aio import MessageBus

BUS, BUS_PATH = "org.freedesktop.DBus", "/org/freedesktop/DBus"
CALL_SECONDS = 25.0


class Failure(Exception):
    """A call came to nothing. `name` is the D-Bus name of the error, "" where there was no answer at all."""

    def __init__(self, name: str, sentence: str) -> None:
        """Both as they came."""
        super().__init__(name, sentence)
        self.name, self.sentence = name, sentence


class _PatientSocket:
    """dbus-next takes a full buffer for a lost bus; here nothing was sent and the loop says when there is room."""

    def __init__(self, inner: socket.socket) -> None:
        self._inner = inner

    def send(self, data: memoryview) -> int:
        try:
            return self._inner.send(data)
        except (BlockingIOError, InterruptedError):
            return 0


class Bus(MessageBus):
    """One connection; answers no calls."""

    def __init__(self, kind: BusType) -> None:
        """Made inside a running loop."""
        super().__init__(bus_type=kind, negotiate_unix_fd=False)
        self._writer.sock = _PatientSocket(self._sock)
        self._disconnect_future.add_done_callback(lambda done: done.cancelled() or done.exception())

    @classmethod
    async def open(cls, kind: BusType) -> "Bus":
        """Connect.

        Raises:
            Failure: when there is no such bus.
        """
        try:
            bus = cls(kind)
            await asyncio.wait_for(bus.connect(), CALL_SECONDS)
        except Exception as error:
            raise Failure("", str(error) or type(error).__name__) from error
        return bus

    def listen(self, receive: Callable[[Message], None]) -> None:
        """Hand every signal on; anybody may send one, so look at the sender."""

        def handler(message: Message) -> None:
            if message.message_type is MessageType.SIGNAL:
                receive(message)

        self.add_message_handler(handler)

    async def ask(
        self,
        destination: str,
        path: str,
        interface: str,
        member: str,
        signature: str = "",
        body: Sequence[Any] = (),
        *,
        interactive: bool = False,
        seconds: float = CALL_SECONDS,
    ) -> list[Any]:
        """Call a method; the answer without variants.

        Raises:
            Failure: what the peer answered, or that it did not.
        """
        flags = MessageFlag.ALLOW_INTERACTIVE_AUTHORIZATION if interactive else MessageFlag.NONE
        message = Message(
            destination=destination,
            path=path,
            interface=interface,
            member=member,
            signature=signature,
            body=list(body),
            flags=flags,
        )
        if not self.connected:
            raise Failure("", "the bus is gone")
        call, lost = asyncio.ensure_future(self.call(message)), asyncio.ensure_future(self.gone())
        try:
            await asyncio.wait([call, lost], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if not call.done():
                raise Failure("", f"{destination} did not answer")
            reply = call.result()
        finally:
            call.cancel()
            lost.cancel()
            self._method_return_handlers.pop(message.serial, None)
        if reply is None:
            raise Failure("", "no answer was asked for")
        if reply.message_type is MessageType.ERROR:
            raise Failure(str(reply.error_name), str(reply.body[0]) if reply.body else "")
        answer: list[Any] = plain(reply.body)
        return answer

    async def follow(self, rule: str) -> None:
        """Ask the bus for signals that match a rule."""
        await self.ask(BUS, BUS_PATH, BUS, "AddMatch", "s", [f"type='signal',{rule}"])

    async def owner(self, name: str) -> str:
        """The connection behind a name; "" for nobody."""
        try:
            (found,) = await self.ask(BUS, BUS_PATH, BUS, "GetNameOwner", "s", [name])
        except Failure:
            return ""
        return str(found)

    async def gone(self) -> None:
        """Returns when the bus is lost."""
        await asyncio.wait([self._disconnect_future])

    def close(self) -> None:
        """Leave."""
        self._finalize()

    def _finalize(self, error: Exception | None = None) -> None:
        if self._sock.fileno() < 0:
            return
        super()._finalize(error)  # type: ignore[no-untyped-call]
        with contextlib.suppress(OSError):
            self._stream.close()
        self._sock.close()


def plain(value: Any) -> Any:
    """A value without variants."""
    if isinstance(value, Variant):
        return plain(value.value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


def variants(row: dict[str, object]) -> dict[str, Variant]:
    """Options for a call: str, bool, int (x) and lists of str."""
    return {key: _variant(value) for key, value in row.items()}


def _variant(value: object) -> Variant:
    if isinstance(value, bool):
        return Variant("b", value)
    if isinstance(value, int):
        return Variant("x", value)
    if isinstance(value, list | tuple):
        return Variant("as", [str(item).replace("\0", "") for item in value])
    return Variant("s", str(value).replace("\0", "").encode("utf-8", "replace").decode())
