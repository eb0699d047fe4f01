"""What ends or fools a service on plain dbus-next 0.2.3 does not end or fool ours. The plain library is tried beside it."""

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from dbus_next import BusType, Message, MessageType
from dbus_next.aio import MessageBus

from guard.bus.connection import BusError, Connection
from guard.core.errors import Broken
from guard.ctl.client import MANAGER, NAME, ROOT
from tests.bus.plain import PlainService
from tests.bus.world import NOBODY, Stranger, empty_bus, running_bus

PIPELINED = """
wanted = dict(destination=NAME, path=ROOT, interface='org.freedesktop.DBus.Introspectable', member='Introspect')
for _ in range(4):
    calls = [bus.ask(seconds=2, **wanted) for _ in range(128)]
    await asyncio.gather(*calls, return_exceptions=True)
print("sent")
"""
NUL = """
with contextlib.suppress(BusError, Broken):
    await bus.ask(NAME, ROOT, MANAGER, 'Visits', 'a{sv}a{sv}', [{}, {}], seconds=5)
print("sent")
"""


@asynccontextmanager
async def _plain_bus() -> AsyncIterator[tuple[Stranger, MessageBus]]:
    async with empty_bus() as address:
        connection = MessageBus(bus_address=address, bus_type=BusType.SYSTEM)
        await connection.connect()
        connection._disconnect_future.add_done_callback(lambda done: done.exception())
        connection.export(ROOT, PlainService())
        await connection.request_name(NAME)
        yield Stranger(address), connection
        _close(connection)


def _close(plain: MessageBus) -> None:
    """The library never closes its socket by itself."""
    plain._finalize(None)  # type: ignore[no-untyped-call]
    with contextlib.suppress(OSError):
        plain._stream.close()
    plain._sock.close()


async def _still_answers(bus: Stranger) -> bool:
    ping = "print(await bus.ask(NAME, ROOT, 'org.freedesktop.DBus.Peer', 'Ping', seconds=10), 'alive')"
    return "alive" in (await bus.later(0, ping)).stdout  # the flooder himself may have to wait a while


@pytest.mark.parametrize("attack", [PIPELINED, NUL], ids=["128 pipelined", "NUL"])
def test_a_stranger_ends_the_plain_library_and_not_the_guard(attack: str) -> None:
    async def story() -> None:
        async with _plain_bus() as (bus, connection):
            assert await _still_answers(bus)
            assert "sent" in (await bus.later(NOBODY, attack)).stdout
            assert not await _still_answers(bus)
            assert not connection.connected
        async with running_bus() as own:
            assert "sent" in (await own.later(NOBODY, attack)).stdout
            assert await _still_answers(own)
            assert own.service.connection.connected

    asyncio.run(story())


async def _answer_of(bus: Stranger, visit: str) -> str:
    script = f"""
try:
    print(await bus.ask(NAME, ROOT, MANAGER, 'Explain', 'sa{{sv}}', [{visit!r}, {{}}], seconds=2))
except BusError as fault:
    print(fault.name, fault.text)
except Broken as fault:
    print("silence", fault)
"""
    return (await bus.later(NOBODY, script)).stdout


def test_an_exception_leaks_a_traceback_on_the_plain_library_and_nothing_here() -> None:
    async def story() -> None:
        async with _plain_bus() as (bus, _):
            leaked = await _answer_of(bus, "boom")
            assert "/secret/path" in leaked
            assert "plain.py" in leaked
        async with running_bus() as own:
            said = await _answer_of(own, "boom")
            assert "org.mediaguard.Error.Internal" in said
            assert "secret" not in said
            assert ".py" not in said

    asyncio.run(story())


def test_a_cancelled_call_is_answered_here_and_never_on_the_plain_library() -> None:
    async def story() -> None:
        async with _plain_bus() as (bus, _):
            assert "silence" in await _answer_of(bus, "stop")
        async with running_bus() as own:
            assert "org.mediaguard.Error.Cancelled" in await _answer_of(own, "stop")

    asyncio.run(story())


def test_a_call_on_a_lost_bus_ends_here_and_hangs_on_the_plain_library() -> None:
    call = Message(destination=NAME, path=ROOT, interface=MANAGER, member="Verify")

    async def story() -> None:
        async with empty_bus() as address:
            plain = MessageBus(bus_address=address, bus_type=BusType.SYSTEM)
            await plain.connect()
            own = await Connection.open(address)
        await own.gone()
        with contextlib.suppress(EOFError, OSError):
            await plain.wait_for_disconnect()  # type: ignore[no-untyped-call]
        with pytest.raises(Broken, match="bus-unreachable"):
            await own.ask(NAME, ROOT, MANAGER, "Verify", "a{sv}", [{}])
        assert own.send(call).cancelled()
        with pytest.raises((TimeoutError, OSError)):
            await asyncio.wait_for(plain.call(call), 1)
        _close(plain)

    asyncio.run(story())


@asynccontextmanager
async def _silent_service() -> AsyncIterator[tuple[Connection, asyncio.Event]]:
    """A connection of ours, and a service that hears calls and never answers."""
    heard = asyncio.Event()

    def hear(message: Message) -> bool:
        if message.message_type is MessageType.METHOD_CALL:
            heard.set()
            return True
        return False

    async with empty_bus() as address:
        own, silent = await Connection.open(address), await Connection.open(address)
        silent.listen(hear)
        await silent.own(NAME)
        yield own, heard
    own.close()
    silent.close()


def test_a_call_that_is_under_way_when_the_bus_is_lost_ends() -> None:
    async def story() -> None:
        async with _silent_service() as (own, heard):
            call = asyncio.ensure_future(own.ask(NAME, ROOT, MANAGER, "Verify", "a{sv}", [{}]))
            await asyncio.wait_for(heard.wait(), 5)
            assert not call.done()
        with pytest.raises(Broken, match="bus-unreachable"):
            await asyncio.wait_for(call, 5)

    asyncio.run(story())


def test_a_call_without_an_answer_ends_in_time_and_leaves_nothing_behind() -> None:
    async def story() -> None:
        async with _silent_service() as (own, _):
            with pytest.raises(Broken, match="bus-unreachable"):
                await own.ask(NAME, ROOT, MANAGER, "Verify", "a{sv}", [{}], seconds=0.2)
            assert own._method_return_handlers == {}

    asyncio.run(story())


def test_a_name_that_is_taken_is_not_waited_for() -> None:
    async def story() -> None:
        async with running_bus() as bus:
            second = await Connection.open(bus.address)
            with pytest.raises(Broken, match="bus-name-taken"):
                await second.own(NAME)
            bus.service.connection.close()
            await bus.service.connection.gone()
            path = "/org/freedesktop/DBus"
            assert await second.ask(
                path[1:].replace("/", "."), path, "org.freedesktop.DBus", "NameHasOwner", "s", [NAME]
            )
            second.close()

    asyncio.run(story())


def test_three_thousand_signals_in_one_go_all_arrive_in_order() -> None:
    async def story() -> None:
        async with running_bus() as bus:
            client = await Connection.open(bus.address)
            heard: list[int] = []
            done = asyncio.Event()

            def hear(message: Message) -> bool:
                if message.member == "Progress":
                    heard.append(message.body[1])
                    if message.body[0] == "end":
                        done.set()
                return False

            client.listen(hear)
            await client.ask(NAME, ROOT, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")
            for number in range(3000):
                bus.service.progress("x" * 400, number % 101, "step")
            bus.service.progress("end", 100, "done")
            await asyncio.wait_for(done.wait(), 40)
            assert heard == [number % 101 for number in range(3000)] + [100]
            client.close()

    asyncio.run(story())


CALLS = """
wanted = dict(destination=NAME, path=ROOT, interface='org.freedesktop.DBus.Introspectable', member='Introspect')
frame = Message(serial=77, flags=MessageFlag.NO_REPLY_EXPECTED, **wanted)._marshall()
bus._sock.setblocking(True)
for _ in range(100):
    bus._sock.sendall(bytes(frame) * 200)
print("sent")
"""
LARGE_CALLS = """
body = [{}, {"x": Variant('aav', [[Variant('u', 1)] * 40 for _ in range(190)])}]
wanted = dict(destination=NAME, path=ROOT, interface=MANAGER, member='Visits', signature='a{sv}a{sv}', body=body)
frame = Message(serial=77, flags=MessageFlag.NO_REPLY_EXPECTED, **wanted)._marshall()
assert 50_000 < len(frame) < 65_536
bus._sock.setblocking(True)
for _ in range(40):
    bus._sock.sendall(bytes(frame))
print("sent")
"""


# The same in a process that has nothing to do: how long this machine leaves anybody waiting just now.
METRONOME = """
import sys, threading, time
ended = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
longest = 0.0
while not ended.is_set():
    before = time.monotonic()
    time.sleep(0.001)
    longest = max(longest, time.monotonic() - before)
print(longest)
"""


async def longest_silence(busy: Awaitable[Any]) -> float:
    """The longest time in which the loop did not come round while something went on, in seconds, less what the machine took."""
    pipe = asyncio.subprocess.PIPE
    idle = await asyncio.create_subprocess_exec(sys.executable, "-c", METRONOME, stdin=pipe, stdout=pipe)
    task = asyncio.ensure_future(busy)
    longest = 0.0
    while not task.done():
        before = time.monotonic()
        await asyncio.sleep(0.001)
        longest = max(longest, time.monotonic() - before)
    await task
    waited, _ = await idle.communicate(b"")
    return longest - float(waited)


@pytest.mark.parametrize("attack", [CALLS, LARGE_CALLS], ids=["20,000 calls", "40 large calls"])
def test_in_a_flood_the_guard_still_looks_at_its_ports(attack: str) -> None:
    async def story() -> None:
        async with running_bus() as bus:

            async def attacked() -> None:
                assert "sent" in (await bus.later(NOBODY, attack)).stdout
                assert await _still_answers(bus)

            longest = await longest_silence(attacked())
            assert longest < 1.0
            client = await Connection.open(bus.address)
            ((row,),) = await client.ask(NAME, ROOT, MANAGER, "Visits", "a{sv}a{sv}", [{}, {}])
            assert row["uid"].value == 0
            client.close()

    asyncio.run(story())


def test_a_call_of_many_megabytes_is_refused_unread() -> None:
    script = """
try:
    await bus.ask(NAME, ROOT, MANAGER, 'Visits', 'a{sv}a{sv}', [{}, {"x": Variant('as', ['y'] * 600_000)}])
except BusError as fault:
    print(fault.name)
"""

    async def story() -> None:
        async with running_bus() as bus:
            assert "LimitsExceeded" in (await bus.later(NOBODY, script)).stdout
            assert bus.service.connection.connected

    asyncio.run(story())


def test_a_client_answers_a_stranger_with_one_constant_sentence() -> None:
    async def story() -> None:
        async with empty_bus() as address:
            client, stranger = await Connection.open(address), await Connection.open(address)
            await client.own(NAME)
            for interface, member in (("org.freedesktop.DBus.Properties", "Get"), (MANAGER, "Nothing")):
                with pytest.raises(BusError) as refused:
                    await stranger.ask(NAME, ROOT, interface, member, "s", ["x"])
                assert refused.value.text == "There is no such method here."
            client.close()
            stranger.close()

    asyncio.run(story())


def test_no_file_descriptor_is_taken_from_a_stranger() -> None:
    async def story() -> None:
        async with running_bus() as bus:
            assert not bus.service.connection._negotiate_unix_fd

    asyncio.run(story())
