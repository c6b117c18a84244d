"""`blankett departments`: a tree comes from a file or not at all, is listed with its heads, people are put into it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from blankett.cli import main
from blankett.engine.store import Store
from blankett.web.account.accounts import Accounts

TREE = """\
departments:
  purchasing: {title: Purchasing, parent: management}
  management: {title: Management, head: ada@x.example}
  sales: {title: Sales, parent: management, head: bo@x.example, deputy: ada@x.example}
posts:
  head_buyer: {title: Head buyer, department: purchasing, holder: bo@x.example, authority: "25000.50"}
people:
  bo@x.example: {department: sales, also: [purchasing]}
"""


@pytest.fixture
def database(tmp_path: Path, make_store: Callable[[Path], Store]) -> str:
    store = make_store(tmp_path / "company.sqlite")
    accounts = Accounts(store, lambda: datetime.now(UTC), timedelta(hours=8), timedelta(days=7))
    accounts.set_up(title="X", zone="Europe/Oslo", name="Ada", email="ada@x.example", password="x" * 12, language="en")
    with store.reading() as reading:
        organisation = reading.organisations()[0].id
    made = accounts.make_user(organisation, name="Bo", email="bo@x.example", password="", language="en")
    with store.writing() as writing:
        writing.insert_user(made)
    store.close()
    return store.url


def run(database: str, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["departments", *arguments, "--database", database])


def taken(database: str, tmp_path: Path, text: str, *options: str, name: str = "tree.yaml") -> Result:
    (tmp_path / name).write_text(text, encoding="utf-8")
    return run(database, "import", str(tmp_path / name), *options)


def words(result: Result) -> list[list[str]]:
    assert result.exit_code == 0, result.output
    return [line.split() for line in result.output.splitlines()]


def test_a_tree_is_taken_over_listed_and_taken_over_again(database: str, tmp_path: Path) -> None:
    first = "3 departments, 1 posts and 1 people changed; 0 are so already.\n"
    assert taken(database, tmp_path, TREE).output == first
    assert words(run(database, "list", "--people")) == [
        ["Management", "management", "Ada"],
        ["Purchasing", "purchasing", "no", "head"],
        ["-", "Head", "buyer:", "Bo,", "up", "to", "25000.50"],
        ["-", "Bo"],
        ["Sales", "sales", "Bo"],
        ["-", "Bo"],
    ]
    again = "0 departments, 0 posts and 0 people changed; 5 are so already.\n"
    assert taken(database, tmp_path, TREE).output == again


def test_a_check_changes_nothing(database: str, tmp_path: Path) -> None:
    said = "3 departments, 1 posts and 1 people would change; 0 are so already.\n"
    assert taken(database, tmp_path, TREE, "--check").output == said
    assert run(database, "list").output == ""


CSV = "department;title;parent;head\nstores;Stores;;\nnorth;Stores north;stores;bo@x.example\n"
WRONG = {
    "two faults, each with its line": (
        "tree.csv",
        "department,title,parent,head\na,A,gone,\nb,B,,who@x.example\nc,C,,\n",
        [
            "2: That department is not there any more, or closed. Choose another one.",
            "3: Nobody has the address who@x.example.",
        ],
    ),
    "a circle": (
        "tree.yaml",
        "departments:\n  a: {title: A, parent: b}\n  b: {title: B, parent: a}\n",
        [
            "2: That department is not there any more, or closed. Choose another one.",
            "3: That department is not there any more, or closed. Choose another one.",
        ],
    ),
    "a column that is none": (
        "tree.csv",
        "department,name\na,A\n",
        ["1: “name” is not known here. There are: title, parent, head, deputy."],
    ),
    "a file of something else": (
        "tree.csv",
        "order,amount\n",
        ["1: The first column must be one of department, post, person."],
    ),
    "broken YAML": ("tree.yaml", "departments:\n  a: {title: A\n", None),
    "nothing": ("tree.yaml", "departments: {}\n", ["1: There is nothing in the file."]),
    "an amount that is none": (
        "tree.csv",
        "post,title,department,authority\nx,X,,NaN\n",
        ["2: Type an amount of at least 0, or nothing."],
    ),
}


def test_a_csv_file_may_have_semicolons(database: str, tmp_path: Path) -> None:
    assert taken(database, tmp_path, "\ufeff" + CSV, name="tree.csv").exit_code == 0
    assert words(run(database, "list")) == [["Stores", "stores", "no", "head"], ["Stores", "north", "north", "Bo"]]


@pytest.mark.parametrize(("name", "text", "said"), WRONG.values(), ids=WRONG)
def test_a_file_with_a_fault_changes_nothing(
    database: str, tmp_path: Path, name: str, text: str, said: list[str] | None
) -> None:
    result = taken(database, tmp_path, text, name=name)
    assert result.exit_code == 1
    *lines, last = result.output.splitlines()
    if said is not None:
        assert lines == [f"{tmp_path / name}:{line}" for line in said]
    assert last.endswith("Nothing was changed.")
    assert run(database, "list").output == ""


def test_people_are_put_into_departments_and_one_is_closed_into_another(database: str, tmp_path: Path) -> None:
    taken(database, tmp_path, TREE)
    assert run(database, "place", "ada@x.example").output == "Ada is in no department.\n"
    put = run(database, "place", "ada@x.example", "--main", "purchasing", "--also", "sales")
    assert put.output == "Purchasing (purchasing), Sales (sales)\n"
    assert run(database, "place", "ada@x.example", "--main", "gone").exit_code == 1
    refused = run(database, "close", "purchasing")
    assert (refused.exit_code, "Choose where they go." in refused.output) == (1, True)
    assert run(database, "close", "purchasing", "--into", "sales").exit_code == 0
    assert words(run(database, "list"))[-1] == ["Purchasing", "purchasing", "closed"]
    assert run(database, "place", "ada@x.example").output == "Sales (sales)\n"


def test_whom_a_file_puts_elsewhere_is_no_member_of_where_they_were(database: str, tmp_path: Path) -> None:
    taken(database, tmp_path, TREE)
    assert taken(database, tmp_path, "person,department\nbo@x.example,management\n", name="people.csv").exit_code == 0
    assert run(database, "place", "bo@x.example").output == "Management (management), Purchasing (purchasing)\n"
