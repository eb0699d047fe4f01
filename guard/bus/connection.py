"""A connection to the message bus that survives what plain dbus-next 0.2.3 does not.

Only the connection and the marshalling of dbus-next are used, never its service layer, which cannot say who calls and sends
tracebacks to callers. What is closed here: a full socket buffer was taken for a lost bus; a NUL or a lone surrogate in a string
made the bus drop us; a call on a lost bus never returned; a message of a strange type or a huge one ended or stalled the
connection (see `frames`). Both the daemon and its clients use this class.
"""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Sequence
from typing import Any

from dbus_next import BusType, Message, MessageFlag, MessageType, Variant
from dbus_next.aio import MessageBus
from dbus_next.constants import NameFlag, RequestNameReply

from guard.bus.frames import CHUNK, Frames, Unframed
from guard.core.errors import Broken

CALL_SECONDS = 25.0
_BUS = "org.freedesktop.DBus"


class BusError(Exception):
    """An error that a peer answered: its D-Bus name and its text."""

    def __init__(self, name: str, text: str) -> None:
        """Both as they came."""
        super().__init__(name, text)
        self.name, self.text = name, text


class _PatientSocket:
    """A full buffer is no error: nothing was sent, the loop says when there is room."""

    def __init__(self, inner: socket.socket) -> None:
        self._inner = inner

    def send(self, data: memoryview) -> int:
        try:
            return self._inner.send(data)
        except (BlockingIOError, InterruptedError):
            return 0


class Connection(MessageBus):
    """One connection. `on_message` may take a message (True) before anybody else sees it; nothing else handles calls."""

    def __init__(self, address: str | None = None) -> None:
        """`address` None: the system bus (DBUS_SYSTEM_BUS_ADDRESS)."""
        super().__init__(bus_address=address, bus_type=BusType.SYSTEM, negotiate_unix_fd=False)
        self._writer.sock = _PatientSocket(self._sock)
        self._frames = Frames()
        self._disconnect_future.add_done_callback(lambda done: done.cancelled() or done.exception())

    @classmethod
    async def open(cls, address: str | None = None) -> "Connection":
        """Connect.

        Raises:
            Broken: `bus-unreachable`.
        """
        try:
            connection = cls(address)
            await asyncio.wait_for(connection.connect(), CALL_SECONDS)
        except Exception as error:
            raise Broken("bus-unreachable", why=str(error)[:120] or type(error).__name__) from error
        return connection

    def listen(self, on_message: Callable[[Message], bool]) -> None:
        """Give every message to `on_message` first; it must not raise."""
        self.add_message_handler(on_message)

    def send(self, message: Message) -> "asyncio.Future[None]":  # type: ignore[override] # so does dbus-next's own
        """Send a message with strings that the bus accepts; on a lost bus nothing happens."""
        if not self.connected:
            lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            lost.cancel()
            return lost
        message.body = [cleaned(value) for value in message.body]
        future: asyncio.Future[None] = super().send(message)
        future.add_done_callback(lambda done: done.cancelled() or done.exception())
        return future

    def tell(self, destination: str, path: str, interface: str, member: str, signature: str, body: list[Any]) -> None:
        """Call a method and want no answer."""
        flags = MessageFlag.NO_REPLY_EXPECTED
        self.send(
            Message(
                destination=destination,
                path=path,
                interface=interface,
                member=member,
                signature=signature,
                body=body,
                flags=flags,
            )
        )

    def is_from(self, message: Message, name: str) -> bool:
        """Whether the present owner of `name`, whom we asked something before, sent this. Anybody may send a signal to anybody."""
        return bool(message.sender) and message.sender == self._name_owners.get(name, "")

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
        """Call a method and return its answer.

        Raises:
            BusError: what the peer answered.
            Broken: `bus-unreachable` when there is no answer in time or the bus is gone.
        """
        message = Message(
            destination=destination,
            path=path,
            interface=interface,
            member=member,
            signature=signature,
            body=[cleaned(value) for value in body],
            flags=MessageFlag.ALLOW_INTERACTIVE_AUTHORIZATION if interactive else MessageFlag.NONE,
        )
        if not self.connected:
            raise Broken("bus-unreachable", why="the connection is closed")
        call, lost = asyncio.ensure_future(self.call(message)), asyncio.ensure_future(self.gone())
        try:
            await asyncio.wait([call, lost], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if not call.done():
                raise Broken("bus-unreachable", why=f"{destination} did not answer")
            reply = call.result()
        except (OSError, EOFError) as error:  # the bus itself went away meanwhile
            raise Broken("bus-unreachable", why="the connection was lost") from error
        finally:
            call.cancel()
            lost.cancel()
            self._method_return_handlers.pop(message.serial, None)
        if reply is None:
            raise Broken("bus-unreachable", why="no answer was asked for")
        if reply.message_type is MessageType.ERROR:
            raise BusError(str(reply.error_name), str(reply.body[0]) if reply.body else "")
        answer: list[Any] = reply.body
        return answer

    async def own(self, name: str) -> None:
        """Become the owner of a name, now or never.

        Raises:
            Broken: `bus-name-taken`, `bus-unreachable`.
        """
        try:
            reply = await asyncio.wait_for(self.request_name(name, NameFlag.DO_NOT_QUEUE), CALL_SECONDS)
        except Exception as error:
            raise Broken("bus-name-taken", name=name) from error
        if reply not in (RequestNameReply.PRIMARY_OWNER, RequestNameReply.ALREADY_OWNER):
            raise Broken("bus-name-taken", name=name)

    async def follow(self, rule: str) -> None:
        """Ask the bus for signals that match a rule."""
        await self.ask(_BUS, "/org/freedesktop/DBus", _BUS, "AddMatch", "s", [rule])

    def close(self) -> None:
        """Leave the bus."""
        self._finalize()

    async def gone(self) -> None:
        """Returns when the bus is lost, for whatever reason."""
        await asyncio.wait([self._disconnect_future])

    def _message_reader(self) -> None:
        """One portion of what there is; the loop comes back for more after everybody else had a turn."""
        try:
            data = self._sock.recv(CHUNK)
            if not data:
                raise EOFError
            for message, too_long in self._frames.feed(data):
                if too_long:
                    self._too_long(message)
                else:
                    self._on_message(message)  # type: ignore[no-untyped-call]
        except (BlockingIOError, InterruptedError):
            return
        except (OSError, EOFError, Unframed) as error:
            self._finalize(error)

    def _finalize(self, error: Exception | None = None) -> None:
        """The bus is lost or left; dbus-next never closes the socket."""
        if self._sock.fileno() < 0:
            return
        super()._finalize(error)  # type: ignore[no-untyped-call]
        with contextlib.suppress(OSError):
            self._stream.close()
        self._sock.close()

    def _too_long(self, message: Message) -> None:
        if message.message_type is MessageType.METHOD_CALL and not message.flags & MessageFlag.NO_REPLY_EXPECTED:
            self.send(
                Message.new_error(message, "org.freedesktop.DBus.Error.LimitsExceeded", "The message is too long.")
            )

    def _find_message_handler(self, message: Message) -> Callable[..., None]:
        """What nobody took is refused; the library's own answers would put tracebacks into errors."""

        def refuse(message: Message, send_reply: Callable[[Message], None]) -> None:
            name = "org.freedesktop.DBus.Error.UnknownMethod"
            send_reply(Message.new_error(message, name, "There is no such method here."))

        return refuse


def cleaned(value: Any) -> Any:
    """The value with every string made fit for the bus: valid UTF-8 and no NUL."""
    if isinstance(value, str):
        return value.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
    if isinstance(value, Variant):
        value.value = cleaned(value.value)
        return value
    if isinstance(value, list | tuple):
        return [cleaned(item) for item in value]
    if isinstance(value, dict):
        return {cleaned(key): cleaned(item) for key, item in value.items()}
    return value


def to_variant(value: object) -> Variant:
    """A plain value as a variant: str, bool, int (x), list of str, dict (a{sv}), list of dicts (aa{sv})."""
    if isinstance(value, Variant):
        return value
    if isinstance(value, bool):
        return Variant("b", value)
    if isinstance(value, int):
        return Variant("x", value)
    if isinstance(value, dict):
        return Variant("a{sv}", to_map(value))
    if isinstance(value, list | tuple):
        if value and isinstance(value[0], dict):
            return Variant("aa{sv}", [to_map(item) for item in value])
        return Variant("as", [str(item) for item in value])
    return Variant("s", "" if value is None else str(value))


def to_map(row: "dict[str, object]") -> dict[str, Variant]:
    """A row as a{sv}."""
    return {key: to_variant(value) for key, value in row.items()}


def plain(value: Any) -> Any:
    """An answer without variants."""
    if isinstance(value, Variant):
        return plain(value.value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value
