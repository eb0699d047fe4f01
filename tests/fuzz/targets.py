"""What is fuzzed: each target takes any bytes and returns; whatever else it does is a fault, and so is a result that cannot be."""

import asyncio
import contextlib
import csv
import io
import tomllib
from collections.abc import Awaitable, Callable

from dbus_next import Message, MessageType

from guard.bus.caller import Caller, Callers
from guard.bus.door import Door, load_interface
from guard.bus.frames import LONGEST_CALL, Frames, Unframed
from guard.bus.tree import Tree
from guard.core.area import ARCHIVE, AREA_END, RING, RING_END, SLOT, choose_label
from guard.core.descriptors import MAX_INTERFACES, parse_descriptors
from guard.core.errors import Broken, GuardError, Hostile
from guard.core.fingerprint import fingerprint
from guard.core.medium import showable
from guard.core.partition import HEAD, parse_layout
from guard.core.record import read_record
from guard.core.settings import parse_settings
from guard.usb.bulk_only import BulkOnly
from guard.usb.scsi import BLOCK_SIZES, Scsi
from guard.usb.wire import parse_answer, parse_request, parse_units
from gui.console.export import csv_text
from tests.core.world import KEYRING, LABEL, read_back
from tests.usb.test_any_device import Anything

MIB = 1024 * 1024


def descriptors(untrusted: bytes) -> None:
    try:
        found = parse_descriptors(untrusted)
    except Hostile:
        return
    assert len(found.interfaces) <= MAX_INTERFACES
    assert all(interface.alternates for interface in found.interfaces)


def scsi(untrusted: bytes) -> None:
    """Each answer of the device is a kind, a length and that many bytes."""
    kinds, at = ("fit", "fit", "fit", "status", "junk", "0", "1", "2", "3"), 0
    script: list[tuple[str, bytes]] = []
    while at + 2 <= len(untrusted) and len(script) < 200:
        length = untrusted[at + 1] % 64
        script.append((kinds[untrusted[at] % len(kinds)], untrusted[at + 2 : at + 2 + length]))
        at += 2 + length
    device = Anything(script or [("junk", b"")])

    def pause(seconds: float) -> None:
        device.now += seconds

    talk = Scsi(BulkOnly(device, 0, 0x81, 2), pause, lambda: device.now)
    try:
        units = talk.units(30)
        for unit in units:
            assert unit.block_size in BLOCK_SIZES
            assert 0 <= unit.blocks < 1 << 48
            if unit.blocks > 64:
                assert len(talk.read(unit, 1, 8)) == 8 * unit.block_size
    except Hostile:
        return


def label(untrusted: bytes) -> None:
    """Both slots, one behind the other. What counts without a signature of the issuer would be a break."""
    half = len(untrusted) // 2
    slots = [part[:SLOT].ljust(SLOT, b"\0") for part in (untrusted[:half], untrusted[half:])]
    found = choose_label(slots[0], slots[1], KEYRING)
    assert found.label is None or found.label.medium_id == LABEL.medium_id
    assert not (found.label and found.fault)


def record(untrusted: bytes) -> None:
    try:
        assert read_record(untrusted, KEYRING).medium_id == LABEL.medium_id
    except GuardError:
        return


def log(untrusted: bytes) -> None:
    """The bytes stand where window and archive have their records; the log is read in the window, then back to the first record."""
    image = bytearray(MIB)
    for start, end in ((RING, RING_END), (ARCHIVE, AREA_END)):
        image[start:end] = untrusted[: end - start].ljust(end - start, b"\0")
    for since in (0, 1, 90):
        found, lengths = read_back(image, since)
        assert sum(lengths) <= MIB
        assert all(one.medium_id == LABEL.medium_id for one in found.records)
        assert [one.sequence for one in found.records] == sorted({one.sequence for one in found.records})


def table(untrusted: bytes) -> None:
    """The head of a medium: partition table, and where a file system would keep its bookkeeping."""
    head = untrusted[:HEAD].ljust(HEAD, b"\0")
    for block_size in (512, 4096):
        layout = parse_layout(head, block_size)
        assert showable(layout.summary, 200) == layout.summary
        search, asked = fingerprint(layout, head, 1 << 34), 0
        try:
            offset, length = next(search)
            while True:
                assert 0 <= offset <= 1 << 34
                assert 0 < length <= MIB
                assert (asked := asked + length) <= 4 * MIB
                piece = (untrusted * (length // max(1, len(untrusted)) + 1))[:length]
                offset, length = search.send(piece.ljust(length, b"\0"))
        except StopIteration as done:
            length = len(done.value.total)
        assert length in (0, 32)


def wire(untrusted: bytes) -> None:
    """The daemon's side takes the reader for hostile, and the reader ends at what the daemon would not ask."""
    for length in (None, len(untrusted) - 1, 512):
        try:
            answer = parse_answer(untrusted, length)
            assert length is None or len(answer) == length
            assert len(parse_units(answer)) <= 16
        except Hostile:
            continue
    try:
        assert parse_request(untrusted).pack() == untrusted
    except ValueError:
        return


def settings(untrusted: bytes) -> None:
    try:
        parse_settings(tomllib.loads(untrusted.decode()), "guard.toml")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError):
        return
    except Broken as found:
        fault = found
    else:
        return
    assert fault.code.startswith("settings-")


def exported(untrusted: bytes) -> None:
    """Cells are parted by 0x1f, rows by 0x1e. Nothing runs, nothing is lost."""
    text = untrusted.decode("utf-8", "replace").replace("\0", "")
    rows = [row.split("\x1f") for row in text.split("\x1e")]
    read = list(csv.reader(io.StringIO(csv_text(["a"], rows).removeprefix("\ufeff"), newline="")))[1:]
    kept = [row for row in rows if row != [""]]
    assert len([row for row in read if row]) >= len(kept)
    for row in read:
        for cell in row:
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))


class _Mute:
    """Stands in for a connection: says who calls, keeps what is sent."""

    unique_name = ":1.0"

    def __init__(self) -> None:
        self.sent: list[Message] = []

    def send(self, message: Message) -> None:
        message.body = list(message.body)
        message._marshall()  # type: ignore[no-untyped-call] # what cannot be sent would end the connection
        self.sent.append(message)


class _Authority:
    def __init__(self, answer: bool) -> None:
        self.answer = answer

    async def allows(self, caller: Caller, action: object) -> bool:
        return self.answer


_GIVES: dict[str, object] = {"": None, "s": "x", "a{sv}": {}, "aa{sv}": []}


async def _through_the_door(untrusted: bytes, allowed: bool) -> tuple[list[object], list[str]]:
    """What was carried out, and the names of the errors that were answered."""
    mute, done = _Mute(), list[object]()
    callers = Callers(mute)  # type: ignore[arg-type]
    callers._known[":1.7"] = Caller(":1.7", 1000, "x")

    def verb(key: tuple[str, str], gives: str) -> Callable[..., Awaitable[object]]:
        async def act(caller: Caller, *words: object) -> object:
            done.append((key, words))
            return _GIVES[gives]

        return act

    verbs = {key: verb(key, member.gives) for key, member in load_interface()[1].items()}
    found = Door(mute, callers, _Authority(allowed), Tree(mute), verbs, lambda code, facts, language: code)  # type: ignore[arg-type]
    frames = Frames()
    with contextlib.suppress(Unframed):
        for at in range(0, len(untrusted), 1000):
            for message, _ in frames.feed(untrusted[at : at + 1000]):
                message.sender = ":1.7"
                found.receive(message)
    assert len(frames._inbox) <= LONGEST_CALL + 1000
    while found._tasks:
        await asyncio.wait(found._tasks)
    assert not found._flying
    assert not found._undecided
    return done, [str(message.error_name) for message in mute.sent if message.message_type is MessageType.ERROR]


def door(untrusted: bytes) -> None:
    """A raw stream as the bus would hand it on. For nobody nothing is done; and nothing raises inside, whoever calls."""
    done, errors = asyncio.run(_through_the_door(untrusted, False))
    assert not done
    _, more = asyncio.run(_through_the_door(untrusted, True))
    assert not [name for name in (*errors, *more) if name.endswith("Internal")]


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target for target in (descriptors, scsi, label, record, log, table, wire, settings, exported, door)
}
