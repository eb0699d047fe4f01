"""`make pictures`: every screen in both languages, into docs/pictures. Plays the story before a real guard on simulated ports.

`dark` and `large` (200 %) beside the language show that the screens can be read there too; those pictures go where one says.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
if "large" in sys.argv:
    os.environ["QT_SCALE_FACTOR"] = "2"

from PySide6.QtCore import QTimer
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from gui.__main__ import translate_into
from gui.application import Application
from gui.asking import RequestDialog
from gui.console.window import ConsoleWindow
from gui.desk import Desk
from gui.link import Link
from tests.gui.desktop import Office, wait_until

OUT = Path(__file__).resolve().parents[2] / "docs" / "pictures"
PURPOSE = {"en": "slides for Monday's meeting", "zh": "周一会议的幻灯片"}
WORN = {"en": "its holder leaves", "zh": "持有人离岗"}
PAGES = (
    "requests", "media", "crossings", "journal", "health", "holders", "two-people", "inventories", "reviews", "week"
)  # fmt: skip
SIZES = dict.fromkeys(PAGES, (1180, 700))
_DARK = {
    QPalette.ColorRole.Window: "#2b2b2b",
    QPalette.ColorRole.WindowText: "#eeeeee",
    QPalette.ColorRole.Base: "#1e1e1e",
    QPalette.ColorRole.AlternateBase: "#262626",
    QPalette.ColorRole.Text: "#eeeeee",
    QPalette.ColorRole.Button: "#3a3a3a",
    QPalette.ColorRole.ButtonText: "#eeeeee",
    QPalette.ColorRole.Highlight: "#3d6fa5",
    QPalette.ColorRole.HighlightedText: "#ffffff",
    QPalette.ColorRole.PlaceholderText: "#a0a0a0",
}
SHRINK = ("mogrify", "-colors", "128")


class Photographer:
    """Takes pictures of windows when they have settled."""

    def __init__(self, language: str, out: Path) -> None:
        self._language, self._out = language, out
        self.names: list[str] = []

    def __call__(self, window: QWidget, name: str) -> None:
        if name in SIZES:  # the screen that is not there is smaller than most
            window.resize(*SIZES[name])
        idle: list[None] = []
        # two rounds of what follows from changes (gui/soon.py), and the answers of the guard
        QTimer.singleShot(900, lambda: idle.append(None))
        wait_until(lambda: idle)
        path = self._out / f"{name}.{self._language}.png"
        assert window.grab().save(str(path)), path
        self.names.append(path.name)


def main(language: str, look: str, out: Path) -> int:
    app = QApplication(sys.argv[:1])
    app.setStyle("Fusion")
    if look == "dark":
        palette = QPalette()
        for role, colour in _DARK.items():
            palette.setColor(role, QColor(colour))
        app.setPalette(palette)
    app.setQuitOnLastWindowClosed(False)
    translate_into(app, language)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, Office(Path(folder)) as office:
        os.environ["DBUS_SYSTEM_BUS_ADDRESS"], os.environ["DBUS_SESSION_BUS_ADDRESS"] = office.address, office.session
        sticks = Path(folder) / "sticks"
        sticks.mkdir()
        for name in ("blue", "red"):
            shutil.move(office.stick(name), sticks / f"{name}.img")
        _travel(office, sticks / "blue.img")
        office.say("propose", "clear", str(office.rows("media")[0]["id"]), "--why", WORN[language])
        application = Application(Link(language, "alice"), play=str(sticks))
        application.link.start()
        photograph = Photographer(language, out)
        _play(application, photograph, language)
        application.link.stop()
    if shutil.which("mogrify"):
        subprocess.run([*SHRINK, *(str(out / name) for name in photograph.names)], check=True)
    print("\n".join(photograph.names))
    return 0


def _travel(office: Office, image: Path) -> None:
    """A medium that went to the other network and back."""
    office.other.start()
    try:
        office.say("sim", "plug", str(image))
        visit = office.rows("visits")[0]
        office.say("register", visit["id"], "--level", "INTERNAL", "--networks", "office", "--holder", "Alice")
        office.say("sim", "unplug", visit["interface"])
        office.say("inventory", "begin", "2026", "--due", "30d")
        for computer in (office.other, office.computer):
            assert computer.ask("sim", "plug", str(image)).returncode == 0
            assert computer.ask("sim", "unplug", "sim-1").returncode == 0
    finally:
        office.other.stop()


def _settled(desk: Desk, count: int) -> bool:
    return sum(visit.settled for visit in desk.visits.values()) == count


def _play(application: Application, photograph: Callable[[QWidget, str], None], language: str) -> None:
    desk, play = application.desk, application.play
    assert play is not None
    wait_until(lambda: desk.guard)
    play.show()
    photograph(play, "panel")
    for name in ("blue", "red"):
        play.sticks.setCurrentText(name)
        play.plug.click()
        count = 1 if name == "blue" else 2
        wait_until(partial(_settled, desk, count))
    refused = next(v for v in desk.visits.values() if v.verdict == "refused")
    application.show_mine()
    photograph(application.mine, "refused")
    application.mine.tabs.setCurrentIndex(1)
    photograph(application.mine, "my-media")
    application.why(refused.id)
    photograph(application._dialogs[f"why {refused.id}"], "why")
    application.ask(refused.id)
    dialog = application._dialogs[f"ask {refused.id}"]
    assert isinstance(dialog, RequestDialog)
    dialog.purpose.setPlainText(PURPOSE[language])
    photograph(dialog, "ask")
    dialog._send.click()
    wait_until(lambda: desk.requests)
    application.mine.tabs.setCurrentIndex(2)
    photograph(application.mine, "my-requests")
    application.link.become("admin")
    wait_until(lambda: "decide" in desk.rights)
    application.show_console()
    console = application.console
    assert isinstance(console, ConsoleWindow)
    assert console.pages.count() == len(PAGES)
    for row, name in enumerate(PAGES):
        console.pages.setCurrentRow(row)
        if name == "media":
            wait_until(lambda: console.media.model.rows)
            console.media.table.selectRow(0)
        if name == "two-people":
            wait_until(lambda: console.orders.table.rows)
            console.orders.table.selectRow(0)
        if name == "journal":
            console.journal._verify()
        photograph(console, name)
    application.first()
    photograph(application._dialogs["first"], "first-medium")


if __name__ == "__main__":
    words = [*sys.argv[1:], "", ""]
    sys.exit(main(words[0], words[1], Path(words[2]) if words[2] else OUT))
