"""The story at the desk on a real kernel: the installed tray, notifications, the keyboard, an admin's console, a stick used."""

import queue
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.guest import TRAY, Guest
from tests.system.sticks import make_stick

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]
_PEOPLE = """set -e
dpkg -i /root/tray.deb
useradd -m -s /bin/bash -G media-guard-admin grace
cp -r /root/.ssh /home/grace/ && chown -R grace: /home/grace/.ssh
cat > /etc/polkit-1/rules.d/50-grace.rules <<END
polkit.addRule(function(action, subject) {
  if (action.id.indexOf("org.mediaguard.") == 0 && subject.user == "grace") return polkit.Result.YES;
});
END
mkdir -p /etc/xdg/dunst
cat > /etc/xdg/dunst/dunstrc <<END
[global]
dmenu = /usr/local/bin/press
[urgency_normal]
timeout = 0
END
printf '#!/bin/sh\\ngrep -m 1 "Ask for it"\\n' > /usr/local/bin/press
chmod 755 /usr/local/bin/press
"""


class Screen:
    """An X screen that alice and grace share, with eyes (what dunst shows, which windows there are) and a keyboard."""

    def __init__(self, guest: Guest, folder: Path) -> None:
        self.guest, self.folder = guest, folder
        self._lines: queue.Queue[str] = queue.Queue()

    def person(self, user: str) -> str:
        """What starts a program at the desk: alice's in her active session, as a desktop does it, grace's over ssh."""
        number = self.guest.out(f"id -u {user}")
        names = {"DISPLAY": ":7", "LANG": "C.UTF-8", "DBUS_SESSION_BUS_ADDRESS": f"unix:path=/run/user/{number}/bus"}
        run = f"XDG_RUNTIME_DIR=/run/user/{number} systemd-run --user --quiet --pipe --wait --collect"
        return " ".join(["exec", "env", run, *(f"-E {name}={value}" for name, value in names.items()), ""])

    def begin(self) -> None:
        server = self.guest.start("exec Xvfb :7 -displayfd 1 -screen 0 1280x900x24 -fbdir /tmp", user="alice")
        assert server.stdout is not None
        assert server.stdout.readline().strip() == "7"
        self.guest.start(self.person("alice") + "openbox", user="alice")
        dunst = self.guest.start(self.person("alice") + "dunst -print", user="alice")
        threading.Thread(target=self._read, args=(dunst,), daemon=True).start()
        self.ask("for _ in $(seq 100); do dunstctl count >/dev/null 2>&1 && break; sleep 0.1; done")

    def _read(self, process: "subprocess.Popen[str]") -> None:
        for line in process.stdout or ():
            self._lines.put(line.strip())

    def told(self, words: str) -> None:
        """Wait until a notification says this."""
        seen = []
        while True:
            try:
                seen.append(self._lines.get(timeout=60))
            except queue.Empty:
                raise AssertionError(f"not told: {words!r}; told: {seen}") from None
            if words in seen[-1]:
                return

    def ask(self, command: str, user: str = "alice") -> str:
        return self.guest.out(self.person(user) + f"bash -c '{command}'", user=user)

    def window(self, title: str) -> None:
        """Wait for a window and bring it to the front."""
        search = f'xdotool search --onlyvisible --name "{title}" windowactivate --sync'
        self.ask(f"for _ in $(seq 300); do {search} 2>/dev/null && exit; sleep 0.1; done; exit 1")

    def keys(self, *words: str) -> None:
        self.ask("xdotool " + " ".join(words))


@pytest.fixture
def screen(guest: Guest, tmp_path: Path) -> Iterator[Screen]:
    guest.put(TRAY, "/root/tray.deb")
    guest.run(_PEOPLE, timeout=300)
    screen = Screen(guest, tmp_path)
    screen.begin()
    yield screen
    picture = tmp_path / "screen.xwd"
    with picture.open("wb") as file:
        subprocess.run([*guest.ssh("root"), "guest", "cat /tmp/Xvfb_screen0"], stdout=file, check=False, timeout=60)
    guest.run("pkill -u alice Xvfb", check=False)


def test_plug_told_ask_approve_write_remove_pull(guest: Guest, screen: Screen, tmp_path: Path) -> None:
    tray = guest.start(screen.person("alice") + "media-guard-tray", user="alice")
    screen.window("^Media Guard$")  # no place for icons on this screen: the window comes by itself
    stick = make_stick(tmp_path, "DESK1")
    guest.plug(stick)
    assert guest.judged(stick)["Verdict"] == "refused"
    screen.told("was refused")
    screen.told("What to do")
    assert screen.ask("dunstctl count displayed") == "1"
    screen.ask("dunstctl context")
    screen.window("Ask for a medium")
    screen.keys("type", "slides")
    screen.keys("key", "alt+h", "Return")
    screen.told("your request waits")
    (request,) = [row for row in guest.ctl("requests --state open") if row["requester"] == "alice"]
    assert request["purpose"] == "slides"
    console = guest.start(screen.person("grace") + "media-guard-tray --console", user="grace")
    screen.window("^Console")
    for _ in range(60):  # the queue is asked for; the button is there once a request is chosen
        screen.keys("key", "alt+a")
        if guest.ctl("requests --state open") == []:
            break
    opened = guest.until(stick.serial, lambda v: v["Stage"] == "open")
    assert (opened["Verdict"], opened["Reasons"]) == ("read-write", ["fits"])
    assert guest.mount(opened).returncode == 0
    guest.run("echo hello > /media/alice/STICK/x", user="alice")
    assert screen.ask("dunstctl count displayed") == "0", "an open stick needs no words"
    decided = guest.ctl(f"journal --kind decided --subject {request['id']}")
    assert [entry["data"]["by"] for entry in decided] == ["grace"]
    screen.ask(f"mediaguardctl eject {opened['Id']}")
    guest.until(stick.serial, lambda v: v["Stage"] == "shut")
    guest.unplug(stick)
    held = guest.start(screen.person("alice") + "media-guard-tray --window", user="alice")
    assert held.wait(60) == 0, "the one that runs shows its window"
    for program in (tray, console):
        assert program.poll() is None
    guest.run("pkill -f media-guard-tray", check=False)
    said = "".join(program.communicate(timeout=60)[0] for program in (tray, console))
    assert "Traceback" not in said
    assert b"hello" in stick.image.read_bytes()
    guest.sound()
