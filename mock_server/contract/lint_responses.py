"""What must hold of responses: each can be rendered whole, and what an operation answers is the truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from mock_server.contract.annotations import RecordPlace, find_record_place
from mock_server.contract.documents import Bundle, escape_pointer, resolve
from mock_server.contract.model import ERROR_KINDS
from mock_server.contract.vocabulary import compile_check
from mock_server.errors import ContractError, suggest

SOURCES = ("const", "x-page", "x-error", "x-limit", "x-token", "x-record", "x-collection")
"""What says how a value of a response is rendered."""

SUCCESS = ("const", "x-page", "x-limit", "x-token", "x-record", "x-collection")
ERROR = ("const", "x-error", "x-limit")
TEXT = ("const", "x-error")
"""Of these, what a success has, what an error has, and which of either a body can hold that is no JSON."""

WRITES = ("put", "patch", "delete")
"""Methods that change records whatever they answer; a POST may also search."""


def error_kind(response: Mapping[str, Any]) -> str:
    """The error kind that a response answers, or an empty text for a success."""
    error = response.get("x-error", "")
    return str(error.get("kind", "") if isinstance(error, dict) else error)


def check_responses(bundle: Bundle, pointer: str, responses: Mapping[str, Any]) -> Iterator[ContractError]:
    """Every problem of the responses of an operation, or of the shared ones."""
    statuses = Counter(error_kind(node) for node in responses.values())
    for name, node in responses.items():
        here = f"{pointer}/{escape_pointer(name)}"
        # Without a kind, the first of them would be taken for the success.
        if name[:1] in "45" and not error_kind(node):
            near = next((kind for kind, status in ERROR_KINDS.items() if str(status) == name), "")
            yield bundle.problem(here, "the response has no error kind", f"x-error: {near}" if near else "x-error")
        if error_kind(node) and statuses[error_kind(node)] > 1 and "components" not in pointer:
            yield bundle.problem(f"{here}/x-error", f"two responses answer {error_kind(node)!r}")
        for media_type, media in node.get("content", {}).items():
            inside = f"{here}/content/{escape_pointer(media_type)}/schema"
            sources = ERROR if error_kind(node) else SUCCESS
            allowed = tuple(source for source in sources if "json" in media_type or source in TEXT)
            yield from _check_body(bundle, inside, media.get("schema", {}), allowed)
    if "components" not in pointer and "" not in statuses:
        yield bundle.problem(pointer, "no successful response is documented")


def _check_body(
    bundle: Bundle,
    pointer: str,
    schema: Mapping[str, Any],
    allowed: tuple[str, ...],
) -> Iterator[ContractError]:
    """Every leaf of a response must have a source, and one that such a response has: a page, a record, or an error."""
    leaves = list(_leaves(pointer, schema))
    roles = [_role(leaf) for _, leaf in leaves]
    for number, (here, leaf) in enumerate(leaves):
        source = _source(leaf)
        if not source:
            yield bundle.problem(here, "nothing says how to render this", f"add one of {', '.join(allowed)}")
        elif source not in allowed:
            yield bundle.problem(f"{here}/{source}", f"{source} says nothing here", f"one of {', '.join(allowed)}")
        else:
            yield from _check_type(bundle, here, leaf, source)
        if source == "x-page":
            yield from _check_page_leaf(bundle, here, leaf, roles, number)
    # The engine fetches once for a response, so two places would show the same bytes, one of them in the wrong form.
    shown = [here for here, leaf in leaves if _source(leaf) == "x-collection" or _role(leaf) == "items"]
    for here in shown[1:]:
        yield bundle.problem(here, "a response shows one record or one list of records", "leave one of them out")


def _leaves(pointer: str, schema: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The places of a response's schema that are rendered as one value."""
    if _source(schema) or not schema.get("properties"):
        yield pointer, schema
        return
    for name, child in schema["properties"].items():
        yield from _leaves(f"{pointer}/properties/{escape_pointer(name)}", child)


def _source(schema: Mapping[str, Any]) -> str:
    """What a value is rendered by; the first of several wins, as in the engine."""
    return next((key for key in SOURCES if key in schema), "")


def _check_type(bundle: Bundle, pointer: str, leaf: Mapping[str, Any], source: str) -> Iterator[ContractError]:
    """A source must be able to give a value of the stated type, or the answer contradicts its own schema."""
    if source == "const":
        problem = compile_check({key: value for key, value in leaf.items() if not key.startswith("x-")})(leaf["const"])
        if problem:
            yield bundle.problem(f"{pointer}/const", f"contradicts the schema it stands in: {problem}")
        return
    possible = _TYPES.get((source, str(leaf[source])), ("integer", "number", "string"))
    stated = leaf.get("type", possible)
    stated = [stated] if isinstance(stated, str) else stated
    if source not in ("x-collection", "x-record") and not {*stated} & {*possible}:
        problem = f"{leaf[source]!r} cannot be given as {leaf['type']!r}"
        yield bundle.problem(f"{pointer}/type", problem, f"type: {possible[0]}")


_TYPES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("x-page", "items"): ("array",),
    **{("x-page", f"{name}url"): ("string",) for name in ("", "next_", "prev_", "first_", "last_")},
    **{("x-error", name): ("string",) for name in ("detail", "field", "url")},
    ("x-limit", "reset_time"): ("string",),
    ("x-token", "lifetime"): ("integer",),
    ("x-token", "issued_epoch"): ("integer",),
    **{("x-token", name): ("string",) for name in ("token", "refresh_token", "id_token", "type", "expires", "issued")},
}
"""The types that the value of an annotation can have; numbers can be written as text as well."""


def _role(schema: Mapping[str, Any]) -> str:
    """The page role that a value has, or an empty text where it has another source."""
    return str(schema["x-page"]) if _source(schema) == "x-page" else ""


def _check_page_leaf(
    bundle: Bundle,
    pointer: str,
    leaf: Mapping[str, Any],
    roles: list[str],
    number: int,
) -> Iterator[ContractError]:
    role = roles[number]
    if role in roles[:number]:
        yield bundle.problem(f"{pointer}/x-page", f"the page role {role!r} stands twice in this response")
    if role == "items" and "x-collection" not in leaf.get("items", {}):
        yield bundle.problem(f"{pointer}/items", "the listed records belong to no collection", "add x-collection")
    if "const" in leaf.get("items", {}):
        problem = "a record is made of its fields, not of a constant"
        yield bundle.problem(f"{pointer}/items/const", problem, "put the const on a field")
    if "items" not in roles:
        problem = f"the response shows no list, so there is no page to take {role!r} from"
        yield bundle.problem(f"{pointer}/x-page", problem, "x-page: items on the array of records")


def check_effect(
    bundle: Bundle,
    pointer: str,
    node: Mapping[str, Any],
    parameters: list[dict[str, Any]],
) -> Iterator[ContractError]:
    """An operation whose answer would be a lie is refused: a write that changes nothing, a path without a filter."""
    method = pointer.rpartition("/")[2]
    place = find_shown(node)
    if node.get("x-effect", {}).keys() & _EFFECTS.values():
        yield from _check_write(bundle, pointer, node, parameters, place)
        return
    if place is None or (place.is_list and method not in WRITES):
        return
    name = place.schema.get("x-collection", {}).get("name", "")
    if method in (*WRITES, "post"):
        problem = f"{method.upper()} shows records of {name!r}, and nothing says what it does to them"
        yield bundle.problem(pointer, problem, f"x-effect: {{{_EFFECTS[method]}: {name}}}, or answer with a const")
        return
    in_path = [parameter for parameter in parameters if parameter.get("in") == "path"]
    if in_path and not any("x-filter" in parameter for parameter in in_path):
        problem = f"nothing says which record {in_path[-1]['name']!r} selects"
        yield bundle.problem(pointer, problem, f"x-filter: {{equals: {place.schema['x-collection']['key']}}}")


_EFFECTS: Mapping[str, str] = {"post": "create", "put": "replace", "patch": "patch", "delete": "delete"}
"""What a method usually does."""


def _check_write(
    bundle: Bundle,
    pointer: str,
    node: Mapping[str, Any],
    parameters: list[dict[str, Any]],
    place: RecordPlace | None,
) -> Iterator[ContractError]:
    """A write needs a collection that is shown, a body to take the record from, and a key to find it by."""
    ((effect, name),) = node["x-effect"].items()
    here, keys = f"{pointer}/x-effect", _find_keys(bundle)
    if pointer.rpartition("/")[2] == "get":
        yield bundle.problem(here, "a GET changes nothing", "put, post, patch or delete")
    if name not in keys:
        yield bundle.problem(f"{here}/{effect}", f"there is no collection {name!r}", suggest(name, keys, else_all=True))
        return
    if place and (place.is_list or place.schema["x-collection"]["name"] != name):
        yield bundle.problem(here, f"the answer shows other records than the one of {name!r} that is written")
    if effect != "delete" and not node.get("requestBody", {}).get("content"):
        yield bundle.problem(here, "nothing says what is sent", "requestBody with a schema")
    selecting = [p.get("x-filter") for p in parameters if p.get("in") == "path" and "x-filter" in p]
    if effect != "create" and selecting != [{"equals": keys[name]}]:
        yield bundle.problem(here, "no path parameter says which record", f"x-filter: {{equals: {keys[name]}}}")


def _find_keys(bundle: Bundle) -> dict[str, str]:
    """The key of each collection that a successful response shows."""
    paths = resolve(bundle.document, bundle.document["paths"])
    operations = (node for item in paths.values() for node in item.values() if isinstance(node, dict))
    shown = (find_shown(node) for node in operations if "responses" in node and "x-effect" not in node)
    declared = (place.schema.get("x-collection") for place in shown if place)
    return {each["name"]: each["key"] for each in declared if each}


def find_shown(operation: Mapping[str, Any]) -> RecordPlace | None:
    """Where the first successful response of an operation shows records; it is the one that is played."""
    success: Mapping[str, Any] = next((node for node in operation["responses"].values() if not error_kind(node)), {})
    media: Mapping[str, Any] = next(iter(success.get("content", {}).values()), {})
    return find_record_place(media.get("schema"))
