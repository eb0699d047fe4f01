"""What people do: ask, approve, reject, register, eject, say that a medium is lost, verify the journal."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import Any

import click

from guard.ctl.client import REFUSED, Client, Failure, Told
from guard.ctl.listings import full_id
from guard.ctl.paint import complain, emit_json, line
from guard.words import word

_GRANT: tuple[Callable[..., Any], ...] = (
    click.option("--level", required=True, help="Level, for example INTERNAL or 机密; several with +."),
    click.option("--networks", required=True, help="Networks where it may be written, separated by commas."),
    click.option("--holder", required=True, help="Who answers for it."),
    click.option("--kind", default="work", show_default=True, type=click.Choice(["work", "personal"])),
    click.option("--term", default="", help="5y, 90d or a date; the longest the scheme allows if left out."),
    click.option("--import/--no-import", "may_import", default=False, help="May be read on higher or other networks."),
    click.option("--number", default="", help="Asset number; the next free one if left out."),
    click.option(
        "--initialize", is_flag=True, help="Erase the medium: new partition table and file system. Asks twice."
    ),
    click.option("--erase-all-data", is_flag=True, help="With --initialize: do not ask."),
    click.option("--filesystem", default="exfat", show_default=True, type=click.Choice(["exfat", "ext4"])),
    click.option("--passphrase-file", type=click.File("r"), help="Passphrase of the issuer key; - for standard input."),
)


def _grant_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_GRANT):
        command = option(command)
    return command


@click.command()
@click.argument("visit", metavar="[VISIT]", required=False, default="")
@click.option("--purpose", required=True, help="What you need it for.")
@click.option("--holder", default="", help="Who will answer for it.")
@click.option("--level", default="", help="Level you suggest.")
@click.option("--network", default="", help="Network you need it on.")
@click.option("--term", default="", help="For how long.")
@click.option("--kind", default="", help="work or personal.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def request(client: Client, /, visit: str, purpose: str, as_json: bool, **wishes: str) -> None:
    """Ask for a refused medium that is plugged in; the only one there is, if you name none."""
    ident = full_id(client, visit, "Visits") if visit else _only_refused(client)
    (filed,) = client.call("Request", "sa{sv}a{sv}", [ident, {"purpose": purpose, **wishes}])
    if as_json:
        emit_json({"id": filed})
    else:
        line(word("filed", client.language, request=filed[:8]))


@click.command()
@click.argument("ident", metavar="REQUEST")
@_grant_options
@click.pass_obj
def approve(client: Client, /, ident: str, **words: Any) -> None:
    """Sign a label for the medium of a request, write it, and let it in without replugging."""
    whole = full_id(client, ident, "Requests")
    grant = _grant(client, whole, words)
    with _bar(whole) as told:
        _with_passphrase(client, grant, lambda: client.call("Approve", "sa{sv}a{sv}", [whole, grant], told=told))
    asked = next((row for row in client.rows("Requests", limit=1000) if row["id"] == whole), None)
    visit = next((row for row in client.rows("Visits") if asked and row["id"] == asked["visit"]), None)
    verdict = str(visit["verdict"]) if visit else "refused"
    line(word("said-approved", client.language, verdict=word(verdict, client.language)))


@click.command()
@click.argument("ident", metavar="REQUEST")
@click.option("--why", required=True, help="For the requester.")
@click.pass_obj
def reject(client: Client, ident: str, why: str) -> None:
    """Turn a request down."""
    client.call("Reject", "ssa{sv}", [full_id(client, ident, "Requests"), why])
    line(word("said-rejected", client.language))


@click.command()
@click.argument("visit", metavar="VISIT")
@_grant_options
@click.pass_obj
def register(client: Client, /, visit: str, **words: Any) -> None:
    """Register a medium that is plugged in, without a request (at the registrar's own station)."""
    whole = full_id(client, visit, "Visits")
    grant = _grant(client, whole, words)
    with _bar(whole) as told:
        (medium,) = _with_passphrase(
            client, grant, lambda: client.call("Register", "sa{sv}a{sv}", [whole, grant], told=told)
        )
    line(word("said-registered", client.language, medium=medium))


@click.command()
@click.argument("visit", metavar="VISIT")
@click.pass_obj
def eject(client: Client, visit: str) -> None:
    """Unmount a medium and shut its port, so that it can be pulled."""
    client.call("Eject", "sa{sv}", [full_id(client, visit, "Visits")])
    line(word("ejected", client.language))


@click.command()
@click.argument("medium", metavar="MEDIUM")
@click.argument("state", type=click.Choice(["registered", "revoked", "lost", "destroyed"]))
@click.option("--why", required=True, help="For the record.")
@click.pass_obj
def state(client: Client, medium: str, state: str, why: str) -> None:
    """Say that a medium is lost, destroyed, revoked, or back in use."""
    whole = full_id(client, medium, "Media")
    client.call("SetState", "sssa{sv}", [whole, state, why])
    line(word("state-set", client.language, medium=whole[:8], state=state))


@click.command()
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def verify(client: Client, as_json: bool) -> None:
    """Walk the whole journal and name the first broken entry, if there is one."""
    with _bar("verify") as told:
        (found,) = client.call("Verify", "a{sv}", [], told=told)
    if as_json:
        emit_json(found)
    elif found["ok"]:
        line(word("verified", client.language, entries=found["entries"]))
    else:
        complain(word("broken-journal", client.language, first_bad=found["first_bad"], why=found["why"]))
    if not found["ok"]:
        raise click.exceptions.Exit(REFUSED)


def _only_refused(client: Client) -> str:
    refused = [row for row in client.rows("Visits") if row["verdict"] == "refused" and not row["left"]]
    if len(refused) != 1:
        raise Failure(word("which-visit", client.language, count=len(refused)), REFUSED)
    return str(refused[0]["id"])


def _grant(client: Client, ident: str, words: dict[str, Any]) -> dict[str, Any]:
    if words["initialize"] and not words["erase_all_data"]:
        first = click.prompt(word("erase-1", client.language), default="", show_default=False)
        second = (
            click.prompt(word("erase-2", client.language), default="", show_default=False) if first == "ERASE" else ""
        )
        if second != ident[:6]:
            raise Failure(word("not-erased", client.language), REFUSED)
    grant: dict[str, Any] = {
        "networks": [name.strip() for name in words["networks"].split(",") if name.strip()],
        "import": words["may_import"],
        "initialize": words["initialize"],
    }
    for name in ("level", "holder", "kind", "term", "number", "filesystem"):
        grant[name] = words[name]
    if words["passphrase_file"] is not None:
        grant["passphrase"] = words["passphrase_file"].readline().rstrip("\n")
    return grant


def _with_passphrase(client: Client, grant: dict[str, Any], act: Callable[[], list[Any]]) -> list[Any]:
    """Ask for the passphrase only when the key has one."""
    try:
        return act()
    except Failure as failure:
        needed = "passphrase" in failure.sentence or "口令" in failure.sentence
        if not needed or "passphrase" in grant or not sys.stdin.isatty():
            raise
        complain(failure.sentence)
        grant["passphrase"] = click.prompt("Passphrase" if client.language == "en" else "口令", hide_input=True)
        return act()


@contextlib.contextmanager
def _bar(ident: str) -> Iterator[Told]:
    """A progress bar that shows only on a terminal, and only once there is progress."""
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


COMMANDS: list[Callable[..., Any]] = [request, approve, reject, register, eject, state, verify]
