"""Reminders about media that somebody holds: one notification, once a day, however often they log in."""

import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from gui.desk import Desk, Quiet
from gui.plain import rows_of, text
from gui.popups import Notice

KEY = "reminders"
LOOK_SECONDS = 3600
MOST = 5


class Reminding(QObject):
    """Asks when the guard is there, and every hour, whether today's reminders were shown."""

    def __init__(self, desk: Desk, remembered: Path | None = None) -> None:
        """`remembered`: the file that says when they were shown last."""
        super().__init__()
        self._desk, self._file = desk, remembered or _state_file()
        self._shown = self._recall()
        self._asked = False
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_SECONDS * 1000)
        self._timer.timeout.connect(self.look)
        self._timer.start()
        desk.guard_changed.connect(self.look)

    def look(self) -> None:
        """Ask, unless they were shown today."""
        if self._desk.guard is None or self._asked or self._shown == _today():
            return
        self._asked = True
        self._desk.call("Reminders", "", [], self._came, self._failed)

    def _came(self, found: object) -> None:
        self._asked = False
        said = [text(row.get("what")) for row in rows_of(found)]
        said = [sentence for sentence in said if sentence]
        if not said or self._shown == _today():
            return
        self._shown = _today()
        self._remember()
        late = any(row.get("late") is True for row in rows_of(found))
        more = self.tr("There are %n more; see “My media”.", "", len(said) - MOST)
        lines = said[:MOST] + ([more] if len(said) > MOST else [])
        title = self.tr("About the media that you hold")
        self._desk.link.show(KEY, Notice(title, "\n".join(lines), (("default", self.tr("My media")),), urgent=late))

    def _failed(self, sentence: str) -> None:
        self._asked = False
        Quiet(sentence)

    def _recall(self) -> str:
        try:
            return self._file.read_text("utf-8")[:10]
        except (OSError, ValueError):
            return ""

    def _remember(self) -> None:
        """Where it cannot be written, they are shown at the next login again."""
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.write_text(self._shown, "utf-8")


def _today() -> str:
    return datetime.now(UTC).astimezone().date().isoformat()


def _state_file() -> Path:
    """By the XDG base directory specification."""
    base = os.environ.get("XDG_STATE_HOME", "")
    return (Path(base) if base.startswith("/") else Path.home() / ".local" / "state") / "media-guard" / "reminded"
