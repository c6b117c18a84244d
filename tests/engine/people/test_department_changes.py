"""Changing the tree of departments, on both databases: what may be, what is refused and told, who was faster."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from tests.engine.store.conftest import any_store, postgres_store, session_postgres_store, store

from blankett.engine.departments import Absence, Department, DirectoryFault, Post
from blankett.engine.departments.directory import DEEPEST
from blankett.engine.people.department_changes import DepartmentChanges, Hanging, WantedDepartment, WantedPost
from blankett.engine.store import Organisation, Store, StoredUser, Workspace
from blankett.engine.verify import verify

__all__ = ["any_store", "postgres_store", "session_postgres_store", "store"]

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def person(id: str) -> StoredUser:
    return StoredUser(organisation="o", id=id, email=f"{id}@x.example", name=id.title(), created_at=NOW, changed_at=NOW)


@contextmanager
def changes(store: Store) -> Iterator[DepartmentChanges]:
    with store.writing() as writing:
        yield DepartmentChanges(writing, "o", NOW)


@pytest.fixture
def company(any_store: Store) -> Store:
    """Give an organisation with three people and management / sales / north, stores."""
    with any_store.writing() as writing:
        writing.put_organisation(Organisation(id="o", title="O", created_at=NOW))
        for id in ("ada", "bo", "cem"):
            writing.insert_user(person(id))
        writing.put_workspace(Workspace(organisation="o", id="w", title="W", department="north"))
        made = DepartmentChanges(writing, "o", NOW)
        for title, parent, head in (
            ("Management", None, "ada"),
            ("Sales", "management", "bo"),
            ("North", "sales", None),
            ("Stores", "management", None),
        ):
            made.create(WantedDepartment(title=title, parent=parent, head=head))
    return any_store


def found(store: Store, id: str) -> Department:
    with store.reading() as reading:
        return reading.directory("o").departments[id]


def message(result: object) -> str:
    assert isinstance(result, DirectoryFault), result
    return result.message


def test_departments_are_made_renamed_and_moved(company: Store) -> None:
    assert found(company, "north") == Department(organisation="o", id="north", title="North", parent="sales")
    with changes(company) as change:
        changed = change.change("north", 1, WantedDepartment(title="North-West", parent="stores", head="cem"))
    assert changed == found(company, "north")
    assert changed == Department(
        organisation="o", id="north", title="North-West", parent="stores", head="cem", revision=2
    )


REFUSED = {
    "no title": ("north", WantedDepartment(title=" \n"), "departments.title_missing"),
    "a title beside it": ("north", WantedDepartment(title="Stores", parent="management"), "departments.title_taken"),
    "below itself": ("sales", WantedDepartment(title="Sales", parent="north"), "departments.circle"),
    "its own parent": ("sales", WantedDepartment(title="Sales", parent="sales"), "departments.circle"),
    "below nothing": ("sales", WantedDepartment(title="Sales", parent="gone"), "departments.parent_gone"),
    "a head who is nobody": ("north", WantedDepartment(title="North", head="who"), "departments.person_gone"),
    "a deputy of oneself": (
        "north",
        WantedDepartment(title="North", head="bo", deputy="bo"),
        "departments.own_deputy",
    ),
    "not there": ("gone", WantedDepartment(title="X"), "departments.gone"),
}


@pytest.mark.parametrize(("id", "wanted", "told"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_is_told_and_changes_nothing(
    company: Store, id: str, wanted: WantedDepartment, told: str
) -> None:
    with company.reading() as reading:
        before = reading.directory("o").departments
    with changes(company) as change:
        assert message(change.change(id, None, wanted)) == told
    with company.reading() as reading:
        assert reading.directory("o").departments == before


def test_somebody_who_has_left_cannot_become_head_but_may_stay_until_replaced(company: Store) -> None:
    with company.writing() as writing:
        writing.update_user(replace(person("bo"), active=False))
    with changes(company) as change:
        told = change.change("north", 1, WantedDepartment(title="North", parent="sales", head="bo"))
        assert told == DirectoryFault("head", "departments.person_inactive", {"name": "Bo"})
        kept = change.change("sales", 1, WantedDepartment(title="Selling", parent="management", head="bo"))
        assert isinstance(kept, Department)
    with company.reading() as reading:
        answer = reading.directory("o").head("north")
    assert (answer.user, [(each.department, each.reason) for each in answer.passed]) == (
        "ada",
        [("north", "no_head"), ("sales", "inactive")],
    )


def test_who_saw_an_older_one_changes_nothing(company: Store) -> None:
    with changes(company) as change:
        change.change("north", 1, WantedDepartment(title="North", parent="stores"))
        assert message(change.change("north", 1, WantedDepartment(title="N"))) == "departments.changed_meanwhile"
        assert message(change.close("north", 1)) == "departments.changed_meanwhile"


def test_two_moves_at_once_make_no_circle(company: Store) -> None:
    """Sales goes below stores while stores goes below sales: whoever comes second is refused."""
    results: list[object] = []
    start = threading.Barrier(2)

    def move(id: str, parent: str) -> None:
        start.wait()
        with changes(company) as change:
            results.append(change.change(id, 1, WantedDepartment(title=id.title(), parent=parent)))

    threads = [threading.Thread(target=move, args=pair) for pair in (("sales", "stores"), ("stores", "sales"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(result).__name__ for result in results) == ["Department", "DirectoryFault"]
    with company.reading() as reading:
        assert len(list(reading.directory("o").outline())) == 4


def test_who_is_placed_while_they_change_their_password_keeps_the_new_one(company: Store) -> None:
    def place() -> None:
        with changes(company) as change:
            change.place("ada", "sales")

    thread = threading.Thread(target=place)
    with company.writing() as writing:
        ada = writing.user("o", "ada")
        assert ada is not None
        writing.update_user(replace(ada, password="new"))
        thread.start()
        thread.join(0.5)  # it waits for this transaction to end
    thread.join()
    with company.reading() as reading:
        placed = reading.user("o", "ada")
    assert placed is not None
    assert (placed.password, placed.department) == ("new", "sales")
    assert [*verify(company)] == []


def test_members_have_one_main_department_and_further_ones(company: Store) -> None:
    def of(user: str) -> tuple[str, ...]:
        with company.reading() as reading:
            return reading.directory("o").departments_of(user)

    with changes(company) as change:
        assert change.set_memberships("ada", "sales", ["stores", "sales"]) is None
    assert of("ada") == ("sales", "stores")
    with changes(company) as change:
        change.set_memberships("ada", "stores", [])
    assert of("ada") == ("stores",)
    with changes(company) as change:
        assert message(change.place("ada", "gone")) == "departments.parent_gone"
        assert message(change.place("who", "sales")) == "departments.person_gone"
        change.leave("ada", "stores")
    assert of("ada") == ()


def test_a_department_with_something_on_it_is_not_closed_but_goes_into_another(company: Store) -> None:
    with changes(company) as change:
        change.place("ada", "sales")
        change.place("bo", "sales", ["stores"])
        change.place("cem", "management", ["sales"])
        change.create_post(WantedPost(title="Head of sales", department="sales", holder="bo", authority=Decimal(900)))
        told = change.close("sales", 1)
    assert told == DirectoryFault(
        "into",
        "departments.not_empty",
        {"title": "Sales", "departments": 1, "members": 3, "posts": 1, "workspaces": 0},
    )
    with changes(company) as change:
        assert message(change.close("sales", 1, "north")) == "departments.into_below"
        assert isinstance(change.close("sales", 1, "stores"), Department)
    with company.reading() as reading:
        directory = reading.directory("o")
    assert directory.departments["sales"] == Department(
        organisation="o", id="sales", title="Sales", parent="stores", revision=2, closed_at=NOW
    )
    assert directory.within("stores") == {"stores", "sales", "north"}
    with company.reading() as reading:
        directory = reading.directory("o")
        assert [directory.departments_of(user) for user in ("ada", "bo", "cem")] == [
            ("stores",),
            ("stores",),
            ("management", "stores"),
        ]
        assert [post.department for post in directory.posts.values()] == ["stores"]


def test_closing_a_department_gives_nobody_a_main_one(company: Store) -> None:
    with changes(company) as change:
        change.place("ada", None, ["stores", "sales"])
        assert isinstance(change.close("sales", 1, "management"), Department)
        assert change.directory.departments_of("ada") == ("management", "stores")
        known = change.writing.user("o", "ada")
    assert known is not None
    assert known.department is None


def test_what_is_closed_goes_no_deeper_than_a_tree_may_be(company: Store) -> None:
    with changes(company) as change:
        parent = None
        for level in range(DEEPEST):
            made = change.create(WantedDepartment(title=f"Level {level}", parent=parent))
            assert isinstance(made, Department)
            parent = made.id
        assert message(change.close("north", 1, parent)) == "departments.too_deep"
        assert message(change.close("sales", 1, parent)) == "departments.too_deep"
        assert isinstance(change.close("sales", 1, "level_18"), Department)
        assert change.directory.is_within("north", "level_0")
        assert change.directory.is_within("sales", "level_0")


def test_an_empty_department_is_closed_and_opened_again(company: Store) -> None:
    with changes(company) as change:
        assert change.hanging("north") == Hanging(workspaces=1)
        assert message(change.close("north", 1)) == "departments.not_empty"
        assert isinstance(change.close("stores", 1), Department)
        assert message(change.change("stores", 2, WantedDepartment(title="X"))) == "departments.is_closed"
        assert message(change.place("ada", "stores")) == "departments.parent_gone"
        change.reopen("stores", 2)
    assert found(company, "stores").closed_at is None


def test_a_transaction_reads_the_departments_anew_after_a_change_alone(company: Store) -> None:
    with company.writing() as writing:
        first = writing.directory("o")
        assert not first.is_in("cem", "sales")
        assert writing.directory("o") is first
        DepartmentChanges(writing, "o", NOW).place("cem", "sales")
        assert writing.directory("o") is not first
        assert writing.directory("o").is_in("cem", "sales")
        second = writing.directory("o")
        assert second.head("sales").user == "bo"
        bo = writing.user("o", "bo")
        assert bo is not None
        writing.update_user(replace(bo, active=False, changed_at=NOW))
        assert writing.directory("o").head("sales").user == "ada"


def test_posts_are_made_changed_and_taken_away(company: Store) -> None:
    with changes(company) as change:
        made = change.create_post(WantedPost(title="Chief buyer", department="stores", authority=Decimal("10.50")))
        assert made == Post(
            organisation="o",
            id="chief_buyer",
            department="stores",
            title="Chief buyer",
            authority=Decimal("10.50"),
            revision=1,
        )
        wanted = WantedPost(title="Buyer", department="sales", holder="cem")
        assert message(change.change_post("chief_buyer", 7, wanted)) == "departments.changed_meanwhile"
        assert isinstance(change.change_post("chief_buyer", 1, wanted), Post)
        negative = WantedPost(title="X", department="sales", authority=Decimal(-1))
        assert message(change.create_post(negative)) == "departments.authority_wrong"
        assert [post.id for post in change.directory.posts_held("cem")] == ["chief_buyer"]
        change.remove_post("chief_buyer", 2)
        assert message(change.remove_post("chief_buyer", 2)) == "departments.post_gone"


def test_keys_are_made_of_titles(company: Store) -> None:
    with changes(company) as change:
        made = [
            change.create(WantedDepartment(title=title, parent=parent))
            for title, parent in (("North", "stores"), ("采购", None), ("销售", None), ("2nd line", None))
        ]
        assert [each.id if isinstance(each, Department) else each for each in made] == [
            "north_2",
            "d",
            "d_2",
            "d_2nd_line",
        ]
        assert message(change.create(WantedDepartment(title="X", id="sales"))) == "departments.key_taken"
        assert message(change.create(WantedDepartment(title="X", id="Sales!"))) == "departments.key_wrong"


def test_every_change_is_an_act_and_one_behind_the_back_is_found(company: Store) -> None:
    with changes(company) as change:
        change.place("ada", "sales", ["north"])
        change.create_post(WantedPost(title="Post", department="sales"))
        change.writing.put_absence(
            Absence(
                organisation="o", id="a1", user="ada", substitute="bo", by="ada", at=NOW,
                first=date(2026, 12, 1), last=date(2026, 12, 5),
            )
        )  # fmt: skip
    assert [*verify(company)] == []
    with company.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE department SET head = 'cem' WHERE id = 'sales'")
        connection.exec_driver_sql("UPDATE \"user\" SET department = 'north' WHERE id = 'ada'")
        connection.exec_driver_sql("UPDATE absence SET substitute = 'cem'")
    assert sorted((each.place, each.params.get("table")) for each in verify(company)) == [
        ("a1", "absence"),
        ("ada", "user"),
        ("sales", "department"),
    ]
