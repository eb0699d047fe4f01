"""The schemes that come with the guard, and those an organization writes itself."""

import tomllib
from importlib import resources
from pathlib import Path

from guard.core.errors import Broken
from guard.core.scheme import Scheme, parse_scheme

MAX_BYTES = 64 * 1024
PACKAGED = ("cn", "us", "corporate")


def load_scheme(name: str) -> Scheme:
    """A packaged scheme by its name, or the scheme in a file by its absolute path.

    Raises:
        Broken: `scheme-unknown`, `scheme-invalid`.
    """
    if name in PACKAGED:
        text = resources.files(__name__).joinpath(f"{name}.toml").read_text("utf-8")
    elif name.startswith("/"):
        try:
            text = Path(name).read_text("utf-8")[:MAX_BYTES]
        except (OSError, UnicodeDecodeError) as error:
            raise Broken("scheme-unknown", scheme=name, known=", ".join(PACKAGED)) from error
    else:
        raise Broken("scheme-unknown", scheme=name, known=", ".join(PACKAGED))
    try:
        return parse_scheme(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise Broken("scheme-invalid", scheme=name, why=str(error)[:120]) from error
