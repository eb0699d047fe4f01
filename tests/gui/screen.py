"""An X server of its own, and what a program needs in its environment to find it."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.gui.desktop import Office


@contextlib.contextmanager
def screen() -> Iterator[str]:
    """The name of the display."""
    ours, theirs = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(theirs), "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
        pass_fds=(theirs,),
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs)
    with os.fdopen(ours) as number:
        display = number.readline().strip()
    yield f":{display}"
    server.terminate()
    server.wait(10)


def tray_environment(office: Office, display: str, runtime: Path) -> dict[str, str]:
    """For a desktop like KDE, in English."""
    runtime.mkdir(mode=0o700)
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("QT_", "XDG_", "WAYLAND"))},
        "DBUS_SYSTEM_BUS_ADDRESS": office.address,
        "DBUS_SESSION_BUS_ADDRESS": office.session,
        "DISPLAY": display,
        "LANG": "C.UTF-8",
        "XDG_RUNTIME_DIR": str(runtime),
        "XDG_CURRENT_DESKTOP": "KDE",
    }
