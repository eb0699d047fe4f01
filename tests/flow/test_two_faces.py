"""A stick that shows the guard one thing and the kernel another is cut off, whatever part it changes; nobody gets its disk."""

import asyncio
from pathlib import Path

import pytest

from guard.core.area import LABEL_A, LABEL_B
from guard.core.ports import Disk
from guard.core.verdict import Access, Severity
from guard.sim.ports import SimulatedPorts
from tests.flow.host import Host, stick


class TwoFaces(SimulatedPorts):
    """Through the disk, one byte at `lie` is another one; nothing while it is negative."""

    lie = -1

    async def read_disk(self, disk: Disk, offset: int, length: int) -> bytes:
        data = bytearray(await super().read_disk(disk, offset, length))
        if offset <= self.lie < offset + length:
            data[self.lie - offset] ^= 1
        return bytes(data)


@pytest.mark.parametrize("lie", [0x1BE, LABEL_A + 40, LABEL_B + 40, LABEL_A + 4095], ids=["table", "A", "B", "last"])
def test_another_face_behind_the_gate_is_cut_off_with_an_alarm_and_the_true_one_is_let_in(
    tmp_path: Path, lie: int
) -> None:
    async def story() -> None:
        image = stick(tmp_path)
        founded = Host.found(tmp_path / "a", "office", "机密")
        founded.ports = ports = TwoFaces()
        async with founded as host:
            await host.pull(await host.register(await host.plug(image), "机密"))
            host.told.clear()
            ports.lie = lie
            visit = await host.plug(image)
            assert visit.access is Access.REFUSED
            assert visit.rules == ("changed-after-admission",)
            assert visit.verdict is not None
            assert visit.verdict.severity is Severity.ALARM
            assert not visit.disk
            assert ports._slots[visit.port].disk is None
            assert not [v for v in host.told if v.access.opens and v.stage == "open"]
            await host.pull(visit)
            ports.lie = -1
            assert (await host.plug(image)).access is Access.READ_WRITE

    asyncio.run(story())
