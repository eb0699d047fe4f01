"""The real command line, in its own process: against the real daemon on simulated ports, and against none."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from guard.sim.run import _BUS, Computer, _found, _wait_for

Done = subprocess.CompletedProcess[str]
GRANT = ("--level", "INTERNAL", "--networks", "office", "--holder", "Alice")


def _ctl(*words: str, **environment: str) -> Done:
    return subprocess.run(
        [sys.executable, "-m", "guard.ctl", *words],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "LC_ALL": "C.UTF-8", **environment},
        timeout=40,
        check=False,
    )


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Computer]:
    root = tmp_path_factory.mktemp("computers")
    office, internet = Computer.at(root, "office"), Computer.at(root, "internet")
    _found(office, internet, root)
    bus = office.folder / "bus"
    config = office.folder / "bus.conf"
    config.write_text(_BUS.format(path=bus))
    (office.folder / "config" / "guard.toml.d").mkdir(exist_ok=True)
    (office.folder / "config" / "guard.toml.d" / "simulated.toml").write_text("[session]\nrequired = false\n")
    bus_command = ["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address"]
    with subprocess.Popen(bus_command, stdout=subprocess.PIPE, text=True) as buses:
        assert buses.stdout is not None
        assert buses.stdout.readline()  # the bus is there
        command = [sys.executable, "-m", "guard", "--ports", "simulated"]
        with subprocess.Popen(command, env=office.environment, stderr=subprocess.DEVNULL) as guard:
            _wait_for(lambda: office.ask("status").returncode == 0, guard, "the guard", config)
            yield office
            guard.terminate()
        buses.terminate()


def _ask(computer: Computer, *words: str) -> Done:
    return _ctl(
        *words, **{key: computer.environment[key] for key in ("DBUS_SYSTEM_BUS_ADDRESS", "MEDIA_GUARD_CONFIG_DIR")}
    )


def test_without_a_bus_or_without_a_guard_the_status_is_three_and_says_what_to_do(
    office: Computer, tmp_path: Path
) -> None:
    nowhere = _ctl("status", "--json", DBUS_SYSTEM_BUS_ADDRESS=f"unix:path={tmp_path}/none")
    assert (nowhere.returncode, nowhere.stdout) == (3, "")
    assert "systemctl start dbus" in nowhere.stderr
    bus = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address", f"--address=unix:path={tmp_path}/bus"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert bus.stdout is not None
    try:
        address = bus.stdout.readline().strip()
        for words in (("status",), ("visits", "--json"), ("verify",), ("watch",)):
            done = _ctl(*words, DBUS_SYSTEM_BUS_ADDRESS=address)
            assert done.returncode == 3, done
            assert "systemctl start media-guardd" in done.stderr
            assert "Traceback" not in done.stderr
        assert "介质一律不放行" in _ctl("status", DBUS_SYSTEM_BUS_ADDRESS=address, LC_ALL="zh_CN.UTF-8").stderr
    finally:
        bus.terminate()
        bus.wait()
        bus.stdout.close()


def test_a_stick_is_asked_for_refused_to_its_requester_and_approved(office: Computer, tmp_path: Path) -> None:
    image = tmp_path / "stick.img"
    assert _ask(office, "sim", "new", str(image)).returncode == 0
    assert _ask(office, "sim", "plug", str(image)).returncode == 0
    (visit,) = json.loads(_ask(office, "visits", "--json").stdout)
    assert visit["verdict"] == "refused"
    filed = json.loads(_ask(office, "--as", "alice", "request", visit["id"], "--purpose", "slides", "--json").stdout)[
        "id"
    ]
    denied = _ask(office, "--as", "alice", "approve", filed, *GRANT)
    assert (denied.returncode, denied.stdout) == (4, "")
    assert json.loads(_ask(office, "requests", "--json").stdout)[0]["state"] == "open"
    wrong = _ask(office, "--as", "admin", "approve", filed[:6], *("--level", "NONSENSE", *GRANT[2:]))
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert "NONSENSE" in wrong.stderr
    done = _ask(office, "--as", "admin", "approve", filed[:6], *GRANT)
    assert (done.returncode, done.stdout) == (0, "Approved. The medium is read-write now.\n")
    again = _ask(office, "--as", "admin", "approve", filed, *GRANT)
    assert again.returncode == 1
    assert json.loads(_ask(office, "verify", "--json").stdout)["ok"] is True


def test_a_refusal_of_the_daemon_comes_in_the_readers_language(office: Computer) -> None:
    done = _ctl(
        "explain", "0" * 32, LC_ALL="zh_CN.UTF-8", DBUS_SYSTEM_BUS_ADDRESS=office.environment["DBUS_SYSTEM_BUS_ADDRESS"]
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "没有接入" in done.stderr


def test_a_reader_that_stops_reading_is_no_error(office: Computer) -> None:
    script = f"'{sys.executable}' -m guard.ctl journal --json | head -c 1; exit 0"
    done = subprocess.run(
        ["sh", "-c", script], capture_output=True, text=True, env=office.environment, timeout=40, check=True
    )
    assert (done.stdout, done.stderr) == ("[", "")


def test_a_terminal_that_knows_no_chinese_gets_no_traceback(office: Computer) -> None:
    address = office.environment["DBUS_SYSTEM_BUS_ADDRESS"]
    done = _ctl("status", PYTHONIOENCODING="ascii", LANG="zh_CN.UTF-8", LC_ALL="", DBUS_SYSTEM_BUS_ADDRESS=address)
    assert done.returncode == 0
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_are_made_without_a_daemon(shell: str) -> None:
    done = _ctl("completion", shell, DBUS_SYSTEM_BUS_ADDRESS="unix:path=/nonexistent")
    assert (done.returncode, done.stderr) == (0, "")
    assert "_MEDIAGUARDCTL_COMPLETE" in done.stdout


def test_completion_completes() -> None:
    program = str(Path(sys.executable).with_name("mediaguardctl"))
    environment = {"_MEDIAGUARDCTL_COMPLETE": "bash_complete", "COMP_WORDS": "mediaguardctl cro", "COMP_CWORD": "1"}
    done = subprocess.run(
        [program], capture_output=True, text=True, env={**os.environ, **environment}, timeout=40, check=False
    )
    assert done.stdout.split() == ["plain,crossings"]


def test_an_organization_is_made_checked_and_not_made_twice(tmp_path: Path) -> None:
    here = {"MEDIA_GUARD_CONFIG_DIR": str(tmp_path / "config"), "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent"}
    assert _ctl("init", **here).returncode == 2
    empty = tmp_path / "empty"
    empty.write_text("")
    words = ("init", "--scheme", "cn", "--network", "办公网", "--level", "机密")
    assert _ctl(*words, "--passphrase-file", str(empty), **here).returncode == 2
    assert not (tmp_path / "config" / "issuer.key").exists()
    made = _ctl(*words, LC_ALL="zh_CN.UTF-8", **{k: v for k, v in here.items() if k != "LC_ALL"})
    assert made.returncode == 0, made.stderr
    assert "办公网" in made.stdout
    assert _ctl("check-config", **here).stdout == "The configuration is good.\n"
    rules = Path(here["MEDIA_GUARD_CONFIG_DIR"]) / "rules.toml"
    rules.write_text('scheme = "cn"\n[reason.no-such]\nbasis = "own"\n')
    wrong = _ctl("check-config", **here)
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert "there is no reason no-such" in wrong.stderr
    rules.unlink()
    twice = _ctl(*words, **here)
    assert (twice.returncode, twice.stdout) == (1, "")
    assert "belongs to an organization already" in twice.stderr
    (tmp_path / "config" / "guard.toml").write_text("[scheme]\nnmae = 'cn'\n")
    bad = _ctl("check-config", **here)
    assert (bad.returncode, bad.stdout) == (1, "")
    assert "scheme.nmae" in bad.stderr


def test_help_starts_without_the_bus_library_or_the_painter() -> None:
    script = (
        "import sys; sys.argv = ['mediaguardctl', '--help']; import guard.ctl.__main__ as m; m.main(); "
        "print({'rich', 'dbus_next', 'sqlalchemy', 'cryptography'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=40, check=True)
    assert done.stdout.splitlines()[-1] == "set()"
