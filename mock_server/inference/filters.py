"""What the query parameters of a list select by: properties, words, orders, fields, or nothing known (F1 to F3)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mock_server.inference.credentials import is_credential
from mock_server.inference.fields import Fields
from mock_server.inference.lists import ListView
from mock_server.inference.schemas import Schemas
from mock_server.inference.views import OperationView, schema_of
from mock_server.inference.words import name_set, normalize, split_words


@dataclass(frozen=True)
class Test:
    """What a parameter does to a list (`{"equals": "status"}`), the rule that says so, and its evidence."""

    rule: str
    test: Mapping[str, Any]
    because: str


SEARCH = name_set("q query search searchterm searchtext searchquery keyword keywords searchstring text term s")
SORT = name_set("sort sortby orderby order sortfield orderfield sortkey sorting sortcolumn ordering ordercolumn")
DIRECTION = name_set(
    "direction dir orderdirection sortdirection sortdir orderdir sortorder ordertype sorttype asc desc sortascending"
    " ascending descending reverse order sort",
)
FIELDS = name_set("fields select include_fields includefields attributes properties returnfields optfields")
IDLE = name_set(
    "expand include embed view projection with format callback pretty prettyprint alt lang language locale apiversion"
    " version timezone output accept filter where datatype jsonp includedeleted totalcount count includetotal",
)
"""Parameters that select nothing by their names, even where a property is called the same."""

OPERATORS = {
    "from": "gte ge from after since start min minimum gteq onorafter begin starting geq",
    "to": "lte le to before until end max maximum lteq onorbefore ending leq",
    "above": "gt greaterthan morethan",
    "below": "lt lessthan",
    "contains": "contains like ilike icontains containing",
    "starts": "startswith prefix beginswith startingwith",
    "one_of": "in list",
}
_OPERATORS: Mapping[str, str] = {word: test for test, listed in OPERATORS.items() for word in listed.split()}

DATE_PROPERTIES = (
    "createdat",
    "created",
    "createddate",
    "createdtime",
    "createdon",
    "creationdate",
    "datecreated",
    "date",
    "timestamp",
)
LONE_DATES = {
    **dict.fromkeys(
        name_set("from since startdate datefrom fromdate start starttime after fromtime mindate begindate"),
        "from",
    ),
    **dict.fromkeys(name_set("to until enddate dateto todate end endtime before totime maxdate"), "to"),
}


def find_tests(schemas: Schemas, listed: ListView, key: str) -> dict[str, Test]:
    """What each query parameter of a list does, but those that page; `key` is the key of its records, where known."""
    view, fields = listed.view, Fields(schemas, listed.rows.item, listed.view.word, key)
    names = [name for name in view.query if name not in listed.paging.parameters and not is_credential(name, "query")]
    tests = {name: _find_test(schemas, view, name, fields) for name in names}
    return {**tests, **dict(_find_direction(schemas, view, tests))}


_BRACKET = re.compile(r"^(?:filters?|where|search)[\[.](.+?)\]?(?:\[(.+?)\])?$", re.IGNORECASE)
_OPERATOR_BRACKET = re.compile(r"^(.+?)\[(.+?)\]$")


def _find_test(schemas: Schemas, view: OperationView, name: str, fields: Fields) -> Test:
    schema = schemas.resolve(schema_of(view.query[name]))
    plain = normalize(name)
    if (plain.removeprefix("filter") in SORT and plain not in fields.by_name) or plain in ("sort", "sortby", "orderby"):
        return _find_sort(schema, schemas, fields)
    if plain in SEARCH and fields.texts():
        return Test("F2", {"search": fields.texts()}, f"`{name}` looks for words")
    if plain in FIELDS:
        return Test("F2", {"fields": True}, f"`{name}` names the properties to show")
    if plain not in IDLE and (test := _find_match(schemas, view.query[name], fields)):
        return test
    return Test("F3", {"none": True}, f"no property of the record is named as `{name}`")


def _find_sort(schema: Mapping[str, Any], schemas: Schemas, fields: Fields) -> Test:
    values = schema.get("enum") or schemas.resolve(schema.get("items", {})).get("enum")
    named = [field for value in values or () if isinstance(value, str) and (field := _find_sorted(value, fields))]
    if values and not named:
        return Test("F3", {"none": True}, "none of its values names a property")
    if named:
        return Test("F2", {"sort": list(dict.fromkeys(named))}, "its values name properties")
    if not fields.scalars():
        return Test("F3", {"none": True}, "the record has no property to sort by")
    return Test("F2", {"sort": fields.scalars()}, "it sorts by its name")


_ORDER_WORDS = re.compile(r"^[-+]|[:_ .,-]?(asc|desc|ascending|descending)$", re.IGNORECASE)


def _find_sorted(value: str, fields: Fields) -> str:
    bare = _ORDER_WORDS.sub("", value)
    return fields.find(bare) or fields.find_date(bare)


def _find_match(schemas: Schemas, parameter: Mapping[str, Any], fields: Fields) -> Test | None:
    name, schema = parameter["name"], schemas.resolve(schema_of(parameter))
    text = str(parameter.get("description") or schema.get("description") or "").lower()
    inner, operator = _split_operator(name)
    if operator in _OPERATORS and (field := fields.find(inner) or fields.find_date(inner)):
        return Test("F1", {_OPERATORS[operator]: field}, f"`{name}` compares with the property `{field}`")
    field = fields.find(inner) or fields.find_of_resource(inner)
    if field and not operator and fields.may_equal(field, schema):
        is_many = schemas.kind(schema) == "array" or fields.is_list(field) or fields.is_plural(inner, field)
        part = "" if is_many or schemas.kind(fields.schemas[field]) != "string" else _find_part(text)
        test = {part or ("one_of" if is_many else "equals"): field}
        because = f"`{name}` is named as the property `{field}`"
        return Test("F1", test, f"{because}, and described as a part of it" if part else because)
    return _find_compared(name, inner, fields) or _find_lone_date(name, fields)


_PARTS = (
    ("starts", re.compile(r"\b((starts?|begins?|starting|beginning) with|prefix)\b")),
    ("contains", re.compile(r"\b(contain(s|ing)?|partial(ly)?|substring|part of|wildcard|fuzzy|like)\b")),
)


def _find_part(text: str) -> str:
    """The test for a part of a text that a description speaks of; an empty text where it does not."""
    return next((test for test, pattern in _PARTS if pattern.search(text)), "")


def _split_operator(name: str) -> tuple[str, str]:
    """What a name is about, and the operator in its brackets: `filter[price][lt]`, `price[lt]`, `filter.price`."""
    if bracket := _BRACKET.match(name):
        return bracket[1], normalize(bracket[2] or "")
    match = _OPERATOR_BRACKET.match(name)
    if match and normalize(match[2]) in _OPERATORS:
        return match[1], normalize(match[2])
    return name, ""


def _find_compared(name: str, inner: str, fields: Fields) -> Test | None:
    """`created_after`, `min_price`, `price_lte`: a property and an operator, in either order."""
    parts = split_words(inner.replace("$", "_"))
    for cut in range(1, len(parts)):
        for operator, rest in (("".join(parts[cut:]), parts[:cut]), ("".join(parts[:cut]), parts[cut:])):
            test = _OPERATORS.get(operator)
            field = (fields.find("".join(rest)) or fields.find_date("".join(rest))) if test else ""
            if test and field and not (fields.is_list(field) and test != "one_of"):
                return Test("F1", {test: field}, f"`{name}` compares with the property `{field}`")
    return None


def _find_lone_date(name: str, fields: Fields) -> Test | None:
    """`since`, `start_date`: the moment a record was made, where it has just one such property."""
    test = LONE_DATES.get(normalize(name))
    field = next((fields.by_name[each] for each in DATE_PROPERTIES if each in fields.by_name), "")
    if not test or not field:
        return None
    return Test("F2", {test: field}, f"`{name}` bounds a moment, and the record has `{field}`")


def _find_direction(schemas: Schemas, view: OperationView, tests: Mapping[str, Test]) -> Iterator[tuple[str, Test]]:
    """Parameters that turn the order of another one round."""
    sort = next(
        (name for name, each in tests.items() if "sort" in each.test and not _is_direction(schemas, view, name)),
        None,
    )
    for name in tests:
        if normalize(name) in DIRECTION and name != sort and _is_direction(schemas, view, name):
            if sort:
                yield name, Test("F2", {"direction": sort}, f"`{name}` turns the order of `{sort}` round")
            else:
                yield name, Test("F3", {"none": True}, f"`{name}` turns an order round that nothing names")


def _is_direction(schemas: Schemas, view: OperationView, name: str) -> bool:
    schema = schemas.resolve(schema_of(view.query[name]))
    values = [normalize(str(value)) for value in schema.get("enum") or () if value is not None]
    if values:
        return all(value in ("asc", "desc", "ascending", "descending", "1", "a", "d") for value in values)
    return normalize(name) in DIRECTION - {"order", "sort"}
