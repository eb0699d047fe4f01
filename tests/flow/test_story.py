"""`make run` without a terminal plays the whole story with the real daemon, bus and command line, and ends well."""

import os
import subprocess
import sys
from pathlib import Path


def test_the_whole_story_is_played_once_and_ends_with_success(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "guard.sim.run"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={**os.environ, "MEDIA_GUARD_RUN_DIR": str(tmp_path / "run"), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"},
        timeout=50,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "That was the whole story" in done.stdout
    for log in tmp_path.glob("run/*/log"):
        assert "Traceback" not in log.read_text()
