"""What records are found by: number, title and the short texts lists keep of a record, folded, and an index of their
pairs and runs of characters.

Folded, `muller` finds Müller, and PT-2000 is found by whatever dash a phone makes of it. On SQLite the tokens stand in
a table of FTS5 that keeps nothing but them, on PostgreSQL in a `tsvector` under GIN. The tokenizers and trigrams of
the databases are not used: they find no word of two characters. The index says which records may have a word; whether
one has is said by its text.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY

from blankett.engine.fields.base import UNSEEN
from blankett.engine.store import tables
from blankett.engine.store.candidates import listed_texts
from blankett.engine.store.transaction import Transaction, insert_into

# The text, and its tokens ---------------------------------------------------------------------------------------------


#: Before the number, and before the texts of fields: what stands between them everybody may search who may choose the
#: record. Never in a text.
HEAD = "\x1e"
#: Behind each text, and never in any.
GAP = "\x1f"
#: Slot → the mark before its text, which nobody can look for.
MARKS_OF_SLOTS: Mapping[str, str] = {slot: chr(0xE000 + place) for place, slot in enumerate(tables.TEXT_SLOTS)}

#: Letters that are no accented ones and that few keyboards have.
LETTERS = {"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i", "ŋ": "n"}
DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u00ad\ufe58\ufe63\u30fb"
#: The only one of these letters that is ASCII.
BACKTICK = "`"
QUOTES = f"\u2018\u2019\u201a\u201b\u2032\u02bc\u02b9{BACKTICK}\u00b4\u05f3"
DOUBLE_QUOTES = "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb\u3003"
_ALIKE = str.maketrans(
    {**LETTERS, **dict.fromkeys(DASHES, "-"), **dict.fromkeys(QUOTES, "'"), **dict.fromkeys(DOUBLE_QUOTES, '"'),
     **dict.fromkeys(UNSEEN, ""), **dict.fromkeys(MARKS_OF_SLOTS.values(), "")}
)  # fmt: skip


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Return *text* as it is looked for: without case and accents, full-width letters and digits as the ordinary ones,
    dashes and quotation marks as a keyboard has them, single spaces.
    """
    if text.isascii():
        return " ".join(text.replace(BACKTICK, "'").casefold().split())
    # Marks that stand for themselves before they are taken apart: NFKD makes a space and a mark of an acute accent.
    plain = unicodedata.normalize("NFKD", text.translate(_ALIKE).casefold())
    letters = "".join(letter for letter in plain if not _is_accent(letter))
    return " ".join(unicodedata.normalize("NFC", letters).translate(_ALIKE).split())


def _is_accent(letter: str) -> bool:
    """Tell whether a mark stands over or under a Latin, Greek or Cyrillic letter; others make another letter of it."""
    return "\u0300" <= letter <= "\u036f"


def search_text(number: str | None, title: str, texts: Mapping[str, str]) -> str:
    """Return what the search looks through for a record. *texts*: slot → the words in it."""
    fields = (f"{MARKS_OF_SLOTS[slot]}{fold(texts[slot])}{GAP}" for slot in sorted(texts))
    return f"{HEAD}{fold(number or '')}{GAP}{fold(title)}{GAP}{HEAD}{''.join(fields)}"


def is_keepable(text: str) -> bool:
    """Tell whether both databases take *text*: no NUL, no half of a surrogate pair."""
    if text.isascii():
        return "\0" not in text
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


# Tokens ---------------------------------------------------------------------------------------------------------------

#: Characters of a token: single ones, for scripts with words of one; pairs; and longer runs, which few records have.
LONGEST_RUN = 4
#: What stands for number and title where a field has its slot's letter.
HEAD_LETTER = "0"
LETTERS_OF_SLOTS: Mapping[str, str] = {slot: chr(ord("a") + place) for place, slot in enumerate(tables.TEXT_SLOTS)}
_SLOTS_BY_MARK = {mark: slot for slot, mark in MARKS_OF_SLOTS.items()}
#: ASCII that an index takes for the end of a word → what it takes for a letter.
_AS_LETTERS = {place: 0x100 + place for place in range(128) if not chr(place).isalnum()}
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@lru_cache(maxsize=4096)
def scope_of(organisation: str, form: str) -> str:
    """Return what the tokens of a form's records begin with. Two forms may share one: a hit is confirmed on its row."""
    number = crc32(f"{organisation} {form}".encode())
    return "".join(_DIGITS[number // len(_DIGITS) ** place % len(_DIGITS)] for place in range(3))


def tokens_of(scope: str, text: str) -> list[str]:
    """Return the tokens of a record with the search *text*: scope, the field's letter, a run of one to four characters
    of a word.
    """
    found = {
        f"{scope}{letter}{run}"
        for letter, part in _parts(text)
        for word in part.translate(_AS_SPACE).split()
        for run in _runs(word.translate(_AS_LETTERS))
    }
    return sorted(found)


_AS_SPACE = str.maketrans({HEAD: " ", GAP: " "})


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """Yield (letter, text) of number and title together and of each field."""
    _, head, fields = text.split(HEAD, 2)
    yield HEAD_LETTER, head
    for part in fields.split(GAP)[:-1]:
        yield LETTERS_OF_SLOTS[_SLOTS_BY_MARK[part[0]]], part[1:]


def _runs(word: str) -> list[str]:
    return [word[at : at + length] for length in range(1, LONGEST_RUN + 1) for at in range(len(word) - length + 1)]


def runs_to_find(word: str) -> list[str]:
    """Return the runs that a folded *word* must have, from its end to its beginning: ends tell more."""
    letters = word.translate(_AS_LETTERS)
    if len(letters) <= LONGEST_RUN:
        return [letters]
    runs = (letters[start : start + LONGEST_RUN] for start in range(len(letters) - LONGEST_RUN, -1, -1))
    return list(dict.fromkeys(runs))


# The index ------------------------------------------------------------------------------------------------------------


#: Runs of a word, and of a search, that are looked up first: together few records have them, if few have the words.
MOST_RUNS, MOST_LOOKS = 4, 12

_r = tables.record.c
_e = tables.search_entry.c
_here = (_e.organisation == sa.bindparam("in_organisation"), _e.record == sa.bindparam("this"))
_entry = (
    sa.select(_r.search, _e.number, _e.scope)
    .join_from(
        tables.record,
        tables.search_entry,
        sa.and_(_e.organisation == _r.organisation, _e.record == _r.id),
        isouter=True,
    )
    .where(_r.organisation == sa.bindparam("in_organisation"), _r.id == sa.bindparam("this"))
)
_last_number = sa.select(sa.func.max(_e.number)).where(_e.organisation == sa.bindparam("in_organisation"))
_insert = sa.insert(tables.search_entry)
_rescope = sa.update(tables.search_entry).where(*_here)
_delete = sa.delete(tables.search_entry).where(*_here)
_vector = sa.func.array_to_tsvector(sa.cast(sa.bindparam("listed", type_=ARRAY(sa.Text())), ARRAY(sa.Text())))
_replace = (
    insert_into("postgresql", tables.search_entry)
    .values(
        organisation=sa.bindparam("in_organisation"), record=sa.bindparam("this"), scope=sa.bindparam("of_scope"),
        tokens=_vector,
    )
    .on_conflict_do_update(
        index_elements=["organisation", "record"], set_={"scope": sa.bindparam("of_scope"), "tokens": _vector}
    )
)  # fmt: skip
_put_tokens = sa.text("INSERT INTO search_token (rowid, tokens) VALUES (:number, :tokens)")
_drop_tokens = sa.text("INSERT INTO search_token (search_token, rowid, tokens) VALUES ('delete', :number, :tokens)")
_numbers = sa.text("SELECT rowid FROM search_token WHERE search_token MATCH :sought LIMIT :most")
_records = sa.select(_e.record).where(
    _e.organisation == sa.bindparam("in_organisation"),
    _e.number.in_(sa.select(sa.cast(listed_texts("numbers").c.value, sa.BigInteger))),
)
_sought = sa.select(_e.record).where(
    _e.organisation == sa.bindparam("in_organisation"),
    _e.tokens.op("@@")(sa.cast(sa.bindparam("sought", type_=sa.Text()), TSQUERY)),
).limit(sa.bindparam("most"))  # fmt: skip

#: What PostgreSQL's statistics tell: how many entries there are, and how many have the tokens.
_expected = sa.text(
    "EXPLAIN (FORMAT JSON) SELECT FROM search_entry UNION ALL "
    "SELECT FROM search_entry WHERE organisation = :in_organisation AND tokens @@ CAST(:sought AS TSQUERY)"
).bindparams(sa.bindparam("in_organisation", type_=_e.organisation.type), sa.bindparam("sought", type_=sa.Text()))
#: Words that such a part of all entries has are not looked up. Of one that they do not know the statistics expect one
#: in two hundred.
COMMON_PART = 0.1


def first_number(organisation: str) -> int:
    """Return the number before the first entry of an organisation: its own, since one table holds all tokens."""
    return crc32(organisation.encode()) << 31


@dataclass(frozen=True)
class SearchEntry:
    """What the index has of a record: the text it was made of, the number of its tokens on SQLite, and their scope."""

    text: str = ""
    number: int | None = None
    scope: str = ""


NO_ENTRY = SearchEntry()


class SearchReading(Transaction):
    """Looks words up."""

    def candidates(
        self, organisation: str, form: str, letters: Sequence[str], words: Sequence[str], most: int
    ) -> list[str] | None:
        """Return the ids of at most *most* records, among which are all of *form* that have all folded *words* in the
        fields with *letters*; None where there may be more.
        """
        scope = scope_of(organisation, form)
        sought = [[[f"{scope}{letter}{run}" for letter in letters] for run in runs_to_find(word)] for word in words]
        everything = [run for runs in sought for run in runs]
        telling = [run for runs in sought for run in runs[:MOST_RUNS]][:MOST_LOOKS]
        for asked in [telling, everything] if len(everything) > len(telling) else [telling]:
            if self.dialect == "postgresql":
                found = self._records_with(asked, organisation, most + 1)
                if found is not None and len(found) <= most:
                    return found
            else:
                numbers = self._numbers_with(asked, most + 1)
                if len(numbers) <= most:
                    return self._records(organisation, numbers)
        return None

    def _numbers_with(self, runs: Sequence[Sequence[str]], most: int) -> list[int]:
        """Return at most *most* numbers of entries that have one token of each of *runs*, on SQLite."""
        asked = " AND ".join(f"({' OR '.join(f'{chr(34)}{token}{chr(34)}' for token in run)})" for run in runs)
        return [row[0] for row in self.rows(_numbers, {"sought": asked, "most": most})]

    def _records_with(self, runs: Sequence[Sequence[str]], organisation: str, most: int) -> list[str] | None:
        """Return at most *most* records that have one token of each of *runs*, on PostgreSQL; None where it
        expects more, and a large part of all: it would read of each before it gave the first.
        """
        asked = " & ".join(f"({' | '.join(f'{chr(39)}{token}{chr(39)}' for token in run)})" for run in runs)
        told = {"in_organisation": organisation, "sought": asked}
        (plan,) = self.rows(_expected, told)[0][0]
        every, found = (part["Plan Rows"] for part in plan["Plan"]["Plans"])
        if found > max(most, COMMON_PART * every):
            return None
        return [row[0] for row in self.rows(_sought, {**told, "most": most})]

    def _records(self, organisation: str, numbers: Sequence[int]) -> list[str]:
        told = {"in_organisation": organisation, "numbers": f"[{', '.join(map(str, numbers))}]"}
        return [row[0] for row in self.rows(_records, told)]

    def is_indexed(self, organisation: str, id: str, form: str, text: str) -> bool:
        """Tell whether a record of *form* with the search *text* has all its tokens in the index."""
        bound = {"in_organisation": organisation, "this": id}
        tokens = tokens_of(scope_of(organisation, form), text)
        if self.dialect == "postgresql":
            kept = self.first(_kept_tokens, bound)
            return kept is not None and sorted(kept[0]) == sorted(tokens)
        row = self.first(_entry, bound)
        asked = " AND ".join(f'"{token}"' for token in tokens)
        return row is not None and row[1] is not None and (
            not tokens or self.first(_has_tokens, {"number": row[1], "sought": asked}) is not None
        )  # fmt: skip


_kept_tokens = sa.select(sa.func.tsvector_to_array(_e.tokens)).where(*_here)
_has_tokens = sa.text("SELECT 1 FROM search_token WHERE search_token MATCH :sought AND rowid = :number")


class SearchWriting(SearchReading):
    """Keeps the index."""

    def index_entry(self, organisation: str, id: str) -> SearchEntry:
        """Return what the index has of a record now, to be told to `put_entry` once its row is written."""
        row = self.first(_entry, {"in_organisation": organisation, "this": id})
        return NO_ENTRY if row is None or row[2] is None else SearchEntry(row[0], row[1], row[2])

    def put_entries(self, organisation: str, form: str, texts: Mapping[str, str]) -> None:
        """Let new records of a form, id → search text, be found."""
        if not texts:
            return
        scope = scope_of(organisation, form)
        told = {id: tokens_of(scope, text) for id, text in texts.items()}
        if self.dialect == "postgresql":
            rows = [
                {"in_organisation": organisation, "this": id, "of_scope": scope, "listed": tokens}
                for id, tokens in told.items()
            ]
            self.do("tokens.put", _replace, rows)
            return
        numbers = dict(zip(told, itertools.count(self._next_entry(organisation)), strict=False))
        self.do(
            "tokens.insert",
            _insert,
            [
                {"organisation": organisation, "record": id, "number": number, "scope": scope, "tokens": None}
                for id, number in numbers.items()
            ],
        )
        tokens = [{"number": number, "tokens": " ".join(told[id])} for id, number in numbers.items()]
        self.do("tokens.put", _put_tokens, tokens)

    def _next_entry(self, organisation: str) -> int:
        row = self.first(_last_number, {"in_organisation": organisation})
        return (first_number(organisation) if row is None or row[0] is None else int(row[0])) + 1

    def put_entry(self, organisation: str, id: str, form: str, text: str, before: SearchEntry) -> None:
        """Let a record be found by *text* and no more by what it was found by *before*."""
        scope = scope_of(organisation, form)
        if (before.text, before.scope) == (text, scope):
            return
        if self.dialect == "postgresql" or before.number is None:
            self.put_entries(organisation, form, {id: text})
            return
        self._drop(before.number, before)
        if before.scope != scope:
            self.do("tokens.scope", _rescope, {"in_organisation": organisation, "this": id, "scope": scope})
        tokens = " ".join(tokens_of(scope, text))
        self.do("tokens.put", _put_tokens, {"number": before.number, "tokens": tokens})

    def drop_entry(self, organisation: str, id: str) -> None:
        """Let a record be found no more; before its row is removed."""
        before = self.index_entry(organisation, id)
        if before.number is not None:
            self._drop(before.number, before)
        self.do("tokens.delete", _delete, {"in_organisation": organisation, "this": id})

    def _drop(self, number: int, before: SearchEntry) -> None:
        # The table keeps no texts: it must be told exactly what it was told.
        tokens = " ".join(tokens_of(before.scope, before.text))
        self.do("tokens.drop", _drop_tokens, {"number": number, "tokens": tokens})
