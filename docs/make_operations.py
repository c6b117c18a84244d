"""Make the tables of operations.md from the settings and the commands themselves: `python docs/make_operations.py`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import click

from blankett.cli import main as blankett
from blankett.web.settings import VARIABLES

PAGE = Path(__file__).with_name("operations.md")
#: ``<!-- table: settings -->``, and what was made for it up to ``<!-- end -->``.
PLACE = re.compile(r"<!-- table: (?P<what>\w+) -->(?:\n.*?<!-- end -->)?", re.DOTALL)
#: An option of every command on stored data; the page tells of it once.
COMMON = "--database"
#: An option that its help gives a default in words: ``… [default: BLANKETT_DATA, or var]``.
SAID_DEFAULT = re.compile(r"\s*\[default: (?P<words>.*)\]$")


def settings() -> Iterator[str]:
    """Yield the lines of the table of variables."""
    yield "| variable | says | without it |"
    yield "|---|---|---|"
    for name, (meaning, default) in VARIABLES.items():
        yield f"| `{name}` | {meaning} | {default} |"


def commands() -> Iterator[str]:
    """Yield what each command does, and a table of the options it has."""
    for words, command in every_command(blankett, "blankett"):
        arguments = [found.make_metavar(click.Context(command)) for found in command.params if is_argument(found)]
        effect = " ".join((command.help or "").replace("\b", "").split())
        yield f"**`{' '.join([words, *arguments])}`**: {effect}"
        yield ""
        yield from option_table(command)


def option_table(command: click.Command) -> Iterator[str]:
    """Yield the table of a command's options; nothing when it has none of its own."""
    options = [found for found in command.params if isinstance(found, click.Option) and not found.hidden]
    options = [found for found in options if COMMON not in found.opts]
    if options:
        yield "| option | | default |"
        yield "|---|---|---|"
        yield from (option_row(option) for option in options)
        yield ""


def every_command(group: click.Group, words: str) -> Iterator[tuple[str, click.Command]]:
    """Yield the commands of a group and of the groups in it, with the words that call them."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from every_command(command, f"{words} {name}")
        elif command is not None:
            yield f"{words} {name}", command


def is_argument(parameter: click.Parameter) -> bool:
    """Tell whether a parameter stands for itself, without a name before it."""
    return isinstance(parameter, click.Argument)


def option_row(option: click.Option) -> str:
    """Return the row of an option."""
    meaning = option.help or ""
    said = SAID_DEFAULT.search(meaning)
    default = said["words"] if said else shown_default(option)
    return f"| `{', '.join(option.opts)}` | {SAID_DEFAULT.sub('', meaning)} | {default} |"


def shown_default(option: click.Option) -> str:
    """Return an option's default in words; nothing for switches and for what need not be said."""
    if option.is_flag or option.multiple or not option.show_default or option.default is None:
        return "must be said" if option.required else ""
    return f"`{option.default}`"


TABLES: Mapping[str, Callable[[], Iterator[str]]] = {"settings": settings, "commands": commands}


def made(page: str) -> str:
    """Return the page with its tables made anew."""

    def make(found: re.Match[str]) -> str:
        lines = "\n".join(TABLES[found["what"]]()).rstrip()
        return f"<!-- table: {found['what']} -->\n{lines}\n<!-- end -->"

    return PLACE.sub(make, page)


if __name__ == "__main__":
    PAGE.write_text(made(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
