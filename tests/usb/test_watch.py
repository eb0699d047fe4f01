"""Every gated device arrives once and departs once, whatever the order, the speed and the losses."""

import asyncio
import contextlib
import os
import socket
from collections import deque
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path

import pytest

from guard.core.errors import Hostile
from guard.core.ports import Arrival, Departure, Escaped, MediumChanged, PortEvent
from guard.usb.ports import UsbPorts
from guard.usb.reader import Reader
from guard.usb.uevent import Overflow, Uevent
from guard.usb.watch import Watch
from tests.usb.tree import DEVICE, KEYBOARD, STORAGE, ObedientGate, Tree, configuration

PORT = "3-1:1.0"
CAMERA = (6, 1, 1)


class Script:
    """Events by hand."""

    def __init__(self) -> None:
        self.events: deque[Uevent | None] = deque()
        self.marked: set[str] = set()
        self.drained = asyncio.Event()
        self.readable, self._writable = os.pipe()
        os.set_blocking(self.readable, False)

    def start(self) -> int:
        return self.readable

    def read(self) -> Uevent | None:
        if not self.events:
            with contextlib.suppress(BlockingIOError):
                os.read(self.readable, 4096)
            self.drained.set()
            return None
        event = self.events.popleft()
        if event is None:
            raise Overflow
        return event

    def gated(self, path: str) -> bool:
        return path.rsplit("/", 1)[-1] in self.marked

    def say(self, *events: Uevent | None) -> None:
        self.drained.clear()
        self.events.extend(events)
        os.write(self._writable, b"x")

    def close(self) -> None:
        os.close(self.readable)
        os.close(self._writable)


def _usb(action: str, name: str, sequence: int = 200, /, **properties: str) -> Uevent:
    kind = "usb_interface" if ":" in name else "usb_device"
    return Uevent(action, "usb", kind, name, f"/sys/devices/usb3/3-1/{name}", sequence, properties)


def _block(action: str, /, **properties: str) -> Uevent:
    path = f"/sys/devices/usb3/3-1/{PORT}/host2/target2:0:0/2:0:0:0/block/sda"
    return Uevent(action, "block", "disk", "sda", path, 300, properties)


def _plugged(number: int = 5) -> tuple[Uevent, ...]:
    return (
        _usb("add", "3-1", DEVNUM=f"{number:03d}"),
        _usb("add", PORT, INTERFACE="8/6/80"),
        _usb("bind", "3-1", MEDIA_GUARD="gated"),
    )


PULLED = (_usb("remove", PORT), _usb("remove", "3-1"))


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def _follow(tree: Tree, count: int, *steps: Callable[[Script, Watch], object]) -> list[PortEvent]:
    """Run the steps one by one after the first sweep; `count` events must come, and no more."""
    found: list[PortEvent] = []

    async def run() -> None:
        script = Script()
        gate = ObedientGate(tree.root, tree.runtime)
        gate.tree = tree
        watch = Watch(tree.root, script, gate)
        events = watch.events()

        async def listen() -> None:
            async for event in events:
                found.append(event)
                if len(found) == count:
                    return

        listener = asyncio.create_task(listen())
        await asyncio.sleep(0)
        for step in steps:
            step(script, watch)
        script.say()
        await asyncio.wait_for(script.drained.wait(), 5)
        await asyncio.gather(*watch._tasks)
        if count:
            await asyncio.wait_for(listener, 5)
        else:
            listener.cancel()
            await asyncio.wait([listener])
        assert watch._events.empty()
        await events.aclose()
        script.close()

    asyncio.run(run())
    return found


def _say(*events: Uevent | None) -> Callable[[Script, Watch], object]:
    return lambda script, _: script.say(*events)


def test_what_is_there_at_the_start_arrives_first_and_once(tree: Tree) -> None:
    tree.plug()
    events = _follow(tree, 1, _say(*(_usb(e.action, e.name, 90, **e.properties) for e in _plugged())))
    (arrival,) = events
    assert isinstance(arrival, Arrival)
    assert (arrival.port, arrival.untrusted_serial, arrival.already_bound) == (PORT, "S1", False)
    assert arrival.untrusted_descriptors == DEVICE + configuration(1, STORAGE)


def test_a_stick_that_comes_and_goes_has_one_arrival_and_one_departure(tree: Tree) -> None:
    def plug(script: Script, _: Watch) -> None:
        tree.plug()
        script.say(*_plugged())

    arrival, departure = _follow(tree, 2, plug, _say(*PULLED))
    assert isinstance(arrival, Arrival)
    assert departure == Departure(PORT, arrival.token)


def test_a_stick_gone_before_anybody_looked_still_arrives_and_departs(tree: Tree) -> None:
    arrival, departure = _follow(tree, 2, _say(*_plugged(), *PULLED))
    assert isinstance(arrival, Arrival)
    assert arrival.untrusted_descriptors == b""
    assert departure == Departure(PORT, arrival.token)


def test_two_hundred_quick_pulls_are_all_named_with_tokens_never_used_twice(tree: Tree) -> None:
    events = _follow(tree, 400, *(_say(*_plugged(n % 127 + 1), *PULLED) for n in range(200)))
    arrivals = [event for event in events if isinstance(event, Arrival)]
    assert len({arrival.token for arrival in arrivals}) == 200
    assert [event.token for event in events if isinstance(event, Departure)] == [arrival.token for arrival in arrivals]


def test_a_recycled_name_does_not_give_the_new_device_to_the_old_stay(tree: Tree) -> None:
    """The first stick is announced when the second is there already."""
    kept: list[Watch] = []

    def swap(script: Script, watch: Watch) -> None:
        kept.append(watch)
        tree.plug(number=6)
        script.say(*_plugged(5), *PULLED, *_plugged(6))

    first, departure, second = _follow(tree, 3, swap)
    assert isinstance(first, Arrival)
    assert isinstance(second, Arrival)
    assert first.untrusted_descriptors == b""
    assert departure == Departure(PORT, first.token)
    assert kept[0].plugged(second).number == "6"
    with pytest.raises(Hostile, match="device-gone"):
        kept[0].plugged(first)


def test_keyboards_do_not_arrive(tree: Tree) -> None:
    def plug(script: Script, _: Watch) -> None:
        tree.plug(kinds=(KEYBOARD,))
        script.say(
            _usb("add", "3-1", DEVNUM="005"),
            _usb("add", PORT, INTERFACE="3/1/1"),
            _usb("bind", "3-1", MEDIA_GUARD="free"),
        )

    assert _follow(tree, 0, plug) == []


def test_a_camera_arrives_so_that_it_can_be_refused(tree: Tree) -> None:
    def plug(script: Script, _: Watch) -> None:
        tree.plug(kinds=(CAMERA,))
        script.say(
            _usb("add", "3-1", DEVNUM="005"),
            _usb("add", PORT, INTERFACE="6/1/1"),
            _usb("bind", "3-1", MEDIA_GUARD="gated"),
        )

    (arrival,) = _follow(tree, 1, plug)
    assert isinstance(arrival, Arrival)


def test_a_device_that_only_the_rules_know_as_gated_arrives_in_a_sweep_too(tree: Tree) -> None:
    tree.plug(kinds=((255, 255, 0),))

    def mark(script: Script, watch: Watch) -> None:
        script.marked.add("3-1")
        watch.resweep()

    (arrival,) = _follow(tree, 1, mark)
    assert isinstance(arrival, Arrival)


def test_storage_hidden_in_an_alternate_setting_arrives(tree: Tree) -> None:
    device = tree.plug(kinds=(KEYBOARD,))
    hidden = bytes([9, 4, 0, 1, 0, 8, 6, 0x50, 0])
    plain = configuration(1, KEYBOARD)
    (device / "descriptors").write_bytes(
        DEVICE + plain[:2] + (len(plain) + 9).to_bytes(2, "little") + plain[4:] + hidden
    )
    (arrival,) = _follow(tree, 1)
    assert isinstance(arrival, Arrival)


def test_the_configuration_in_use_is_the_one_that_is_shown(tree: Tree) -> None:
    device = tree.plug(extra=configuration(2, STORAGE, KEYBOARD))
    (device / "bConfigurationValue").write_text("2\n")
    (arrival,) = _follow(tree, 1)
    assert isinstance(arrival, Arrival)
    assert arrival.untrusted_descriptors == DEVICE + configuration(2, STORAGE, KEYBOARD)


def test_each_storage_interface_of_a_device_is_a_port(tree: Tree) -> None:
    tree.plug(kinds=(STORAGE, STORAGE))
    events = _follow(tree, 2)
    assert [event.port for event in events] == ["3-1:1.0", "3-1:1.1"]


def test_lost_events_are_made_up_for_by_looking_again(tree: Tree) -> None:
    tree.plug("3-1", 5)

    def lose(script: Script, _: Watch) -> None:
        tree.unplug("3-1")
        tree.plug("3-2", 6)
        script.say(None)

    first, departure, second = _follow(tree, 3, lose)
    assert departure == Departure(PORT, first.token)
    assert isinstance(second, Arrival)
    assert second.port == "3-2:1.0"


def test_a_stick_swapped_while_asleep_is_another_stay(tree: Tree) -> None:
    tree.plug(number=5)

    def sleep(_: Script, watch: Watch) -> None:
        tree.unplug()
        tree.plug(number=5)
        watch.resweep()

    first, departure, second = _follow(tree, 3, sleep)
    assert departure == Departure(PORT, first.token)
    assert isinstance(second, Arrival)
    assert second.token != first.token


def test_looking_again_at_what_has_not_changed_says_nothing(tree: Tree) -> None:
    tree.plug()
    assert len(_follow(tree, 1, lambda _, watch: watch.resweep())) == 1


def test_replayed_events_change_nothing(tree: Tree) -> None:
    tree.plug()
    replayed = (
        _usb("add", "3-1", DEVNUM="005", SYNTH_UUID="0"),
        _usb("add", PORT, INTERFACE="8/6/80", SYNTH_UUID="0"),
        _usb("bind", "3-1", MEDIA_GUARD="gated", SYNTH_UUID="0"),
        _usb("bind", PORT, DRIVER="usb-storage", SYNTH_UUID="0"),
        _block("change", DISK_MEDIA_CHANGE="1", SYNTH_UUID="0"),
    )
    assert len(_follow(tree, 1, _say(*replayed))) == 1
    assert tree.authorized() == "0"


def test_a_driver_that_nobody_released_is_shut_and_told(tree: Tree) -> None:
    tree.plug()

    def escape(script: Script, _: Watch) -> None:
        tree.bind()
        tree.write(f"sys/devices/usb3/3-1/{PORT}/authorized", "1\n")
        script.say(_usb("bind", PORT, DRIVER="usb-storage"))

    arrival, escaped = _follow(tree, 2, escape)
    assert escaped == Escaped(PORT, arrival.token, "usb-storage")
    assert tree.authorized() == "0"


def test_an_escape_whose_event_was_lost_is_found_by_looking_again(tree: Tree) -> None:
    tree.plug()

    def escape(script: Script, _: Watch) -> None:
        tree.bind(driver="uas")
        tree.write(f"sys/devices/usb3/3-1/{PORT}/authorized", "1\n")
        script.say(None)

    arrival, escaped = _follow(tree, 2, escape)
    assert escaped == Escaped(PORT, arrival.token, "uas")
    assert tree.authorized() == "0"


def test_the_bind_of_an_admission_and_of_the_reader_are_no_escapes(tree: Tree) -> None:
    tree.plug()

    def admitted(script: Script, watch: Watch) -> None:
        watch._plugged[PORT].binds_expected = 1
        script.say(_usb("bind", PORT, DRIVER="usbfs"), _usb("bind", PORT, DRIVER="usb-storage"))

    assert len(_follow(tree, 1, admitted)) == 1


def test_a_changed_medium_is_shut_and_told(tree: Tree) -> None:
    tree.plug()

    def change(script: Script, watch: Watch) -> None:
        watch._plugged[PORT].released = True
        tree.write(f"sys/devices/usb3/3-1/{PORT}/authorized", "1\n")
        script.say(_block("change", DISK_MEDIA_CHANGE="1"), _block("change"))

    arrival, changed = _follow(tree, 2, change)
    assert changed == MediumChanged(PORT, arrival.token)
    assert tree.authorized() == "0"


def test_a_disk_that_is_pulled_is_no_changed_medium(tree: Tree) -> None:
    """The kernel tells it as one before it says that the device is gone; a visit would begin of a stick that is not there."""
    tree.plug()

    def pull(script: Script, watch: Watch) -> None:
        watch._plugged[PORT].released = True
        tree.unplug()
        script.say(_block("change", DISK_MEDIA_CHANGE="1"), *PULLED)

    arrival, departure = _follow(tree, 2, pull)
    assert departure == Departure(PORT, arrival.token)


def test_a_disk_that_goes_with_the_end_of_its_admission_is_no_changed_medium(tree: Tree) -> None:
    """The kernel tells it so; taken as one, it would begin a visit anew that the guard has just ended."""
    tree.plug()

    def end(script: Script, watch: Watch) -> None:
        asyncio.get_running_loop().create_task(watch._gate.shut(watch._plugged[PORT]))
        script.say(_block("change", DISK_MEDIA_CHANGE="1"), _block("change"))

    assert len(_follow(tree, 1, end)) == 1


def test_a_stick_bound_before_the_guard_says_so(tree: Tree) -> None:
    tree.plug()
    tree.bind()
    tree.disk()
    (arrival,) = _follow(tree, 1)
    assert isinstance(arrival, Arrival)
    assert (arrival.already_bound, arrival.carries_system) == (True, False)


def test_the_mounted_disks_of_a_bound_port_are_named_and_no_others(tree: Tree) -> None:
    async def ask() -> tuple[str, ...]:
        ports = UsbPorts(tree.runtime, tree.root, Script())
        events = ports._watch.events()
        arrival = await anext(events)
        assert isinstance(arrival, Arrival)
        return await ports.mounted_disks(arrival)

    tree.plug()
    tree.bind()
    tree.write("sys/devices/usb3/3-9/3-9:1.0/host3/target3:0:0/3:0:0:0/block/sdz/ro", "0\n")
    tree.write("proc/self/mountinfo", "22 1 254:0 / / rw - ext4 /dev/vda rw\n")
    assert asyncio.run(ask()) == ()
    tree.write(f"{tree.disk('sdc', lun=1)}/sdc1/dev", "8:17\n")
    tree.disk("sdb")
    assert asyncio.run(ask()) == (), "nobody is asked to unmount what is not mounted"
    mounts = "22 1 254:0 / / rw - ext4 /dev/vda rw\n90 22 8:17 / /media/alice/X rw - exfat /dev/sdc1 rw\n"
    tree.write("proc/self/mountinfo", mounts)
    assert asyncio.run(ask()) == ("sdc",)


def test_a_worker_stands_ready_from_the_start_and_again_as_soon_as_a_stick_is_gone(tree: Tree) -> None:
    started: list[socket.socket] = []

    def connect() -> socket.socket:
        ours, theirs = socket.socketpair()
        started.extend((ours, theirs))
        return ours

    async def run() -> None:
        script, reader = Script(), Reader(connect)
        async with aclosing(UsbPorts(tree.runtime, tree.root, script, reader).watch()) as events:
            assert isinstance(await anext(events), Arrival)
            assert len(started) == 2
            reader._ready = None  # somebody has taken it
            tree.unplug()
            script.say(_usb("remove", PORT))
            assert isinstance(await anext(events), Departure)
            assert len(started) == 4
        script.close()

    tree.plug()
    asyncio.run(run())
    for end in started:
        end.close()


def test_the_disk_of_the_running_system_says_so_and_is_left_alone(tree: Tree) -> None:
    tree.plug()
    tree.write(f"sys/devices/usb3/3-1/{PORT}/authorized", "1\n")
    tree.bind()
    tree.disk()
    (tree.root / "sys/dev/block/8:1").symlink_to(tree.root / "sys/class/block/sda1")
    tree.write("proc/self/mountinfo", "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n")

    def again(script: Script, watch: Watch) -> None:
        script.say(_block("change", DISK_MEDIA_CHANGE="1"))
        watch.resweep()

    (arrival,) = _follow(tree, 1, again)
    assert isinstance(arrival, Arrival)
    assert arrival.carries_system
    assert tree.authorized() == "1"
