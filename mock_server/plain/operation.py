"""One operation of a plain document, compiled when it is first asked, step by step."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

import orjson

from mock_server.contract import Operation
from mock_server.engine import READS, CompiledOperation, CompiledReply, FindCaller, Inputs, split_query
from mock_server.errors import ApiError, Problem
from mock_server.inputs import NOTHING, ReadRequest, compile_request
from mock_server.messages import ANYBODY, Collections, Headers, Request, Response, Tester
from mock_server.openapi import choose_media_type, find_content_type, render_value
from mock_server.plain.contract import PlainContract, PlainOperation, read_reply
from mock_server.plain.effects import (
    Act,
    Answered,
    Setting,
    compile_answer,
    compile_get,
    find_path_values,
)
from mock_server.plain.envelopes import Kit
from mock_server.plain.errors import compile_errors
from mock_server.plain.lists import ReadPage, compile_list, compile_page
from mock_server.plain.logins import compile_login
from mock_server.plain.numbers import fold_numbers
from mock_server.plain.options import PlainOptions
from mock_server.plain.refusals import refuse, report
from mock_server.plain.remembered import compile_key
from mock_server.plain.replies import DocumentedReply
from mock_server.plain.security import compile_caller
from mock_server.plain.singletons import compile_singleton
from mock_server.plain.sources import Sources
from mock_server.plain.writes import compile_create, compile_delete, compile_patch, compile_replace
from mock_server.state import Quota
from mock_server.tokens import Issuer
from mock_server.writes import is_known, make_etag

ACTS: Mapping[str, Callable[[Setting], Act]] = {
    "list": compile_list,
    "get": compile_get,
    "create": compile_create,
    "replace": compile_replace,
    "patch": compile_patch,
    "delete": compile_delete,
    "singleton": compile_singleton,
    "token": compile_login,
    "answer": compile_answer,
}
"""What each effect answers."""

WRITES = ("create", "replace", "patch", "delete")
"""The effects that change records."""

_PARAMETER = re.compile(r"\{([^{}]+)\}")


class CompiledPlainOperation:
    """An operation of a plain document (`engine.CompiledOperation`); what it needs is compiled at its first request."""

    def __init__(
        self,
        contract: PlainContract,
        operation: Operation,
        kit: Kit,
        sources: Sources,
        shown: Collections,
        find_view: Callable[[Operation], int],
        options: PlainOptions,
        issuer: Issuer | None = None,
    ) -> None:
        self.operation, self._contract, self._kit, self._options = operation, contract, kit, options
        self._sources, self._shown, self._find_view, self._issuer = sources, shown, find_view, issuer
        self._plain: PlainOperation = contract.plain[operation.pointer]
        self._writes = operation.effect in (*WRITES, "token") or (
            operation.effect == "singleton" and operation.method != "GET"
        )
        self.is_slow = None if sources.changes is None else self._takes_time
        self._find_key = compile_key(operation)
        # `/export?name={name}`: a parameter of the path that stands in the query all the same.
        self._behind = _PARAMETER.findall(operation.path.partition("?")[2])

    @functools.cached_property
    def find_caller(self) -> FindCaller:
        """From a request to who calls."""
        return compile_caller(self.operation.security, self._options.credentials == "listed")

    @functools.cached_property
    def _read(self) -> ReadRequest:
        return compile_request(self._kit.document, self._plain.documented, self._kit.validators)

    @functools.cached_property
    def _reply(self) -> DocumentedReply:
        success = self.operation.success
        return self._find_reply(success.pointer.rpartition("/")[2], success.status)

    def _find_reply(self, written: str, status: int) -> DocumentedReply:
        return DocumentedReply(self._kit, self.operation, self._plain, written, status)

    @functools.cached_property
    def _setting(self) -> Setting:
        return Setting(
            kit=self._kit,
            contract=self._contract,
            operation=self.operation,
            plain=self._plain,
            reply=self._reply,
            sources=self._sources,
            view=self._find_view(self.operation),
            examples=self._options.examples,
            shown=self._shown[name] if (name := self.operation.collection) in self._shown else None,
            etags=self._options.etags,
            issuer=self._issuer,
        )

    @functools.cached_property
    def _act(self) -> Act:
        if self._options.examples == "prefer" and self._reply.examples:
            example = next(iter(self._reply.examples.values()))
            return lambda request, values, tester: Answered(example)
        return ACTS[self.operation.effect](self._setting)

    @functools.cached_property
    def success(self) -> CompiledReply:
        """The documented response of success; its body is made by `play`."""
        return CompiledReply(self.operation.success, lambda context: b"", lambda quota: self._headers)

    @functools.cached_property
    def errors(self) -> Mapping[str, CompiledReply]:
        """The documented errors by kind."""
        document, pointer = self._kit.document, self.operation.pointer
        success = self.operation.success.pointer
        listed = document.find_responses(self._plain.documented).items()
        replies = [read_reply(document, pointer, status, located) for status, located in listed]
        return compile_errors(self._kit, [reply for reply in replies if reply.pointer != success], self.operation.id)

    def read_inputs(self, query: str, path_values: Mapping[str, str]) -> Inputs:
        """The page that a query asks for. Raises: ApiError for what the document does not allow."""
        values = self._read(Request("GET", self.operation.path, query), path_values)
        refused = [each for each in values.problems if each.where in ("path", "query")]
        if refused and self._options.requests == "refuse":
            raise refuse(refused, self.operation.errors)
        if not self.operation.is_list:
            return Inputs({}, (), values.path.get(self.operation.key))
        plan = self._read_page(Request("GET", self.operation.path, query), values, "").plan
        return Inputs({"size": plan.size, "offset": plan.offset}, (), None)

    @functools.cached_property
    def _read_page(self) -> ReadPage:
        return compile_page(self._setting)[2]

    def find_page(self, request: Request, path_values: Mapping[str, str], tester: Tester = ANYBODY) -> int:
        """The page that a request asks for, counted from 1, however it says which. Raises: ApiError."""
        plan = self._read_page(request, self._read(request, path_values), tester.scope).plan
        return plan.offset // max(1, plan.size) + 1

    def _takes_time(self, request: Request, path_values: Mapping[str, str]) -> bool:
        """Whether something is written, or was: then an answer waits for a file, and the journal keeps its body."""
        changes = self._sources.changes
        is_keyed = request.method not in READS and any("idempot" in name for name in request.headers)
        return self._writes or is_keyed or (changes is not None and changes.has_any(ANYBODY.scope))

    def takes_path(self, path_values: Mapping[str, str]) -> bool:
        """Whether these values of the path are as documented."""
        values = self._read(Request("GET", self.operation.path), path_values)
        return not any(each.where == "path" for each in values.problems)

    def play(
        self,
        request: Request,
        path_values: Mapping[str, str],
        quota: Quota | None,
        tester: Tester = ANYBODY,
    ) -> Response:
        """The answer to a caller who may have it."""
        changes, remembered = self._sources.changes, self._sources.remembered
        key = None if changes is not None and changes.has_any(tester.scope) else self._find_key(request)
        response = remembered.get(key) if key else None
        if response is None:
            response = self._play(request, path_values, tester)
            if key:
                remembered.put(key, response)
        return response

    def _play(self, request: Request, path_values: Mapping[str, str], tester: Tester) -> Response:
        if self._behind:
            sent = split_query(request.query)
            path_values = {**path_values, **{name: sent[name][-1] for name in self._behind if name in sent}}
        values = self._read(request, path_values)
        if values.problems and self._options.requests == "refuse":
            raise refuse(values.problems, self.operation.errors, values.body is not NOTHING)
        media_type = self._choose_media(request)
        answered = self._act(request, fold_numbers(request.body, values), tester)
        if answered.whole:
            return answered.whole
        reply = answered.reply or self._reply
        etag = answered.etag or self._make_etag(answered.body)
        if etag and self.operation.method == "GET" and is_known(request.headers, etag):
            return Response(304, (("etag", etag),), b"")
        headers = (*reply.headers, *answered.headers, *((("etag", etag),) if etag else ()))
        if values.problems and self._options.requests == "report":
            headers += report(values.problems)
        media_type = media_type if media_type in reply.content else reply.media_type
        response = self._write(reply, answered.body, media_type, headers, request.headers.get("accept", ""))
        return response._replace(secrets=answered.secrets) if answered.secrets else response

    def _make_etag(self, body: Any) -> str:
        """The ETag of an answer that is no record, where one is documented."""
        return make_etag(orjson.dumps(body)) if self._reply.has("etag") and body is not NOTHING else ""

    @functools.cached_property
    def _headers(self) -> Headers:
        return self._reply.headers

    def _choose_media(self, request: Request) -> str:
        """The media type of the answer. Raises: ApiError `not_acceptable`."""
        offered, accept = tuple(self._reply.content), request.headers.get("accept", "")
        if not offered or accept in ("", "*/*"):
            return self._reply.media_type
        chosen: str | None = choose_media_type(accept, offered)
        if chosen is None:
            raise ApiError("not_acceptable", f"the response can only be {', '.join(offered)}")
        return chosen

    def _write(
        self,
        reply: DocumentedReply,
        body: Any,
        media_type: str,
        headers: Headers,
        accept: str = "",
    ) -> Response:
        """A body in one of its media types; for a range of them, in one that the client wants."""
        status = reply.status
        if body is NOTHING or not media_type or status in (204, 205, 304):
            return Response(status, headers, b"")
        if media_type == reply.media_type and reply.json_type:
            return Response(status, (("content-type", reply.json_type), *headers), orjson.dumps(body))
        value: Any = orjson.loads(orjson.dumps(body))
        schema = reply.content[media_type].node
        if not self._kit.validators.is_valid(schema, value):
            value = self._kit.sampler.sample(schema, f"{self.operation.id}/{media_type}", given=value)
        sent = find_content_type(media_type, accept)
        return Response(
            status,
            (("content-type", sent), *headers),
            render_value(value, schema, sent, self._kit.document),
        )

    def find_sample_path(self) -> str:
        """The path with the keys of first records in it, else with what the schemas of its parameters give."""
        path = self.operation.path
        for name, value in find_path_values(self._setting).items():
            path = path.replace("{" + name + "}", quote(str(value), safe=""))
        return path

    def answer_asked(self, asked: Mapping[str, str], request: Request) -> CompiledReply | Response | None:
        """What a client asks for by name: a documented status, a documented example, values instead of an example."""
        code, name = asked.get("code"), asked.get("example")
        reply, error = self._choose_reply(code)
        if name is not None:
            return self._answer_example(reply, name)
        if error:
            return error
        if reply is self._reply and asked.get("dynamic") != "true":
            return None
        body: Any = NOTHING
        if reply.body is not None:
            key = f"{self.operation.id}/{reply.status}/{request.path}?{request.query}"
            body = self._kit.sampler.sample(reply.body.node, key, name=self.operation.id)
        return self._write(reply, body, reply.media_type, reply.headers)

    def _choose_reply(self, code: str | None) -> tuple[DocumentedReply, CompiledReply | None]:
        """The response of a status, and the error that it is. Raises: Problem with the statuses that are known."""
        if code is None or code == str(self._reply.status):
            return self._reply, None
        documented = self._kit.document.find_responses(self._plain.documented)
        written = next((each for each in (code, f"{code[:1]}XX", f"{code[:1]}xx", "default") if each in documented), "")
        if not written or not code.isdecimal() or len(code) != 3 or code[0] not in "12345":
            known = sorted(documented)
            raise Problem(400, "Unknown response code", f"{self.operation.id} documents no response {code!r}.", known)
        errors = (each for each in self.errors.values() if str(each.reply.status) == code)
        return self._find_reply(written, int(code)), next(errors, None)

    def _answer_example(self, reply: DocumentedReply, name: str) -> Response:
        if name not in reply.examples:
            detail = f"The response {reply.status} of {self.operation.id} has no example {name!r}."
            raise Problem(400, "Unknown example", detail, sorted(reply.examples))
        return self._write(reply, reply.examples[name], reply.media_type, reply.headers)


def fits_path(compiled: CompiledOperation, path_values: Mapping[str, str]) -> bool:
    """Whether an operation takes the values of a path."""
    return isinstance(compiled, CompiledPlainOperation) and compiled.takes_path(path_values)
