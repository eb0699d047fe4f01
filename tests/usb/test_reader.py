"""The daemon's side: what it does with a good worker, and with one that lies, stalls, talks nonsense or dies."""

import asyncio
import contextlib
import os
import select
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from guard.clearing import clear_medium, overwrite
from guard.core.descriptors import Alternate, Endpoint
from guard.core.disposal import Method
from guard.core.errors import Broken, GuardError, Hostile
from guard.core.partition import Layout, Table
from guard.core.ports import Claim
from guard.core.unit import Unit
from guard.usb import reader as reading
from guard.usb import worker
from guard.usb.wire import HELLO, MAX_PACKET, pack_good, pack_units
from tests.usb.stick import IN, OUT, Slot, Stick
from tests.usb.test_bulk_only import blocks

ROOT = Path(__file__).resolve().parents[2]
ALTERNATE = Alternate(0, 8, 6, 0x50, (Endpoint(IN, 2, 512), Endpoint(OUT, 2, 512)))
UNIT = Unit(0, 0, bytes(36), 16384, 512, False)
Talk = Callable[[socket.socket], None]


class Reader(reading.Reader):
    """One that hangs up on all its workers after the test."""

    made: ClassVar[list["Reader"]] = []

    def __init__(self, connect: reading.Connect, spin_up_seconds: int = 30) -> None:
        super().__init__(connect, spin_up_seconds)
        self.made.append(self)


@pytest.fixture(autouse=True)
def hung_up() -> Iterator[None]:
    yield
    while Reader.made:
        reader = Reader.made.pop()
        for channel in (*reader._used, reader._ready):
            if channel is not None:
                channel.close()


class Workers:
    """Starts a worker in a thread for each connection, one behaviour after the other; the last one stays."""

    def __init__(self, *talks: Talk) -> None:
        self.talks = list(talks)
        self.started = 0
        self._threads: list[threading.Thread] = []

    def __call__(self) -> socket.socket:
        talk = self.talks[min(self.started, len(self.talks) - 1)]
        self.started += 1
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)

        def live() -> None:
            with theirs, contextlib.suppress(OSError, ValueError):
                theirs.settimeout(30)
                talk(theirs)

        thread = threading.Thread(target=live, daemon=True)
        thread.start()
        self._threads.append(thread)
        return ours


@pytest.fixture
def null() -> Iterator[int]:
    descriptor = os.open("/dev/null", os.O_RDWR)
    yield descriptor
    os.close(descriptor)


def good(channel: socket.socket) -> None:
    worker.serve(channel)


def says(*answers: bytes, then: Talk = lambda channel: None) -> Talk:
    """A worker that gives these answers, whatever it is asked, and goes on with `then`."""

    def talk(channel: socket.socket) -> None:
        channel.send(HELLO)
        for answer in answers:
            packet, descriptors, _, _ = socket.recv_fds(channel, MAX_PACKET, 1)
            for descriptor in descriptors:
                os.close(descriptor)
            if not packet:
                return
            channel.send(answer)
        then(channel)

    return talk


def silent(channel: socket.socket) -> None:
    while channel.recv(MAX_PACKET):
        pass


def dies(channel: socket.socket) -> None:
    channel.recv(MAX_PACKET)


UNITS = pack_good(pack_units([UNIT]))


def use(workers: Workers, null: int, act: Callable[[Claim], Any]) -> Any:
    async def run() -> Any:
        reader = Reader(workers, spin_up_seconds=1)
        try:
            async with reader.open_claim(null, 0, ALTERNATE) as claim:
                return await act(claim)
        finally:
            if reader._ready is not None:
                reader._ready.close()

    return asyncio.run(run())


async def read_a_block(claim: Claim) -> bytes:
    return await claim.read(0, 0, 512)


def code(workers: Workers, null: int, act: Callable[[Claim], Any] = read_a_block) -> str:
    try:
        use(workers, null, act)
    except GuardError as error:
        return error.code
    return ""


@pytest.fixture
def stick(monkeypatch: pytest.MonkeyPatch) -> Stick:
    stick = Stick(Slot(), Slot(blocks=0), attention=1)

    monkeypatch.setattr(worker, "UsbfsPipe", lambda descriptor: stick)
    return stick


def test_a_stick_is_read_and_written_through_a_worker(stick: Stick, null: int) -> None:
    async def act(claim: Claim) -> None:
        assert [unit.blocks for unit in claim.units] == [16384, 0]
        assert await claim.read(0, 512 * 1024, 1 << 20) == blocks(1024, 2048)
        await claim.write(0, 512 * 1024, b"\x42" * 100 * 1024)
        await claim.flush(0)
        assert await claim.read(0, 512 * 1024 - 512, 1024) == blocks(1023, 1) + b"\x42" * 512

    use(Workers(good), null, act)
    assert 0x35 in stick.commands
    assert set(stick.slots[0].written) == set(range(1024, 1224))


def test_a_fault_of_one_read_leaves_the_claim_usable(stick: Stick, null: int) -> None:
    stick.slots[0].bad = frozenset({1030})

    async def act(claim: Claim) -> None:
        with pytest.raises(Hostile, match="device-read-error"):
            await claim.read(0, 512 * 1024, 16 * 1024)
        assert await claim.read(0, 640 * 1024, 16 * 1024) == blocks(1280, 32)

    use(Workers(good), null, act)


@pytest.mark.parametrize(
    ("offset", "length"), [(1, 512), (0, 511), (0, (1 << 20) + 512), (-512, 512), (0, -512)], ids=str
)
def test_questions_that_make_no_sense_are_our_own_bugs_and_ask_nothing(
    stick: Stick, null: int, offset: int, length: int
) -> None:
    async def act(claim: Claim) -> None:
        with pytest.raises(RuntimeError):
            await claim.read(0, offset, length)
        with pytest.raises(RuntimeError):
            await claim.read(2, 0, 512)

    use(Workers(good), null, act)
    assert not stick.touched


def test_the_last_sector_and_what_is_behind_it_is_not_even_asked_for(stick: Stick, null: int) -> None:
    async def act(claim: Claim) -> None:
        for offset, length in ((16383 * 512, 512), (16380 * 512, 4096), (1 << 50, 512)):
            with pytest.raises(Hostile, match="device-read-error"):
                await claim.read(0, offset, length)
        with pytest.raises(Hostile, match="device-read-error"):
            await claim.write(0, 16383 * 512, bytes(512))

    use(Workers(good), null, act)
    assert not stick.touched


def test_a_worker_stands_ready_before_it_is_needed_and_serves_once(stick: Stick, null: int) -> None:
    workers = Workers(good)

    async def run() -> list[int]:
        reader = Reader(workers)
        reader.prepare()
        counts = [workers.started]
        for _ in range(3):
            async with reader.open_claim(null, 0, ALTERNATE) as claim:
                await claim.read(0, 0, 512)
            counts.append(workers.started)
            reader.prepare()
        return counts

    assert asyncio.run(run()) == [1, 1, 2, 3], "the next one is not started while somebody waits for this one"


def test_after_an_admission_the_next_worker_is_started_late_and_a_claim_does_not_wait_for_that(
    stick: Stick, null: int
) -> None:
    workers = Workers(good)

    async def run() -> None:
        reader = Reader(workers)
        reader.prepare_later(3600)
        assert workers.started == 0
        async with reader.open_claim(null, 0, ALTERNATE) as claim:
            await claim.read(0, 0, 512)
        assert workers.started == 1
        reader.prepare_later(0)
        over = asyncio.Event()
        asyncio.get_running_loop().call_later(0, over.set)
        await over.wait()
        assert workers.started == 2, "the first timer is not running any more"

    asyncio.run(run())


def test_a_ready_worker_that_ended_meanwhile_is_replaced(stick: Stick, null: int) -> None:
    workers = Workers(lambda channel: None, good)

    async def run() -> bytes:
        reader = Reader(workers)
        reader.prepare()
        async with reader.open_claim(null, 0, ALTERNATE) as claim:
            return await claim.read(0, 0, 512)

    assert asyncio.run(run()) == blocks(0, 1)


def test_of_many_sticks_at_once_no_more_workers_start_together_than_there_are_processors(
    stick: Stick, null: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    workers = Workers(good)
    starting, most = 0, 0
    locked_in = reading._locked_in

    async def counted(channel: socket.socket) -> bool:
        nonlocal starting, most
        starting += 1
        most = max(most, starting)
        for _ in range(20):  # everybody who may start has a turn
            await asyncio.sleep(0)
        try:
            return await locked_in(channel)
        finally:
            starting -= 1

    monkeypatch.setattr(reading, "_locked_in", counted)

    async def run() -> list[bytes]:
        reader = Reader(workers)

        async def one() -> bytes:
            async with reader.open_claim(null, 0, ALTERNATE) as claim:
                return await claim.read(0, 0, 512)

        return await asyncio.gather(*(one() for _ in range(8)))

    assert asyncio.run(run()) == [blocks(0, 1)] * 8
    assert most == 3


def refused() -> socket.socket:
    raise ConnectionRefusedError


def never_starts(channel: socket.socket) -> None:
    return


def greets_wrongly(channel: socket.socket) -> None:
    channel.send(b"media-guard-reader 2")
    silent(channel)


@pytest.mark.parametrize("talk", [never_starts, greets_wrongly, silent])
def test_without_a_locked_in_worker_nothing_is_handed_over(
    talk: Talk, null: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "START_SECONDS", 0.2)
    workers = Workers(talk)
    with pytest.raises(Broken, match="reader-unavailable"):
        use(workers, null, read_a_block)
    assert workers.started == 2


def test_where_no_worker_can_be_started_the_claim_says_so(null: int) -> None:
    async def run() -> None:
        reader = Reader(refused)
        reader.prepare()
        with pytest.raises(Broken, match="reader-unavailable"):
            async with reader.open_claim(null, 0, ALTERNATE):
                raise AssertionError("claimed")

    asyncio.run(run())


@pytest.mark.parametrize(
    ("talk", "expected"),
    [
        (says(b"junk" * 100), "device-protocol"),
        (says(pack_good(b"")), "device-protocol"),
        (says(pack_good(pack_units([UNIT]) * 2)), "device-protocol"),
        (says(pack_good(pack_units([UNIT]) * 17)), "device-protocol"),
        (says(bytes([1])), "device-gone"),
        (says(bytes([200])), "device-protocol"),
        (says(b"\0" * 100_000), "device-protocol"),
        (says(then=dies), "device-protocol"),
        (says(UNITS, pack_good(bytes(511))), "device-protocol"),
        (says(UNITS, pack_good(bytes(513))), "device-protocol"),
        (says(UNITS, b"\0" * 100_000), "device-protocol"),
        (says(UNITS, bytes([2])), "device-hangs"),
        (says(UNITS, then=dies), "device-protocol"),
        (says(UNITS), "device-protocol"),
    ],
)
def test_a_worker_that_lies_or_dies_is_one_error(talk: Talk, expected: str, null: int) -> None:
    assert code(Workers(talk), null) == expected


@pytest.mark.parametrize("talk", [says(then=silent), says(UNITS, then=silent)])
def test_a_worker_that_says_nothing_is_given_up(talk: Talk, null: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "CLAIM_SECONDS", 0.2)
    assert code(Workers(talk), null) == "device-hangs"


def test_all_waiting_of_a_claim_together_has_an_end(null: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "CLAIM_SECONDS", 1.0)
    asked = []

    def slow(channel: socket.socket) -> None:
        while channel.recv(MAX_PACKET):
            asked.append(threading.Event().wait(0.3))
            channel.send(pack_good(bytes(512)))

    async def act(claim: Claim) -> None:
        while True:
            await claim.read(0, 0, 512)

    assert code(Workers(says(UNITS, then=slow)), null, act) == "device-hangs"
    assert 2 <= len(asked) <= 4


def test_bytes_of_a_claim_are_limited(stick: Stick, null: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_BYTES", 4096)
    monkeypatch.setattr(reading, "WHOLE", 0)

    async def act(claim: Claim) -> None:
        await claim.read(0, 0, 4096)
        await claim.read(0, 4096, 512)

    assert code(Workers(good), null, act) == "device-protocol"
    assert stick.touched == {(0, block) for block in range(8)}


def test_a_medium_is_overwritten_and_read_back_to_its_last_block_however_large_it_is(
    stick: Stick, null: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_BYTES", 0)  # as of a medium that is larger than what a claim may take otherwise

    async def act(claim: Claim) -> int:
        return await overwrite(claim, claim.units[0], lambda percent, step: None)

    assert use(Workers(good), null, act) == 16384 * 512
    assert {stick.slots[0].content(block) for block in range(16384)} == {bytes(512)}


def test_a_device_that_says_one_block_too_many_is_cleared_to_its_true_end(null: int, stick: Stick) -> None:
    stick.slots[0].bad = frozenset({16383})

    async def act(claim: Claim) -> int:
        return await overwrite(claim, claim.units[0], lambda percent, step: None)

    assert use(Workers(good), null, act) == 16383 * 512
    assert {stick.slots[0].content(block) for block in range(16383)} == {bytes(512)}
    assert 16383 not in stick.slots[0].written


@pytest.mark.parametrize(("offset", "length"), [(16384 * 512, 512), (16383 * 512, 512), (16383 * 512, 1024)])
def test_behind_the_last_block_nothing_is_asked_of_the_device(
    stick: Stick, null: int, offset: int, length: int
) -> None:
    async def act(claim: Claim) -> None:
        await claim.write(0, offset, bytes(length))

    assert code(Workers(good), null, act) == "device-read-error"
    assert stick.touched == set()
    assert stick.slots[0].written == {}


def test_the_answer_to_a_question_that_was_given_up_is_not_taken_for_the_next(null: int) -> None:
    go = threading.Event()

    def late(channel: socket.socket) -> None:
        for filler in (b"A", b"B"):
            channel.recv(MAX_PACKET)
            go.wait(20)
            channel.send(pack_good(filler * 512))

    async def act(claim: Claim) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await claim.read(0, 0, 512)
        go.set()
        with pytest.raises(Hostile, match="device-protocol"):
            await claim.read(0, 512, 512)

    use(Workers(says(UNITS, then=late)), null, act)


def test_a_claim_that_is_cancelled_leaves_no_descriptor_open(null: int) -> None:
    before = _open()

    async def run() -> None:
        reader = Reader(Workers(silent))
        claiming = asyncio.create_task(reader.open_claim(null, 0, ALTERNATE).__aenter__())
        await asyncio.sleep(0)
        claiming.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await claiming
        assert reader._ready is None

    asyncio.run(run())
    worker_ends = 1  # the thread's own end of the pair may still be closing
    assert len(_open() - before) <= worker_ends


def test_descriptors_that_a_worker_sends_are_not_taken(null: int) -> None:
    def generous(channel: socket.socket) -> None:
        channel.recv(MAX_PACKET)
        socket.send_fds(channel, [pack_good(bytes(512))], [channel.fileno()])

    async def act(claim: Claim) -> int:
        before = len(_open())
        assert await claim.read(0, 0, 512) == bytes(512)
        return len(_open()) - before

    assert use(Workers(says(UNITS, then=generous)), null, act) <= 0


def test_a_device_without_bulk_endpoints_is_refused_before_anything_starts(null: int) -> None:
    workers = Workers(good)

    async def run() -> None:
        with pytest.raises(Hostile, match="device-not-bulk-only"):
            async with Reader(workers).open_claim(null, 0, Alternate(0, 8, 6, 0x50, ())):
                raise AssertionError("claimed")

    asyncio.run(run())
    assert workers.started == 0


def _open() -> set[str]:
    return {entry.name for entry in Path("/proc/self/fd").iterdir()}


class Processes:
    """Real workers, locked in as far as this user's rights go."""

    def __init__(self, empty: Path) -> None:
        self.empty = empty
        self.started: list[subprocess.Popen[bytes]] = []

    def __call__(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            empty = str(self.empty) if os.geteuid() == 0 else ""
            words = {"MEDIA_GUARD_EMPTY": empty, "PYTHONPATH": str(ROOT)}
            command = [sys.executable, "-m", "guard.usb.worker"]
            self.started.append(subprocess.Popen(command, stdin=theirs.fileno(), env=words, cwd=ROOT))
        return ours


def test_a_real_worker_locks_itself_in_takes_the_descriptor_answers_and_ends(tmp_path: Path, null: int) -> None:
    processes = Processes(tmp_path)

    async def run() -> None:
        reader = Reader(processes)
        reader.prepare()
        with pytest.raises(Hostile, match="device-protocol"):  # /dev/null is no device
            async with reader.open_claim(null, 0, ALTERNATE):
                raise AssertionError("claimed")
        assert reader._ready is None

    asyncio.run(run())
    assert [process.wait(20) for process in processes.started] == [0]


def _discard(stick: Stick, null: int) -> tuple[bool, int]:
    async def act(claim: Claim) -> tuple[bool, int]:
        cleared = await clear_medium(claim, claim.units[0], Layout(Table.NONE), Method.OVERWRITE, lambda *_: None)
        return cleared.discarded, cleared.octets

    found: tuple[bool, int] = use(Workers(good), null, act)
    return found


def test_a_cleared_medium_that_offers_it_is_told_to_let_go_of_all_but_the_last_block(stick: Stick, null: int) -> None:
    stick.slots[0].unmaps = 5000
    assert _discard(stick, null) == (True, 16384 * 512)
    assert stick.slots[0].let_go == [(0, 5000), (5000, 5000), (10000, 5000), (15000, 1383)]
    assert {stick.slots[0].content(block) for block in range(16384)} == {bytes(512)}


def test_one_that_does_not_offer_it_or_fails_is_cleared_all_the_same_and_the_certificate_does_not_say_more(
    stick: Stick, null: int
) -> None:
    assert _discard(stick, null) == (False, 16384 * 512)
    assert stick.slots[0].let_go == []
    stick.slots[0].unmaps, stick.left["no-unmap"] = 20_000, 1
    assert _discard(stick, null) == (False, 16384 * 512)
    assert {stick.slots[0].content(block) for block in range(16384)} == {bytes(512)}


def test_a_medium_that_shows_old_blocks_again_after_letting_go_is_not_cleared(stick: Stick, null: int) -> None:
    stick.slots[0].unmaps, stick.left["leftovers"] = 20_000, 1
    with pytest.raises(Hostile, match="device-forgets"):
        _discard(stick, null)


def test_a_used_worker_gives_the_device_back_at_once_and_ends_only_when_the_next_one_is_prepared(stick: Stick) -> None:
    ended = threading.Event()

    def watched(channel: socket.socket) -> None:
        worker.serve(channel)
        ended.set()

    async def run() -> None:
        reader = Reader(Workers(watched))
        held, device = os.pipe()  # whoever reads it is told when the last one has closed the device
        async with reader.open_claim(device, 0, ALTERNATE) as claim:
            await claim.read(0, 0, 512)
            os.close(device)
            assert select.select([held], [], [], 0)[0] == [], "the worker has it"
        assert await asyncio.to_thread(select.select, [held], [], [], 10) == ([held], [], [])
        assert not ended.is_set(), "ending waits: the system looks at the disk now"
        reader.prepare()
        assert await asyncio.to_thread(ended.wait, 10)
        assert reader._used == []
        os.close(held)

    asyncio.run(run())


def test_a_worker_whose_claim_failed_ends_at_once(null: int) -> None:
    ended = threading.Event()

    def nonsense(channel: socket.socket) -> None:
        says(b"nonsense")(channel)
        while channel.recv(MAX_PACKET):
            pass
        ended.set()

    async def run() -> None:
        reader = Reader(Workers(nonsense))
        with pytest.raises(Hostile):
            async with reader.open_claim(null, 0, ALTERNATE):
                pass
        assert await asyncio.to_thread(ended.wait, 10)
        assert reader._used == [], "nothing of it waits for anything"

    asyncio.run(run())


def test_no_more_than_a_few_used_workers_wait_for_their_end(stick: Stick, null: int) -> None:
    workers = Workers(good)

    async def run() -> None:
        reader = Reader(workers)
        for _ in range(reading.MOST_USED + 3):
            async with reader.open_claim(null, 0, ALTERNATE) as claim:
                await claim.read(0, 0, 512)
        assert len(reader._used) == reading.MOST_USED
        reader.prepare()
        assert reader._used == []
        assert reader._ready is not None
        reader._ready.close()

    asyncio.run(run())
    for thread in workers._threads:
        thread.join(10)
    assert not any(thread.is_alive() for thread in workers._threads)
