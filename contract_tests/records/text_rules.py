"""Rules of texts: damage that back ends do to them on the way, whatever they say."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from contract_tests.records.record_fields import Field, Rule, Shown, Violation
from mock_server.contract import escape_pointer

SHOWN = 80


def _is_mojibake(text: str) -> bool:
    """Whether it is UTF-8 that was once read as an encoding of one byte a character."""
    if text.isascii():
        return False
    for encoding in ("cp1252", "latin-1"):
        try:
            return text.encode(encoding).decode("utf-8") != text
        except UnicodeError:
            continue
    return False


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda text: bool(compiled.search(text))


DAMAGES: Mapping[str, Callable[[str], bool]] = {
    "A text has blanks at its ends": lambda text: text != text.strip(),
    "A text holds an HTML entity: it was escaped for a page": _matches(
        r"&(?:amp|lt|gt|quot|apos|nbsp|#\d+|#x[0-9a-fA-F]+);",
    ),
    "A text holds an escape sequence: it was escaped twice": _matches(r"\\u[0-9a-fA-F]{4}|\\[\"'/]"),
    "A text is percent-encoded": _matches(r"%[0-9A-F]{2}(?:%|\w|$)"),
    "A text holds UTF-8 that was read as another encoding": _is_mojibake,
    "A text holds characters that were replaced (U+FFFD or a question mark within a word)": _matches(
        "\ufffd|[^\\W\\d_]\\?[^\\W\\d_]",
    ),
    "A text holds control characters": _matches(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"),
    "A text says that there was no value": _matches(r"^(?:null|undefined|NaN|nil|None|\[object Object\])$"),
    "A text holds a number as a spreadsheet writes it": _matches(r"^\d(?:[.,]\d+)?E\+?\d+$"),
    "A text is in a decomposed form of Unicode": lambda text: not unicodedata.is_normalized("NFC", text),
}
"""What happens to a text on its way, as a sentence, and whether it happened to this one."""


def make_text_rules(fields: Sequence[Field], key: str) -> Iterator[Rule]:
    """A rule for each damage, of every text in a record; and of texts that say nothing or always the same."""
    for problem, is_damaged in DAMAGES.items():
        yield Rule("coherence.text", "", problem, "the text as it was entered", _find_damaged(is_damaged))
    for field in fields:
        if field.method in _NEVER_EMPTY and "x-missing" not in field.schema:
            yield _empty(field)
        if field.method in _OF_ITS_OWN and field.name != key:
            yield _constant(field)


_OF_ITS_OWN = ("name", "gulf_name", "email_of", "phone", "sequence", "uuid4", "gstin")
"""Methods whose values differ from record to record."""

_NEVER_EMPTY = (*_OF_ITS_OWN, "first_name", "last_name", "gulf_address", "street", "house_number", "$")


def _find_damaged(is_damaged: Callable[[str], bool]) -> Callable[[Sequence[Shown]], Iterator[Violation]]:
    def find(records: Sequence[Shown]) -> Iterator[Violation]:
        for shown in records:
            for place, text in _texts(shown.record, ""):
                if is_damaged(text):
                    yield Violation(shown, repr(text[:SHOWN]), place)

    return find


def _texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, Mapping):
        for name, child in value.items():
            yield from _texts(child, f"{place}/{escape_pointer(str(name))}")
    elif isinstance(value, list):
        for child in value:
            yield from _texts(child, f"{place}/*")


def _empty(field: Field) -> Rule:
    def find(records: Sequence[Shown]) -> Iterator[Violation]:
        yield from (Violation(shown, "an empty text") for shown in records if field.value(shown.record) == "")

    return Rule(
        "coherence.empty",
        field.pointer,
        "A text is empty that says something elsewhere",
        "a text",
        find,
        field.evidence,
    )


ENOUGH = 10
"""Records of which one would have to differ from the rest."""


def _constant(field: Field) -> Rule:
    def find(records: Sequence[Shown]) -> Iterator[Violation]:
        given = [shown for shown in records if field.is_given(shown.record)]
        values = {repr(field.value(shown.record)) for shown in given}
        keys = {repr(shown.key) for shown in given}
        if len(keys) >= ENOUGH and len(values) == 1:
            yield Violation(given[0], f"{next(iter(values))} in all of {len(keys)} records")

    problem = "All records have the same value"
    return Rule("coherence.constant", field.pointer, problem, "a value of each record's own", find, field.evidence)
