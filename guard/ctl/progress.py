"""A progress bar that shows only on a terminal, and only once there is progress."""

import contextlib
import sys
from collections.abc import Iterator

from guard.ctl.client import Told


@contextlib.contextmanager
def bar(ident: str) -> Iterator[Told]:
    """For what is told about this id: its percent and its step."""
    if not sys.stderr.isatty():
        yield lambda told, percent, step: None
        return
    from rich.console import Console  # noqa: PLC0415 - start fast
    from rich.progress import Progress  # noqa: PLC0415 - start fast

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=100, visible=False)

        def told(about: str, percent: int, step: str) -> None:
            if about == ident:
                progress.update(task, completed=percent, description=step, visible=True)

        yield told
