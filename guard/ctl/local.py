"""What works on files, without the daemon: making and joining an organization, checking the configuration, shell completion."""

import os
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from guard.core.errors import GuardError
from guard.ctl.client import REFUSED, Client, Failure
from guard.ctl.paint import complain, line
from guard.ctl.passphrase import passphrase_file, read_passphrase, with_passphrase
from guard.words import say, word


@click.command()
@click.option(
    "--scheme", default="corporate", show_default=True, help="cn, us, corporate, or the absolute path of a file."
)
@click.option("--network", default="", help="Name of this computer's network.")
@click.option("--level", default="", help="Its level: the ceiling for media here.")
@click.option("--host", default="", help="Name of this computer.")
@click.option("--passphrase-file", type=click.File("r"), help="Encrypt root and issuer key with this passphrase.")
@click.option(
    "--auditors-key",
    type=click.Path(path_type=Path),
    help="Make a key for the auditors, in this new file for them alone, and seal travel records to it.",
)
@click.option(
    "--auditors-passphrase-file", type=click.File("r"), help="Encrypt the auditors' key with this passphrase."
)
@click.option("--bundle", type=click.Path(exists=True, path_type=Path), help="Join with a bundle made by enrol-host.")
@click.pass_obj
def init(
    client: Client,
    /,
    scheme: str,
    network: str,
    level: str,
    host: str,
    passphrase_file: Any,
    auditors_key: Path | None,
    auditors_passphrase_file: Any,
    bundle: Path | None,
) -> None:
    """Make an organization on this computer, or join one with --bundle."""
    from guard.org.auditors import new_auditors_key  # noqa: PLC0415 - start fast
    from guard.org.files import write_new  # noqa: PLC0415 - start fast
    from guard.org.organization import Place, create_organization, join_organization  # noqa: PLC0415 - start fast

    folder = _config()
    try:
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        if bundle is not None:
            join_organization(folder, bundle)
            line(word("joined", client.language))
            return
        if not network or not level:
            raise click.UsageError("--network and --level are needed, or --bundle.")
        place = Place(host or socket.gethostname(), network, level)
        auditors = b""
        if auditors_key is not None:
            private, auditors = new_auditors_key(read_passphrase(auditors_passphrase_file))
            write_new(auditors_key, private, secret=True)
        create_organization(folder, place, scheme, read_passphrase(passphrase_file), _now(), auditors)
    except GuardError as error:
        raise _failure(client, error) from error
    except OSError as error:
        why = error.strerror or ""
        raise Failure(say("file-unwritable", {"path": str(folder), "why": why}, client.language), REFUSED) from error
    line(word("initialized", client.language, network=network, path=str(folder / "root.key")))


@click.command("enrol-host")
@click.option("--network", required=True, help="Name of its network; a new name is a new network.")
@click.option("--level", required=True, help="Level of that network.")
@click.option("--host", required=True, help="Name of the computer.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The bundle to carry there.")
@passphrase_file
@click.pass_obj
def enrol_host(client: Client, network: str, level: str, host: str, out: Path, passphrase_file: Any) -> None:
    """Make a bundle that takes another computer into the organization."""
    from guard.org.organization import Place  # noqa: PLC0415 - start fast
    from guard.org.organization import enrol_host as enrol  # noqa: PLC0415 - start fast

    place, given = Place(host, network, level), read_passphrase(passphrase_file)
    try:
        with_passphrase(lambda phrase: enrol(_config(), place, out, phrase, _now()), given, client.language)
    except GuardError as error:
        raise _failure(client, error) from error
    line(word("enrolled", client.language, file=str(out)))


@click.command("check-config")
@click.pass_obj
def check_config(client: Client) -> None:
    """Check guard.toml, its drop-ins, the scheme, its rules, keys and certificates; nothing is changed."""
    from guard.org.rulebook import load_rulebook  # noqa: PLC0415 - start fast
    from guard.org.settings import load_settings  # noqa: PLC0415 - start fast
    from guard.org.trust import load_identity  # noqa: PLC0415 - start fast
    from guard.schemes import load_scheme  # noqa: PLC0415 - start fast

    try:
        settings = load_settings(_config())
        load_rulebook(_config(), load_scheme(settings.scheme.name).id)
        identity = load_identity(_config(), _now())
        identity.pen(sealed=settings.records.sealed)
    except GuardError as error:
        raise _failure(client, error) from error
    for fault in identity.faults:
        complain(say(fault.code, fault.facts, client.language))
    if identity.faults:
        raise click.exceptions.Exit(REFUSED)
    line(word("settings-good", client.language))


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script of a shell: eval "$(mediaguardctl completion bash)"."""
    from click.shell_completion import get_completion_class  # noqa: PLC0415 - start fast

    from guard.ctl.__main__ import mediaguardctl  # noqa: PLC0415 - the group is made there

    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(f"no completion for {shell}")
    click.echo(found(mediaguardctl, {}, "mediaguardctl", "_MEDIAGUARDCTL_COMPLETE").source())


def _config() -> Path:
    return Path(os.environ.get("MEDIA_GUARD_CONFIG_DIR", "/etc/media-guard"))


def _now() -> int:
    return int(datetime.now(UTC).timestamp())


def _failure(client: Client, error: GuardError) -> Failure:
    return Failure(say(error.code, error.facts, client.language), REFUSED)


COMMANDS: list[Callable[..., Any]] = [init, enrol_host, check_config, completion]
