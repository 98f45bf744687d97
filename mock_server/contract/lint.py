"""What must hold of a contract before it is compiled: each check yields the problems it finds."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from mock_server.contract.annotations import METHODS, find_parameters, find_places, find_schema_places
from mock_server.contract.documents import Bundle, check_references, escape_pointer, resolve
from mock_server.contract.lint_responses import check_effect, check_responses, error_kind, find_shown
from mock_server.contract.lint_tokens import check_token
from mock_server.contract.model import REQUIRED_KINDS, WRITES
from mock_server.contract.pattern import compile_pattern
from mock_server.contract.vocabulary import Vocabulary, find_schema_problem
from mock_server.errors import ContractError, suggest

TESTS = ("equals", "contains", "starts", "search", "one_of", "from", "to")


def check_bundle(bundle: Bundle, vocabulary: Vocabulary) -> Iterator[ContractError]:
    """Every problem of a contract; later checks only run where earlier ones found nothing."""
    for checks in (_structure(vocabulary), check_references, _vocabulary(vocabulary), _meaning):
        problems = list(checks(bundle))
        yield from problems
        if problems:
            return


def _structure(vocabulary: Vocabulary) -> Any:
    def check(bundle: Bundle) -> Iterator[ContractError]:
        if not str(bundle.document.get("openapi", "")).startswith("3.1"):
            problem = "the document must be OpenAPI 3.1, or 3.0 or Swagger 2.0, which are lifted to it"
            yield bundle.problem("/openapi", problem, "openapi: 3.1.0")
        for pointer, problem, hint in vocabulary.check_form(bundle.document):
            yield bundle.problem(pointer, problem, hint)

    return check


def _operations(paths: Mapping[str, Any]) -> Iterator[tuple[str, Any, list[tuple[str, dict[str, Any]]]]]:
    """Each operation's pointer, the operation, and its parameters with their pointers."""
    for path, item in paths.items():
        for method in METHODS:
            if method in item:
                pointer = f"/paths/{escape_pointer(path)}/{method}"
                yield pointer, item[method], find_parameters(pointer, item, method)


def _vocabulary(vocabulary: Vocabulary) -> Any:
    def check(bundle: Bundle) -> Iterator[ContractError]:
        for place, pointer, node in find_places(bundle.document):
            if isinstance(node, dict):
                for inside, problem, hint in vocabulary.check(place, node):
                    yield bundle.problem(pointer + inside, problem, hint)

    return check


def _meaning(bundle: Bundle) -> Iterator[ContractError]:
    document = bundle.document
    shared = resolve(document, document["components"].get("responses", {}))
    operations = list(_operations(resolve(document, document["paths"])))
    yield from _check_error_kinds(bundle, shared)
    yield from _check_slashes(bundle)
    yield from _check_collections(bundle)
    for pointer, node, parameters in operations:
        yield from _check_security(bundle, pointer, node)
        yield from check_responses(bundle, f"{pointer}/responses", node["responses"])
        yield from _check_parameters(bundle, node, parameters)
        yield from check_token(bundle, pointer, node)
        yield from check_effect(bundle, pointer, node, [parameter for _, parameter in parameters])
    yield from check_responses(bundle, "/components/responses", shared)


def _check_error_kinds(bundle: Bundle, shared: Mapping[str, Any]) -> Iterator[ContractError]:
    kinds = {error_kind(node) for node in shared.values()}
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


def _check_parameters(
    bundle: Bundle,
    node: Mapping[str, Any],
    parameters: list[tuple[str, dict[str, Any]]],
) -> Iterator[ContractError]:
    fields = _fields_of(bundle.document, node)
    roles: Counter[str] = Counter()
    names: Counter[str] = Counter()
    for here, parameter in parameters:
        names[f"{parameter.get('in')} {parameter.get('name')}"] += 1
        if names[f"{parameter.get('in')} {parameter.get('name')}"] > 1:
            yield bundle.problem(here, f"the parameter {parameter.get('name')!r} stands twice")
        yield from _check_schema(bundle, here, parameter)
        yield from _check_page_role(bundle, here, parameter.get("x-page"), roles)
        yield from _check_filter(bundle, f"{here}/x-filter", parameter.get("x-filter"), fields)


def _check_schema(bundle: Bundle, pointer: str, parameter: Mapping[str, Any]) -> Iterator[ContractError]:
    """What a request's text is checked by must be a schema, and its patterns such that are searched in linear time."""
    problem = find_schema_problem(parameter.get("schema", {}))
    if problem:
        yield bundle.problem(f"{pointer}/schema{problem[0]}", problem[1])
        return
    for _, inside, schema in find_schema_places(f"{pointer}/schema", parameter.get("schema")):
        try:
            compile_pattern(str(schema.get("pattern", "")))
        except ValueError as error:
            yield bundle.problem(f"{inside}/pattern", f"{schema['pattern']!r} {error}", "see docs/annotations.md")


def _check_page_role(bundle: Bundle, pointer: str, rule: Any, roles: Counter[str]) -> Iterator[ContractError]:
    role = rule.get("role") if isinstance(rule, dict) else rule
    if role:
        roles[role] += 1
    if role and roles[role] > 1:
        yield bundle.problem(
            f"{pointer}/x-page",
            f"the page role {role!r} stands twice",
            "use x-alias for a second name",
        )


def _check_filter(bundle: Bundle, pointer: str, rule: Any, fields: set[str] | None) -> Iterator[ContractError]:
    if rule is None:
        return
    tests = [test for test in TESTS if test in rule]
    if len(tests) != 1:
        yield bundle.problem(pointer, "a filter has exactly one test", f"one of {', '.join(TESTS)}")
        return
    named = rule[tests[0]] if isinstance(rule[tests[0]], list) else [rule[tests[0]]]
    if fields is None:
        yield bundle.problem(pointer, "the operation shows no record to filter")
        return
    for field in (field for field in named if field not in fields):
        hint = suggest(field, sorted(fields), else_all=True)
        yield bundle.problem(f"{pointer}/{tests[0]}", f"the record has no field {field!r}", hint)


def _fields_of(document: Mapping[str, Any], operation: Mapping[str, Any]) -> set[str] | None:
    """The dotted names of the fields of the records an operation shows, in any of their shapes, or None."""
    place, written = find_shown(operation), operation.get("x-effect", {})
    if written.keys() & {*WRITES}:
        return _fields_by_collection(document).get(next(iter(written.values())))
    if place is None or "x-collection" not in place.schema:
        return None
    own = set(_dotted(place.schema.get("properties", {}), ""))
    return own | _fields_by_collection(document)[place.schema["x-collection"]["name"]]


def _fields_by_collection(document: Mapping[str, Any]) -> dict[str, set[str]]:
    """Each collection's fields, hidden ones included, of all shapes that are declared."""
    fields: dict[str, set[str]] = defaultdict(set)
    for place, _, node in find_places(document):
        collection = node.get("x-collection") if place == "schema" and isinstance(node, dict) else None
        if collection:
            properties = resolve(dict(document), node.get("properties", {}))
            fields[collection["name"]] |= {*_dotted(properties, ""), *_dotted(collection.get("hidden", {}), "")}
    return fields


def _dotted(properties: Mapping[str, Any], prefix: str) -> Iterator[str]:
    for name, schema in properties.items():
        yield prefix + name
        yield from _dotted(schema.get("properties", {}) if isinstance(schema, dict) else {}, f"{prefix}{name}.")


def _check_collections(bundle: Bundle) -> Iterator[ContractError]:
    known = _fields_by_collection(bundle.document)
    for place, pointer, node in find_places(bundle.document):
        collection = node.get("x-collection") if place == "schema" and isinstance(node, dict) else None
        if not collection:
            continue
        fields = known[collection["name"]]
        for key in ("key", "order"):
            field = collection.get(key)
            if field and field not in fields:
                here = f"{pointer}/x-collection/{key}"
                yield bundle.problem(here, f"the record has no field {field!r}", suggest(field, sorted(fields)))


def _check_security(bundle: Bundle, pointer: str, node: Mapping[str, Any]) -> Iterator[ContractError]:
    schemes = bundle.document["components"].get("securitySchemes", {})
    for number, alternative in enumerate(node.get("security", bundle.document.get("security", []))):
        for name in (name for name in alternative if name not in schemes):
            here = f"{pointer}/security/{number}/{name}"
            yield bundle.problem(here, f"no security scheme is called {name!r}", suggest(name, schemes))
