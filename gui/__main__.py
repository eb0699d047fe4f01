"""media-guard-tray: the entry. Arguments, translations, signals of the system, then the application."""

import argparse
import asyncio
import os
import signal
import socket
import sys
from importlib import resources

from PySide6.QtCore import QLibraryInfo, QLocale, QSocketNotifier, QTranslator
from PySide6.QtWidgets import QApplication

from gui.front import CONSOLE, WINDOW, hand_over
from gui.link import Link

LANGUAGES = {"zh": ("media-guard_zh_CN.qm", "qtbase_zh_CN"), "en": ("media-guard_en.qm", "qtbase_en")}


def main() -> int:
    """Run until the session ends."""
    words = _arguments().parse_args()
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or os.environ.get("QT_QPA_PLATFORM")):
        print("media-guard-tray needs a desktop. Without one use: mediaguardctl", file=sys.stderr)
        return 1
    if not words.play and asyncio.run(hand_over(CONSOLE if words.console else WINDOW)):
        return 0
    app = QApplication(sys.argv[:1])
    app.setApplicationName("media-guard-tray")
    app.setApplicationDisplayName("Media Guard")
    app.setDesktopFileName("media-guard-tray")
    app.setQuitOnLastWindowClosed(False)
    language = translate_into(app, language_of(QLocale.system().uiLanguages()))
    from gui.application import Application  # noqa: PLC0415 - texts are translated once the translators are there

    application = Application(Link(language, "alice" if words.play else "", only=not words.play), play=words.play)
    _end_on_signals(app)
    application.start(console=words.console, window=words.window)
    status = app.exec()
    application.link.stop()
    return status


def language_of(wanted: list[str]) -> str:
    """Chinese if it is the first language of the desktop that we have, else English."""
    for name in wanted:
        if name.split("-")[0] in ("zh", "en"):
            return name.split("-")[0]
    return "en"


def translate_into(app: QApplication, language: str) -> str:
    """Our own sentences (in English: the plurals) and those of Qt's dialogs; returns the language in force."""
    ours, qt = LANGUAGES[language]
    place = str(resources.files("gui").joinpath("translations"))
    for folder, name in ((place, ours), (QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath), qt)):
        translator = QTranslator(app)
        if translator.load(name, folder):
            app.installTranslator(translator)
    if language == "zh":
        QLocale.setDefault(QLocale(QLocale.Language.Chinese, QLocale.Country.China))
    return language


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="media-guard-tray",
        description="Shows what the guard does with USB media: a tray icon, prompts, and a console for admins and auditors.",
    )
    parser.add_argument("--console", action="store_true", help="open the console for admins and auditors")
    parser.add_argument("--window", action="store_true", help="open the window of one's own media and requests")
    parser.add_argument(
        "--play", metavar="FOLDER", default="", help="with simulated ports: a panel to plug the images in FOLDER"
    )
    return parser


def _end_on_signals(app: QApplication) -> None:
    """Qt's loop runs no Python while it is idle, so a signal must wake it through a descriptor (signal.set_wakeup_fd)."""
    ours, theirs = socket.socketpair()
    for end in (ours, theirs):
        end.setblocking(False)
    signal.set_wakeup_fd(theirs.fileno())
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: app.quit())
    notifier = QSocketNotifier(ours.fileno(), QSocketNotifier.Type.Read, app)
    notifier.activated.connect(lambda *_: ours.recv(64))
    app.setProperty("ends", (ours, theirs))


if __name__ == "__main__":
    sys.exit(main())
