"""What reading a request gives: values by place and name, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from mock_server.messages import Request

NOTHING: Final = object()
"""The body of a request that brought none; `None` is the body `null`."""

MAX_PROBLEMS = 20
"""So many problems of one request are said; who sent more of them has enough to do."""


class InputProblem(NamedTuple):
    """What is wrong in a request: `where` is path, query, header, cookie or body; `sentence` reads on from the name.

    `kind` is an error kind of the contract's model; `name` is the parameter's, or the JSON Pointer in the body.
    """

    kind: str
    where: str
    name: str
    sentence: str


class RequestValues(NamedTuple):
    """What a request says: typed values by documented name, defaults filled in; a refused value may be missing.

    `body` is `NOTHING` where none was sent, bytes where its media type says nothing about its form;
    `media_type` is the body's, in lower case, without parameters.
    """

    path: Mapping[str, Any]
    query: Mapping[str, Any]
    header: Mapping[str, Any]
    cookie: Mapping[str, Any]
    body: Any
    media_type: str
    problems: tuple[InputProblem, ...]


ReadRequest = Callable[[Request, Mapping[str, str]], RequestValues]
"""A request, and the decoded values of its path by the name of their parameter."""

Problems = list[InputProblem]
