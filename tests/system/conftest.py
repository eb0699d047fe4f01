"""One guest for all tests that need the package installed; its logs go with a failure."""

from collections.abc import Generator, Iterator

import pytest

from tests.system.guest import Guest
from tests.system.image import image

_guest: list[Guest] = []


@pytest.fixture(scope="session")
def guest() -> Iterator[Guest]:
    with Guest(image()) as machine:
        machine.prepare()
        _guest.append(machine)
        yield machine
        _guest.clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: "pytest.CallInfo[None]"
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed and _guest and "guest" in getattr(item, "fixturenames", ()):
        commands = (
            "journalctl -u media-guardd -u 'media-guard-reader@*' --no-pager -o short-precise | tail -n 60",
            "mediaguardctl visits --limit 5",
            "dmesg | tail -n 20",
        )
        for command in commands:
            done = _guest[0].run(command, check=False)
            report.sections.append((f"in the guest: {command}", done.stdout + done.stderr))
    return report
