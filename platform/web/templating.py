"""Jinja for the pages: strict about names, with words, icons, files and moments at hand. No logic of the product."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from importlib.metadata import version
from io import StringIO
from pathlib import Path
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

from flask import Flask, current_app, get_flashed_messages, render_template
from flask.templating import Environment
from jinja2 import BytecodeCache, PackageLoader, StrictUndefined, Template, nodes
from jinja2.bccache import Bucket
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup

from blankett.engine.fields.locale_formats import brief_day, full_day, weekday
from blankett.engine.fields.reader import Reader
from blankett.engine.fields.typed_times import written_clock
from blankett.engine.library_shortcuts import is_open
from blankett.engine.store.query import COUNT_CAP
from blankett.web.cookies import csrf_field
from blankett.web.identity import current_language, current_reader, told
from blankett.web.kept_markup import KeptMarkup, drawn_column, escaped
from blankett.web.request_unit import current_unit
from blankett.web.services import services
from blankett.web.white_space import WhiteSpace
from blankett.words import LANGUAGES, say


class PageCode(CodeGenerator):
    """Writes the Python of a template. Functions are called directly: none of ours asks for Jinja's context."""

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:
        """Write a call."""
        self.visit(node.node, frame)
        before, self.stream = self.stream, StringIO()
        self.signature(node, frame, {"caller": "caller"} if forward_caller else None)
        arguments, self.stream = self.stream.getvalue(), before
        self.write(f"({arguments.removeprefix(', ')})")

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.escaped(")


class PageTemplate(Template):
    """A template that leaves nothing behind when its page is drawn."""

    def render(self, *args: Any, **kwargs: Any) -> str:
        """Return the page."""
        context = self.new_context(dict(*args, **kwargs))
        try:
            return "".join(self.root_render_func(context))
        except Exception:
            self.environment.handle_exception()
        finally:
            # A macro that stands in a page's template holds the context, which holds the macro: a circle around all
            # that the page is drawn from, which only the collector of garbage would find.
            context.vars.clear()
            context.exported_vars.clear()


class PageEnvironment(Environment):
    """The environment of the pages' templates."""

    template_class = PageTemplate
    code_generator_class = PageCode
    escaped: Final = staticmethod(escaped)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return the globals of a template: the environment's own, unless it is given some of its own."""
        return super().make_globals(d) if d else self.globals


STATIC = Path(__file__).parent / "static"
TAGS: Mapping[str, str] = {"en": "en", "zh": "zh-Hans"}
HUES = ("", " b-face--b", " b-face--c", " b-face--d", " b-face--e")


class KeptBytecode(BytecodeCache):
    """Compiled templates, kept for every application this process makes."""

    _kept: ClassVar[dict[str, bytes]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give the bucket what was compiled of the same text before."""
        found = self._kept.get(_kept_as(bucket))
        if found is not None:
            bucket.bytecode_from_string(found)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._kept[_kept_as(bucket)] = bucket.bytecode_to_string()


def _kept_as(bucket: Bucket) -> str:
    return f"{type(bucket.environment).__name__} {bucket.key} {bucket.checksum}"


def init_templates(app: Flask) -> None:
    """Give the application its Jinja environment."""
    app.jinja_environment = PageEnvironment if is_open("Jinja2") else Environment
    app.jinja_options = {
        "undefined": StrictUndefined,
        "autoescape": True,
        "extensions": [WhiteSpace],
        "auto_reload": app.debug,
        "loader": PackageLoader("blankett.templates", ""),
        # Every template is kept: there is a bounded number of them, and asking which was used last takes a lock.
        "cache_size": -1,
        "bytecode_cache": KeptBytecode(),
    }
    environment = app.jinja_env
    environment.autoescape = True
    kept = KeptMarkup(is_open=not app.debug)
    environment.globals.update(
        t=t,
        language=current_language,
        told=told,
        languages=LANGUAGES,
        language_tag=language_tag,
        icon=icon,
        asset=asset,
        csrf_field=csrf_field,
        notices=notices,
        initials=initials,
        hue=hue,
        short_time=short_time,
        in_sentence=in_sentence,
        counted=counted,
        long_time=long_time,
        log_time=log_time,
        age=age,
        gap=gap,
        between=between,
        product_version=version("blankett"),
        kept_part=kept.part,
        kept_each=kept.each,
        kept_control=kept.control,
        kept_rows=kept.rows,
        drawn_column=drawn_column,
    )


def counted(number: int) -> str:
    """Return how many records there are, as far as they are counted: ``412``, or ``1,000+``."""
    return t("list.many", count=COUNT_CAP) if number > COUNT_CAP else str(number)


def render(template: str, fragment: str | None = None, /, **context: object) -> str:
    """Return the page *template*, or only its block *fragment*."""
    if fragment is None:
        return render_template(template, **context)
    found = current_app.jinja_env.get_template(template)
    page = found.new_context({**context})
    return "".join(found.blocks[fragment](page))


def t(id: str, /, **params: object) -> str:
    """Return a message in the page's language."""
    return say(current_reader(), id, **params)


def language_tag(language: str | None = None) -> str:
    """Return the tag for `lang` attributes."""
    return TAGS[language or current_language()]


@lru_cache(maxsize=512)
def icon(name: str) -> Markup:
    """Return an icon of the sprite. Never speaks: words stand beside it."""
    return Markup('<svg class="b-icon" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>').format(
        asset("vendor/icons.svg"), name
    )


@lru_cache(maxsize=64)
def asset(name: str) -> str:
    """Return the address of a file for browsers; it changes with its content, so that it may be kept for a year."""
    path = STATIC / name
    if not path.exists():
        return f"/static/{name}"
    return f"/static/{name}?v={hashlib.sha256(path.read_bytes()).hexdigest()[:10]}"


def notices() -> list[tuple[str, str]]:
    """Return what is to be said once on this page: (kind, text)."""
    return get_flashed_messages(with_categories=True)  # type: ignore[return-value]


@lru_cache(maxsize=1024)
def initials(name: str) -> str:
    """Return two letters for a person's face; for Chinese names the last two characters."""
    words = name.split()
    if not words:
        return "?"
    if len(words) == 1:
        return words[0][-2:] if not words[0].isascii() else words[0][:2].upper()
    return (words[0][0] + words[-1][0]).upper()


@lru_cache(maxsize=1024)
def hue(name: str) -> str:
    """Return the class of a person's colour: always the same for a name."""
    return HUES[sum(map(ord, name)) % len(HUES)]


def reader_zone() -> ZoneInfo:
    """Return the time zone of whoever reads: their own, else the organisation's."""
    return current_unit().zone


def short_time(moment: datetime) -> str:
    """Return a moment in few words: the time today, the weekday this week, else the day."""
    local, now = moment.astimezone(reader_zone()), services().clock().astimezone(reader_zone())
    locale, days = current_reader().locale, (now.date() - local.date()).days
    if days == 0:
        return _clock(local)
    if 0 < days < 7:
        return f"{weekday(local.date(), locale)} {_clock(local)}"
    return brief_day(local.date(), locale, has_year=local.year != now.year)


def short_day(day: date) -> str:
    """Return a day in few words: without its year when that is this one."""
    return brief_day(day, current_reader().locale, has_year=day.year != current_unit().this_year)


def short_moment(moment: datetime) -> str:
    """Return a moment to come in few words: the time today, else the day with the time."""
    local, now = moment.astimezone(reader_zone()), services().clock().astimezone(reader_zone())
    return _clock(local) if local.date() == now.date() else f"{short_day(local.date())} {_clock(local)}"


def long_time(moment: datetime) -> str:
    """Return a moment in full, in the reader's zone."""
    return time_words().full(moment)


@dataclass(frozen=True, slots=True)
class ShownMoment:
    """A moment as a page tells it: for programs, in full, in few words."""

    ONLY_SHOWN = ("iso", "full", "brief")

    iso: str
    full: str
    brief: str


def shown_moment(moment: datetime) -> ShownMoment:
    """Return a moment as a page tells it."""
    return ShownMoment(moment.isoformat(), long_time(moment), short_time(moment))


def log_time(moment: datetime) -> str:
    """Return a moment as a log tells it, in the reader's zone: the day with its year, and the time."""
    local = moment.astimezone(reader_zone())
    return f"{brief_day(local.date(), current_reader().locale, has_year=True)} {_clock(local)}"


def _clock(local: datetime) -> str:
    return written_clock(time(local.hour, local.minute))


def in_sentence(title: str) -> str:
    """Return the title of a thing as it stands inside a sentence: "order" in English, unchanged elsewhere."""
    is_word = len(title) > 1 and title[1].islower()
    return title[0].lower() + title[1:] if current_language() == "en" and is_word else title


def short_wait(seconds: int) -> str:
    """Return how long to wait, in words: "30 s", "8 min"."""
    return t("time.seconds", count=seconds) if seconds <= 60 else t("time.minutes", count=-(-seconds // 60))


def gap() -> str:
    """Return what stands between two sentences of the page, or a word and its sentence: nothing in Chinese."""
    return current_reader().gap


def between() -> str:
    """Return what stands between the items of a list on the page."""
    return current_reader().between


def age(moment: datetime) -> str:
    """Return how long ago a moment was, in words: "3 h"."""
    return time_words().age(moment)


@dataclass(frozen=True, slots=True)
class TimeWords:
    """Moments in the words of a reader: made once for a page that tells of many."""

    now: datetime
    zone: ZoneInfo
    reader: Reader

    def age(self, moment: datetime) -> str:
        """Return how long ago a moment was: "3 h"."""
        passed = max(self.now - moment, timedelta())
        if passed < timedelta(hours=1):
            return _said_age(self.reader.language, "time.minutes", passed.seconds // 60)
        if passed < timedelta(days=1):
            return _said_age(self.reader.language, "time.hours", passed.seconds // 3600)
        return _said_age(self.reader.language, "time.days", passed.days)

    def full(self, moment: datetime) -> str:
        """Return a moment in full, in the reader's zone."""
        local = moment.astimezone(self.zone)
        return f"{full_day(local.date(), self.reader.locale)} {_clock(local)}"


def time_words() -> TimeWords:
    """Return how moments are told to whoever reads the page."""
    return TimeWords(services().clock(), reader_zone(), current_reader())


@lru_cache(maxsize=4096)
def _said_age(language: str, unit: str, number: int) -> str:
    return say(language, unit, count=number)
