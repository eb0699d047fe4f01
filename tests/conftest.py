"""What tests of every part share."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings

settings.register_profile("no-clock", deadline=None)  # no test asserts times
settings.load_profile("no-clock")


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory, where that is possible: for tests that sync thousands of times and cut no real power."""
    shared = Path("/dev/shm")
    with TemporaryDirectory(dir=shared if shared.is_dir() else tmp_path) as place:
        yield Path(place)
