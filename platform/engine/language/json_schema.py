"""The grammar as JSON Schema (draft 2020-12), so that editors complete and check blueprints.

It says how a blueprint is written: keys, lists, maps, words. Names and formulas are the checker's. Scalars are texts,
for nothing is guessed; the plain numbers and booleans an editor's YAML makes of them pass too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from blankett.engine.language.grammar import BLUEPRINT, RESERVED, SHAPES, SHAPES_BY_NAME
from blankett.engine.language.grammar.kinds import Anything, Key, KeyKind, Kind, MapOf, SequenceOf, Shape, ShapeOf, Word
from blankett.engine.language.source import LONGEST_KEY, LONGEST_TITLE

Schema: TypeAlias = "dict[str, Any]"

SCHEMA_ID = "urn:blankett:blueprint:1"
KEY_PATTERN = f"^[a-z][a-z0-9_]{{0,{LONGEST_KEY - 1}}}$"
#: A scalar as an editor's YAML reads it: `no` a boolean, `0.5` a number.
SCALAR: Schema = {"type": ["string", "number", "boolean"]}
YES_NO_WORDS = ["yes", "no", "true", "false", True, False]


def make_schema() -> Schema:
    """Return the JSON Schema of the language."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "Blankett blueprint",
        **_shape_schema(BLUEPRINT),
        "$defs": {shape.name: _shape_schema(shape) for shape in SHAPES if shape is not BLUEPRINT},
    }


def _shape_schema(shape: Shape) -> Schema:
    schema: Schema = {"type": "object", "description": shape.help}
    keys = {key.name: _key_schema(key) for key in shape.keys}
    required = [key.name for key in shape.keys if key.required]
    if shape.one_of:
        schema["oneOf"] = [{"required": [name]} for name in shape.one_of]
    if shape.variant_key:
        schema |= _variants(shape, keys)
    else:
        schema |= {"properties": keys, "additionalProperties": False}
    return schema | ({"required": required} if required else {})


def _variants(shape: Shape, keys: Mapping[str, Schema]) -> Schema:
    """Return properties that depend on the word under the shape's variant key."""
    words = list(shape.variants)
    branches = [
        {
            "if": {"properties": {shape.variant_key: {"const": word}}, "required": [shape.variant_key]},
            "then": _variant(variant),
        }
        for word, variant in shape.variants.items()
    ]
    named = {**keys, shape.variant_key: {"enum": words, **_described(shape, shape.variant_key)}}
    return {"properties": named, "allOf": branches, "unevaluatedProperties": False}


def _variant(keys: Iterable[Key]) -> Schema:
    required = [key.name for key in keys if key.required]
    schema: Schema = {"properties": {key.name: _key_schema(key) for key in keys}}
    return schema | ({"required": required} if required else {})


def _described(shape: Shape, name: str) -> Schema:
    return {"description": next(key.help for key in shape.keys if key.name == name)}


def _key_schema(key: Key) -> Schema:
    return {**_kind_schema(key.kind), "description": key.help}


def _kind_schema(kind: Kind) -> Schema:
    if isinstance(kind, Anything):
        return {}
    if isinstance(kind, Word):
        return _word_schema(kind)
    if isinstance(kind, SequenceOf):
        least: Schema = {"minItems": kind.least} if kind.least else {}
        return {"type": "array", "items": _kind_schema(kind.item), **least}
    if isinstance(kind, ShapeOf):
        return {"$ref": f"#/$defs/{SHAPES_BY_NAME[kind.shape].name}"}
    if isinstance(kind, MapOf):
        return _map_schema(kind)
    return {"anyOf": [_kind_schema(part) for part in (kind.scalar, kind.list, kind.map) if part is not None]}


def _word_schema(word: Word) -> Schema:
    if word.kind == "word":
        booleans = [flag for flag, text in ((True, "true"), (False, "false")) if text in word.words]
        return {"enum": [*word.words, *booleans]}
    if word.kind == "yes_no":
        return {"enum": YES_NO_WORDS}
    if word.kind == "whole":
        return _whole_schema(word)
    if word.kind == "key":
        return {"type": "string", "pattern": KEY_PATTERN}
    if word.kind == "title":
        return {**SCALAR, "maxLength": LONGEST_TITLE}
    return SCALAR


def _whole_schema(word: Word) -> Schema:
    bounds: Schema = {}
    if word.least is not None:
        bounds["minimum"] = word.least
    if word.most is not None:
        bounds["maximum"] = word.most
    return {"type": ["integer", "string"], "pattern": "^[+-]?[0-9]{1,15}$", **bounds}


def _map_schema(kind: MapOf) -> Schema:
    least: Schema = {"minProperties": kind.least} if kind.least else {}
    return {
        "type": "object",
        "propertyNames": _names_schema(kind.keys),
        "additionalProperties": _kind_schema(kind.value),
        **least,
    }


def _names_schema(keys: KeyKind) -> Schema:
    if keys == "key":
        return {"pattern": KEY_PATTERN}
    if keys == "name":
        return {"pattern": KEY_PATTERN, "not": {"enum": sorted(RESERVED)}}
    longest = {"option": LONGEST_KEY, "free": LONGEST_KEY * 4}.get(keys)
    return {"minLength": 1, "maxLength": longest} if longest else {}
