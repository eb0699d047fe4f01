"""The three families of errors a person can meet.

Each carries a `code` and the `facts` its sentence needs. The sentence itself, in the reader's language, is
looked up by `guard.words.say(error.code, error.facts, language)`; a test fails when a code has no sentence.
A wrong order of calls is our own bug and is a RuntimeError, never one of these.
"""

from collections.abc import Mapping
from types import MappingProxyType


class GuardError(Exception):
    """Something that can be said in one sentence; `code` is stable and names it."""

    def __init__(self, code: str, **facts: str | int) -> None:
        """Keep the code and the facts (plain words and numbers, already cleaned for showing)."""
        super().__init__(code, facts)
        self.code = code
        self.facts: Mapping[str, str | int] = MappingProxyType(facts)

    def __str__(self) -> str:
        """For logs: the code, then the facts."""
        return " ".join([self.code, *(f"{key}={value}" for key, value in self.facts.items())])


class Refused(GuardError):
    """Policy says no: the caller may not, or the state does not allow it."""


class Hostile(GuardError):
    """A device, a medium or a message says something that cannot be true or is not allowed to be said."""


class Broken(GuardError):
    """This host cannot do its part: disk, database, bus, kernel, configuration."""
