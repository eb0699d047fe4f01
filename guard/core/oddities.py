"""What is odd about a file, by its name and place: the tricks of programs that travel on media.

The lists follow published cases (folders that are hidden and replaced by a program of the same name, shortcuts, autorun). A flag
is a reason to look, never a proof.
"""

import re
import unicodedata
from collections.abc import Container
from enum import StrEnum

from guard.core.manifest import Entry, Kind


class Oddity(StrEnum):
    """Why to look at a file. `housekeeping` is the opposite: an operating system's own, known to be harmless."""

    DISGUISED = "disguised"  # a program that looks like a folder or a document
    AUTORUN = "autorun"  # a desktop may start it
    SHORTCUT = "shortcut"  # stands for something else
    HIDDEN = "hidden-folder"
    UNSHOWABLE = "unshowable"  # a name that does not show itself, or shows something else
    PROGRAM = "program"
    HOUSEKEEPING = "housekeeping"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PROGRAMS = _words(
    "exe scr com pif bat cmd vbs vbe js jse wsf wsh hta ps1 msi msc cpl jar dll sys reg sh run appimage elf"
)
_SHORTCUTS = _words("lnk desktop url pif scf library-ms searchconnector-ms website webloc")
_DOCUMENTS = _words(
    "doc docx xls xlsx ppt pptx wps et dps ofd odt ods odp pdf txt rtf csv md htm html zip rar 7z jpg jpeg png gif bmp tif tiff"
    " mp3 mp4 avi mov wmv"
)
_AUTORUN = frozenset({"autorun.inf", "autorun", ".autorun", "autorun.sh", ".autoopen", "autoopen"})
_HOUSEKEEPING = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"System Volume Information(/(IndexerVolumeGuid|WPSettings\.dat))?",
        r"\.Trash-\d+(/(files|info|expunged|directorysizes))?",
        r"\.Trash",
        r"\$RECYCLE\.BIN(/desktop\.ini)?",
        r"lost\+found",
        r"LOST\.DIR",
        r"(.*/)?(Thumbs\.db|desktop\.ini|\.DS_Store|\.directory)",
        r"\.fseventsd(/(fseventsd-uuid|no_log|[0-9a-f]{16}))?",
        r"\.(Spotlight-V100|Trashes|TemporaryItems|DocumentRevisions-V100)",
        r"\.Trashes/\d+",
    )
)


def oddities(entry: Entry, folders: Container[bytes]) -> frozenset[Oddity]:
    """What is odd about an entry; `folders` are the paths of the folders around it, in small letters."""
    path = entry.path.decode("utf-8", "surrogateescape")
    kind_fits = entry.kind in (Kind.FILE, Kind.FOLDER) and not entry.program
    if kind_fits and any(pattern.fullmatch(path) for pattern in _HOUSEKEEPING):
        return frozenset({Oddity.HOUSEKEEPING})
    name = path.rpartition("/")[2]
    found = {Oddity.UNSHOWABLE} if _unshowable(name) else set()
    if entry.kind is Kind.FOLDER:
        if name.startswith(".") or entry.hidden:
            found.add(Oddity.HIDDEN)
        return frozenset(found)
    plain = _plain(name)
    stem, _, extension = plain.rpartition(".")
    stem, extension = (stem, extension.strip()) if stem else (plain, "")
    program = entry.kind is Kind.FILE and (entry.program or extension in _PROGRAMS)
    if program:
        found.add(Oddity.PROGRAM)
    if entry.kind is Kind.LINK or extension in _SHORTCUTS:
        found.add(Oddity.SHORTCUT)
    if plain in _AUTORUN and "/" not in path:
        found.add(Oddity.AUTORUN)
    if (program or extension in _SHORTCUTS) and _looks_like_something_else(entry, stem, extension, folders):
        found.add(Oddity.DISGUISED)
    return frozenset(found)


def _looks_like_something_else(entry: Entry, stem: str, extension: str, folders: Container[bytes]) -> bool:
    """A second extension of a document, spaces that push the real one out of sight, or the name of a folder beside it."""
    parent = entry.path[: entry.path.rfind(b"/") + 1].lower()
    beside = parent + stem.strip().encode("utf-8", "surrogateescape")
    if beside in folders or parent + b"." + stem.strip().encode("utf-8", "surrogateescape") in folders:
        return True
    if extension in _DOCUMENTS or (entry.program and extension not in _PROGRAMS | _SHORTCUTS | {"", "so", "bin"}):
        return True  # its contents are a program
    inner = stem.rstrip().rpartition(".")
    return (bool(inner[0]) and inner[2].strip() in _DOCUMENTS) or stem != stem.rstrip() or "   " in stem


def _plain(name: str) -> str:
    """In small letters, and without what only changes how a name is drawn."""
    return "".join(c for c in name if unicodedata.category(c) != "Cf").lower().rstrip(". ")


def _unshowable(name: str) -> bool:
    return name != name.strip() or not name.isprintable()
