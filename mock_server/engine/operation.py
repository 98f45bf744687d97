"""One operation brought to life: read what is asked, plan the page, fetch, render."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, unquote_plus

import orjson

from mock_server.contract import WRITES, Contract, Operation
from mock_server.engine.compiled import CompiledOperation, IsSlow
from mock_server.engine.negotiation import HeaderRules, require_headers
from mock_server.engine.pagination import MAX_PAGE_SIZE, FetchedPage, plan_page
from mock_server.engine.parameters import Inputs, ReadInputs, compile_inputs
from mock_server.engine.prefer import choose_reply, get_example
from mock_server.engine.rendering import RenderContext
from mock_server.engine.replies import CompiledReply, compile_reply, render_reply
from mock_server.engine.routing import Match
from mock_server.engine.security import FindCaller, compile_caller
from mock_server.engine.versions import FULLEST, answer_known, find_versions, tell_version
from mock_server.engine.writes import compile_write
from mock_server.errors import ApiError
from mock_server.messages import ANYBODY, Collections, RecordSource, Request, Response, Tester
from mock_server.state import Quota

Fetch = Callable[[Request, Inputs, Tester], RenderContext]
"""From a request, what was read of it and who it plays for to what its answer renders; raises ApiError."""

FindSource = Callable[[str], RecordSource]
"""From the scope of a session to the records as it sees them."""


class TemplateOperation(NamedTuple):
    """An operation of an annotated contract, whose schemas are templates; each field is what a step needs."""

    operation: Operation
    find_caller: FindCaller
    read_inputs: ReadInputs
    fetch: Fetch
    success: CompiledReply
    errors: Mapping[str, CompiledReply]
    rules: HeaderRules
    source: RecordSource | None
    is_slow: IsSlow | None
    is_told: bool

    def play(
        self,
        request: Request,
        path_values: Mapping[str, str],
        quota: Quota | None,
        tester: Tester = ANYBODY,
    ) -> Response:
        """Steps 5 to 7: what is asked, what there is, the documented response."""
        # 5 inputs: not_acceptable, unsupported_media, invalid
        require_headers(self.rules, self.errors, request)
        inputs = self.read_inputs(request.query, path_values)
        # 6 result: not_found
        result = self.fetch(request, inputs, tester)
        # 7 render
        response = render_reply(self.success, result._replace(quota=quota) if quota else result)
        return answer_known(request, response) if self.is_told else response

    def find_page(self, request: Request, path_values: Mapping[str, str], tester: Tester = ANYBODY) -> int:
        """The number of the page that is asked for, also where a request counts records."""
        return plan_page(self.read_inputs(request.query, path_values).page).number

    def find_sample_path(self) -> str:
        """The path with values that lead to the first record, for people to try."""
        path = self.operation.path
        _, records = self.source.page((), 0, 1) if self.source and "{" in path else (0, [])
        record = orjson.loads(records[0]) if records else {}
        for parameter in self.operation.parameters:
            if parameter.where == "path" and parameter.filter:
                # A field that no response shows is not in the ready JSON: its value is unknown here.
                value = record.get(parameter.filter.fields[0], "none")
                path = path.replace("{" + parameter.name + "}", quote(str(value)))
        return path

    def answer_asked(self, asked: Mapping[str, str], request: Request) -> CompiledReply | Response | None:
        """The documented example of a name, or the documented error of a status; None where success is asked for."""
        chosen = choose_reply(self, asked.get("code"))
        reply = chosen.reply
        if "example" in asked:
            body = orjson.dumps(get_example(self.operation.id, reply, asked["example"]))
            return Response(reply.status, chosen.headers(None), body, reply.reason)
        return chosen if reply.kind else None


def compile_operation(
    contract: Contract,
    operation: Operation,
    sources: Collections,
    etags: str = "documented",
) -> TemplateOperation:
    """Everything of an operation that can be worked out before the first request; `etags`: when records have one."""
    name = operation.collection
    find_source = compile_find_source(sources, name) if name else None
    errors, versions = {**contract.errors, **operation.errors}, find_versions(contract, operation, etags)
    media_type = operation.success.media_type
    read_inputs = compile_inputs(operation, "query" in contract.ignore_case)
    return TemplateOperation(
        operation=operation,
        find_caller=compile_caller(operation.security),
        read_inputs=read_inputs,
        fetch=(
            compile_write(contract, operation, sources, versions)
            if operation.effect in WRITES
            else _compile_fetch(operation, find_source, _compile_keep_query(contract, operation), versions.is_told)
        ),
        success=compile_reply(operation.success),
        errors={kind: compile_reply(reply) for kind, reply in errors.items()},
        rules=HeaderRules(
            tuple(p.name.lower() for p in operation.parameters if p.where == "header" and p.required),
            media_type,
        ),
        source=sources[name] if name else None,
        is_slow=_compile_slow(operation, sources, find_source, read_inputs) if find_source else None,
        is_told=versions.is_told,
    )


def compile_find_source(sources: Collections, name: str) -> FindSource:
    """What finds the records of a collection as a session sees them: this runs for every answer."""
    stored, version, by = sources[name], sources.version, sources.by
    return lambda scope: by(name, scope) if version[0] else stored


def _compile_slow(
    operation: Operation,
    sources: Collections,
    find_source: FindSource,
    read_inputs: ReadInputs,
) -> IsSlow:
    """Tells a request that is not to be answered while everyone waits: many records are looked through, or a file."""
    if operation.effect in WRITES:
        return lambda request, path_values: True
    name, is_known, version = operation.collection, sources.is_known, sources.version
    takes_long = None if operation.key else _compile_long(operation, find_source, read_inputs)
    # Nothing takes long while nobody has written to few records, and that is nearly every request.
    may_last = takes_long is not None and not sources[name].is_quick()

    def is_slow(request: Request, path_values: Mapping[str, str]) -> bool:
        if version[0]:
            if not is_known(name, ANYBODY.scope):
                return True
        elif not may_last:
            return False
        return takes_long is not None and takes_long(request, path_values)

    return is_slow


def _compile_long(operation: Operation, find_source: FindSource, read_inputs: ReadInputs) -> IsSlow:
    """Tells a request for which many records are looked through."""
    filtered = any(p.where == "path" and p.filter for p in operation.parameters)
    paging = {name for p in operation.parameters if p.page for name in (p.name, *p.aliases)}

    def takes_long(request: Request, path_values: Mapping[str, str]) -> bool:
        query = request.query
        # Most requests only turn pages: what they ask is read once, when they are answered.
        if not filtered and (not query or all(piece.partition("=")[0] in paging for piece in query.split("&"))):
            return False
        source = find_source(ANYBODY.scope)
        try:
            return not source.is_quick() and not source.is_quick(read_inputs(query, path_values).where)
        except ApiError:  # what is refused is refused at once
            return False

    return takes_long


KeepQuery = Callable[[str], str]
"""From a request's query to what links keep of it, ready to be followed by the page's own parameter."""


def _compile_keep_query(contract: Contract, operation: Operation) -> KeepQuery | None:
    """All but the parameters that name a page, whatever name or case they came under; None keeps nothing."""
    if "links" not in contract.keep_query:
        return None
    naming = [p for p in operation.parameters if p.page and p.page.role in ("number", "offset")]
    fold = str.lower if "query" in contract.ignore_case else str
    names = {fold(name) for parameter in naming for name in (parameter.name, *parameter.aliases)}

    def keep(query: str) -> str:
        pieces = (piece for piece in query.split("&") if piece)
        return "".join(f"{p}&" for p in pieces if fold(unquote_plus(p.partition("=")[0])) not in names)

    return keep


def _compile_fetch(
    operation: Operation,
    find_source: FindSource | None,
    keep_query: KeepQuery | None,
    is_told: bool,
) -> Fetch:
    if find_source is None:
        return lambda request, inputs, tester: RenderContext()
    if operation.is_list:
        return _fetch_list(operation, find_source, keep_query)
    if not operation.key:
        return _fetch_singleton(operation, find_source)
    fetch = _fetch_record(operation, find_source)
    return _fetch_version(fetch, find_source) if is_told else fetch


def _fetch_version(fetch: Fetch, find_source: FindSource) -> Fetch:
    """The same with the record's version in a header."""

    def fetch_both(request: Request, inputs: Inputs, tester: Tester) -> RenderContext:
        version = tell_version(find_source(tester.scope).find(inputs.key, FULLEST))
        return fetch(request, inputs, tester)._replace(headers=version)

    return fetch_both


def _fetch_record(operation: Operation, find_source: FindSource) -> Fetch:
    view = operation.view

    def fetch(request: Request, inputs: Inputs, tester: Tester) -> RenderContext:
        record = find_source(tester.scope).find(inputs.key, view)
        if record is None:
            raise ApiError("not_found", f"{operation.key}: there is no {inputs.key}", operation.key)
        return RenderContext(record)

    return fetch


def _fetch_singleton(operation: Operation, find_source: FindSource) -> Fetch:
    view = operation.view

    def fetch(request: Request, inputs: Inputs, tester: Tester) -> RenderContext:
        _, record = find_source(tester.scope).page_json(inputs.where, 0, 1, view)
        if not record:
            raise ApiError("not_found", "there is no such record")
        return RenderContext(record)

    return fetch


def _fetch_list(operation: Operation, find_source: FindSource, keep_query: KeepQuery | None) -> Fetch:
    view, least = operation.view, _least_records(operation.success.schema or {})
    parameter = next((p.name for p in operation.parameters if p.page and p.page.role == "number"), "page")

    def fetch(request: Request, inputs: Inputs, tester: Tester) -> RenderContext:
        source, plan = find_source(tester.scope), plan_page(inputs.page)
        size = min(MAX_PAGE_SIZE, source.total) if plan.size is None else plan.size
        total, records = source.page_json(inputs.where, plan.offset, size, view)
        if total < least:
            raise ApiError("not_found", "there are no records")
        # A provider that sends every record says how many matched as the size of its one page.
        size = size if plan.size is not None else min(total, MAX_PAGE_SIZE)
        url = request.base + request.mount + request.path
        query = keep_query(request.query) if keep_query and request.query else ""
        page = FetchedPage(plan.number, size, total, plan.offset, url, parameter, source.total, query)
        return RenderContext(records, page)

    return fetch


def _least_records(schema: Mapping[str, Any]) -> int:
    """`minItems` of the listed records: a list that may not be empty is not found instead."""
    if schema.get("x-page") == "items":
        return int(schema.get("minItems", 0))
    return max((_least_records(child) for child in schema.get("properties", {}).values()), default=0)


def find_page_number(match: Match[CompiledOperation], request: Request, tester: Tester = ANYBODY) -> int:
    """The number of the page that a request asks for; 0 where there are no pages, or where it is refused."""
    if not match.target.operation.is_list:
        return 0
    try:
        return match.target.find_page(request, match.values, tester)
    except ApiError:
        return 0
