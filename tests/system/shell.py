"""`make vm`: a shell in the guest with the package installed and initialized, and sticks to plug in from inside.

The guest has no way to ask its own machine for a stick, so `plug` in the guest writes a line to a serial port and this program,
which holds the machine, does it.
"""

import contextlib
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator

from tests.system.guest import Guest
from tests.system.image import image
from tests.system.sticks import MIB, Stick, make_stick

_PORT = "/dev/virtio-ports/plug"
_HELP = """
This is a Debian guest with a real kernel. Media Guard runs; network lab, level 机密. You are root; users alice and bob are there.

  plug NAME [MIB]   put in a stick (new the first time, 64 MiB unless said)     unplug NAME   pull it out
  mediaguardctl visits | watch | explain ID | register VISIT --level 机密 --networks lab --holder Alice
  journalctl -fu media-guardd        dmesg -w        su - alice

`exit` ends it; nothing is kept. Another shell in it: {ssh}
"""
_PLUG = f"""#!/bin/sh
# Asks the machine for a stick: plug NAME [MIB], unplug NAME
[ -n "$1" ] || {{ echo "usage: plug NAME [MIB] | unplug NAME" >&2; exit 2; }}
exec 3<>{_PORT}
printf '%s %s %s\\n' "$(basename "$0")" "$1" "${{2:-64}}" >&3
IFS= read -r answer <&3 && echo "$answer"
[ "${{answer%%:*}}" = done ]
"""


class Hands:
    """Carries out what the guest asks for on its serial port: a line in, a line out."""

    def __init__(self, guest: Guest) -> None:
        self._guest = guest
        self._sticks: dict[str, Stick] = {}
        self._in: set[str] = set()
        self._line = socket.socket(socket.AF_UNIX)
        self._line.connect(str(guest.folder / "plug"))
        self._serving = threading.Thread(target=self._serve, daemon=True)
        self._serving.start()

    def close(self) -> None:
        """Hang up."""
        self._line.shutdown(socket.SHUT_RDWR)
        self._line.close()
        self._serving.join()

    def _serve(self) -> None:
        with contextlib.suppress(OSError), self._line.makefile("rw") as line:
            for asked in line:
                line.write(self._answer(asked.split()) + "\n")
                line.flush()

    def _answer(self, words: list[str]) -> str:
        match words:
            case ["plug", name, mib] if (
                name.isalnum() and name.isascii() and mib.isdecimal() and 4 <= int(mib) <= 65536
            ):
                if name in self._in:
                    return f"no: {name} is in already"
                if name not in self._sticks:
                    self._sticks[name] = make_stick(self._guest.folder, name, int(mib) * MIB)
                self._guest.plug(self._sticks[name])
                self._in.add(name)
                return f"done: {name} is in"
            case ["unplug", name, _] if name in self._in:
                self._guest.unplug(self._sticks[name])
                self._in.discard(name)
                return f"done: {name} is out"
            case ["unplug", name, _]:
                return f"no: {name} is not in"
        return "no: a name is letters and digits, a size 4 to 65536 MiB"


@contextlib.contextmanager
def hands(guest: Guest) -> Iterator[None]:
    """Give a person in the guest the commands `plug` and `unplug`."""
    opened = Hands(guest)
    for name in ("plug", "unplug"):
        guest.run(f"cat > /usr/local/bin/{name} && chmod 755 /usr/local/bin/{name}", stdin=_PLUG)
    guest.run(f"udevadm settle; test -e {_PORT}")
    try:
        yield
    finally:
        opened.close()


def main() -> int:
    """Boot, explain, hand over the terminal."""
    print("Booting the guest: about a minute.", flush=True)
    with Guest(image()) as guest:
        guest.prepare()
        with hands(guest):
            return _talk(guest)


def _talk(guest: Guest) -> int:
    print(_HELP.format(ssh=" ".join([*guest.ssh("root"), "guest"])))
    words = [*guest.ssh("root"), *(("-t",) if sys.stdin.isatty() else ()), "guest"]
    return subprocess.run(words, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
