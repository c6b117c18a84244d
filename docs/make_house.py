"""Draw the rooms of platform/ and what each imports, from the code itself: `python docs/make_house.py` writes
pictures/house.svg.

A room stands above every room it imports. What is imported for the type checker alone does not count.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import TopologicalSorter
from html import escape
from pathlib import Path
from textwrap import shorten, wrap

ROOT = Path(__file__).resolve().parent.parent
PLATFORM = ROOT / "platform"
PICTURE = Path(__file__).with_name("pictures") / "house.svg"

WIDTH, MARGIN, GAP = 1180, 16, 10
LINE, PADDING = 17, 12
#: Average width of a character at 13 px, in pixels.
CHARACTER = 6.9

STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1f2937 }
  .name { font-weight: 600; font-size: 15px }
  .uses, .folders { fill: #64748b; font-size: 12px }
  .room { fill: #f8fafc; stroke: #cbd5e1 }
  .paper { fill: #ffffff }
  @media (prefers-color-scheme: dark) {
    text { fill: #e5e7eb } .uses, .folders { fill: #94a3b8 }
    .room { fill: #1e293b; stroke: #475569 } .paper { fill: #0f172a }
  }
"""


@dataclass(frozen=True)
class Room:
    """A folder or a module that stands by itself: `web`, `engine/records`, `engine/verify.py`."""

    name: str
    #: The first sentence of its docstring.
    purpose: str
    #: Names of the folders within it.
    folders: tuple[str, ...]
    #: The rooms whose modules its own import.
    uses: frozenset[str]


def room_of(module: str) -> str:
    """Return the room a module lies in: `engine/store` for `blankett.engine.store.slots`."""
    parts = module.split(".")[1:]
    return "/".join(parts[:2]) if parts[0] == "engine" else parts[0]


def read_rooms(platform: Path = PLATFORM) -> dict[str, Room]:
    """Return the rooms of *platform* by name."""
    files = {
        ".".join(["blankett", *path.relative_to(platform).with_suffix("").parts]).removesuffix(".__init__"): path
        for path in sorted(platform.rglob("*.py"))
    }
    modules = {name: path for name, path in files.items() if name not in ("blankett", "blankett.engine")}
    trees = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in modules.items()}
    rooms: dict[str, Room] = {}
    for room in dict.fromkeys(room_of(name) for name in modules):
        own = [name for name in modules if room_of(name) == room]
        door = trees[f"blankett.{room.replace('/', '.')}"]
        used = {room_of(target) for name in own for target in imported(trees[name]) if target in files}
        folder = platform / room
        rooms[room] = Room(
            name=room,
            purpose=first_sentence(ast.get_docstring(door) or ""),
            folders=tuple(sorted(path.parent.name for path in folder.glob("*/__init__.py"))),
            uses=frozenset(used - {room, "engine"}),
        )
    return rooms


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield the modules of ours that a module imports when it runs, whole or a name of them."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        if isinstance(child, ast.ImportFrom) and (child.module or "").startswith("blankett."):
            yield child.module or ""
        elif isinstance(child, ast.ImportFrom) and child.module == "blankett":
            yield from (f"blankett.{name.name}" for name in child.names)
        yield from imported(child)


def first_sentence(docstring: str) -> str:
    """Return what a docstring says first, on one line."""
    paragraph = " ".join(docstring.split("\n\n")[0].split())
    return paragraph.split(". ")[0].rstrip(".").replace("`", "")


def rows_of(rooms: dict[str, Room]) -> list[list[Room]]:
    """Return the rooms by rows, the top one first: each stands in the lowest row that is above all it uses."""
    height: dict[str, int] = {}
    for name in TopologicalSorter({name: sorted(room.uses) for name, room in rooms.items()}).static_order():
        height[name] = max((height[used] + 1 for used in rooms[name].uses), default=0)
    return [
        [rooms[name] for name in sorted(rooms) if height[name] == level]
        for level in range(max(height.values()), -1, -1)
    ]


def lines_of(room: Room, width: float) -> list[tuple[str, str]]:
    """Return the (class, text) of each line in the box of a room."""
    most = int((width - 2 * PADDING) / CHARACTER)
    lines = [("name", room.name), *(("purpose", line) for line in wrap(room.purpose, most)[:3])]
    if room.folders:
        lines.append(("folders", shorten(f"folders: {', '.join(room.folders)}", most + 8, placeholder=" …")))
    if room.uses:
        used = ", ".join(sorted(name.removeprefix("engine/") for name in room.uses))
        lines += [("uses", line) for line in wrap(f"uses {used}", int(most * 1.08))]
    return lines


def drawn(rooms: dict[str, Room]) -> str:
    """Return the picture as SVG."""
    boxes: list[str] = []
    top = MARGIN
    for row in rows_of(rooms):
        width = (WIDTH - 2 * MARGIN - GAP * (len(row) - 1)) / len(row)
        texts = [lines_of(room, width) for room in row]
        height = max(len(lines) for lines in texts) * LINE + 2 * PADDING
        for place, lines in enumerate(texts):
            left = MARGIN + place * (width + GAP)
            boxes.append(f'<rect class="room" x="{left:.0f}" y="{top}" width="{width:.0f}" height="{height}" rx="6"/>')
            for number, (kind, text) in enumerate(lines):
                y = top + PADDING + LINE * number + 12
                boxes.append(f'<text class="{kind}" x="{left + PADDING:.0f}" y="{y}">{escape(text)}</text>')
        top += height + GAP
    height = top - GAP + MARGIN
    title = "The rooms of platform/: each stands above all it uses"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{title}">',
            f"<title>{title}</title>",
            f"<style>{STYLE}</style>",
            f'<rect class="paper" width="{WIDTH}" height="{height}"/>',
            *boxes,
            "</svg>\n",
        ]
    )


if __name__ == "__main__":
    PICTURE.write_text(drawn(read_rooms()), encoding="utf-8")
