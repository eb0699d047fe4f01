"""A longer run: `python -m tests.fuzz [SECONDS for each target] [TARGET...]`, or `python -m tests.fuzz seeds`.

With atheris (pip install atheris) it looks for new coverage; without it changes the corpus at random. What breaks a target is kept
in its corpus as `found-...`, where the unit tests replay it from then on.
"""

import hashlib
import importlib.util
import random
import subprocess
import sys
import time

from tests.fuzz.mutation import LONGEST, mutated
from tests.fuzz.seeds import CORPUS, write
from tests.fuzz.targets import TARGETS


def _keep(target: str, data: bytes) -> None:
    path = CORPUS / target / f"found-{hashlib.sha256(data).hexdigest()[:12]}"
    path.write_bytes(data)
    print(f"{target}: kept {path}", flush=True)


def _at_random(target: str, seconds: float) -> int:
    chance, found = random.Random(), 0
    known = [path.read_bytes() for path in (CORPUS / target).iterdir()]
    end, tried = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        data = mutated(chance, known)
        tried += 1
        try:
            TARGETS[target](data)
        except Exception as fault:
            print(f"{target}: {type(fault).__name__}: {fault}", flush=True)
            _keep(target, data)
            found += 1
    print(f"{target}: {tried} inputs in {seconds:.0f} s, {found} faults", flush=True)
    return found


def _with_atheris(target: str, seconds: float) -> int:
    """In a process of its own, because libFuzzer ends the process."""
    program = (
        "import atheris, sys\n"
        "with atheris.instrument_imports(include=['guard', 'gui.console.export']):\n"
        "    from tests.fuzz.targets import TARGETS\n"
        f"atheris.Setup(sys.argv, TARGETS[{target!r}])\natheris.Fuzz()\n"
    )
    kept = CORPUS / target
    words = [
        f"-max_total_time={int(seconds)}",
        f"-max_len={LONGEST}",
        f"-artifact_prefix={kept}/found-",
        "-print_final_stats=1",
    ]
    scratch = subprocess.run(["mktemp", "-d"], capture_output=True, text=True, check=True).stdout.strip()
    done = subprocess.run([sys.executable, "-c", program, *words, scratch, str(kept)], check=False)
    return int(done.returncode != 0)


def main() -> int:
    """Status 1 when something was found."""
    words = sys.argv[1:]
    if words == ["seeds"]:
        write()
        return 0
    seconds = float(words.pop(0)) if words and words[0].isdigit() else 60.0
    run = _with_atheris if importlib.util.find_spec("atheris") else _at_random
    return int(sum(run(target, seconds) for target in words or TARGETS) > 0)


if __name__ == "__main__":
    sys.exit(main())
