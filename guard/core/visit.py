"""The states of one stay of a medium, and the only steps between them."""

from enum import StrEnum


class Stage(StrEnum):
    """Where a stay is. Terminal: gone."""

    ARRIVED = "arrived"  # announced by the kernel; nothing is known of it
    HELD = "held"  # read back: no driver, no disk
    READING = "reading"  # claimed by the reader
    JUDGED = "judged"  # a verdict is in the journal, its effect is not there yet
    OPEN = "open"  # released read-only or read-write, read back
    SHUT = "shut"  # refused or waiting, read back
    GONE = "gone"


_STEPS: dict[Stage, frozenset[Stage]] = {
    Stage.ARRIVED: frozenset({Stage.HELD}),
    Stage.HELD: frozenset({Stage.READING, Stage.SHUT}),
    Stage.READING: frozenset({Stage.JUDGED, Stage.SHUT}),
    Stage.JUDGED: frozenset({Stage.OPEN, Stage.SHUT}),
    Stage.OPEN: frozenset({Stage.SHUT}),
    Stage.SHUT: frozenset({Stage.HELD}),
    Stage.GONE: frozenset(),
}


def step(now: Stage, then: Stage) -> Stage:
    """Go from one stage to the next; a stick can be pulled at any time, everything else has its order.

    Raises:
        RuntimeError: on a step that is not in the table: our own bug, never the medium's.
    """
    if then is Stage.GONE or then in _STEPS[now]:
        return then
    raise RuntimeError(f"a stay cannot go from {now} to {then}")
