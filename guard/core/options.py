"""What callers hand over beside the main thing, by name: texts of a known name and a length, and nothing else."""

from collections.abc import Mapping

from guard.core.errors import Hostile
from guard.core.medium import showable


def parse_text(name: str, untrusted: object, limit: int) -> str:
    """One text of at most `limit` characters, as it is.

    Raises:
        Hostile: `option-type`, `option-too-long`.
    """
    if not isinstance(untrusted, str):
        raise Hostile("option-type", option=name)
    if len(untrusted) > limit:
        raise Hostile("option-too-long", option=name, limit=limit)
    return untrusted


def parse_texts(untrusted: Mapping[str, object], limits: Mapping[str, int]) -> dict[str, str]:
    """The texts that were given, fit to be shown; `limits` in characters, by name.

    Raises:
        Hostile: `option-unknown`, `option-type`, `option-too-long`.
    """
    for name in untrusted:
        if name not in limits:
            raise Hostile("option-unknown", option=showable(name, 32))
    return {name: showable(parse_text(name, value, limits[name]), limits[name]) for name, value in untrusted.items()}
