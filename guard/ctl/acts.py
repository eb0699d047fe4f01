"""What people do: ask, approve, reject, register, eject."""

from collections.abc import Callable
from typing import Any

import click

from guard.ctl.client import REFUSED, Client, Failure
from guard.ctl.listings import full_id
from guard.ctl.paint import ID_LENGTH, complain, emit_json, line, safe
from guard.ctl.passphrase import passphrase_file, read_passphrase, with_passphrase
from guard.ctl.progress import bar
from guard.words import word

_GRANT: tuple[Callable[..., Any], ...] = (
    click.option(
        "--level", default="", help="Level, for example INTERNAL or 机密; several with +. Needed for a label."
    ),
    click.option("--networks", default="", help="Networks where it may be written, by commas. Needed for a label."),
    click.option("--holder", default="", help="Who answers for it. Needed for a label."),
    click.option("--kind", default="work", show_default=True, type=click.Choice(["work", "personal"])),
    click.option("--term", default="", help="5y, 90d or a date; the longest the scheme allows if left out."),
    click.option("--import/--no-import", "may_import", default=False, help="May be read on higher or other networks."),
    click.option(
        "--read-only/--read-write",
        default=None,
        help="May never be written, on any host; or may, where all else fits. Read-write if left out.",
    ),
    click.option("--number", default="", help="Asset number; the next free one if left out."),
    click.option(
        "--initialize", is_flag=True, help="Erase the medium: new partition table and file system. Asks twice."
    ),
    click.option("--erase-all-data", is_flag=True, help="With --initialize: do not ask."),
    click.option("--filesystem", default="exfat", show_default=True, type=click.Choice(["exfat", "ext4"])),
    passphrase_file,
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
        line(word("said-filed", client.language, request=filed[:8]))


@click.command()
@click.argument("ident", metavar="REQUEST")
@click.option("--once", is_flag=True, help="Let it in until it is pulled, read-only, and write no label.")
@_grant_options
@click.pass_obj
def approve(client: Client, /, ident: str, once: bool, **words: Any) -> None:
    """Sign a label for the medium of a request, write it, and let it in without replugging. Or let it in this once."""
    (_alone if once else _needed)(words)
    whole = full_id(client, ident, "Requests")
    visit = next((str(row["visit"]) for row in client.rows("Requests", named=whole)), "")
    if once:
        client.call("Approve", "sa{sv}a{sv}", [whole, {"once": True, **_access(words, "read-only")}])
    else:
        _grant_and_wait(client, "Approve", whole, visit, words)
    verdict = _explained(client, visit).get("verdict")
    if verdict:
        line(word("said-approved", client.language, verdict=word(verdict, client.language)))
    else:
        line(word("said-approved-only", client.language))


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
    _needed(words)
    whole = full_id(client, visit, "Visits")
    (medium,) = _grant_and_wait(client, "Register", whole, whole, words)
    line(word("said-registered", client.language, medium=medium))


@click.command()
@click.argument("visit", metavar="VISIT")
@click.pass_obj
def eject(client: Client, visit: str) -> None:
    """Unmount a medium and shut its port, so that it can be pulled."""
    client.call("Eject", "sa{sv}", [full_id(client, visit, "Visits")])
    line(word("ejected", client.language))


@click.command()
@click.option("--minutes", type=click.IntRange(1, 240), help="How long at most.")
@click.option("--why", default="", help="What for; goes into the journal.")
@click.option("--end", is_flag=True, help="End it now.")
@click.pass_obj
def maintenance(client: Client, minutes: int | None, why: str, *, end: bool) -> None:
    """Let media without a label be read for some minutes, for work on this computer; it ends by itself."""
    if end == (minutes is not None):
        raise click.UsageError("Give --minutes N and --why REASON, or --end.")
    client.call("Maintenance", "usa{sv}", [minutes or 0, why])
    if end:
        line(word("maintenance-ended", client.language))
    else:
        line(word("maintenance-began", client.language, minutes=str(minutes)))


def _only_refused(client: Client) -> str:
    refused = [row for row in client.rows("Visits") if row["verdict"] == "refused" and not row["left"]]
    if len(refused) != 1:
        raise Failure(word("which-visit", client.language, count=len(refused)), REFUSED)
    return str(refused[0]["id"])


def _alone(words: dict[str, Any]) -> None:
    """Nothing of a label goes with --once."""
    named = ("level", "networks", "holder", "term", "number", "may_import", "initialize", "passphrase_file")
    given = [name for name in named if words[name]]
    if given:
        option = "import" if given[0] == "may_import" else given[0].replace("_", "-")
        raise click.UsageError(f"--once writes no label; --{option} does not go with it.")


def _needed(words: dict[str, Any]) -> None:
    for name in ("level", "networks", "holder"):
        if not words[name]:
            raise click.UsageError(f"Missing option '--{name}'.")


def _access(words: dict[str, Any], otherwise: str) -> dict[str, str]:
    wanted = words["read_only"]
    return {"access": otherwise if wanted is None else "read-only" if wanted else "read-write"}


def _grant_and_wait(client: Client, verb: str, ident: str, visit: str, words: dict[str, Any]) -> list[Any]:
    grant: dict[str, Any] = {
        "networks": [name.strip() for name in words["networks"].split(",") if name.strip()],
        "import": words["may_import"],
        "initialize": words["initialize"],
        **_access(words, "read-write"),
    }
    for name in ("level", "holder", "kind", "term", "number", "filesystem"):
        grant[name] = words[name]
    if words["erase_all_data"] and not words["initialize"]:
        raise click.UsageError("--erase-all-data goes with --initialize.")
    given = read_passphrase(words["passphrase_file"])
    if words["initialize"] and not words["erase_all_data"]:
        _ask_twice(client, ident, visit)

    def act(passphrase: str) -> list[Any]:
        whole = {**grant, "passphrase": passphrase} if passphrase else grant
        with bar(ident) as told:
            return client.call(verb, "sa{sv}a{sv}", [ident, whole], told=told)

    return with_passphrase(act, given, client.language)


def _ask_twice(client: Client, ident: str, visit: str) -> None:
    """Two answers, the second of which nobody types by habit; no answer is a no."""
    seen = _explained(client, visit).get("seen") or {}
    parts = [str(seen.get(name) or "") for name in ("manufacturer", "product", "serial")]
    size = int(seen.get("capacity") or 0)
    named = " ".join([*parts, f"({size / 1e9:.1f} GB)" if size else ""]).split()
    medium = safe(" ".join(named)) or word("this-medium", client.language)
    short = ident[:ID_LENGTH]
    try:
        first = click.prompt(word("erase-1", client.language, medium=medium), default="", show_default=False, err=True)
        again = word("erase-2", client.language, ident=short)
        if first == "ERASE" and click.prompt(again, default="", show_default=False, err=True) == short:
            return
    except click.Abort:
        complain("")
    raise Failure(word("not-erased", client.language), REFUSED)


def _explained(client: Client, visit: str) -> dict[str, Any]:
    """What is known of a visit; nothing where it may not be seen (who decides need not be one who audits)."""
    try:
        (found,) = client.call("Explain", "sa{sv}", [visit])
    except Failure:
        return {}
    explained: dict[str, Any] = found
    return explained


COMMANDS: list[Callable[..., Any]] = [request, approve, reject, register, eject, maintenance]
