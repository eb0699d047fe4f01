"""mediaguardctl: the entry of the command line.

Exit status: 0 done, 1 refused or not found, 2 bad usage, 3 no daemon, 4 not authorized.
"""

import io
import os
import sys

import click

from guard import __version__
from guard.ctl.client import Client, Failure
from guard.ctl.paint import complain
from guard.ctl.verbs import Verbs


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="mediaguardctl")
@click.option("--as", "person", default="", help="Act as this person (simulated ports only).")
@click.pass_context
def mediaguardctl(context: click.Context, person: str) -> None:
    """The removable-media guard: what is plugged in, why it was refused, who may use it, where it has been."""
    context.obj = Client.here(person)


def main() -> int:
    """Run; every failure is one sentence on standard error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a level named 机密 must not end in a traceback
    try:
        ended = mediaguardctl(standalone_mode=False)  # click hands the status of an Exit back as a value
        sys.stdout.flush()
    except Failure as failure:
        complain(failure.sentence)
        return failure.status
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nothing more to say to `| head`
        return 0
    return ended if isinstance(ended, int) else 0


if __name__ == "__main__":
    sys.exit(main())
