"""A report to file, made by mediaguardctl: the same pages, the same proof, and one program that knows how."""

import os
import secrets
import shutil
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, Signal

_OPTIONS = {"from_network": "--from", "to_network": "--to"}


class Filing(QObject):
    """One report at a time; `done` gives the file, `failed` a sentence."""

    done = Signal(str)
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        """Nothing runs yet."""
        super().__init__(parent)
        self._process: QProcess | None = None

    @property
    def busy(self) -> bool:
        """Whether one is being made."""
        return self._process is not None

    def make(self, out: Path, wanted: Mapping[str, object], language: str, person: str = "") -> None:
        """Write a report with these filters (as the guard takes them) into a file, which may be there already."""
        words = ["report", "crossings"]
        for name, value in wanted.items():
            words += [_OPTIONS.get(name, f"--{name}"), _text(name, value)]
        self.draw(out, words, language, person)

    def draw(self, out: Path, command: Sequence[str], language: str, person: str = "") -> None:
        """Have a command of mediaguardctl write a paper into a file, which may be there already."""
        program = _program()
        if program is None:
            self.failed.emit(self.tr("mediaguardctl was not found. Install the package media-guard on this computer."))
            return
        beside = out.with_name(f".{out.stem}-{secrets.token_hex(4)}{out.suffix.lower()}")  # it never overwrites
        words = [*(("--as", person) if person else ()), *command, "--out", str(beside)]
        process = QProcess(self)
        process.setProcessEnvironment(_environment(language))
        process.finished.connect(lambda code, _: self._finished(process, code, beside, out))
        process.errorOccurred.connect(lambda error: self._broken(process, error))
        self._process = process
        process.start(program, words)

    def _finished(self, process: QProcess, code: int, beside: Path, out: Path) -> None:
        said = bytes(process.readAllStandardError().data()).decode("utf-8", "replace").strip()
        self._end(process)
        if code != 0:
            self.failed.emit(said.rpartition("\n")[2] or self.tr("The report could not be made."))
            return
        try:
            for path, to in ((beside, out), (_proof(beside), _proof(out))):
                if path.exists():
                    path.replace(to)
        except OSError as error:
            self.failed.emit(self.tr("{0} cannot be written ({1}). Choose another folder.").format(out, error.strerror))
            return
        self.done.emit(str(out))

    def _broken(self, process: QProcess, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self._end(process)
            self.failed.emit(self.tr("The report could not be made."))

    def _end(self, process: QProcess) -> None:
        self._process = None
        process.deleteLater()


def _program() -> str | None:
    """Beside the interpreter that runs us, as both are installed, else where the system finds it."""
    own = Path(sys.executable).with_name("mediaguardctl")
    return str(own) if os.access(own, os.X_OK) else shutil.which("mediaguardctl")


def _environment(language: str) -> QProcessEnvironment:
    environment = QProcessEnvironment.systemEnvironment()
    environment.remove("LC_ALL")
    environment.insert("LC_MESSAGES", "zh_CN.UTF-8" if language == "zh" else "C.UTF-8")
    return environment


def _proof(path: Path) -> Path:
    return path.with_name(f"{path.name}.proof")


def _text(name: str, value: object) -> str:
    if name in ("since", "until") and isinstance(value, int):
        return datetime.fromtimestamp(value, UTC).isoformat()
    return str(value)
