"""A window system without a screen, a real guard on simulated ports, and a desktop's notification server that only listens."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtWidgets import QApplication

from gui.__main__ import translate_into
from tests.gui.desktop import Desktop, Office


@pytest.fixture(scope="session")
def app() -> QApplication:
    found = QApplication.instance()
    app = found if isinstance(found, QApplication) else QApplication(["media-guard-tray"])
    app.setQuitOnLastWindowClosed(False)
    translate_into(app, "en")
    return app


@pytest.fixture(scope="session")
def _office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with Office(tmp_path_factory.mktemp("office")) as office:
        yield office


@pytest.fixture
def office(_office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", _office.address)
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", _office.session)
    state = _office.folder / "state"  # not that of whoever runs the tests; and today's reminders have been shown
    (state / "media-guard").mkdir(parents=True, exist_ok=True)
    (state / "media-guard" / "reminded").write_text(datetime.now(UTC).astimezone().date().isoformat())
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    yield _office
    _office.pull_everything()


@pytest.fixture
def desktop(app: QApplication, office: Office) -> Iterator[Desktop]:
    with Desktop(office) as desktop:
        yield desktop


@pytest.fixture
def root() -> Path:
    return Path(__file__).resolve().parents[2]
