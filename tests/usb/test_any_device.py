"""A device may say anything. What comes out is a value that can be true or one error, after a bounded number of questions."""

import contextlib

from hypothesis import given, settings
from hypothesis import strategies as st

from guard.core.errors import Hostile
from guard.core.unit import Unit
from guard.usb.bulk_only import BulkOnly
from guard.usb.scsi import BLOCK_SIZES, Scsi
from guard.usb.usbfs import Babbled, Gone, Stalled, TimedOut

_FAULTS = (Stalled, TimedOut, Babbled, Gone)


class Anything:
    """Answers from a list, over and over; a status can be made to fit its command, so that the lies come further in."""

    def __init__(self, script: list[tuple[str, bytes]]) -> None:
        self.script, self.calls, self.tag, self.now = script, 0, b"", 0.0

    def _next(self, milliseconds: int) -> tuple[str, bytes]:
        kind, data = self.script[self.calls % len(self.script)]
        self.calls += 1
        assert self.calls < 20_000, "it does not end"
        if kind.isdigit():
            if int(kind) == 1:
                self.now += milliseconds / 1000
            raise _FAULTS[int(kind)]
        return kind, data

    def bulk_in(self, endpoint: int, length: int, milliseconds: int) -> bytes:
        kind, data = self._next(milliseconds)
        if kind == "status" or (kind == "fit" and length == 13):
            data = b"USBS" + self.tag + bytes(4) + (data[:1] or b"\0")
        if kind == "fit" and length != 13:
            data = data.ljust(length, data[-1:] or b"\0")
        return data[:length]

    def bulk_out(self, endpoint: int, data: bytes, milliseconds: int) -> int:
        if data[:4] == b"USBC":
            self.tag = data[4:8]
        kind, said = self._next(milliseconds)
        return len(data) if kind != "junk" else len(said)

    def control(self, kind: int, request: int, value: int, index: int, length: int, milliseconds: int) -> bytes:
        return self._next(milliseconds)[1][:length]

    def clear_halt(self, endpoint: int) -> None:
        self._next(5_000)


_words = st.tuples(st.sampled_from(["fit"] * 8 + ["status", "junk", "0", "1", "2", "3"]), st.binary(max_size=40))


@settings(max_examples=1500, deadline=None)
@given(st.lists(_words, min_size=1, max_size=40))
def test_any_answers_give_units_that_can_be_true_or_one_error(script: list[tuple[str, bytes]]) -> None:
    device = Anything(script)

    def pause(seconds: float) -> None:
        device.now += seconds

    scsi = Scsi(BulkOnly(device, 0, 0x81, 2), pause, lambda: device.now)
    try:
        units = scsi.units(30)
    except Hostile:
        return
    assert [unit.lun for unit in units] == list(range(len(units)))
    for unit in units:
        assert unit.block_size in BLOCK_SIZES
        assert 0 <= unit.blocks < 1 << 48
        assert len(unit.inquiry) <= 36
        if unit.blocks > 64:
            _use(scsi, unit.lun, units)


def _use(scsi: Scsi, lun: int, units: list[Unit]) -> None:
    unit = units[lun]
    count = 8192 // unit.block_size
    with contextlib.suppress(Hostile):
        assert len(scsi.read(unit, 1, count)) == 8192
        scsi.write(unit, 1, bytes(8192))
        scsi.flush(unit)
