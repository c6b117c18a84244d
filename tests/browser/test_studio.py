"""The administrator's pages in a browser: the text by keyboard, a change published while an order is open, a clone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.stores import copy_store, empty_store

from blankett.engine.access import load_actor
from blankett.engine.publish.publisher import Publisher
from blankett.engine.publish.readiness import Publication
from blankett.engine.records import Command, Receipt
from blankett.engine.store import Member, Store, Workspace
from blankett.web import create_app
from blankett.web.services import Services

from .axe import violations
from .conftest import SIZES, MakeContext
from .desk import expect_soon
from .served_app import serve, served_app
from .sign_in import sign_in

SHOP = Path(__file__).parents[1] / "web" / "shop.yaml"
PASSWORD = "a long enough password"
#: Person → (workspace, roles, administers).
PEOPLE = {"anna": ("top", {"clerk"}, False), "mette": ("top", {"manager"}, False), "olga": ("west", {"clerk"}, True)}

Visit = Callable[..., Page]


@pytest.fixture(scope="module")
def company() -> Iterator[Store]:
    """A small company with the shop published, its people, and one order in review; only copied."""
    store = empty_store()
    found_company(serve(store))
    yield store
    store.close()


@pytest.fixture
def services(company: Store, tmp_path: Path) -> Iterator[Services]:
    """The company as a test begins with it."""
    made = serve(copy_store(company, f"sqlite:///{tmp_path / 'shop.sqlite'}"))
    yield made
    made.store.close()


def found_company(made: Services) -> None:
    accounts = made.accounts
    admin = accounts.set_up(
        title="Acme", zone="UTC", name="Ada Min", email="ada@acme.example", password=PASSWORD, language="en"
    )
    assert admin is not None
    organisation = admin.organisation
    with made.store.writing() as writing:
        top = writing.workspaces(organisation)[0]
        writing.put_workspace(Workspace(organisation=organisation, id="west", title="Sales West", parent=top.id))
        for name, (room, roles, administers) in PEOPLE.items():
            email = f"{name}@acme.example"
            user = accounts.make_user(organisation, name=name.title(), email=email, password=PASSWORD, language="en")
            writing.insert_user(user)
            place = top.id if room == "top" else room
            writing.put_member(
                Member(
                    organisation=organisation,
                    workspace=place,
                    user=user.id,
                    roles=frozenset(roles),
                    administers=administers,
                )
            )
    with made.store.reading() as reading:
        actor = load_actor(reading, organisation, admin.id)
    assert actor is not None
    text = SHOP.read_text(encoding="utf-8")
    Publisher(made.engine).publish(actor, Publication(source=text, workspace=top.id, base=0, skip_scenarios=True))
    make_order(made, organisation, top.id)


def make_order(made: Services, organisation: str, room: str) -> None:
    with made.store.reading() as reading:
        people = {user.name: load_actor(reading, organisation, user.id) for user in reading.all_users(organisation)}
    mette, anna = people["Mette"], people["Anna"]
    assert mette is not None
    assert anna is not None
    customer = made.engine.apply(
        Command(
            intent="",
            actor=mette,
            blueprint="shop",
            form="customer",
            workspace=room,
            values={"code": "M", "name": "Müller", "currency": "EUR"},
        )
    )
    assert isinstance(customer, Receipt)
    lines = [{"item": "Truck", "quantity": Decimal(1), "price": Decimal(10)}]
    order = made.engine.apply(
        Command(
            intent="",
            actor=anna,
            blueprint="shop",
            form="order",
            workspace=room,
            values={"customer": customer.record, "lines": lines},
            action="submit",
        )
    )
    assert isinstance(order, Receipt), order


@pytest.fixture
def address(services: Services) -> Iterator[str]:
    """The address of the application, served by a thread."""
    with served_app(create_app(services.settings, services)) as address:
        yield address


@pytest.fixture
def visit(address: str, make_context: MakeContext) -> Visit:
    """Sign somebody in, in a browser of their own."""

    def come(who: str, size: str = "desk") -> Page:
        page = make_context(base_url=address, viewport=SIZES[size]).new_page()
        sign_in(page, address, f"{who}@acme.example", PASSWORD)
        page.goto("/inbox")
        return page

    return come


def said(page: Page) -> Locator:
    """Return what the page says once, after a change."""
    return page.locator(".b-note[role=status]")


def text_area(page: Page) -> str:
    """Return the text, of a page that is all there."""
    page.locator("#i-source").wait_for()
    page.wait_for_load_state()
    return str(page.locator("#i-source").input_value())


def expect_text(page: Page, text: str) -> None:
    """Wait until the text is *text*."""
    expect(page.locator("#i-source")).to_have_value(text)


def expect_selected(page: Page, text: str) -> None:
    """Wait until *text* is selected in the text, but for the blanks around it."""
    read = "(t => t.value?.slice(t.selectionStart, t.selectionEnd).trim())(document.activeElement)"
    expect_soon(lambda: page.evaluate(read), text)


def put_text(page: Page, *pairs: tuple[str, str]) -> None:
    """Change the text as an editor would, without typing all of it."""
    text = text_area(page)
    for before, after in pairs:
        assert before in text
        text = text.replace(before, after, 1)
    page.locator("#i-source").fill(text)


# By keyboard -----------------------------------------------------------------------------------------------------


def test_a_problem_is_found_and_mended_by_keyboard_alone(visit: Visit) -> None:
    page = visit("ada")
    page.goto("/blueprints/shop")
    put_text(page, ("to: review\n", "to: reviw\n"))
    page.get_by_role("button", name="Check").click()
    expect(page.locator("#problems")).to_contain_text("Did you mean “review”?")
    expect(page.locator("#problems")).to_contain_text("not saved yet")
    page.keyboard.press("F8")
    expect_selected(page, "to: reviw")
    expect(page.locator("#studio-lines .is-err")).to_have_count(1)
    page.keyboard.press("Alt+Enter")
    expect_selected(page, "review")
    expect(page.locator("#i-source")).not_to_have_value(re.compile("reviw"))
    page.keyboard.press("Control+s")
    expect(said(page)).to_contain_text("The draft is saved")
    expect(page.locator("#problems")).not_to_contain_text("reviw")


def test_tab_indents_and_escape_lets_it_leave(visit: Visit) -> None:
    page = visit("ada")
    page.goto("/blueprints/shop")
    before = text_area(page)
    page.locator("#i-source").focus()
    page.keyboard.press("Control+Home")
    page.keyboard.press("Tab")
    expect_text(page, f"  {before}")
    page.keyboard.press("Shift+Tab")
    expect_text(page, before)
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(page.locator("#i-source")).not_to_be_focused()
    page.locator("#i-source").focus()
    page.keyboard.press("Control+End")
    page.keyboard.type("scenarios:")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("one: {}")
    page.keyboard.press("Enter")
    expect_text(page, f"{before}scenarios:\n  one: {{}}\n  ")


def test_signing_in_with_a_password_leads_to_the_inbox(page: Page, address: str) -> None:
    page.goto(f"{address}/sign-in")
    page.get_by_label("E-mail").fill("ada@acme.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/inbox")


def test_leaving_with_unsaved_text_asks(visit: Visit) -> None:
    page = visit("ada")
    page.goto("/blueprints/shop")
    put_text(page, ("title: Shop", "title: Shoppe"))
    asked: list[str] = []

    def stay(dialog: object) -> None:
        asked.append(dialog.type)  # type: ignore[attr-defined]
        dialog.dismiss()  # type: ignore[attr-defined]

    page.on("dialog", stay)
    with page.expect_event("dialog"):
        page.get_by_role("link", name="Blueprints").first.click()
    assert asked == ["beforeunload"]
    expect(page.locator("#i-source")).to_have_value(re.compile("title: Shoppe"))
    page.get_by_role("button", name="Save draft").click()
    expect(said(page)).to_contain_text("The draft is saved")
    assert asked == ["beforeunload"]


def test_without_scripts_the_page_works_too(address: str, make_context: MakeContext) -> None:
    page = make_context(base_url=address, java_script_enabled=False).new_page()
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill("ada@acme.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.goto("/blueprints/shop")
    put_text(page, ("to: review\n", "to: reviw\n"))
    page.get_by_role("button", name="Check").click()
    expect(page.locator("#problems")).to_contain_text("shop.yaml:")
    expect(page.locator("#i-source")).to_have_value(re.compile("reviw"))
    put_text(page, ("to: reviw\n", "to: review\n"), ("title: Shop", "title: Shoppe"))
    page.get_by_role("button", name="Publish…").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Publish version 2")
    page.get_by_role("button", name="Publish version 2").click()
    expect(said(page)).to_contain_text("Version 2 is published.")


@pytest.mark.parametrize("size", SIZES)
def test_every_line_has_its_number_beside_it_in_chinese_too(visit: Visit, size: str) -> None:
    page = visit("ada", size)
    page.goto("/settings")
    page.locator("#i-language").select_option("zh")
    page.locator("form[action='/settings'] button").click()
    expect(page.locator("html")).to_have_attribute("lang", re.compile("^zh"))
    page.goto("/blueprints/shop")
    heights = page.evaluate("['studio-lines', 'i-source'].map((id) => document.getElementById(id).scrollHeight)")
    expect(page.locator("#studio-lines span")).to_have_count(len(text_area(page).split("\n")))
    assert abs(heights[0] - heights[1]) < 20, heights


# The story -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_a_field_and_a_state_are_added_while_an_order_is_open(visit: Visit, size: str) -> None:
    ada = visit("ada", size)
    ada.goto("/blueprints")
    ada.get_by_role("link", name="Shop", exact=True).click()
    put_text(
        ada,
        ("      approved:  {title: Approved}", "      checked:   {title: Checked}\n      approved:  {title: Approved}"),
        (
            "      finish: {title: Finish, from: approved,",
            "      check: {title: Check goods, from: approved, to: checked, by: clerk}\n"
            "      finish: {title: Finish, from: [approved, checked],",
        ),
        (
            "      promised: {type: date}",
            "      promised: {type: date}\n      dock: {type: text, title: Dock, required: yes}",
        ),
    )
    ada.get_by_role("button", name="Publish…").click()
    expect(ada.get_by_role("heading", level=1)).to_have_text("Publish version 2")
    expect(ada.locator("main")).to_contain_text("Field Dock on Order")
    expect(ada.locator("main")).to_contain_text("State Checked of Order")
    ada.get_by_label("Move now those that fit").check()
    ada.get_by_label("Reason").fill("The dock was asked for")
    ada.get_by_role("button", name="Publish version 2").click()
    expect(said(ada)).to_contain_text("Version 2 is published. 1 open record moved to it.")

    mette = visit("mette", size)
    mette.get_by_role("link", name=re.compile("Müller")).first.click()
    mette.wait_for_url("**/records/**")
    expect(mette.locator("main")).to_contain_text("Version 2")
    mette.get_by_role("link", name="Edit").first.click()
    mette.get_by_label("Dock").fill("North 3")
    mette.get_by_role("button", name="Save").first.click()
    mette.wait_for_url("**/records/*")
    mette.get_by_role("group", name="Actions").get_by_role("button", name="Approve").click()
    mette.locator("dialog[open] button[type=submit]").click()
    expect(mette.locator(".b-state--pill").first).to_have_text("Approved")


@pytest.mark.parametrize("size", SIZES)
def test_a_department_clones_changes_and_uses(visit: Visit, size: str) -> None:
    ada = visit("ada", size)
    ada.goto("/blueprints/shop/clone")
    ada.get_by_role("textbox", name="Title").fill("Shop West")
    ada.get_by_role("textbox", name="Key").fill("shop_west")
    ada.get_by_label("Workspace").select_option(label="Acme / Sales West")
    ada.get_by_role("button", name="Make the clone").click()
    expect(said(ada).filter(has_text="Shop West is published.")).to_be_visible()

    olga = visit("olga", size)
    olga.goto("/blueprints/shop_west")
    put_text(olga, ("title: In review", "title: Being looked at"))
    olga.get_by_role("button", name="Publish…").click()
    olga.get_by_role("button", name="Publish version 2").click()
    expect(said(olga)).to_contain_text("Version 2 is published.")
    olga.goto("/forms/shop_west/order/new")
    expect(olga.get_by_role("heading", level=1)).to_have_text(re.compile("New order", re.IGNORECASE))


# Accessibility ---------------------------------------------------------------------------------------------------

PAGES = [
    "/blueprints",
    "/blueprints/shop",
    "/blueprints/shop/changes",
    "/blueprints/shop/publish",
    "/blueprints/shop/versions",
    "/blueprints/shop/versions/1",
    "/blueprints/shop/clone",
    "/templates/leave_request",
    "/new-blueprint",
    "/workspaces",
    "/workspaces/west",
    "/people",
    "/rates",
]
LOOKS = {"English, light": ("en", "light", "desk"), "Chinese, dark": ("zh", "dark", "phone")}


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing(visit: Visit, look: str) -> None:
    language, theme, size = LOOKS[look]
    page = visit("ada", size)
    page.goto("/blueprints/shop")
    put_text(page, ("to: review\n", "to: reviw\n"), ("title: Shop", "title: Shoppe"))
    page.get_by_role("button", name="Save draft").click()
    expect(said(page)).to_contain_text("The draft is saved")
    page.goto("/settings")
    page.locator("#i-language").select_option(language)
    page.locator("#i-theme").select_option(theme)
    page.locator("form[action='/settings'] button").click()
    expect(said(page)).to_be_visible()
    found = {}
    for path in PAGES:
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        found[path] = violations(page)
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider == 0, f"{path} is {wider} pixels too wide"
    assert found == {path: {} for path in PAGES}
