"""The texts of an author, in each language: those in place and those under `translations`."""

from __future__ import annotations

from collections.abc import Iterator

from blankett.engine.language.model import Place, Words
from blankett.engine.language.problems import Report, suggest
from blankett.engine.language.source import Map, RefusedTree, Scalar, Tree, tell_braces


class Translations:
    """What stands under `translations`, by language; remembers what was asked for, so that the rest is told."""

    def __init__(self, tree: Map, languages: tuple[str, ...], report: Report) -> None:
        self.languages = languages
        self.report = report
        self.trees: dict[str, Map] = {}
        self.used: set[int] = set()
        translated = tree.map("translations")
        for language, entry in translated.entries.items():
            if language not in languages[1:]:
                meant = suggest(language, languages[1:])
                self.report.add("unknown_language", entry.key.place, suggestion=meant, name=language[:60])
            elif isinstance(entry.value, Map):
                self.trees[language] = entry.value
            elif not isinstance(entry.value, RefusedTree):
                self.report.add(
                    "wrong_shape", entry.value.place, what=repr(language), expected="a map", given="a text", instead=""
                )

    def find(self, language: str, item: tuple[str, ...], attribute: str, main: str) -> Scalar | None:
        """Return the text of an item's *attribute*; a scalar in the item's place is its *main* attribute."""
        found: Tree | None = self.trees.get(language)
        for key in item:
            found = found.get(key) if isinstance(found, Map) else None
        if isinstance(found, Map):
            found = found.get(attribute)
        elif attribute != main:
            return None
        if not isinstance(found, Scalar):
            return None
        self.used.add(found.place.start)
        return found

    def others(self, item: tuple[str, ...], attribute: str, main: str) -> Iterator[tuple[str, Scalar | None]]:
        """Yield the other languages with what they say, or None."""
        for language in self.languages[1:]:
            yield language, self.find(language, item, attribute, main)

    def words(
        self,
        text: str,
        item: tuple[str, ...],
        attribute: str = "title",
        *,
        main: str = "title",
        place: Place | None = None,
    ) -> Words:
        """Return *text* with its translations; with a *place*, the languages that lack it are told there."""
        by_language = {self.languages[0]: text}
        missing: list[str] = []
        for language, found in self.others(item, attribute, main):
            if found is not None:
                tell_braces(found, attribute, self.report)
                by_language[language] = found.text
            else:
                missing.append(language)
        if place is not None:
            self.tell_missing(place, item, attribute, missing)
        return Words(by_language)

    def tell_missing(self, place: Place, item: tuple[str, ...], attribute: str, languages: list[str]) -> None:
        """Tell that an item lacks a text in some languages."""
        if languages:
            what = f"the {attribute} of {item[-1]!r}" if item else f"the {attribute}"
            self.report.add("missing_translation", place, what=what, languages=", ".join(languages))

    def tell_unused(self, original: Map) -> None:
        """Tell of every translation of something that is not there, at the first key that is unknown."""
        for language in self.trees:
            self._tell_unused(self.trees[language], original, language)

    def _tell_unused(self, tree: Map, original: Tree | None, language: str) -> None:
        known = original.entries if isinstance(original, Map) else {}
        for key, entry in tree.entries.items():
            if isinstance(entry.value, Scalar) and entry.value.place.start not in self.used:
                meant = suggest(key, [name for name in known if name not in tree.entries])
                self.report.add(
                    "unknown_translation", entry.key.place, suggestion=meant, key=key[:60], language=language
                )
            elif isinstance(entry.value, Map):
                there = known.get(key)
                if there is None and not _any_used(entry.value, self.used):
                    meant = suggest(key, [name for name in known if name not in tree.entries])
                    place = entry.key.place
                    self.report.add("unknown_translation", place, suggestion=meant, key=key[:60], language=language)
                else:
                    self._tell_unused(entry.value, there.value if there else None, language)
            elif not isinstance(entry.value, (Scalar, RefusedTree)):
                self.report.add(
                    "wrong_shape", entry.value.place, what=repr(key), expected="a text", given="a list", instead=""
                )


def _any_used(tree: Map, used: set[int]) -> bool:
    for entry in tree.entries.values():
        if isinstance(entry.value, Scalar) and entry.value.place.start in used:
            return True
        if isinstance(entry.value, Map) and _any_used(entry.value, used):
            return True
    return False


def title_of_key(key: str) -> str:
    """Return a title made from a key: ``Customer reference`` for ``customer_reference``."""
    text = key.replace("_", " ")
    return text[:1].upper() + text[1:]


def languages_of(tree: Map) -> tuple[str, ...]:
    """Return the languages the blueprint says its texts are in; English unless told."""
    found = tuple(dict.fromkeys(scalar.text for scalar in tree.scalars("languages")))
    return found or ("en",)


def read_text(translations: Translations, tree: Map, item: tuple[str, ...], attribute: str) -> Words | None:
    """Return an optional text of an item (`help`, `confirm`) with its translations, or None."""
    found = tree.scalar(attribute)
    if found is None:
        return None
    return translations.words(found.text, item, attribute, place=found.place)


def read_title(translations: Translations, tree: Map, item: tuple[str, ...], place: Place) -> Words:
    """Return the title of an item, made from its key where the author gives none."""
    found = tree.scalar("title")
    text = found.text if found else title_of_key(item[-1])
    return translations.words(text, item, "title", place=found.place if found else place)
