"""What each program loads when it starts: counted in modules of others, because time depends on who else is at work.

A module that comes back here costs every start on every computer; whoever needs it raises the number on purpose.
"""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# As the packaged programs start: no site, and asyncio without TLS (packaging/deb/build.sh).
_START = """
import sys
sys.path[:0] = {path!r}
sys.modules["ssl"] = None
before = set(sys.modules)
import {module}
print(*sorted(set(sys.modules) - before))
"""
_TESTING = {"pytest", "_pytest", "unittest", "hypothesis", "distutils", "setuptools", "pip", "site"}
_SERVERS = {"http", "html", "socketserver", "xmlrpc", "wsgiref", "concurrent.futures.process", "multiprocessing"}
_TERMINAL = {"click", "rich", "pygments", "readline", "curses"}
_DATABASES = {
    "sqlalchemy.orm",
    "sqlalchemy.ext",
    "sqlalchemy.dialects.mysql",
    "sqlalchemy.dialects.postgresql",
    "sqlalchemy.dialects.oracle",
    "sqlalchemy.dialects.mssql",
}
_NEVER = _TESTING | _SERVERS | {"PySide6", "tkinter", "numpy", "_ssl", "pydoc", "pdb", "doctest"}


def _loaded(module: str) -> set[str]:
    path = [str(ROOT), *(place for place in sys.path if place.endswith("-packages"))]
    code = _START.format(path=path, module=module)
    done = subprocess.run([sys.executable, "-IS", "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def _of(loaded: set[str], names: set[str]) -> list[str]:
    return sorted(module for module in loaded if any(module == name or module.startswith(name + ".") for name in names))


@pytest.mark.parametrize(
    ("program", "most", "never"),
    [
        ("guard.__main__, guard.usb.ports", 386, _NEVER | _TERMINAL | _DATABASES),
        ("guard.usb.worker", 62, _NEVER | _TERMINAL | {"sqlalchemy", "asyncio", "cryptography", "dbus_next", "cbor2"}),
        ("guard.ctl.__main__", 150, _NEVER | {"sqlalchemy", "rich", "dbus_next", "cryptography"}),
        ("gui.__main__", 212, (_NEVER - {"PySide6"}) | _TERMINAL | {"sqlalchemy", "gui.console", "PySide6.QtNetwork"}),
    ],
    ids=["daemon", "reader", "mediaguardctl", "tray"],
)
def test_a_program_loads_what_it_needs_and_nothing_more(program: str, most: int, never: set[str]) -> None:
    loaded = _loaded(program)
    assert len(loaded) > 20, "nothing was loaded at all"
    assert _of(loaded, never) == []
    others = [module for module in loaded if module.partition(".")[0] not in ("guard", "gui")]
    if sys.version_info[:2] == (3, 11):  # others cut their own library in other pieces
        assert len(others) <= most, f"{len(others)} modules, at most {most}"
