"""Two contracts compared: operations, parameters, answers, credentials."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from contract_tests.diff.rules import REQUEST, RESPONSE, RULES, Change
from contract_tests.diff.schemas import ABSENT, Side, compare_schemas
from contract_tests.findings import GRADES, Finding

Document = Mapping[str, Any]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def compare_contracts(old: Mapping[str, Document], new: Mapping[str, Document]) -> list[Finding]:
    """What changed from the old to the new OpenAPI documents, by provider; worst first.

    References within a document are followed; `check` of a finding is the name of its rule behind `diff.`.
    """
    findings = []
    for name in dict.fromkeys((*old, *new)):
        if name not in new or name not in old:
            rule = "provider.removed" if name in old else "provider.added"
            findings.append(_finding(name, "", Change(rule, "", *((name, ABSENT) if name in old else (ABSENT, name)))))
            continue
        findings += [
            _finding(name, operation, change)
            for operation, change in _compare(Side(old[name], old[name]), Side(new[name], new[name]))
        ]
    return sorted(dict.fromkeys(findings), key=lambda finding: GRADES.index(finding.grade))


def _finding(provider: str, operation: str, change: Change) -> Finding:
    rule = RULES[change.rule]
    return Finding(
        provider,
        operation,
        f"diff.{change.rule}",
        change.place,
        rule.problem,
        change.old,
        change.new,
        rule.grade,
    )


def _compare(old: Side, new: Side) -> Iterator[tuple[str, Change]]:
    """Each change with the operation it is of; of the whole contract, with an empty one."""
    yield from (("", change) for change in _servers(old, new))
    before, after = dict(_operations(old)), dict(_operations(new))
    for key, side in before.items():
        if key not in after:
            yield _name(side, key), Change("operation.removed", "", " ".join(key), ABSENT)
    for key, side in after.items():
        if key not in before:
            yield _name(side, key), Change("operation.added", "", ABSENT, " ".join(key))
            continue
        for compare in _OF_OPERATIONS:
            yield from ((_name(before[key], key), change) for change in compare(before[key], side))


def _servers(old: Side, new: Side) -> Iterator[Change]:
    urls = [str((side.node.get("servers") or [{"url": "/"}])[0].get("url", "/")) for side in (old, new)]
    parts = [urlsplit(re.sub(r"[{}]", "", url)) for url in urls]
    if parts[0].path.rstrip("/") != parts[1].path.rstrip("/"):
        yield Change("server.base_path", "", parts[0].path, parts[1].path)
    if parts[0].netloc != parts[1].netloc:
        yield Change("server.host", "", parts[0].netloc, parts[1].netloc)


def _operations(side: Side) -> Iterator[tuple[tuple[str, str], Side]]:
    """Each operation by method and path; what a path parameter is called tells no path apart."""
    for path in side.node.get("paths") or {}:
        item = side.at("paths", path).node
        for method in METHODS:
            if isinstance(item.get(method), Mapping):
                shared = [*item.get("parameters", ()), *item[method].get("parameters", ())]
                node = {"security": side.node.get("security", []), **item[method], "parameters": shared, "x-path": path}
                yield (method.upper(), re.sub(r"\{[^}]*\}", "{}", path)), Side(side.document, node)


def _name(side: Side, key: tuple[str, str]) -> str:
    return str(side.node.get("operationId") or " ".join(key))


def _words(old: Side, new: Side) -> Iterator[Change]:
    names = [str(side.node.get("operationId", "")) for side in (old, new)]
    if all(names) and names[0] != names[1]:
        yield Change("operation.id", "", *names)
    if new.node.get("deprecated") is True and old.node.get("deprecated") is not True:
        yield Change("operation.deprecated", "", "in use", "deprecated")


def _parameters(side: Side) -> dict[tuple[str, str], Side]:
    """Parameters by where they stand and their name; of those in a path by their number, for a name is not sent."""
    in_path = re.findall(r"\{([^}]*)\}", side.node["x-path"])
    listed = {}
    for each in side.node["parameters"]:
        parameter = Side(side.document, {"it": each}).at("it")
        where, name = str(parameter.node.get("in")), str(parameter.node.get("name"))
        number = str(in_path.index(name)) if name in in_path else name
        listed[where, {"header": name.lower(), "path": number}.get(where, name)] = parameter
    return listed


def _compare_parameters(old: Side, new: Side) -> Iterator[Change]:
    before, after = _parameters(old), _parameters(new)
    for key, parameter in before.items():
        if key not in after:
            yield Change("parameter.removed", _place(parameter), _place(parameter), ABSENT)
    for key, parameter in after.items():
        if key in before:
            yield from _compare_parameter(before[key], parameter)
        else:
            rule = "parameter.added_required" if parameter.node.get("required") is True else "parameter.added"
            yield Change(rule, _place(parameter), ABSENT, _place(parameter))


_SIGNS: Mapping[str, str] = {"query": "?", "path": "{", "header": "", "cookie": "cookie "}


def _place(parameter: Side) -> str:
    where, name = str(parameter.node.get("in")), str(parameter.node.get("name"))
    return f"{_SIGNS.get(where, '')}{name}{'}' if where == 'path' else ''}"


def _compare_parameter(old: Side, new: Side) -> Iterator[Change]:
    place = _place(old)
    required = [side.node.get("required") is True for side in (old, new)]
    if required[0] != required[1]:
        words = ("optional", "required") if required[1] else ("required", "optional")
        yield Change(f"parameter.{words[1]}", place, *words)
    styles = [_style(side) for side in (old, new)]
    if styles[0] != styles[1]:
        yield Change("parameter.style", place, *styles)
    defaults = [side.at("schema").schema.get("default") for side in (old, new)]
    if defaults[0] != defaults[1]:
        yield Change("parameter.default", place, *(ABSENT if d is None else str(d) for d in defaults))
    yield from compare_schemas(old.at("schema"), new.at("schema"), REQUEST, place)


def _style(parameter: Side) -> str:
    node = parameter.node
    style = node.get("style") or ("form" if node.get("in") in ("query", "cookie") else "simple")
    return f"{style}{', exploded' if node.get('explode', style == 'form') else ''}"


def _compare_body(old: Side, new: Side) -> Iterator[Change]:
    before, after = old.at("requestBody"), new.at("requestBody")
    required = [isinstance(side.node, Mapping) and side.node.get("required") is True for side in (before, after)]
    if not before.node and not after.node:
        return
    if not after.node:
        yield Change("body.removed", "body", "documented", ABSENT)
    elif required[0] != required[1]:
        yield Change("body.required" if required[1] else "body.optional", "body", *_REQUIRED[required[1]])
    elif not before.node:
        yield Change("body.added", "body", ABSENT, "optional")
    yield from _compare_content(before, after, "body.media_type", REQUEST, "body")


_REQUIRED: Mapping[bool, tuple[str, str]] = {True: ("not required", "required"), False: ("required", "not required")}


def _compare_content(old: Side, new: Side, rule: str, direction: str, place: str) -> Iterator[Change]:
    before, after = (_media_types(side) for side in (old, new))
    if not before or not after:
        return  # a body that came or went as a whole has its own rule
    for name in before:
        if name not in after:
            yield Change(f"{rule}_removed" if "body" in rule else f"{rule}.removed", place, name, ", ".join(after))
    for name, media in after.items():
        if name not in before:
            yield Change(f"{rule}_added" if "body" in rule else f"{rule}.added", place, ", ".join(before), name)
        else:
            yield from compare_schemas(before[name].at("schema"), media.at("schema"), direction, place)


def _media_types(side: Side) -> dict[str, Side]:
    content = side.at("content")
    return {name.lower(): content.at(name) for name in content.node or {}}


def _compare_answers(old: Side, new: Side) -> Iterator[Change]:
    before, after = (side.at("responses") for side in (old, new))
    statuses = [{str(status): side.at(str(status)) for status in side.node or {}} for side in (before, after)]
    for status in (s for s in statuses[0] if s not in statuses[1]):
        yield Change(f"status.{_kind(status)}removed", "", status, ", ".join(statuses[1]))
    for status, side in statuses[1].items():
        if status not in statuses[0]:
            yield Change(f"status.{_kind(status)}added", "", ABSENT, status)
            continue
        earlier = statuses[0][status]
        yield from _compare_content(earlier, side, "media_type", RESPONSE, "" if status[:1] == "2" else f"{status} ")
        yield from _compare_headers(earlier.at("headers"), side.at("headers"), status)


def _kind(status: str) -> str:
    return "" if status[:1] == "2" else "error_"


def _compare_headers(old: Side, new: Side, status: str) -> Iterator[Change]:
    before, after = ({str(name).lower(): side.at(name) for name in side.node or {}} for side in (old, new))
    for name in before:
        if name not in after:
            yield Change("header.removed", f"{status} {name}", name, ABSENT)
    for name, side in after.items():
        if name not in before:
            yield Change("header.added", f"{status} {name}", ABSENT, name)
        else:
            yield from compare_schemas(before[name].at("schema"), side.at("schema"), RESPONSE, f"{status} {name}")


def _compare_security(old: Side, new: Side) -> Iterator[Change]:
    before, after = (_requirements(side) for side in (old, new))
    # Whoever shows what an alternative asks for passes, also with more than that.
    for alternative in before:
        if not any(other <= alternative for other in after):
            yield Change("security.removed", "", _show(alternative), " or ".join(map(_show, after)))
    for alternative in after:
        if not any(other <= alternative for other in before):
            yield Change("security.added", "", " or ".join(map(_show, before)), _show(alternative))


def _requirements(side: Side) -> list[frozenset[str]]:
    """The sets of credentials, each of which is enough; a scheme is what a client shows, whatever it is called."""
    schemes = Side(side.document, side.document).at("components", "securitySchemes")
    alternatives = side.node.get("security") or [{}]
    return [
        frozenset(text for name, scopes in each.items() for text in _credential(name, schemes.at(name).node, scopes))
        for each in alternatives
    ]


def _credential(name: str, scheme: Any, scopes: Any) -> Iterator[str]:
    node = scheme if isinstance(scheme, Mapping) else {}
    where = (
        f"{node.get('in')} {node.get('name')}" if node.get("type") == "apiKey" else str(node.get("scheme", "")).lower()
    )
    shown = " ".join(part for part in (str(node.get("type", name)), where) if part)
    yield shown
    yield from (f"{shown} with the scope {scope}" for scope in scopes or ())


def _show(alternative: frozenset[str]) -> str:
    return " and ".join(sorted(alternative)) or "no credential"


_OF_OPERATIONS: tuple[Callable[[Side, Side], Iterator[Change]], ...] = (
    _words,
    _compare_parameters,
    _compare_body,
    _compare_answers,
    _compare_security,
)
"""What is compared of an operation, in this order."""
