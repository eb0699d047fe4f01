"""What a label says of its medium, kept in the register."""

import json

from sqlalchemy import Connection, insert, select, update

from guard.core.classification import Classification
from guard.core.label import Label
from guard.core.life import WAYS, MediumState, Step
from guard.core.scheme import Level, Scheme
from guard.store.marks import note_mark
from guard.store.tables import media


def note_label(
    connection: Connection, scheme: Scheme, label: Label, now: int, high_water: Level | None, *, by: str = ""
) -> None:
    """Keep the newest generation and the highest water; neither ever falls here. `by`: who signed it here, "" for elsewhere."""
    row = connection.execute(select(media).where(media.c.id == label.medium_id)).first()
    level = scheme.level_of_codes(label.level_codes)
    classified = Classification(level, label.issued, label.expires)
    known = scheme.level(row.high_water) if row and row.high_water else Level(())
    high = scheme.join(level, known, high_water or Level(()))
    if row is not None and row.generation > label.generation:
        connection.execute(update(media).where(media.c.id == label.medium_id).values(high_water=str(high)))
        return
    values = {
        "number": _number(connection, label),
        "scheme": label.scheme,
        "level": str(level),
        "kind": label.kind,
        "networks": json.dumps(list(label.networks)),
        "holder": label.holder,
        "may_import": int(label.may_import),
        "read_only": int(label.read_only),
        "expires": label.expires,
        "generation": label.generation,
        "hardware": label.hardware,
        "high_water": str(high),
    }
    if row is None:
        fresh = {
            "id": label.medium_id,
            "state": MediumState.REGISTERED,
            "registered_here": int(bool(by)),
            "since": now,
        }
        connection.execute(insert(media).values({**values, **fresh}))
        note_mark(connection, label.medium_id, classified, by, now)
        return
    if row.generation == label.generation:  # who holds it now is in the register, not on the label
        del values["holder"]
    elif row.state in WAYS[Step.REGISTER].start:  # signed again, perhaps at another computer
        values["state"] = MediumState.REGISTERED
    connection.execute(update(media).where(media.c.id == label.medium_id).values(values))
    if row.generation < label.generation:
        note_mark(connection, label.medium_id, classified, by, now)


def _number(connection: Connection, label: Label) -> str:
    """The label's number; where another medium has it here, with the id that tells them apart, or the beginning of it.

    Registers without a wire between them each count from 0001, perhaps after one prefix.
    """
    for number in (label.number, f"{label.number} ({label.medium_id[:6]})"):
        other = select(media.c.id).where(media.c.number == number, media.c.id != label.medium_id)
        if connection.execute(other).first() is None:
            return number
    return f"{label.number} ({label.medium_id})"  # longer than a label's number can be: nobody else has it
