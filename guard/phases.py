"""When each step of a stay was done, for whoever measures: a line in the log, where MEDIA_GUARD_PHASES is set; else nothing."""

import logging
import os
import time

_log = logging.getLogger("phases")
_log.setLevel(logging.DEBUG if "MEDIA_GUARD_PHASES" in os.environ else logging.INFO)


def passed(port: str, phase: str) -> None:
    """Both times in seconds: the monotonic clock, which the kernel's traces have too, and the CPU time of the daemon."""
    if _log.isEnabledFor(logging.DEBUG):
        _log.debug("%s %s %.6f %.6f", port, phase, time.monotonic(), time.process_time())
