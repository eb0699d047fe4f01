"""The files of a visit, as the daemon tells them, taken from the bus into frozen values."""

from dataclasses import dataclass
from datetime import datetime

from gui.plain import map_of, number, rows_of, text, texts, time_of


@dataclass(frozen=True, slots=True)
class Files:
    """What is known of the files of a visit. `state`: "" (nothing), listing, arrived, left, unknown; `size` in bytes.

    `undeclared` files are not as they left here, and no guard knows why; `unclear` ones, where nobody saw how they left.
    """

    state: str = ""
    files: int = 0
    size: int = 0
    complete: bool = True
    came: int = 0
    went: int = 0
    changed: int = 0
    undeclared: int = 0
    unclear: int = 0

    @property
    def known(self) -> bool:
        """They were listed."""
        return self.state in ("arrived", "left")


NO_FILES = Files()


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file of a visit; `path` as the guard shows it, `odd` why to look at it."""

    seq: int
    what: str
    path: str
    kind: str
    size: int
    modified: datetime | None
    odd: tuple[str, ...]


def parse_files(untrusted: object) -> Files:
    """The counts of a visit's files."""
    get = map_of(untrusted).get
    numbers = (number(get(name)) for name in ("came", "went", "changed", "undeclared", "unclear"))
    complete = get("complete") is not False
    return Files(text(get("state")), number(get("files")), number(get("size")), complete, *numbers)


def parse_changes(untrusted: object) -> list[FileChange]:
    """A page of the files of a visit."""
    return [
        FileChange(
            seq=number(row.get("seq")),
            what=text(row.get("what")),
            path=text(row.get("path")),
            kind=text(row.get("kind")),
            size=number(row.get("size")),
            modified=time_of(row.get("modified")),
            odd=texts(row.get("odd")),
        )
        for row in rows_of(untrusted)
    ]
