"""What the repository itself promises: it speaks of the product only, links lead somewhere, files stay short."""

from __future__ import annotations

import ast
import os
import re
import subprocess
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
#: What a checkout holds beside what is committed; only looked at where there is no git to ask.
NOT_OURS = {".git", ".venv", "build", "dist", "node_modules", "vendor", "var", "__pycache__", "blankett.egg-info"}
TEXTS = {"", ".py", ".md", ".html", ".css", ".js", ".json", ".yaml", ".toml", ".txt", ".po", ".in", ".mako", ".svg"}

#: What a file must not hold -> why. Written so that this file does not hold it either.
FORBIDDEN = {
    r"(?<![\w.])/(?:work|root|home|Users|opt|tmp|mnt)/": "a path of somebody's machine",
    r"\bfile:/{2}": "a path of somebody's machine",
    r"\b(?:[a-z0-9-]+\.)*(?:pypi\.org|pythonhosted\.org|npmjs\.(?:org|com))\b": "a registry's host",
    r"\b(?:TO[D]O|FIX[M]E|HA[C]K)\b": "unfinished work",
    r"(?i)\bissues? #?\d": "a number that only a tracker knows",
}
LONGEST_FUNCTION = 60
LONGEST_TEMPLATE_LINE = 120
#: Names of `platform/` that nothing in the product names -> who calls them.
CALLED_FROM_OUTSIDE = {
    "visit_Call": "Jinja",
    "filter_stream": "Jinja",
    "load_bytecode": "Jinja",
    "dump_bytecode": "Jinja",
    "open_session": "Flask",
    "ensure_sync": "Flask",
    "look_at_request": "Flask",
    "column_expression": "SQLAlchemy",
}
#: Folders beside the product and its tests whose modules ask for something.
OUTSIDE = ("bench", "docs", "frontend", ".ci")
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)|<img [^>]*src=\"([^\"]+)\"")
FENCE = re.compile(r"^(?:```|~~~).*?^(?:```|~~~)$", re.MULTILINE | re.DOTALL)


@cache
def repository_files() -> tuple[Path, ...]:
    """Return every text file that is committed or about to be."""
    if (ROOT / ".git").exists():
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
        found = [ROOT / name for name in names if name]
    else:
        found = [
            Path(folder) / name
            for folder, folders, names in os.walk(ROOT)
            if folders.sort() is None and not NOT_OURS & set(Path(folder).relative_to(ROOT).parts)
            for name in names
        ]
    return tuple(path for path in sorted(found) if path.suffix in TEXTS and path.is_file() and not path.is_symlink())


def shown(path: Path) -> str:
    """Return a file's name in the repository."""
    return path.relative_to(ROOT).as_posix()


def findings(text: str) -> list[str]:
    """Return what *text* must not hold: line, words, and what they are."""
    return [
        f"{number}: {match.group()!r} is {why}"
        for number, line in enumerate(text.splitlines(), 1)
        for pattern, why in FORBIDDEN.items()
        for match in re.finditer(pattern, line)
    ]


def test_files_speak_of_the_product_only() -> None:
    found = [
        f"{shown(path)}:{finding}"
        for path in repository_files()
        for finding in findings(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see /ho" + "me/anna/blankett", "1: '/ho" + "me/' is a path of somebody's machine"),
        ("a\nfrom https://py" + "pi.org/simple", "2: 'py" + "pi.org' is a registry's host"),
        ("# TO" + "DO later", "1: 'TO" + "DO' is unfinished work"),
    ],
    ids=["path", "registry", "unfinished"],
)
def test_words_of_a_machine_are_found(text: str, found: str) -> None:
    assert findings(text) == [found]


def test_links_between_pages_lead_somewhere() -> None:
    broken = []
    for path in repository_files():
        if path.suffix != ".md":
            continue
        text = FENCE.sub("", path.read_text(encoding="utf-8"))
        for target in ("".join(groups) for groups in LINK.findall(text)):
            name, _, anchor = target.partition("#")
            if "://" in target or target.startswith("mailto:"):
                continue
            page = (path.parent / name) if name else path
            if not page.exists():
                broken.append(f"{shown(path)}: {target}")
            elif anchor and page.suffix == ".md" and anchor not in anchors_of(page):
                broken.append(f"{shown(path)}: {target} (no such heading)")
    assert broken == []


def test_files_that_pages_name_are_there() -> None:
    """What is named by its whole path, as the tests that hold a decision are."""
    named = re.compile(r"`((?:tests|platform|docs|templates|bench|blueprints)/[\w/.-]+\.\w+)`")
    missing = [
        f"{shown(path)}: {name}"
        for path in repository_files()
        if path.suffix == ".md"
        for name in named.findall(path.read_text(encoding="utf-8"))
        if not (ROOT / name).exists()
    ]
    assert missing == []


def anchors_of(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as they are made from the words."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}


def test_functions_read_as_steps() -> None:
    long = [
        f"{shown(path)}:{function.lineno} {function.name}"
        for path in repository_files()
        if path.suffix == ".py" and path.is_relative_to(ROOT / "platform") and "migrations" not in path.parts
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
        if (function.end_lineno or 0) - function.lineno >= LONGEST_FUNCTION
    ]
    assert long == []


def test_templates_read_like_a_page() -> None:
    templates = [path for path in repository_files() if path.suffix == ".html"]
    long = [
        f"{shown(path)}:{number} has {len(line)} characters: break it, a line break is no space in a page"
        for path in templates
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > LONGEST_TEMPLATE_LINE
    ]
    assert (len(templates) > 60, long) == (True, [])


def platform_trees() -> dict[str, ast.Module]:
    """Return the modules of the product, by their file."""
    return {
        shown(path): ast.parse(path.read_text(encoding="utf-8"))
        for path in repository_files()
        if path.suffix == ".py" and path.is_relative_to(ROOT / "platform") and "migrations" not in path.parts
    }


def test_a_class_has_a_name_of_its_own() -> None:
    places: dict[str, list[str]] = {}
    for file, module in platform_trees().items():
        for part in module.body:
            if isinstance(part, ast.ClassDef):
                places.setdefault(part.name, []).append(file)
    assert {name: files for name, files in places.items() if len(files) > 1} == {}


def test_nothing_is_there_that_only_tests_call() -> None:
    """A name counts as used where any word of the product, its templates, documents and benches is the same."""
    words = Counter[str]()
    for path in repository_files():
        if path.suffix in TEXTS and path.suffix != ".md" and not path.is_relative_to(ROOT / "tests"):
            words.update(re.findall(r"\w+", path.read_text(encoding="utf-8")))
    unused = {
        part.name
        for module in platform_trees().values()
        for part in ast.walk(module)
        if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        if not any(isinstance(each, ast.Call) for each in part.decorator_list)
        if not part.name.startswith("__") and words[part.name] == 1
        if not re.match("_(?:read|write)_", part.name)
    }
    assert unused == set(CALLED_FROM_OUTSIDE)


def dotted(file: str) -> str:
    """Return the name a module of the product is imported by: `blankett.engine.store` of its `__init__.py`."""
    return file.replace("platform/", "blankett/", 1).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def names_asked_for() -> set[tuple[str, str]]:
    """Return (module, name) of all that the product, its documents and benches import from a module of the product, as
    a name or as an attribute of the module. A package that only hands a name on does not ask for it.
    """
    trees = {dotted(file): tree for file, tree in platform_trees().items()}
    others = [path for path in repository_files() if path.suffix == ".py" and shown(path).split("/")[0] in OUTSIDE]
    asking = {**trees, **{shown(path): ast.parse(path.read_text(encoding="utf-8")) for path in others}}
    found: set[tuple[str, str]] = set()
    for tree in asking.values():
        handed_on = {each for part in tree.body for each in listed_names(part)}
        modules: dict[str, str] = {}
        for part in ast.walk(tree):
            if isinstance(part, ast.ImportFrom) and (part.module or "").startswith("blankett"):
                for alias in part.names:
                    if f"{part.module}.{alias.name}" in trees:
                        modules[alias.asname or alias.name] = f"{part.module}.{alias.name}"
                    elif alias.name not in handed_on or named(tree)[alias.name]:
                        found.add((part.module or "", alias.name))
        for part in ast.walk(tree):
            if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id in modules:
                found.add((modules[part.value.id], part.attr))
    # What a package hands on is asked for where it is taken from the package.
    for module, tree in trees.items():
        for part in tree.body:
            if isinstance(part, ast.ImportFrom):
                found |= {(part.module or "", alias.name) for alias in part.names if (module, alias.name) in found}
    return found


def listed_names(part: ast.stmt) -> set[str]:
    """Return the names of `__all__ = […]`; nothing for any other statement."""
    if isinstance(part, ast.Assign) and ast.unparse(part.targets[0]) == "__all__":
        return {str(each) for each in ast.literal_eval(part.value)}
    return set()


def named(tree: ast.AST) -> Counter[str]:
    """Return how often each name is read in a module or a part of one."""
    return Counter(part.id for part in ast.walk(tree) if isinstance(part, ast.Name))


def test_nothing_is_there_that_no_module_asks_for() -> None:
    """Unlike the words of the test before, a name counts for the module it is taken from alone."""
    templates = {
        word
        for path in repository_files()
        if path.suffix == ".html"
        for word in re.findall(r"\w+", path.read_text(encoding="utf-8"))
    }
    asked = names_asked_for()
    unused = [
        f"{file}: {part.name}"
        for file, tree in platform_trees().items()
        for own in [named(tree)]
        for part in tree.body
        if isinstance(part, (ast.FunctionDef, ast.ClassDef)) and not part.name.startswith("__")
        if isinstance(part, ast.ClassDef) or not any(isinstance(each, ast.Call) for each in part.decorator_list)
        if (dotted(file), part.name) not in asked and part.name not in templates
        if own[part.name] <= named(part)[part.name]
    ]
    assert unused == [], "what only tests call stands with the tests"


#: Modules that use what libraries keep to themselves -> what.
PRIVATE_OF_OTHERS = {
    "platform/engine/store/prepared_queries.py": {"_result_columns"},  # closed by `engine/library_shortcuts.py`
    "platform/engine/rules/durable/__init__.py": {"_handle"},  # closed by BLANKETT_RULES_ENGINE=python
}


def test_what_libraries_keep_to_themselves_is_used_in_one_place() -> None:
    trees, ours = platform_trees(), set[str]()
    for module in trees.values():
        for part in ast.walk(module):
            if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                ours.add(part.name)
            elif isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store):
                ours.add(part.attr)
            elif isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                ours.add(part.id)
    found: dict[str, set[str]] = {}
    for file, module in trees.items():
        for part in ast.walk(module):
            if isinstance(part, ast.Attribute) and re.match("_[a-z]", part.attr) and part.attr not in ours:
                found.setdefault(file, set()).add(part.attr)
    assert found == PRIVATE_OF_OTHERS
