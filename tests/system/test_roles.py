"""On a real polkit: an employee asks, an admin decides but never her own request, an auditor sees all and changes nothing."""

import itertools
import json
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.guest import Guest, Visit
from tests.system.sticks import Stick, make_stick

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]
GRANT = "--level 机密 --networks lab --holder 张三"
PHRASE = "correct horse"
_numbers = itertools.count(1)
_CALL = "busctl call --json=short org.mediaguard.Guard1 /org/mediaguard/Guard1 org.mediaguard.Guard1"
# What is typed before the echo is off would be thrown away, in part or whole: typed when the terminal says that it is.
_TYPIST = """
import os, pty, select, sys, termios
child, terminal = pty.fork()
if child == 0:
    os.environ["LC_ALL"] = "C.UTF-8"
    os.execvp(sys.argv[2], sys.argv[2:])
said, waiting = b"", False
while True:
    readable, _, _ = select.select([terminal], [], [], 0.02 if waiting else None)
    if readable:
        try:
            more = os.read(terminal, 4096)
        except OSError:
            break
        said += more
        waiting = waiting or said.endswith(b"Password: ")
    if waiting and not termios.tcgetattr(terminal)[3] & termios.ECHO:
        os.write(terminal, sys.argv[1].encode() + b"\\n")
        waiting = False
        said += b"<typed>"
sys.stdout.write(said.decode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
_PEOPLE = f"""set -e
useradd -m -s /bin/bash -G media-guard-admin carol
useradd -m -s /bin/bash -G media-guard-audit dave
useradd -m -s /bin/bash -G media-guard-admin,media-guard-audit erin
echo 'carol:{PHRASE}' | chpasswd
for who in carol dave erin; do
  cp -r /root/.ssh /home/$who/ && chown -R $who: /home/$who/.ssh
done
"""


@pytest.fixture(scope="module")
def office(guest: Guest) -> Guest:
    guest.run(_PEOPLE)
    return guest


@pytest.fixture
def refused(office: Guest, tmp_path: Path) -> Iterator[tuple[Stick, Visit]]:
    """A stick of alice's, who sits at the computer; it was refused."""
    stick = make_stick(tmp_path, f"ROLE{next(_numbers)}")
    office.plug(stick)
    yield stick, office.judged(stick)
    office.unplug(stick)


def _asked(office: Guest, visit: Visit, user: str) -> str:
    office.run(f"mediaguardctl request {visit['Id']} --purpose 报告", user=user)
    (row,) = [row for row in office.ctl("requests --state open", user=user) if row["visit"] == visit["Id"]]
    return str(row["id"])


def _state(office: Guest, request: str) -> str:
    return str(next(row["state"] for row in office.ctl("requests") if row["id"] == request))


def _status(office: Guest, words: str, user: str) -> int:
    return office.run(f"mediaguardctl {words}", user=user, check=False).returncode


def _at_a_terminal(office: Guest, words: str, user: str, phrase: str) -> tuple[int, str]:
    """A command on a terminal of its own, with the password typed once it is asked for."""
    command = " ".join(map(shlex.quote, ("python3", "-c", _TYPIST, phrase, "mediaguardctl", *shlex.split(words))))
    done = office.run(command, user=user, check=False, timeout=120)
    return done.returncode, done.stdout


def test_an_employee_sees_and_decides_nothing_of_others(office: Guest, refused: tuple[Stick, Visit]) -> None:
    stick, visit = refused
    before = stick.digest()
    request = _asked(office, visit, "alice")
    for user in ("alice", "bob"):
        for words in (
            f"approve {request} {GRANT}",
            f"approve {request} --once",
            f"reject {request} --why x",
            f"register {visit['Id']} {GRANT}",
            f"step {'ab' * 16} report-lost --why x",
            "journal",
            "verify",
            "crossings",
        ):
            assert _status(office, words, user) == 4, (user, words)
    for member, signature, arguments in (
        ("Approve", "sa{sv}a{sv}", f"{request} 1 once b true 0"),
        ("Journal", "a{sv}a{sv}", "0 0"),
    ):
        raw = office.run(f"{_CALL} {member} '{signature}' {arguments}", user="bob", check=False)
        assert raw.returncode != 0
        assert "denied" in raw.stderr
        assert "data" not in raw.stdout
    assert office.ctl("requests", user="bob") == []
    assert office.ctl("visits", user="bob") == []
    assert _state(office, request) == "open"
    assert stick.digest() == before


def test_an_admin_decides_with_her_password_and_never_her_own_request(
    office: Guest, refused: tuple[Stick, Visit]
) -> None:
    stick, visit = refused
    before = stick.digest()
    own = _asked(office, visit, "carol")
    status, said = _at_a_terminal(office, f"approve {own} --once", "carol", PHRASE)
    assert (status, "Nobody decides his own request" in said) == (1, True), said
    assert _state(office, own) == "open"
    office.run(f"mediaguardctl reject {own} --why 'ask as alice'")
    request = _asked(office, visit, "alice")
    assert _status(office, f"approve {request} --once", "carol") == 4, "without a terminal there is nobody to ask"
    status, said = _at_a_terminal(office, f"approve {request} --once", "carol", "wrong")
    assert status == 4, said
    assert _state(office, request) == "open"
    status, said = _at_a_terminal(office, f"approve {request} --once", "carol", PHRASE)
    assert status == 0, said
    opened = office.until(stick.serial, lambda v: v["Stage"] == "open")
    assert (opened["Id"], opened["Verdict"]) == (visit["Id"], "read-only")
    assert "let-in-once" in opened["Reasons"]
    decided = office.ctl(f"journal --kind decided --subject {request}", user="carol")
    assert [(entry["data"]["by"], entry["data"]["once"]) for entry in decided] == [("carol", "read-only")]
    assert office.mount(opened).returncode == 0
    assert office.run("touch /media/alice/STICK/x", user="alice", check=False).returncode != 0
    office.run(f"udisksctl unmount -b /dev/{opened['Disk']}1", user="alice")
    assert stick.digest() == before


def test_an_auditor_reads_everything_and_changes_nothing(office: Guest, refused: tuple[Stick, Visit]) -> None:
    stick, visit = refused
    before = stick.digest()
    request = _asked(office, visit, "alice")
    entries = office.ctl("journal --limit 1000", user="dave")
    assert {"intent", "request"} <= {entry["kind"] for entry in entries}
    assert office.ctl("verify", user="dave")["ok"]
    assert visit["Id"] in {row["id"] for row in office.ctl("visits", user="dave")}
    assert request in {row["id"] for row in office.ctl("requests", user="dave")}
    raw = json.loads(office.out(f"{_CALL} Journal 'a{{sv}}a{{sv}}' 2 kind s intent after x 0 0", user="dave"))
    assert {entry["kind"]["data"] for entry in raw["data"][0]} == {"intent"}
    for words in (
        f"approve {request} {GRANT}",
        f"approve {request} --once",
        f"reject {request} --why x",
        f"register {visit['Id']} {GRANT}",
        f"request {visit['Id']} --purpose x",
        f"eject {visit['Id']}",
        f"step {'ab' * 16} report-lost --why x",
    ):
        assert _status(office, words, "dave") == 4, words
    status, said = _at_a_terminal(office, f"approve {request} --once", "dave", PHRASE)
    assert (status, "Password" in said) == (4, False), "he is not even asked"
    assert _state(office, request) == "open"
    assert stick.digest() == before


def test_who_is_in_both_groups_neither_decides_nor_audits(office: Guest, refused: tuple[Stick, Visit]) -> None:
    stick, visit = refused
    before = stick.digest()
    request = _asked(office, visit, "alice")
    for words in ("journal", "verify", f"approve {request} --once", f"reject {request} --why x"):
        assert _status(office, words, "erin") == 4, words
        assert _at_a_terminal(office, words, "erin", PHRASE)[0] == 4, words
    assert office.ctl("visits", user="erin") == []
    office.run("gpasswd -d erin media-guard-admin")
    office.log_out("erin")
    assert office.ctl("verify", user="erin")["ok"]
    assert _status(office, f"approve {request} --once", "erin") == 4
    assert _state(office, request) == "open"
    assert stick.digest() == before
    office.sound()
