"""Lists of a plain document: filters, order and page as asked, the records in the body as documented."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from mock_server.contract import Parameter
from mock_server.engine import split_query
from mock_server.inputs import RequestValues
from mock_server.messages import Condition, Headers, Request, Tester
from mock_server.plain.annotations import CONDITIONS, Filter
from mock_server.plain.collections import SampledRecords
from mock_server.plain.effects import Act, Answered, Setting, find_below, find_shown
from mock_server.plain.envelopes import Envelope, Slot, compile_envelope
from mock_server.plain.pages import (
    MAX_PAGE_SIZE,
    PAGE_FACTS,
    PAGE_NUMBER,
    FetchedPage,
    PagePlan,
    PageRoles,
    find_roles,
    plan_page,
    render_links,
)
from mock_server.plain.places import find_items, find_schema_at, nest, put, split_pointer
from mock_server.plain.tables import ORDER
from mock_server.plain.tokens import Tokens

FALLING = ("desc", "descending", "-1", "down", "z-a", "false")


class AskedPage(NamedTuple):
    """What a request asks of a list: conditions and order, the page, the keys of all that match."""

    where: tuple[Condition, ...]
    plan: PagePlan
    find_keys: Callable[[], Sequence[str]]


ReadPage = Callable[[Request, RequestValues, str], AskedPage]
"""From a request, what was read of it and a session's scope to the page it asks for; raises ApiError."""


def compile_list(setting: Setting) -> Act:
    """A page of the records that match."""
    effect = setting.plain.effect
    roles, tokens, read_page = compile_page(setting)
    wrap, pick = _compile_body(setting, roles, tokens), _compile_fields(setting)
    headers = setting.plain.paging.headers

    def act(request: Request, values: RequestValues, tester: Tester) -> Answered:
        where, plan, find_keys = read_page(request, values, tester.scope)
        source = find_shown(setting, setting.sources.by(effect.collection, tester.scope))
        total, records = source.page(where, plan.offset, plan.size, setting.view)
        page = FetchedPage(
            plan,
            total,
            len(records),
            request,
            roles,
            lambda offset: tokens.make(offset, repr(where)),
            lambda: find_keys()[plan.offset : plan.offset + plan.size],
        )
        return Answered(wrap((page, pick(records, values))), _render_headers(headers, page))

    return act


def compile_page(setting: Setting) -> tuple[PageRoles, Tokens, ReadPage]:
    """The roles of a list's parameters, its cursors, and what reads the page that a request asks for."""
    below, read_conditions, read_order = find_below(setting), _compile_conditions(setting), _compile_order(setting)
    limit = _find_limit(setting)
    roles = find_roles(setting.plain.paging, setting.operation.parameters, limit)
    tokens = Tokens(setting.kit.seed, setting.operation.id, roles.cursor or roles.before)

    def read_page(request: Request, values: RequestValues, scope: str) -> AskedPage:
        where = (*below(values, scope), *read_conditions(values), *read_order(values))

        def find_keys() -> Sequence[str]:
            return setting.sources.by(setting.plain.effect.collection, scope).find_keys(where)

        asked = values.query
        if roles.number is PAGE_NUMBER:  # not documented, so nobody read it
            asked = {**asked, **{name: listed[-1] for name, listed in split_query(request.query).items()}}
        plan = plan_page(roles, asked, limit, lambda text: tokens.read(text, repr(where)), find_keys)
        return AskedPage(where, plan, find_keys)

    return roles, tokens, read_page


def _render_headers(headers: Mapping[str, str], page: FetchedPage) -> Headers:
    facts = (
        (name, render_links(page) if fact == "links" else PAGE_FACTS[fact](page)) for name, fact in headers.items()
    )
    return tuple((name, str(fact)) for name, fact in facts if fact not in (None, ""))


def _find_limit(setting: Setting) -> int:
    """The most records that the documented array holds."""
    body = setting.reply.body
    schema = setting.kit.document.resolve(
        find_schema_at(setting.kit.document, body.node if body else {}, setting.plain.effect.at),
    )
    most = schema.get("maxItems") if isinstance(schema, Mapping) else None
    return most if isinstance(most, int) and most > 0 else MAX_PAGE_SIZE


def _compile_conditions(setting: Setting) -> Callable[[RequestValues], tuple[Condition, ...]]:
    """From what a request says to the conditions its filters set."""
    rules = [
        (parameter.where, parameter.name, rule, _find_words(setting, parameter, rule))
        for parameter in setting.operation.parameters
        if (rule := setting.plain.filters.get(parameter.name)) and rule.test in CONDITIONS
    ]

    def read(values: RequestValues) -> tuple[Condition, ...]:
        conditions: tuple[Condition, ...] = ()
        for where, name, rule, words in rules:  # a loop, for nearly none of them is sent
            value = (values.query if where == "query" else getattr(values, where)).get(name)
            if value is not None and value not in words and (condition := _condition(rule, value)):
                conditions += (condition,)
        return conditions

    return read


def _find_words(setting: Setting, parameter: Parameter, rule: Filter) -> tuple[Any, ...]:
    """The words that a parameter lists and its field does not: `state=all` sets no condition."""
    listed = parameter.schema.get("enum")
    if not rule.fields or not isinstance(listed, list):
        return ()
    item = setting.sources[setting.plain.effect.collection].plan.shapes[setting.view]
    field = find_schema_at(setting.kit.document, item, "".join(f"/{step}" for step in rule.fields[0].split(".")))
    node = setting.kit.document.resolve(field)
    known = node.get("enum") if isinstance(node, Mapping) else None
    if not isinstance(known, list) or rule.test not in ("equals", "one_of"):
        return ()
    return tuple(word for word in listed if word not in known)


def _sent(values: RequestValues, parameter: Parameter) -> Any:
    return getattr(values, parameter.where).get(parameter.name)


def _condition(rule: Filter, value: Any) -> Condition | None:
    """The condition that a value sets; an empty one sets none."""
    if value in (None, "", []) or isinstance(value, Mapping):
        return None
    test = CONDITIONS[rule.test]
    if isinstance(value, list):
        return Condition("one_of", rule.fields, tuple(map(str, value)))
    if test == "one_of":
        return Condition(test, rule.fields, tuple(str(value).split(",")))
    return Condition("equals_fold" if rule.ignore_case and test == "equals" else test, rule.fields, value)


def _compile_order(setting: Setting) -> Callable[[RequestValues], tuple[Condition, ...]]:
    """From what a request says to the order of its records: `-name`, `name:desc`, `name desc`, or two parameters."""
    filters = setting.plain.filters
    naming = [p for p in setting.operation.parameters if filters.get(p.name, Filter("")).test == "sort"]
    turning = [p for p in setting.operation.parameters if filters.get(p.name, Filter("")).test == "direction"]

    def read(values: RequestValues) -> tuple[Condition, ...]:
        if not naming:
            return ()
        pieces = [piece for p in naming for piece in _pieces(_sent(values, p))]
        if not pieces:
            return ()
        falls = any(str(_sent(values, p)).lower() in FALLING for p in turning)
        known = {field.casefold(): field for p in naming for field in filters[p.name].fields}
        read_pieces = [_read_piece(piece, falls) for piece in pieces]
        ordered = [(_find_field(known, name), is_falling) for name, is_falling in read_pieces if name]
        names = tuple(name for name, _ in ordered)
        return (Condition(ORDER, names, tuple(is_falling for _, is_falling in ordered)),) if names else ()

    return read


def _find_field(known: Mapping[str, str], name: str) -> str:
    """The field that a client orders by: `created` is `created_at` where nothing is called so."""
    folded = name.casefold()
    begun = (field for each, field in known.items() if each.startswith((f"{folded}_", f"{folded}-", f"{folded}at")))
    return known.get(folded) or next(begun, name)


def _pieces(value: Any) -> list[str]:
    listed = value if isinstance(value, list) else str(value).split(",") if value not in (None, "") else []
    return [str(each).strip() for each in listed]


def _read_piece(piece: str, falls: bool) -> tuple[str, bool]:
    """A field, and whether it falls."""
    if piece.startswith(("-", "+")):
        return piece[1:], piece[0] == "-"
    for mark in (":", " ", "."):
        name, _, direction = piece.rpartition(mark)
        if name and direction.lower() in ("asc", "desc", "ascending", "descending"):
            return name, direction.lower().startswith("desc")
    return piece, falls


def _compile_fields(setting: Setting) -> Callable[[list[bytes], RequestValues], bytes]:
    """The records joined; where a client names the fields it wants, those alone, and what the schema requires."""
    filters = setting.plain.filters
    naming = [p for p in setting.operation.parameters if filters.get(p.name, Filter("")).test == "fields"]

    def pick(records: list[bytes], values: RequestValues) -> bytes:
        wanted = {piece for p in naming for piece in _pieces(_sent(values, p))}
        if not wanted:
            return b",".join(records)
        whole = [orjson.loads(each) for each in records]
        if not any(name in wanted for each in whole for name in each):
            return b",".join(records)  # said in a language of its own: `items(id)`
        picked = ({n: v for n, v in each.items() if n in wanted or n in required} for each in whole)
        return b",".join(map(orjson.dumps, picked))

    required = _find_required(setting) if naming else frozenset()
    return pick


def _find_required(setting: Setting) -> frozenset[str]:
    _, first = setting.sources[setting.plain.effect.collection].page((), 0, 1, setting.view)
    body = setting.reply.body
    if not first or body is None:
        return frozenset()
    whole = orjson.loads(first[0])
    validators, schema = (
        setting.kit.validators,
        setting.sources[setting.plain.effect.collection].plan.shapes[setting.view],
    )
    without = {name: {n: v for n, v in whole.items() if n != name} for name in whole}
    return frozenset(name for name, rest in without.items() if not validators.is_valid(schema, rest))


def _compile_body(setting: Setting, roles: PageRoles, tokens: Tokens) -> Envelope:
    """The success body from a page and its records as ready JSON: a bare array, or an envelope with facts of it."""
    effect, body = setting.plain.effect, setting.reply.body
    source = setting.sources[effect.collection]
    wrap = _compile_entries(setting, source)
    if effect.at == "":
        return lambda about: orjson.Fragment(b"[" + wrap(about[1]) + b"]")
    _, first = source.page((), 0, 2, setting.view)
    specimen = [orjson.loads(wrap(each)) for each in first]
    listed = Slot(effect.at, lambda about: orjson.Fragment(b"[" + wrap(about[1]) + b"]"), (specimen, []))
    keys = source.find_keys(())
    key = keys[0] if keys else "1"
    token = key if roles.is_key else tokens.make(1, "")
    specimens = {**_SPECIMENS, **dict.fromkeys(_TOKENS, (token,)), **dict.fromkeys(_KEYS, (key,))}
    facts = [
        Slot(pointer, _fact(_find_fact(pointer, fact)), specimens.get(fact, (2,)))
        for pointer, fact in setting.plain.paging.body.items()
        if fact in PAGE_FACTS
    ]
    return compile_envelope(setting.kit, body.node if body else {}, f"{setting.operation.id}/body", [listed, *facts])


def _find_fact(pointer: str, fact: str) -> str:
    """The fact that a member says: what counts pages is no number of the last one, where pages count from 0."""
    name = pointer.rpartition("/")[2].casefold()
    return "pages" if fact == "last" and ("total" in name or "count" in name or name.endswith("pages")) else fact


def _fact(name: str) -> Callable[[Any], Any]:
    make = PAGE_FACTS[name]
    return lambda about: make(about[0])


_TOKENS, _KEYS = ("next_token", "prev_token"), ("first_key", "last_key")
_URL = ("http://127.0.0.1:8080/items?page=2",)
_SPECIMENS: Mapping[str, tuple[Any, ...]] = {
    **dict.fromkeys(("next_url", "prev_url", "first_url", "last_url", "url"), _URL),
    "has_more": (True, False),
}
"""What a fact may be, to try a schema with; any other is a whole number."""


def _compile_entries(setting: Setting, source: SampledRecords) -> Callable[[bytes], bytes]:
    """Joined records as the entries of the array: as they are, or each in what stands around a record there."""
    kit, effect, body = setting.kit, setting.plain.effect, setting.reply.body
    if not effect.record:
        return lambda joined: joined
    _, first = source.page((), 0, 1, setting.view)
    array = find_schema_at(kit.document, body.node if body else {}, effect.at)
    given = nest(effect.record, orjson.loads(first[0]) if first else {})
    entry = kit.sampler.sample(find_items(kit.document, array), f"{setting.operation.id}/entry", given=given)
    mark = "\u241e understudy \u241e"
    before, after = orjson.dumps(put(entry, split_pointer(effect.record), mark)).split(orjson.dumps(mark))

    def wrap(joined: bytes) -> bytes:
        listed = orjson.loads(b"[" + joined + b"]")
        return b",".join(before + orjson.dumps(each) + after for each in listed)

    return wrap
