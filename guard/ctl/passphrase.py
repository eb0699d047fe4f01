"""Passphrases of keys: from a file, from standard input, or asked for on the terminal; never from the command line."""

import sys
from collections.abc import Callable
from typing import IO, TypeVar

import click

from guard.core.errors import Refused
from guard.ctl.client import Failure
from guard.ctl.paint import complain
from guard.words import say, word

Result = TypeVar("Result")
passphrase_file = click.option(
    "--passphrase-file", type=click.File("r"), help="Passphrase of the issuer key; - for standard input."
)


def read_passphrase(file: IO[str] | None) -> str:
    """The first line; "" without a file.

    Raises:
        UsageError: an empty passphrase would leave a key unprotected without a word.
    """
    if file is None:
        return ""
    text = file.readline().rstrip("\r\n")
    if not text:
        raise click.UsageError("The passphrase file is empty.")
    return text


def with_passphrase(act: Callable[[str], Result], given: str, language: str) -> Result:
    """Act with the passphrase that was given; ask on the terminal for one only when it turns out to be needed."""
    try:
        return act(given)
    except (Failure, Refused) as needed:
        if needed.code != "passphrase-needed" or given or not sys.stdin.isatty():
            raise
        complain(say(needed.code, needed.facts, language) if isinstance(needed, Refused) else needed.sentence)
    return act(click.prompt(word("ask-passphrase", language), hide_input=True, err=True))
