"""One guest for all tests that need the package installed; its logs go with a failure."""

import os
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.system.guest import DEB, Guest
from tests.system.image import SUITES, image

SUITE = os.environ.get("MEDIA_GUARD_SUITE", SUITES[0])
_guest: list[Guest] = []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is long has its own tier. First the files that switch on a guest of their own and off again, then the largest.

    Each of two workers takes the next file: so there are never more than two guests, and no long file is begun at the end.
    """
    sizes = Counter(item.path for item in items if not item.get_closest_marker("long"))
    items.sort(key=lambda item: (not _has_its_own_guest(item), -sizes[item.path], item.path))
    if not os.environ.get("MEDIA_GUARD_RELEASES"):
        for item in items:
            if item.get_closest_marker("long"):
                item.add_marker(pytest.mark.skip(reason="`make releases` runs it"))


def _has_its_own_guest(item: pytest.Item) -> bool:
    return isinstance(item, pytest.Function) and hasattr(item.module, "guest")


@contextmanager
def booted(suite: str = SUITE, deb: Path = DEB) -> Iterator[Guest]:
    """A guest of one's own; while it lives, its logs go with a failure."""
    with Guest(image(suite)) as machine:
        machine.prepare(deb)
        _guest.append(machine)
        yield machine
        _guest.remove(machine)


@pytest.fixture(scope="session")
def guest() -> Iterator[Guest]:
    with booted() as machine:
        yield machine


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: "pytest.CallInfo[None]"
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed and _guest and "guest" in getattr(item, "fixturenames", ()):
        commands = (
            "journalctl -u media-guardd -u 'media-guard-*@*' --no-pager -o short-precise | tail -n 60",
            "mediaguardctl visits --limit 5",
            "dmesg | tail -n 20",
        )
        for command in commands:
            done = _guest[-1].run(command, check=False)
            report.sections.append((f"in the guest: {command}", done.stdout + done.stderr))
        _guest[-1].pull_all()
    return report


def pytest_terminal_summary(terminalreporter: "pytest.TerminalReporter") -> None:
    """Why a test was tried once more is told too: a failure that passes the second time is still a failure to understand."""
    for report in terminalreporter.stats.get("rerun", ()):
        terminalreporter.section(f"tried once more: {report.nodeid}")
        terminalreporter.write_line(report.longreprtext)
        for name, text in report.sections:
            terminalreporter.write_line(f"--- {name}\n{text}")
