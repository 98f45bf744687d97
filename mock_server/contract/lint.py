"""What must hold of a contract before it is compiled: each check yields the problems it finds."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from mock_server.contract.annotations import METHODS, find_places, find_record_schema
from mock_server.contract.documents import Bundle, escape_pointer, resolve
from mock_server.contract.model import ERROR_KINDS, REQUIRED_KINDS
from mock_server.contract.vocabulary import Vocabulary
from mock_server.errors import ContractError, suggest

TOLD_BY = ("const", "x-page", "x-error", "x-limit", "x-collection")
"""What says how a value of a response is rendered."""

TESTS = ("equals", "contains", "starts", "search", "one_of", "from", "to")


def check_bundle(bundle: Bundle, vocabulary: Vocabulary) -> Iterator[ContractError]:
    """Every problem of a contract; later checks only run where earlier ones found nothing."""
    for checks in (_structure(vocabulary), _vocabulary(vocabulary), _meaning):
        problems = list(checks(bundle))
        yield from problems
        if problems:
            return


def _structure(vocabulary: Vocabulary) -> Any:
    def check(bundle: Bundle) -> Iterator[ContractError]:
        if not str(bundle.document.get("openapi", "")).startswith("3.1"):
            yield bundle.problem("/openapi", "the document must be OpenAPI 3.1", "openapi: 3.1.0")
        for pointer, problem, hint in vocabulary.check_form(bundle.document):
            yield bundle.problem(pointer, problem, hint)

    return check


def _operation_nodes(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield f"/paths/{escape_pointer(path)}/{method}", item[method]


def _vocabulary(vocabulary: Vocabulary) -> Any:
    def check(bundle: Bundle) -> Iterator[ContractError]:
        for place, pointer, node in find_places(bundle.document):
            if isinstance(node, dict):
                for inside, problem, hint in vocabulary.check(place, node):
                    yield bundle.problem(pointer + inside, problem, hint)

    return check


def _meaning(bundle: Bundle) -> Iterator[ContractError]:
    document = bundle.document
    try:
        shared = resolve(document, document["components"].get("responses", {}))
        operations = [(pointer, resolve(document, node)) for pointer, node in _operation_nodes(document)]
    except RecursionError:
        yield bundle.problem("", "references run in a circle", "a response that contains itself cannot be rendered")
        return
    yield from _check_error_kinds(bundle, shared)
    yield from _check_slashes(bundle)
    yield from _check_collections(bundle)
    for pointer, node in operations:
        yield from _check_security(bundle, pointer, node)
        yield from _check_responses(bundle, f"{pointer}/responses", node["responses"])
        yield from _check_parameters(bundle, pointer, node)
    yield from _check_responses(bundle, "/components/responses", shared)


def _check_error_kinds(bundle: Bundle, shared: Mapping[str, Any]) -> Iterator[ContractError]:
    kinds = {_kind(node) for node in shared.values()}
    for missing in (kind for kind in REQUIRED_KINDS if kind not in kinds):
        yield bundle.problem(
            "/components/responses",
            f"no response answers {missing!r}",
            f"add one with x-error: {missing}, assumed if it is not documented",
        )


def _check_slashes(bundle: Bundle) -> Iterator[ContractError]:
    for path, item in bundle.document["paths"].items():
        if "x-slash" in item and "{" in path:
            here = f"/paths/{escape_pointer(path)}/x-slash"
            yield bundle.problem(here, "a path with parameters cannot redirect", "only fixed paths can")


def _kind(response: Mapping[str, Any]) -> str:
    told = response.get("x-error", "")
    return str(told.get("kind", "") if isinstance(told, dict) else told)


def _check_responses(bundle: Bundle, pointer: str, responses: Mapping[str, Any]) -> Iterator[ContractError]:
    statuses = Counter(_kind(node) for node in responses.values())
    for name, node in responses.items():
        here = f"{pointer}/{escape_pointer(name)}"
        if name[:1] in "45" and not _kind(node):
            near = next((kind for kind, status in ERROR_KINDS.items() if str(status) == name), "")
            yield bundle.problem(here, "the response has no error kind", f"x-error: {near}" if near else "x-error")
        if _kind(node) and statuses[_kind(node)] > 1 and "components" not in pointer:
            yield bundle.problem(f"{here}/x-error", f"two responses answer {_kind(node)!r}")
        for media_type, media in node.get("content", {}).items():
            inside = f"{here}/content/{escape_pointer(media_type)}/schema"
            yield from _check_rendering(bundle, inside, media.get("schema", {}), Counter())
    if "components" not in pointer and "" not in statuses:
        yield bundle.problem(pointer, "no successful response is documented")


def _check_rendering(
    bundle: Bundle,
    pointer: str,
    schema: Mapping[str, Any],
    roles: Counter[str],
) -> Iterator[ContractError]:
    """Every leaf of a response must say what tells it, and no page role may be told twice."""
    role = schema.get("x-page", "")
    roles[role] += 1
    if role and roles[role] > 1:
        yield bundle.problem(f"{pointer}/x-page", f"the page role {role!r} stands twice in this response")
    if role == "items" and "x-collection" not in schema.get("items", {}):
        yield bundle.problem(f"{pointer}/items", "the listed records belong to no collection", "add x-collection")
        return
    if any(key in schema for key in TOLD_BY):
        return
    if not schema.get("properties"):
        yield bundle.problem(pointer, "nothing says how to render this", f"add one of {', '.join(TOLD_BY)}")
    for name, child in schema.get("properties", {}).items():
        yield from _check_rendering(bundle, f"{pointer}/properties/{escape_pointer(name)}", child, roles)


def _check_parameters(bundle: Bundle, pointer: str, node: Mapping[str, Any]) -> Iterator[ContractError]:
    fields = _fields_of(bundle.document, node)
    roles: Counter[str] = Counter()
    names: Counter[str] = Counter()
    for number, parameter in enumerate(node.get("parameters", [])):
        here = f"{pointer}/parameters/{number}"
        names[f"{parameter.get('in')} {parameter.get('name')}"] += 1
        if names[f"{parameter.get('in')} {parameter.get('name')}"] > 1:
            yield bundle.problem(here, f"the parameter {parameter.get('name')!r} stands twice")
        yield from _check_page_role(bundle, here, parameter.get("x-page"), roles)
        yield from _check_filter(bundle, f"{here}/x-filter", parameter.get("x-filter"), fields)


def _check_page_role(bundle: Bundle, pointer: str, told: Any, roles: Counter[str]) -> Iterator[ContractError]:
    role = told.get("role") if isinstance(told, dict) else told
    if role:
        roles[role] += 1
    if role and roles[role] > 1:
        yield bundle.problem(
            f"{pointer}/x-page",
            f"the page role {role!r} stands twice",
            "use x-alias for a second name",
        )


def _check_filter(bundle: Bundle, pointer: str, told: Any, fields: set[str] | None) -> Iterator[ContractError]:
    if told is None:
        return
    tests = [test for test in TESTS if test in told]
    if len(tests) != 1:
        yield bundle.problem(pointer, "a filter has exactly one test", f"one of {', '.join(TESTS)}")
        return
    named = told[tests[0]] if isinstance(told[tests[0]], list) else [told[tests[0]]]
    if fields is None:
        yield bundle.problem(pointer, "the operation shows no record to filter")
        return
    for field in (field for field in named if field not in fields):
        hint = suggest(field, sorted(fields), else_all=True)
        yield bundle.problem(f"{pointer}/{tests[0]}", f"the record has no field {field!r}", hint)


def _fields_of(document: Mapping[str, Any], operation: Mapping[str, Any]) -> set[str] | None:
    """The dotted names of the fields of the records an operation shows, in any of their shapes, or None."""
    for response in operation["responses"].values():
        for media in response.get("content", {}).values():
            found = find_record_schema(media.get("schema"))
            if found and "x-collection" in found[0]:
                own = set(_dotted(found[0].get("properties", {}), ""))
                return own | _fields_by_collection(document)[found[0]["x-collection"]["name"]]
    return None


def _fields_by_collection(document: Mapping[str, Any]) -> dict[str, set[str]]:
    """Each collection's fields, hidden ones included, of all shapes that are declared."""
    fields: dict[str, set[str]] = defaultdict(set)
    for place, _, node in find_places(document):
        told = node.get("x-collection") if place == "schema" and isinstance(node, dict) else None
        if told:
            properties = resolve(dict(document), node.get("properties", {}))
            fields[told["name"]] |= {*_dotted(properties, ""), *_dotted(told.get("hidden", {}), "")}
    return fields


def _dotted(properties: Mapping[str, Any], prefix: str) -> Iterator[str]:
    for name, schema in properties.items():
        yield prefix + name
        yield from _dotted(schema.get("properties", {}) if isinstance(schema, dict) else {}, f"{prefix}{name}.")


def _check_collections(bundle: Bundle) -> Iterator[ContractError]:
    known = _fields_by_collection(bundle.document)
    for place, pointer, node in find_places(bundle.document):
        told = node.get("x-collection") if place == "schema" and isinstance(node, dict) else None
        if not told:
            continue
        fields = known[told["name"]]
        for key in ("key", "order"):
            field = told.get(key)
            if field and field not in fields:
                here = f"{pointer}/x-collection/{key}"
                yield bundle.problem(here, f"the record has no field {field!r}", suggest(field, sorted(fields)))


def _check_security(bundle: Bundle, pointer: str, node: Mapping[str, Any]) -> Iterator[ContractError]:
    schemes = bundle.document["components"].get("securitySchemes", {})
    for number, alternative in enumerate(node.get("security", bundle.document.get("security", []))):
        for name in (name for name in alternative if name not in schemes):
            here = f"{pointer}/security/{number}/{name}"
            yield bundle.problem(here, f"no security scheme is called {name!r}", suggest(name, schemes))
