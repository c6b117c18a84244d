"""Records of a form: named lists as tabs, filters and sort in the address, pages by cursor; and search anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

import flask
from flask import request
from flask.typing import ResponseReturnValue

from blankett.engine.records.command import Refusal
from blankett.engine.records.read import record_list
from blankett.engine.records.read.record_list import ListPage, ListRequest, ListRow
from blankett.engine.store import Count, QueryProblem
from blankett.web import htmx
from blankett.web.access_policy import SIGNED_IN, allow
from blankett.web.errors import refuse
from blankett.web.layout import find_places
from blankett.web.list.params import ListParams, read_asked
from blankett.web.list.view import alike_titles, list_context, nothing_context, title_in_list
from blankett.web.lookup import find_form, may_visit
from blankett.web.request_unit import RequestUnit
from blankett.web.templating import render, t

pages = flask.Blueprint("lists", __name__)

#: Hits shown for each form by the search over all.
HITS = 8
LONGEST_SEARCH = 200


@pages.get("/forms/<blueprint>/<form>")
@allow(SIGNED_IN)
def show_list(request_unit: RequestUnit, blueprint: str, form: str) -> ResponseReturnValue:
    """Show a list, or only the list for htmx."""
    found = find_form(request_unit, blueprint, form)
    if not may_visit(request_unit, found):
        flask.abort(404)
    asked = read_asked(request_unit, found, request.args.items(multi=True))
    fragment = "list" if htmx.wants_fragment("list") else None
    if asked.problem:  # what cannot be used must not list everything
        return render("pages/list.html", fragment, here=found.name, **nothing_context(asked, asked.problem)), 422
    question = record_list.ask(request_unit.unit, asked.request())
    if isinstance(question, Refusal):
        return refuse(question)
    page = question.page()
    if isinstance(page, QueryProblem):
        context, code = nothing_context(asked, t(page.message, **page.params)), 422
    else:
        count = count_text(question.count())
        context, code = list_context(asked, page, count, found_elsewhere(asked, page)), 200
    return render("pages/list.html", fragment, here=found.name, **context), code


def found_elsewhere(asked: ListParams, page: ListPage) -> list[tuple[str, str]]:
    """Return (words, address) of where a search or filter that finds nothing in this list would find something."""
    if page.rows or asked.after or not (asked.search or asked.filters):
        return []
    here = asked.view or next(iter(asked.form.lists), None)
    others = [key for key in asked.form.lists if key != here]
    found = [
        (f"{asked.form.lists[key].title.say(asked.reader.language)}: {words}", asked.address(list=key))
        for key in others
        if (words := count_words(asked.request_unit, asked.request(key)))
    ]
    if found or not (words := count_words(asked.request_unit, asked.request(everything=True))):
        return found
    return [(t("list.in_no_list", found=words), f"/search?{urlencode({'q': asked.search})}" if asked.search else "")]


def count_words(request_unit: RequestUnit, request: ListRequest) -> str:
    """Return how many records a request finds, in words; empty for none."""
    count = record_list.count(request_unit.unit, request)
    return count_text(count) if isinstance(count, Count) and count.number else ""


def count_text(count: Count | QueryProblem) -> str:
    """Return how many records a list has, in words."""
    if isinstance(count, QueryProblem):
        return ""
    return t("list.count_capped" if count.capped else "list.count", count=count.number)


@pages.get("/search")
@allow(SIGNED_IN)
def show_search(request_unit: RequestUnit) -> ResponseReturnValue:
    """Find records anywhere by number, title or words."""
    words = request.args.get("q", "").strip()[:LONGEST_SEARCH]
    groups = find_anywhere(request_unit, words) if words else []
    only = [row for group in groups for row in group.rows]
    if len(only) == 1 and only[0].number and only[0].number.casefold() == words.casefold():
        return htmx.go_to(f"/records/{only[0].id}")
    return render("pages/search.html", words=words, groups=groups, searched=words)


@dataclass(frozen=True)
class Hits:
    """What a search found among the records of one form."""

    title: str
    icon: str
    rows: tuple[ListRow, ...]
    #: Their titles, in the same order; of several of one title, with when each was begun.
    titles: tuple[str, ...]
    #: Where the others are; empty when these are all, or no list has them all.
    more: str = ""


def find_anywhere(request_unit: RequestUnit, words: str) -> list[Hits]:
    """Return the hits of every form somebody may look at."""
    groups = []
    for group in find_places().side.groups:
        for place in group.places:
            blueprint, _, form = place.key.partition(".")
            asked = ListRequest(
                blueprint=blueprint, form=form, everything=True, search=words, limit=HITS, columns=("record.title",)
            )
            page = record_list.query(request_unit.unit, asked)
            if not isinstance(page, (Refusal, QueryProblem)) and page.rows:
                whole = [key for key, view in page.form.lists.items() if view.where is None]
                pairs = [*(("list", key) for key in whole[:1]), ("q", words)]
                more = f"{place.address}?{urlencode(pairs)}" if page.next and (whole or not page.form.lists) else ""
                alike = alike_titles(page.rows)
                titles = tuple(title_in_list(row, alike) for row in page.rows)
                groups.append(Hits(place.title, place.icon, page.rows, titles, more))
    return groups
