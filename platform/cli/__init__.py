"""The `blankett` command: an explicit list of commands, each imported when it is called."""

from __future__ import annotations

from importlib import import_module

import click

#: {command: the module that holds it under the same name}
COMMANDS = {
    "calendar": "blankett.cli.calendar",
    "check": "blankett.cli.check",
    "db": "blankett.cli.db",
    "demo": "blankett.cli.serve",
    "departments": "blankett.cli.departments",
    "jobs": "blankett.cli.jobs",
    "letters": "blankett.cli.letters",
    "publish": "blankett.cli.publish",
    "schema": "blankett.cli.check",
    "serve": "blankett.cli.serve",
    "table": "blankett.cli.table",
    "test": "blankett.cli.test",
    "user": "blankett.cli.user",
    "verify": "blankett.cli.verify",
    "worker": "blankett.cli.worker",
}


class Commands(click.Group):
    """Finds a command by its name and imports only what it needs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command, or None when there is none of that name."""
        module = COMMANDS.get(cmd_name)
        if module is None:
            return None
        found = getattr(import_module(module), cmd_name)
        return found if isinstance(found, click.Command) else None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="blankett")
def main() -> None:
    """Turn YAML blueprints into working applications."""
