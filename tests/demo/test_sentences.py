"""Every sentence that the flagship says to its people, in one file a language, to be read from top to bottom.

`tests/demo/sentences/en.txt` and `zh.txt` hold one example of each: of the heads of records, the reasons of buttons,
timelines, notices, what is said after an action, and what a form answers that is sent empty. After a
wanted change run it with GOLDEN=write, and read the difference.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from tests.asked_engine import AskedEngine

from blankett.demo import ORGANISATION, build_demo
from blankett.demo.people import ORDERS, PEOPLE
from blankett.engine.access import load_actor
from blankett.engine.fields.reader import Reader
from blankett.engine.language.loader import load_blueprint
from blankett.engine.language.model import Blueprint
from blankett.engine.records import ListPage, ListRequest
from blankett.engine.records.read.notices import read_kept
from blankett.engine.store import Store
from blankett.web import create_app
from blankett.web.account.passwords import hash_password
from blankett.web.next_page import done_notice
from blankett.web.services import Services, services_over
from blankett.web.settings import Settings
from blankett.words import put_value

GOLDEN = Path(__file__).with_name("sentences")
FRIDAY = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)
PASSWORD = "a long enough password"
#: Language → who looks at the pages: one of each work.
READERS = {
    "en": ("anna", "mette", "lars", "henrik", "ellen", "signe"),
    "zh": ("wang", "mette", "lars", "na", "ellen", "zhang"),
}
FORMS = ("order", "quotation", "shipment", "invoice", "complaint", "return_request")
#: Class of an element → the part of the file its text belongs to.
PARTS = {
    "b-note": "What stands at the head of a page",
    "b-time__said": "Timeline",
    "b-errors": "A form that was sent empty",
}
NAMES = re.compile("|".join(re.escape(person.name) for person in PEOPLE))
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
VOID = frozenset({"area", "br", "col", "hr", "img", "input", "link", "meta", "use", "path", "wbr"})


class Sentences(HTMLParser):
    """Collects the texts of the elements whose class is one of PARTS; of a summary of errors, one for each."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        #: The open elements: (tag, part it begins or "").
        self._open: list[tuple[str, str]] = []
        self._texts: list[list[str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in VOID or tag in ("li", "div", "span", "dt", "dd"):
            self.handle_data(" ")
        if tag in VOID:
            return
        classes = (dict(attrs).get("class") or "").split()
        part = next((PARTS[name] for name in classes if name in PARTS), "")
        if re.match(r"why-(?!more)", dict(attrs).get("id") or ""):
            part = "Why a button is off"
        if tag == "li" and any(opened == "A form that was sent empty" for _, opened in self._open):
            part = "A form that was sent empty"
        self._open.append((tag, part))
        if part:
            self._texts.append([])

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Pass over parts of pictures."""

    def handle_data(self, data: str) -> None:
        for texts in self._texts:
            texts.append(data)

    def handle_endtag(self, tag: str) -> None:
        while self._open:
            name, part = self._open.pop()
            if part:
                text = " ".join("".join(self._texts.pop()).split())
                is_list = part == "A form that was sent empty" and name != "li"
                if text and not is_list:
                    self.found.append((part, text))
            if name == tag:
                return


def sentences_of(page: str) -> list[tuple[str, str]]:
    reader = Sentences()
    reader.feed(page)
    return reader.found


@pytest.fixture(scope="module")
def services() -> Services:
    """The demo on a Friday morning, with passwords."""
    store = Store("sqlite://")
    store.create_schema()
    build_demo(store, FRIDAY, password=hash_password(PASSWORD))
    settings = Settings(database="sqlite://", secret_key="s" * 40, mode="development", secure_cookie=False)
    return services_over(settings, store, lambda: FRIDAY)


def signed_in(services: Services, who: str, language: str, numbers: str = "", days: str = "") -> FlaskClient:
    """Return a browser of somebody who reads *language*, and numbers and days in ways of their own."""
    with services.store.writing() as writing:
        user = writing.user(ORGANISATION, who)
        assert user is not None
        writing.update_user(replace(user, language=language, numbers=numbers, days=days))
    app = create_app(services.settings, services)
    client = app.test_client()
    email = next(person.email for person in PEOPLE if person.key == who)
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in").text)
    assert token is not None
    answer = client.post("/sign-in", data={"email": email, "password": PASSWORD, "csrf_token": token[1]})
    assert answer.status_code == 303
    return client


def records(services: Services, who: str) -> Iterator[str]:
    """Yield the id of one record of each form in each of its states, as *who* may see them."""
    with services.store.reading() as reading:
        actor = load_actor(reading, ORGANISATION, who)
    assert actor is not None
    for form in FORMS:
        found: dict[str, str] = {}
        page = AskedEngine.over(services.engine).query(
            actor, ListRequest(blueprint=ORDERS, form=form, list="all", limit=100)
        )
        assert isinstance(page, ListPage)
        for row in page.rows:
            found.setdefault(row.state.key if row.state else "", row.id)
        yield from found.values()


def empty_form(client: FlaskClient, form: str) -> str:
    """Return what a form of *form* answers that is sent as it is first drawn, with its first action.

    A form that can only be saved is not sent: it would be a draft, and one record more for the pages to come.
    """
    address = f"/forms/{ORDERS}/{form}/new"
    page = client.get(address)
    if page.status_code != 200:
        return ""
    pairs = re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page.text)
    action = re.search(r'name="_do" value="(action\.[^"]+)"', page.text)
    if action is None:
        return ""
    sent = [*pairs, ("_do", action[1])]
    return client.post(address, data=dict(sent)).text


def collected(services: Services, blueprint: Blueprint, language: str, numbers: str = "", days: str = "") -> str:
    """Return the file of all sentences in *language*, for people with these ways of writing numbers and days."""
    parts: dict[str, dict[str, str]] = {}
    #: Key of a message → one notice of it.
    told: dict[str, str] = {}

    def note(part: str, text: str) -> None:
        parts.setdefault(part, {}).setdefault(NAMES.sub("somebody", re.sub(r"[\d.,]+", "0", text)), text)

    for who in READERS[language]:
        client = signed_in(services, who, language, numbers, days)
        for id in records(services, who):
            for part, text in sentences_of(client.get(f"/records/{id}").text):
                note(part, text)
        for form in FORMS:
            for part, text in sentences_of(empty_form(client, form)):
                note(part, text)
        with services.store.reading() as reading:
            actor = load_actor(reading, ORGANISATION, who)
            assert actor is not None
            catalog = services.engine.unit(reading, actor).catalog
            for notice in reading.notifications(ORGANISATION, who, limit=500):
                reader = Reader.with_ways(actor.language, actor.numbers, actor.days, actor.zone)
                told.setdefault(notice.message, put_value(reader, read_kept(catalog, notice.text)))
    with create_app(services.settings, services).test_request_context(headers={"Accept-Language": language}):
        for form_key in FORMS:
            form = blueprint.forms[form_key]
            for action in form.actions.values():
                said = action.done.say(language) if action.done else None
                for to in action.targets or (None,):
                    state = form.states[to].title.say(language) if to else None
                    note("What is said after an action", done_notice(action.title.say(language), said, state))
    parts["Notices"] = told
    return "\n".join(f"# {part}\n" + "\n".join(said.values()) + "\n" for part, said in parts.items())


def in_german_ways(text: str) -> str:
    """Return English sentences with amounts and days as a German writes them, and nothing else changed."""

    def day(found: re.Match[str]) -> str:
        year = f".{found[3]}" if found[3] else ""
        return f"{int(found[1]):02}.{MONTHS.index(found[2][:3]) + 1:02}{year}"

    text = re.sub(rf"\b(\d{{1,2}}) ({'|'.join(MONTHS)})t?\b(?: (\d{{4}}))?", day, text)
    swapped = str.maketrans(",.", ".,")
    return re.sub(r"(?<=[€\u00a0])\d[\d,]*\.\d\d\b", lambda found: found[0].translate(swapped), text)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_flagship_says_these_sentences(services: Services, language: str) -> None:
    loaded = load_blueprint((Path("blueprints") / f"{ORDERS}.yaml").read_text(encoding="utf-8"))
    assert loaded.blueprint is not None
    text = collected(services, loaded.blueprint, language)
    path = GOLDEN / f"{language}.txt"
    if os.environ.get("GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_every_sentence_has_numbers_and_days_as_its_reader_writes_them(services: Services) -> None:
    loaded = load_blueprint((Path("blueprints") / f"{ORDERS}.yaml").read_text(encoding="utf-8"))
    assert loaded.blueprint is not None
    text = collected(services, loaded.blueprint, "en", "point_comma", "dmy_point")
    usual = (GOLDEN / "en.txt").read_text(encoding="utf-8")
    assert text == in_german_ways(usual)
