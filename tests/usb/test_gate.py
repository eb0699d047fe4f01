"""The gate on a small sysfs: what it may touch, and what it does when the kernel does something else than meant."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from guard.core.errors import Broken, Hostile
from guard.core.ports import Disk
from guard.core.unit import Unit
from guard.core.verdict import Access
from guard.usb.gate import Gate
from guard.usb.plugged import Plugged
from guard.usb.settle import Settle
from tests.usb.tree import KEYBOARD, STORAGE, ObedientGate, Tree

PORT = "3-1:1.0"
UNIT = Unit(0, 0, b"", 1000, 512, write_protected=False)


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def _gate(tree: Tree, seconds: float = 5.0) -> ObedientGate:
    gate = ObedientGate(tree.root, tree.runtime, seconds)
    gate.tree = tree
    return gate


def _admit(
    tree: Tree, gate: ObedientGate, access: Access, make: Callable[[], object], *, units: tuple[Unit, ...] = (UNIT,)
) -> tuple[Disk, ...]:
    """Admit while a kernel makes disks and udev reports sda."""

    async def run() -> tuple[Disk, ...]:
        plugged = Plugged.open(tree.root, PORT)
        plugged.units = units
        admission = asyncio.create_task(gate.admit(plugged, access))
        assert await asyncio.to_thread(gate.probed.wait, 10)
        make()
        gate.disk_ready(PORT, "sda")
        return await admission

    return asyncio.run(run())


def test_authorizing_binds_nothing_and_marks_nothing(tree: Tree) -> None:
    tree.plug()
    asyncio.run(_gate(tree).authorize(Plugged.open(tree.root, PORT)))
    assert tree.authorized() == "1"
    assert (tree.root / "sys/bus/usb/drivers_probe").read_bytes() == b""
    assert tree.marks() == set()


def test_a_driver_that_is_there_after_authorizing_shuts_the_port(tree: Tree) -> None:
    tree.plug()
    tree.bind()
    with pytest.raises(Broken, match="effect-driver-bound"):
        asyncio.run(_gate(tree).authorize(Plugged.open(tree.root, PORT)))
    assert tree.authorized() == "0"


def test_a_device_that_took_the_name_of_another_is_not_authorized(tree: Tree) -> None:
    tree.plug(number=5)
    plugged = Plugged.open(tree.root, PORT)
    tree.unplug()
    tree.plug(number=5)  # even with the same number on the bus
    with pytest.raises(Hostile, match="device-gone"):
        asyncio.run(_gate(tree).authorize(plugged))
    assert tree.authorized() == "0"


def test_a_device_swapped_between_check_and_write_is_not_authorized(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree.plug(number=5)
    plugged = Plugged.open(tree.root, PORT)

    def swap(_: Plugged) -> bool:
        tree.unplug()
        tree.plug(number=6)
        return True

    monkeypatch.setattr(Plugged, "there", property(swap))
    with pytest.raises(Hostile, match="device-gone"):
        asyncio.run(_gate(tree).authorize(plugged))
    assert tree.authorized() == "0"


def test_a_changed_number_in_the_same_place_is_another_device(tree: Tree) -> None:
    tree.plug(number=5)
    plugged = Plugged.open(tree.root, PORT)
    tree.write("sys/devices/usb3/3-1/devnum", "6\n")
    with pytest.raises(Hostile, match="device-gone"):
        asyncio.run(_gate(tree).authorize(plugged))
    assert tree.authorized() == "0"


@pytest.mark.parametrize("port", ["../../x", "3-1:1.0/..", "usb3", "3-0:1.0", "", "3-1"])
def test_a_name_that_is_no_port_opens_nothing(tree: Tree, port: str) -> None:
    tree.plug()
    with pytest.raises(Hostile, match="device-gone"):
        Plugged.open(tree.root, port)


@pytest.mark.parametrize(("access", "ro"), [(Access.READ_ONLY, 1), (Access.READ_WRITE, 0)])
def test_an_admission_is_marked_before_the_driver_binds_and_read_back(tree: Tree, access: Access, ro: int) -> None:
    tree.plug()
    gate = _gate(tree)
    disks = _admit(tree, gate, access, lambda: tree.disk(ro=ro, part_ro=ro))
    assert disks == (Disk("sda", 0, 7, read_only=bool(ro)),)
    assert gate.marks_when_probed == {f"{'ro' if ro else 'rw'}/{PORT}"}
    assert tree.authorized() == "1"


@pytest.mark.parametrize(
    ("code", "access", "disk"),
    [
        ("effect-writable", Access.READ_ONLY, {"ro": 0, "part_ro": 0}),
        ("effect-writable", Access.READ_ONLY, {"ro": 1, "part_ro": 0}),
        ("effect-read-only", Access.READ_WRITE, {"ro": 1}),
        ("effect-other-size", Access.READ_ONLY, {"blocks": 2000}),
    ],
)
def test_an_effect_that_was_not_meant_shuts_the_port(
    tree: Tree, code: str, access: Access, disk: dict[str, int]
) -> None:
    tree.plug()
    with pytest.raises(Broken, match=code):
        _admit(tree, _gate(tree), access, lambda: tree.disk(**disk))  # type: ignore[arg-type]
    assert tree.authorized() == "0"
    assert tree.marks() == set()
    assert not (tree.root / "sys/bus/usb/devices" / PORT / "driver").exists()


def test_a_disk_that_was_not_read_in_the_gate_shuts_the_port(tree: Tree) -> None:
    tree.plug()

    def two() -> None:
        tree.disk("sdb", lun=1)
        tree.disk("sda")

    with pytest.raises(Broken, match="effect-unknown-disk"):
        _admit(tree, _gate(tree), Access.READ_ONLY, two)
    assert tree.authorized() == "0"


def test_a_model_that_counts_one_block_too_many_is_let_in(tree: Tree) -> None:
    tree.plug()
    assert _admit(tree, _gate(tree), Access.READ_ONLY, lambda: tree.disk(blocks=999))


def test_a_write_protected_medium_may_be_read_only_after_a_writable_verdict(tree: Tree) -> None:
    tree.plug()
    unit = Unit(0, 0, b"", 1000, 512, write_protected=True)
    (disk,) = _admit(tree, _gate(tree), Access.READ_WRITE, lambda: tree.disk(ro=1), units=(unit,))
    assert disk.read_only


def test_a_disk_that_never_comes_shuts_the_port(tree: Tree) -> None:
    tree.plug()
    with pytest.raises(Broken, match="effect-no-disk"):
        _admit(tree, _gate(tree, seconds=0.05), Access.READ_ONLY, lambda: None)
    assert tree.authorized() == "0"
    assert tree.marks() == set()


def test_a_disk_that_udev_is_not_done_with_does_not_count(tree: Tree) -> None:
    tree.plug()
    units = (UNIT, Unit(1, 0, b"", 1000, 512, write_protected=False))

    def two() -> None:
        tree.disk("sdb", lun=1)
        tree.disk("sda")

    with pytest.raises(Broken, match="effect-no-disk"):
        _admit(tree, _gate(tree, seconds=0.05), Access.READ_ONLY, two, units=units)
    assert tree.authorized() == "0"


@pytest.mark.parametrize("driver", ["", "usbhid"])
def test_no_storage_driver_shuts_the_port(tree: Tree, driver: str) -> None:
    tree.plug()
    gate = _gate(tree)
    gate.binds = driver
    with pytest.raises(Broken, match="effect-no-driver"):
        _admit(tree, gate, Access.READ_ONLY, lambda: None)
    assert tree.authorized() == "0"
    assert tree.marks() == set()


def test_a_stick_pulled_during_admission_leaves_no_mark(tree: Tree) -> None:
    tree.plug()
    gate = _gate(tree)

    def pull() -> None:
        tree.unplug()
        gate.gone(PORT)

    with pytest.raises(Hostile, match="device-gone"):
        _admit(tree, gate, Access.READ_WRITE, pull)
    assert tree.marks() == set()


def test_a_stick_that_loses_its_driver_before_its_directories_was_pulled_and_is_no_fault_of_the_host(
    tree: Tree,
) -> None:
    tree.plug()
    gate = _gate(tree)
    gate.binds = ""

    async def run() -> None:
        plugged = Plugged.open(tree.root, PORT)
        plugged.units = (UNIT,)
        admission = asyncio.create_task(gate.admit(plugged, Access.READ_WRITE))
        assert await asyncio.to_thread(gate.probed.wait, 10)
        done, _ = await asyncio.wait({admission}, timeout=0.2)
        assert not done, "without a driver the gate waits whether the device is leaving"
        tree.unplug()
        gate.gone(PORT)
        await admission

    with pytest.raises(Hostile, match="device-gone"):
        asyncio.run(run())
    assert tree.marks() == set()


def test_an_admission_that_is_cancelled_ends_shut(tree: Tree) -> None:
    tree.plug()
    gate = _gate(tree)

    async def run() -> None:
        plugged = Plugged.open(tree.root, PORT)
        plugged.units = (UNIT,)
        admission = asyncio.create_task(gate.admit(plugged, Access.READ_WRITE))
        await asyncio.sleep(0)
        admission.cancel()
        with pytest.raises(asyncio.CancelledError):
            await admission

    asyncio.run(run())
    assert tree.authorized() == "0"
    assert tree.marks() == set()
    assert not (tree.root / "sys/bus/usb/devices" / PORT / "driver").exists()


def test_a_kernel_that_does_not_follow_is_named(tree: Tree) -> None:
    tree.plug()
    tree.bind()
    gate = Gate(tree.root, tree.runtime)
    with pytest.raises(Broken) as caught:
        asyncio.run(gate.shut(Plugged.open(tree.root, PORT)))
    assert (caught.value.code, caught.value.facts["driver"]) == ("effect-still-open", "usb-storage")


def test_shutting_a_stick_that_is_gone_is_no_error(tree: Tree) -> None:
    tree.plug()
    plugged = Plugged.open(tree.root, PORT)
    tree.unplug()
    asyncio.run(_gate(tree).shut(plugged, whole_device=True))
    assert tree.marks() == set()


def test_the_keyboard_of_a_composite_follows_its_storage(tree: Tree) -> None:
    tree.plug(kinds=(STORAGE, KEYBOARD))
    gate = _gate(tree)
    plugged = Plugged.open(tree.root, PORT)
    asyncio.run(gate.authorize(plugged))
    assert tree.authorized("3-1:1.1") == "0"
    asyncio.run(gate.shut(plugged))
    _admit(tree, gate, Access.READ_ONLY, tree.disk)
    assert tree.authorized("3-1:1.1") == "1"
    asyncio.run(gate.shut(plugged, whole_device=True))
    assert tree.authorized("3-1:1.1") == "0"


def test_what_is_only_observed_passes_as_a_whole_and_its_bind_is_no_escape(tree: Tree) -> None:
    tree.plug(kinds=(STORAGE, KEYBOARD))
    gate = _gate(tree)
    plugged = Plugged.open(tree.root, PORT)
    asyncio.run(gate.shut(plugged, whole_device=True))
    asyncio.run(gate.let_pass(plugged))
    assert (tree.authorized(), tree.authorized("3-1:1.1")) == ("1", "1")
    assert f"rw/{PORT}" in gate.marks_when_probed | tree.marks(), "or udev makes its disk read-only"
    assert (plugged.binds_expected, plugged.released) == (1, True)
    asyncio.run(gate.shut(plugged, whole_device=True))
    assert (tree.authorized(), tree.authorized("3-1:1.1"), plugged.released) == ("0", "0", False)


def test_another_storage_interface_of_what_is_only_observed_is_left_to_its_own_visit(tree: Tree) -> None:
    tree.plug(kinds=(STORAGE, STORAGE))
    gate = _gate(tree)
    plugged = Plugged.open(tree.root, PORT)
    asyncio.run(gate.shut(plugged))
    tree.write("sys/devices/usb3/3-1/3-1:1.1/authorized", "0\n")
    asyncio.run(gate.let_pass(plugged))
    assert tree.authorized("3-1:1.1") == "0"


def test_the_mark_of_observing_goes_with_the_marks(tree: Tree) -> None:
    gate = _gate(tree)
    gate.observe(True)
    assert (tree.runtime / "observing").exists()
    gate.forget_marks()
    assert not (tree.runtime / "observing").exists()


def test_marks_of_an_earlier_run_are_forgotten(tree: Tree) -> None:
    (tree.runtime / "rw" / PORT).touch()
    _gate(tree).forget_marks()
    assert tree.marks() == set()


def test_descriptors_are_not_leaked(tree: Tree) -> None:
    tree.plug(kinds=(STORAGE, KEYBOARD))
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(50):
        plugged = Plugged.open(tree.root, PORT)
        plugged.siblings()
        del plugged
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_what_the_reader_has_seen_ready_is_not_waited_for_and_everything_else_is(tree: Tree) -> None:
    tree.plug()
    gate = _gate(tree)
    _admit(tree, gate, Access.READ_ONLY, lambda: tree.disk(ro=1))
    assert gate.delay_when_probed == "0"
    assert tree.delay() == "1"


def test_the_kernels_delay_is_back_when_a_release_fails(tree: Tree) -> None:
    tree.plug()
    gate = _gate(tree)
    gate.binds = "cdc_ether"
    with pytest.raises(Broken, match="effect-no-driver"):
        _admit(tree, gate, Access.READ_ONLY, lambda: None)
    assert gate.delay_when_probed == "0"
    assert tree.delay() == "1"


def test_two_releases_at_once_end_with_the_delay_that_was_there_before_the_first(tree: Tree) -> None:
    tree.write("sys/module/usb_storage/parameters/delay_use", "5\n")
    settle = Settle(tree.root)
    with settle.seen_ready():
        with settle.seen_ready():
            assert tree.delay() == "0"
        assert tree.delay() == "0"
    assert tree.delay() == "5"


@pytest.mark.parametrize("delay", ["0\n", None])
def test_a_delay_that_is_none_or_cannot_be_changed_stays_as_it_is(tree: Tree, delay: str | None) -> None:
    path = tree.root / "sys/module/usb_storage/parameters/delay_use"
    path.unlink()
    if delay is not None:
        path.write_text(delay)
    with Settle(tree.root).seen_ready():
        pass
    assert path.exists() is (delay is not None)
    assert delay is None or path.read_text() == delay
