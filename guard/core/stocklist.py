"""An older list of sticks, row by row: which columns it has, what a row says, and what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from guard.core.errors import Hostile
from guard.core.label import Kind
from guard.core.life import MAX_DEPARTMENT, MAX_HOLDER
from guard.core.options import parse_texts
from guard.core.request import MAX_NUMBER
from guard.core.scheme import Scheme

MAX_SERIAL = 64
_NAMES: Mapping[str, tuple[str, ...]] = {
    "number": ("number", "no.", "编号", "介质编号", "资产编号"),
    "serial": ("serial", "serial number", "序列号", "sn"),
    "level": ("level", "密级"),
    "holder": ("holder", "责任人", "持有人", "使用人", "保管人"),
    "department": ("department", "部门", "使用部门"),
    "kind": ("kind", "用途"),
}
_KINDS = {"": Kind.WORK, "work": Kind.WORK, "工作": Kind.WORK, "personal": Kind.PERSONAL, "个人": Kind.PERSONAL}
_LIMITS = {"number": MAX_NUMBER, "serial": MAX_SERIAL, "level": 128, "holder": MAX_HOLDER, "department": MAX_DEPARTMENT}
_LIMITS |= {"kind": 16}


@dataclass(frozen=True, slots=True)
class Item:
    """One medium of an older list. `level` is what it has held so far: a label below it takes two people."""

    number: str
    serial: str
    level: str
    holder: str
    department: str
    kind: Kind


def columns_of(heading: Sequence[str]) -> dict[str, int]:
    """Where each column stands, by its English or Chinese names; columns that are not known are passed over.

    Raises:
        Hostile: `list-heading` where number or level is missing, or a column is there twice.
    """
    found: dict[str, int] = {}
    for place, text in enumerate(heading):
        name = next((name for name, names in _NAMES.items() if text.strip().casefold() in names), "")
        if name in found:
            raise Hostile("list-heading", column=name)
        if name:
            found[name] = place
    for needed in ("number", "level"):
        if needed not in found:
            raise Hostile("list-heading", column=needed)
    return found


def parse_item(untrusted: Mapping[str, object], scheme: Scheme) -> Item:
    """One row.

    Raises:
        Hostile: `option-...`, `list-number`, `level-missing`, `level-unknown`, `kind-unknown`.
    """
    found = dict.fromkeys(_LIMITS, "") | parse_texts(untrusted, _LIMITS)
    if not found["number"]:
        raise Hostile("list-number")
    if not found["level"]:
        raise Hostile("level-missing")
    kind = _KINDS.get(found["kind"].casefold())
    if kind is None:
        raise Hostile("kind-unknown", value=found["kind"], known=", ".join(Kind))
    level = str(scheme.level(found["level"]))
    return Item(found["number"], found["serial"], level, found["holder"], found["department"], kind)
