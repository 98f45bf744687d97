"""Makers of texts: by format, pattern, example and name, in that order, and within their lengths."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mock_server.samples.draws import mix
from mock_server.samples.kinds import TEXT_KINDS
from mock_server.samples.labels import Label, find_kind, list_words
from mock_server.samples.makers import Check, Maker, Run
from mock_server.samples.moments import find_layout
from mock_server.samples.opaque import make_letters, make_word_of, vary_example
from mock_server.samples.pattern_texts import find_maker, make_matching
from mock_server.samples.texts import Text, make_layout, make_text

FORMATS: Mapping[str, str] = {
    "date-time": "date_time",
    "datetime": "date_time",
    "iso8601": "date_time",
    "iso-8601": "date_time",
    "rfc3339": "date_time",
    "timestamp": "date_time",
    "date": "date",
    "full-date": "date",
    "time": "time_z",
    "partial-time": "time",
    "http-date": "http_date",
    "duration": "duration",
    "uuid": "uuid",
    "guid": "uuid",
    "uuid4": "uuid",
    "email": "email",
    "idn-email": "email",
    "hostname": "hostname",
    "idn-hostname": "hostname",
    "uri": "url",
    "url": "url",
    "iri": "url",
    "uri-reference": "url",
    "iri-reference": "url",
    "uri-template": "template",
    "ipv4": "ip",
    "ip": "ip",
    "ipv6": "ipv6",
    "mac": "mac",
    "byte": "base64",
    "base64": "base64",
    "password": "password",
    "phone": "phone",
    "phone-number": "phone",
    "regex": "regex",
    "json-pointer": "pointer",
    "json": "json",
    "html": "html",
    "color": "colour",
    "hex-color": "colour",
    "currency": "currency",
    "iso4217": "currency",
    "locale": "locale",
    "slug": "slug",
    "int32": "digits",
    "int64": "digits",
    "integer": "digits",
    "decimal": "decimal",
    "double": "decimal",
    "float": "decimal",
    "number": "decimal",
    "money": "decimal",
}
"""Formats and the kinds of text they ask for; of any other, the name decides."""

CHECKED = frozenset(list_words("date-time date time duration uuid email hostname uri ipv4 ipv6"))
"""Formats that must hold whatever the length says."""

OPAQUE = frozenset(("", "opaque", "code", "number_text", "slug", "path", "version", "password"))
"""Kinds whose form an example shows better than we know it."""

_EXACT = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+|https?://\S+|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_SPREADS = (6, 6, 2, 0, 12, 1, 20, 6, 3, 30, 4, 60, 0, 6, 10, 6)
"""How often `+` and `*` repeat at most, by the attempt to match a pattern within its lengths."""

_LONGEST = 50_000
"""A text that must be longer is made as long and no longer."""

_LONG = 400
"""A text is made at most so long to reach its least length by words; beyond, it is filled up."""


def make_string(shape: Mapping[str, Any], label: Label, check: Check) -> Maker:
    """A maker of texts that obey a schema; `check` says whether one does where that cannot be known beforehand."""
    patterns = shape.get("patterns", ())
    least, most = shape.get("minLength", 0), shape.get("maxLength")
    text = _fit(_find_text(shape, label), least, most, shape)
    if not patterns and (shape.get("format") not in CHECKED or not ("minLength" in shape or "maxLength" in shape)):
        return lambda number, owner, run: text(number, owner)
    return _make_checked(shape, text, patterns, check)


def _find_text(shape: Mapping[str, Any], label: Label) -> Text:
    """The first that speaks: format, the form of an example, the name, and then words."""
    if shape.get("format") in FORMATS:
        return make_text(FORMATS[shape["format"]], label)
    if shape.get("contentEncoding") == "base64":
        return make_text("base64", label)
    examples = [each for each in shape.get("examples", ()) if isinstance(each, str) and each]
    if examples and (layout := find_layout(examples[0])):
        return make_layout(layout, label)
    kind = _adapt(find_kind(label.name, TEXT_KINDS), shape, label, examples)
    if examples and (kind in OPAQUE or kind not in TEXT_KINDS.values()) and not _EXACT.fullmatch(examples[0]):
        return _follow(examples)
    if examples and _EXACT.fullmatch(examples[0]):
        kind = (
            "email" if "@" in examples[0] and "/" not in examples[0] else kind if "url" in kind else _exact(examples[0])
        )
    return make_text(kind, label)


def _exact(example: str) -> str:
    return "url" if "://" in example else "uuid"


def _follow(examples: list[str]) -> Text:
    draw = vary_example(examples[0]) or make_word_of(examples)
    return lambda number, owner: draw(number)


def _adapt(kind: str, shape: Mapping[str, Any], label: Label, examples: list[str]) -> str:
    """The kind that is meant where a name has two meanings, or is written in two ways."""
    most, length = shape.get("maxLength", 1000), len(examples[0]) if examples else 0
    if kind == "status" and label.name.endswith("state") and label.has("city", "postal", "zip", "country", "street"):
        kind = "region"
    if kind == "region" and (most <= 3 or length == 2):
        return "region_code"
    if kind == "country" and (most <= 3 or 2 <= length <= 3):
        return "country_code_3" if most == 3 or length == 3 else "country_code"
    if kind == "colour" and examples and not examples[0].startswith("#"):
        return "colour_name"
    if kind == "opaque" and label.name.split()[-1] in ("token", "secret", "key", "signature"):
        return "secret"
    return kind


def _fit(text: Text, least: int, most: int | None, shape: Mapping[str, Any]) -> Text:
    """A text cut or filled up to its lengths; what a format rules stays whole as long as it can."""
    if not least and most is None:
        return text
    least = min(least, _LONGEST)
    most = most if most is not None else max(least, 10_000)

    def fit(number: int, owner: int) -> str:
        made = text(number, owner)
        if len(made) > most:
            made = make_letters(number, most) if _is_whole(made) else _cut(made, most)
        if len(made) < least:
            made = _fill(made, number, least, most)
        return made

    return fit


def _is_whole(made: str) -> bool:
    """Whether a part of a text means nothing: an address, a number, a code."""
    return " " not in made and len(made) > 8


def _cut(made: str, most: int) -> str:
    words = made[: most + 1].rpartition(" ")[0]
    return (words if len(words) > most // 2 else made[:most].strip()) or made[:most]


def _fill(made: str, number: int, least: int, most: int) -> str:
    filled, drawn = made, number
    is_prose = " " in made and least < _LONG
    while len(filled) < least:
        drawn = mix(drawn, 1)
        missing = min(least - len(filled), 64)
        filled += f" {made}" if is_prose else make_letters(drawn, missing)
    return filled[:most]


def _make_checked(shape: Mapping[str, Any], text: Text, patterns: Any, check: Check) -> Maker:
    """What the name asks for where the pattern allows it, else what the pattern describes, else an example."""
    makers = [maker for pattern in patterns if (maker := find_maker(pattern))]
    rest = [each for each in (*shape.get("examples", ()), shape.get("default")) if isinstance(each, str)]
    examples = [vary_example(rest[0])] if rest else []
    least, most = shape.get("minLength", 0), shape.get("maxLength", 10_000)

    def candidates(number: int, owner: int) -> Iterator[str]:
        yield text(number, owner)
        yield from (draw(number) for draw in examples if draw)
        for attempt, spread in enumerate((*_SPREADS, least, least * 2) if makers else ()):
            for maker in makers:
                made = make_matching(maker, mix(number, attempt), spread)
                if least <= len(made) <= most:
                    yield made
        yield from rest

    def make(number: int, owner: int, run: Run) -> str:
        first = None
        for made in candidates(number, owner):
            first = made if first is None else first
            if check(made):
                return made
        return first or ""

    return make
