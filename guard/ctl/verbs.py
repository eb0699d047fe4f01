"""Which verb is in which module. Only the module of the verb that is typed is loaded: every start, and every Tab, is short."""

from importlib import import_module

import click

_MODULES = {
    "acts": ("request", "approve", "reject", "register", "eject", "maintenance"),
    "crossed": ("crossings",),
    "inventory": ("inventory",),
    "listings": ("status", "media", "visits", "travel", "requests", "journal", "show", "explain", "files"),
    "lives": ("step", "accept", "decline", "history"),
    "local": ("init", "enrol-host", "check-config", "completion"),
    "orders": ("propose", "confirm", "orders", "advise", "clear"),
    "papers": ("sticker", "form", "certificate"),
    "people": ("people", "person", "clearance", "leaves", "stays", "sign-off", "held", "reminders"),
    "reporting": ("report",),
    "reviews": ("reviews", "marks", "classify"),
    "stock": ("import", "export", "backup", "restore"),
    "verifying": ("verify", "heads"),
    "watching": ("watch", "sim"),
    "weekly": ("summary",),
}
VERBS = {verb: module for module, verbs in _MODULES.items() for verb in verbs}


class Verbs(click.Group):
    """A group whose commands are loaded by name (click's documentation, "Lazily Loading Subcommands")."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, for the help and for completion."""
        return sorted(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name; None where there is none."""
        if cmd_name not in VERBS:
            return None
        found: list[click.Command] = import_module(f"guard.ctl.{VERBS[cmd_name]}").COMMANDS
        return next(command for command in found if command.name == cmd_name)
