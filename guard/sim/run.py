"""`make run`: two computers on two networks, with simulated USB ports, played by hand or, without a terminal, by itself.

Each computer is the real daemon with its own configuration, registry and private message bus; only the USB ports are pretended.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

MIB = 1024 * 1024
_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path={path}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy>
</busconfig>
"""
_HELP = """
Media Guard runs on simulated USB ports: two computers, {office} and {internet}.
Open a second terminal in this folder and type:

  {office} sim plug {stick}                     plug in the new stick: it is refused
  {office} --as alice request --purpose "slides for Monday"
  {office} requests                                      what an admin sees
  {office} --as admin approve REQUEST --level INTERNAL --networks office --holder Alice
  {office} visits                                        it is read-write now
  {office} sim unplug sim-1
  {internet} sim plug {stick}                   take it to the other network: refused, and it remembers
  {internet} sim unplug sim-1
  {office} sim plug {stick}
  {office} crossings                                     where it has been

`{office} --help` lists everything. Ctrl-C here ends it. What happens in the office:
"""


@dataclass(slots=True)
class Computer:
    """One daemon, its bus and its folder; `command` is a script that speaks to it."""

    name: str
    folder: Path
    command: Path
    processes: list[subprocess.Popen[bytes]]

    @classmethod
    def at(cls, root: Path, name: str) -> "Computer":
        """A folder for a computer, and the script that speaks to it."""
        folder = root / name
        for part in ("config", "state", "run"):
            (folder / part).mkdir(parents=True, exist_ok=True, mode=0o700)
        command = root / f"{name}.sh"
        settings = " ".join(f"{key}='{value}'" for key, value in _environment(folder).items())
        command.write_text(f"#!/bin/sh\nexec env {settings} '{sys.executable}' -m guard.ctl \"$@\"\n")
        command.chmod(0o755)
        return cls(name, folder, command, [])

    @property
    def environment(self) -> dict[str, str]:
        """For programs of this computer."""
        return {**os.environ, **_environment(self.folder)}

    def start(self) -> None:
        """Start the bus and the daemon, and wait until it answers."""
        bus, config = self.folder / "bus", self.folder / "bus.conf"
        bus.unlink(missing_ok=True)
        config.write_text(_BUS.format(path=bus))
        drop_in = self.folder / "config" / "guard.toml.d"
        drop_in.mkdir(exist_ok=True)
        (drop_in / "simulated.toml").write_text("[session]\nrequired = false\n")
        with (self.folder / "log").open("ab") as log:
            self.processes.append(subprocess.Popen(["dbus-daemon", f"--config-file={config}", "--nofork"], stderr=log))
            _wait_for(bus.exists, self.processes[0], "the message bus", self.folder / "log")
            daemon = [sys.executable, "-m", "guard", "--ports", "simulated"]
            self.processes.append(subprocess.Popen(daemon, env=self.environment, stdout=log, stderr=log))
            _wait_for(lambda: self.ask("status").returncode == 0, self.processes[1], "the guard", self.folder / "log")

    def ask(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run mediaguardctl on this computer."""
        return subprocess.run([str(self.command), *words], capture_output=True, text=True, check=False)

    def stop(self) -> None:
        """End the daemon, then its bus."""
        for process in reversed(self.processes):
            process.terminate()
            process.wait(10)
        self.processes.clear()


def main() -> int:
    """Both computers; by hand with a terminal on standard input, else the whole story once. Returns 0 when all went well."""
    by_hand = sys.stdin.isatty()
    root = Path(os.environ.get("MEDIA_GUARD_RUN_DIR", "build/run"))
    if not by_hand and root.exists():
        shutil.rmtree(root)
    root.mkdir(parents=True, exist_ok=True)
    office, internet = (Computer.at(root, name) for name in ("office", "internet"))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        _found(office, internet, root)
        office.start()
        internet.start()
        stick = root / "stick.img"
        if not stick.exists():
            _must(office.ask("sim", "new", str(stick), "--size", "64M"))
        if not by_hand:
            print("No terminal on standard input: the whole story once, by itself.")
            _play(office, internet, stick)
            return 0
        print(_HELP.format(office=office.command, internet=internet.command, stick=stick))
        if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
            print("The tray and a panel with sticks are on your screen.\n", flush=True)
            for name in ("blue-stick", "red-stick"):
                if not (root / f"{name}.img").exists():
                    _must(office.ask("sim", "new", str(root / f"{name}.img"), "--size", "64M"))
            desk = [sys.executable, "-m", "gui", "--window", "--play", str(root)]
            office.processes.append(subprocess.Popen(desk, env=office.environment))
        else:
            print("There is no display, so everything is shown here.\n", flush=True)
        return subprocess.run([str(office.command), "watch"], check=False).returncode
    except KeyboardInterrupt:
        return 0
    finally:
        for computer in (internet, office):
            computer.stop()


def _found(office: Computer, internet: Computer, root: Path) -> None:
    if (office.folder / "config" / "host.cert").exists():
        return
    bundle = root / "internet.bundle"
    _must(office.ask("init", "--scheme", "corporate", "--network", "office", "--level", "INTERNAL", "--host", "office"))
    words = ("--network", "internet", "--level", "PUBLIC", "--host", "internet", "--out", str(bundle))
    _must(office.ask("enrol-host", *words))
    _must(internet.ask("init", "--bundle", str(bundle)))
    bundle.unlink()


def _play(office: Computer, internet: Computer, stick: Path) -> None:
    """Refused, requested, approved, used, taken to another network, crossing shown."""
    _say("A new stick is plugged into the office computer. It carries no label: refused.")
    _show(office, "sim", "plug", str(stick))
    _show(office, "visits")
    visit = _rows(office, "visits")[0]
    _expect(visit["verdict"] == "refused" and visit["reasons"] == ["not-labelled"], visit)
    _show(office, "explain", str(visit["id"]))
    _say("Alice asks for it.")
    _show(office, "--as", "alice", "request", str(visit["id"]), "--purpose", "slides for Monday")
    request = _rows(office, "requests")[0]
    _expect(request["state"] == "open", request)
    _say("She cannot approve it herself; the admin can.")
    grant = ("--level", "INTERNAL", "--networks", "office", "--holder", "Alice")
    own = _show(office, "--as", "alice", "approve", str(request["id"]), *grant)
    _expect(own.returncode in (1, 4), own.stdout + own.stderr)
    _show(office, "--as", "admin", "approve", str(request["id"]), *grant)
    visit = _rows(office, "visits")[0]
    _expect(visit["verdict"] == "read-write", visit)
    _show(office, "media")
    _say("It is used, pulled, and taken to a computer on the Internet: refused there, and it keeps that in mind.")
    _show(office, "sim", "unplug", str(visit["interface"]))
    _show(internet, "sim", "plug", str(stick))
    visit = _rows(internet, "visits")[0]
    _expect(visit["verdict"] == "refused" and visit["severity"] == "alarm", visit)
    _show(internet, "explain", str(visit["id"]))
    _show(internet, "sim", "unplug", str(visit["interface"]))
    _say("Back in the office. The two computers share nothing, but the stick tells where it was.")
    _show(office, "sim", "plug", str(stick))
    _show(office, "crossings")
    directions = sorted(str(row["direction"]) for row in _rows(office, "crossings"))
    _expect(directions == ["down", "up"], directions)
    _say("Everything is in the journal, and the journal is whole.")
    _show(office, "verify")
    print("\nThat was the whole story. Run `make run` in a terminal to play it by hand.")


def _rows(computer: Computer, listing: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(_must(computer.ask(listing, "--json")).stdout)
    return found


def _say(text: str) -> None:
    print(f"\n── {text}", flush=True)


def _show(computer: Computer, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run a command as a person would, and show both it and its answer."""
    shown = " ".join(f'"{word}"' if " " in word else word for word in words)
    print(f"{computer.name}$ mediaguardctl {shown}")
    done = computer.ask(*words)
    print((done.stdout + done.stderr).rstrip(), flush=True)
    return done


def _must(done: "subprocess.CompletedProcess[str]") -> "subprocess.CompletedProcess[str]":
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, done.args))}\n{done.stdout}{done.stderr}")
    return done


def _expect(true: bool, found: object) -> None:
    if not true:
        raise SystemExit(f"The story went another way than it should: {found}")


def _environment(folder: Path) -> dict[str, str]:
    place = folder.resolve()
    return {
        "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={place / 'bus'}",
        "MEDIA_GUARD_CONFIG_DIR": str(place / "config"),
        "STATE_DIRECTORY": str(place / "state"),
        "RUNTIME_DIRECTORY": str(place / "run"),
    }


def _wait_for(true: Callable[[], bool], process: "subprocess.Popen[bytes]", what: str, log: Path) -> None:
    deadline = time.monotonic() + 20
    while not true():
        if process.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"{what} did not start; its last words are in {log}:\n{log.read_text()[-2000:]}")
        time.sleep(0.05)


if __name__ == "__main__":
    sys.exit(main())
