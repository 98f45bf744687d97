"""From a provider's folder to its contract: bundle, readings, checks, compilation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mock_server.contract.annotations import METHODS, find_parameters, find_record_place
from mock_server.contract.documents import Bundle, apply_overlay, escape_pointer, load_bundle, resolve
from mock_server.contract.lint import check_bundle
from mock_server.contract.model import (
    ERROR_KINDS,
    WRITES,
    Contract,
    FilterRule,
    Header,
    Limit,
    Operation,
    PageRule,
    Parameter,
    Reply,
    Scheme,
    TokenRule,
)
from mock_server.contract.readings import with_readings
from mock_server.contract.shapes import compile_collection
from mock_server.contract.vocabulary import Vocabulary
from mock_server.errors import ContractErrors

FILTER_TESTS = {
    "equals": "equals",
    "contains": "contains",
    "starts": "starts",
    "search": "search",
    "one_of": "one_of",
    "from": "at_least",
    "to": "at_most",
}
"""What an `x-filter` is called in a contract, and the test of the store it stands for."""


def load_contract(
    folder: Path,
    vocabulary: Vocabulary,
    readings: Mapping[str, str] | None = None,
    actions: Sequence[dict[str, Any]] = (),
) -> Contract:
    """The contract in a folder, with the chosen alternatives of its readings.

    `readings` maps names of readings to alternatives; `actions` are more Overlay actions, carried out last.
    Raises: ContractErrors with all that is wrong, ContractError for a file that cannot be read, UsageError for a
    reading or an alternative that is not known.
    """
    bundle = with_readings(load_bundle(folder), readings or {})
    if actions:
        bundle = replace(bundle, document=apply_overlay(bundle.document, list(actions), f"{folder.name}/openapi.yaml"))
    problems = list(check_bundle(bundle, vocabulary))
    if problems:
        raise ContractErrors(problems)
    return _compile(bundle, dict(readings or {}))


def compile_contract(document: dict[str, Any], provider: str) -> Contract:
    """The contract of an annotated document that is known to be right: one that was made and not written."""
    return _compile(Bundle(Path(provider), document, {}, document), {})


def _compile(bundle: Bundle, readings: dict[str, str]) -> Contract:
    document = bundle.document
    plain = {key: resolve(document, document[key]) for key in ("paths", "servers", "info") if key in document}
    components = {key: resolve(document, value) for key, value in document["components"].items() if key != "schemas"}
    schemes = {name: _scheme(name, node) for name, node in components.get("securitySchemes", {}).items()}
    errors = dict(_errors(components.get("responses", {}), "/components/responses"))
    # The first server is the one that is played; braces of a variable would be none in a path.
    base_path = urlsplit(plain["servers"][0]["url"].replace("{", "").replace("}", "")).path.rstrip("/")
    shapes: dict[str, list[dict[str, Any]]] = {}
    operations = tuple(_operations(document, plain["paths"], base_path, schemes, shapes))
    contract = Contract(
        provider=bundle.folder.name,
        title=plain["info"].get("title", bundle.folder.name),
        base_path=base_path,
        hosts=tuple(_host(server["url"]) for server in plain["servers"]),
        operations=operations,
        errors=errors,
        schemes=tuple(schemes.values()),
        limit=_limit(document.get("x-limit")),
        ignore_case=frozenset(document.get("x-ignore-case", ())),
        keep_query=frozenset(document.get("x-keep-query", ())),
        collections={},
        document=document,
        readings=readings,
    )
    collections = {name: compile_collection(contract, name, declared) for name, declared in shapes.items()}
    return replace(contract, collections=collections)


def _host(url: str) -> str:
    """The documented host of a server URL; a variable stands as `*` (`*.api.sellercloud.com`)."""
    return "*".join(part.rpartition("}")[2] for part in urlsplit(url).netloc.split("{")).lower()


def _scheme(name: str, node: Mapping[str, Any]) -> Scheme:
    values = {state: tuple(map(str, listed)) for state, listed in node.get("x-credentials", {}).items()}
    if node["type"] == "apiKey":
        return Scheme(name, node["in"], node["name"], "", values)
    return Scheme(name, "header", "authorization", "bearer ", values)


def _limit(node: Mapping[str, Any] | None) -> Limit | None:
    return Limit(node["requests"], node["window_seconds"], node["per"]) if node else None


def _errors(responses: Mapping[str, Any], pointer: str) -> Iterator[tuple[str, Reply]]:
    for status, node in responses.items():
        reply = _reply(status, node, f"{pointer}/{escape_pointer(status)}")
        if reply.kind:
            yield reply.kind, reply


def _reply(status: str, node: Mapping[str, Any], pointer: str) -> Reply:
    error: Any = node.get("x-error", {})
    # The short form `x-error: invalid` is its kind alone.
    error = {"kind": error} if isinstance(error, str) else error
    content: dict[str, dict[str, Any]] = node.get("content", {})
    media_type, media = next(iter(content.items()), ("", {}))
    kind = error.get("kind", "")
    return Reply(
        status=error.get("status") or (int(status) if status.isdecimal() else ERROR_KINDS.get(kind, 200)),
        kind=kind,
        media_type=media_type,
        schema=media.get("schema"),
        headers=tuple(_header(name, header) for name, header in node.get("headers", {}).items()),
        detail=error.get("detail", ""),
        code=error.get("code", ""),
        reason=error.get("reason", ""),
        examples={name: example.get("value") for name, example in media.get("examples", {}).items()},
        pointer=pointer,
    )


def _header(name: str, node: Mapping[str, Any]) -> Header:
    value, is_required = str(node.get("schema", {}).get("const", "")), node.get("required", True)
    return Header(name.lower(), value, node.get("x-limit", ""), bool(is_required))


def _operations(
    document: Mapping[str, Any],
    paths: Mapping[str, Any],
    base_path: str,
    schemes: Mapping[str, Scheme],
    shapes: dict[str, list[dict[str, Any]]],
) -> Iterator[Operation]:
    for path, item in paths.items():
        for method in METHODS:
            if method not in item:
                continue
            node, pointer = item[method], f"/paths/{escape_pointer(path)}/{method}"
            parameters = tuple(_parameter(node, where) for where, node in find_parameters(pointer, item, method))
            replies = [_reply(s, r, f"{pointer}/responses/{s}") for s, r in node["responses"].items()]
            success = next(reply for reply in replies if not reply.kind)
            effect, collection, view, key = _reads(success.schema, parameters, shapes)
            token = _token_rule(node)
            if node.get("x-effect", {}).keys() & {*WRITES}:
                effect, collection, key = _writes(node["x-effect"], parameters)
            yield Operation(
                id=node["operationId"],
                method=method.upper(),
                path=base_path + path + ("/" if item.get("x-slash") else ""),
                summary=node.get("summary", ""),
                parameters=parameters,
                success=success,
                errors={reply.kind: reply for reply in replies if reply.kind},
                security=_security(node.get("security", document.get("security", [])), schemes),
                effect="token" if token else effect,
                collection=collection,
                key=key,
                view=view,
                pointer=pointer,
                token=token,
                body=_find_body(node),
            )


def _writes(annotation: Mapping[str, str], parameters: tuple[Parameter, ...]) -> tuple[str, str, str]:
    """What an operation does to which collection, and the path parameter that identifies the record.

    One that was written out of a plain document says which parameter that is.
    """
    effect = next(name for name in WRITES if name in annotation)
    keys = [p.name for p in parameters if p.where == "path" and p.filter] if effect != "create" else []
    return effect, annotation[effect], annotation.get("key", next(iter(keys), ""))


def _find_body(node: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema of what an operation is sent, of its first media type; empty where nothing is."""
    content: Mapping[str, Any] = node.get("requestBody", {}).get("content", {})
    media: Mapping[str, Any] = next(iter(content.values()), {})
    schema: Mapping[str, Any] = media.get("schema", {})
    return schema


def _token_rule(node: Mapping[str, Any]) -> TokenRule | None:
    rule = node.get("x-effect", {})
    if "token" not in rule:
        return None
    needs = tuple(_find_body(node).get("required", ()))
    return TokenRule(rule["token"], rule.get("lifetime", 0), rule.get("announced", 0), needs)


def _security(listed: list[dict[str, Any]], schemes: Mapping[str, Scheme]) -> tuple[tuple[Scheme, ...], ...]:
    return tuple(
        tuple(replace(schemes[name], scopes=tuple(scopes)) for name, scopes in alternative.items())
        for alternative in listed
    )


def _parameter(node: dict[str, Any], pointer: str) -> Parameter:
    return Parameter(
        name=node["name"],
        where=node["in"],
        required=bool(node.get("required")),
        schema=node.get("schema", {}),
        aliases=tuple(node.get("x-alias", ())),
        page=_page_rule(node.get("x-page")),
        filter=_filter_rule(node.get("x-filter")),
        pointer=pointer,
    )


def _page_rule(node: Any) -> PageRule | None:
    if node is None:
        return None
    return PageRule(node) if isinstance(node, str) else PageRule(**node)


def _filter_rule(node: Mapping[str, Any] | None) -> FilterRule | None:
    if node is None:
        return None
    name = next(name for name in FILTER_TESTS if name in node)
    fields = node[name] if isinstance(node[name], list) else [node[name]]
    test = "equals_fold" if name == "equals" and node.get("ignore_case") else FILTER_TESTS[name]
    values = node.get("values")
    folded = {str(word).casefold(): value for word, value in values.items()} if values is not None else None
    return FilterRule(test, tuple(fields), folded, tuple(node.get("dates", ())), node.get("lists", "repeat"))


def _reads(
    schema: Any,
    parameters: tuple[Parameter, ...],
    shapes: dict[str, list[dict[str, Any]]],
) -> tuple[str, str, int, str]:
    """What an operation does, which collection it shows, in which of its views, and by which path parameter."""
    place = find_record_place(schema)
    if not place:
        return "answer", "", 0, ""
    item = dict(place.schema)
    views = shapes.setdefault(item["x-collection"]["name"], [])
    # What is said of a shape does not make it another one: a list and a get of one item share their view.
    view = next((n for n, known in enumerate(views) if known["properties"] == item["properties"]), len(views))
    views[view:] = views[view:] or [item]
    key = "" if place.is_list else _find_key(item["x-collection"]["key"], parameters)
    effect = "list" if place.is_list else "get" if key else "singleton"
    return effect, item["x-collection"]["name"], view, key


def _find_key(field: str, parameters: tuple[Parameter, ...]) -> str:
    """The path parameter that alone identifies a record, or an empty text.

    Where others select beside it (`/authors/{author}/books/{id}`), all of them are conditions instead.
    """
    selecting = [p for p in parameters if p.where == "path" and p.filter]
    rules = [p.filter for p in selecting]
    return selecting[0].name if rules == [FilterRule("equals", (field,))] else ""
