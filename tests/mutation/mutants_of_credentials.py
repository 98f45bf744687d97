"""Planted faults in who may read: comparisons of a part, caches that look at nobody, credentials taken from anywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from mock_server.contract import Presented, get_test_value, present_credentials
from mock_server.messages import Request, Response
from tests.mutation.operation_mock import OperationMock

OF_CALLER = ("unauthenticated", "forbidden")


def refuses_callers(mock: OperationMock) -> bool:
    """Whether an operation is documented to refuse who has no valid credential."""
    return bool(mock.operation.security) and "unauthenticated" in mock.operation.errors


def _is_bearer(mock: OperationMock) -> bool:
    return refuses_callers(mock) and any(scheme.prefix for scheme in _schemes(mock))


def _is_key(mock: OperationMock) -> bool:
    return refuses_callers(mock) and not _is_bearer(mock)


def _schemes(mock: OperationMock) -> Any:
    return mock.operation.security[0] if mock.operation.security else ()


def _valid(mock: OperationMock) -> Presented:
    return present_credentials(_schemes(mock), get_test_value("valid"))


def _is_refused(mock: OperationMock, response: Response) -> bool:
    return response.status in {r.status for k, r in mock.operation.errors.items() if k in OF_CALLER}


def answer_as_valid(mock: OperationMock, request: Request) -> Response:
    """The answer that the request would get with a valid credential."""
    lower = {name.lower(): value for name, value in _valid(mock).headers.items()}
    return mock.answer(request._replace(headers={**request.headers, **lower}))


def _compare(is_same: Callable[[str, str], bool]) -> Callable[[OperationMock, Request], Response]:
    """The credential that was sent is compared with the valid one in another way than as a whole."""

    def play(mock: OperationMock, request: Request) -> Response:
        clean = mock.answer(request)
        ((name, valid),) = _valid(mock).headers.items()
        sent = request.headers.get(name.lower())
        return answer_as_valid(mock, request) if sent is not None and is_same(sent, valid) else clean

    return play


def _token(sent: str) -> str:
    return sent.rpartition(" ")[2]


def _keep_answers(mock: OperationMock, request: Request) -> Response:
    """What was answered once is answered to everybody who asks for the same URL."""
    clean = mock.answer(request)
    key = f"{request.path}?{request.query}"
    if mock.is_success(clean):
        mock.kept[key] = clean
    return mock.kept.get(key, clean)


def _keep_refusals(mock: OperationMock, request: Request) -> Response:
    """A refusal is kept for the next caller of the same URL, whoever that is."""
    clean = mock.answer(request)
    key = f"{request.path}?{request.query}"
    if _is_refused(mock, clean):
        mock.kept[key] = clean
        return clean
    return mock.kept.pop(key, clean)


def _open_second_page(mock: OperationMock, request: Request) -> Response:
    clean = mock.answer(request)
    return answer_as_valid(mock, request) if _is_refused(mock, clean) and request.query else clean


def _read_query(mock: OperationMock, request: Request) -> Response:
    """The credential counts in the query as well."""
    clean = mock.answer(request)
    ((_, valid),) = _valid(mock).headers.items()
    sent = any(value == _token(valid) for _, value in parse_qsl(request.query))
    return answer_as_valid(mock, request) if sent and _is_refused(mock, clean) else clean


def _say_success(mock: OperationMock, request: Request) -> Response:
    clean = mock.answer(request)
    return clean._replace(status=200) if _is_refused(mock, clean) else clean


def _open_head(mock: OperationMock, request: Request) -> Response:
    clean = mock.answer(request)
    return answer_as_valid(mock, request) if request.method == "HEAD" and _is_refused(mock, clean) else clean


def _read_bearer(mock: OperationMock, request: Request) -> Response:
    clean = mock.answer(request)
    ((_, valid),) = _valid(mock).headers.items()
    sent = request.headers.get("authorization", "")
    return answer_as_valid(mock, request) if sent == f"Bearer {valid}" and _is_refused(mock, clean) else clean


def _open_path(mock: OperationMock, request: Request) -> Response:
    """A filter that looks at the path as it is documented, before a router that is lenient."""
    path = request.path.rstrip("/").replace("//", "/")
    return answer_as_valid(mock, request._replace(path=path)) if path != request.path else mock.answer(request)


def _look_first(mock: OperationMock, request: Request) -> Response:
    """Whether there is such a record is told to strangers too."""
    clean = mock.answer(request)
    known = answer_as_valid(mock, request)
    return known if known.status in (400, 404) else clean


def _take_one(position: int) -> Callable[[OperationMock, Request], Response]:
    """Of a credential's header that stands twice, one counts; a server joins both by a comma."""

    def play(mock: OperationMock, request: Request) -> Response:
        name = next(iter(_valid(mock).headers)).lower()
        parts = request.headers.get(name, "").split(",")
        taken = parts[position].strip()
        return mock.answer(request._replace(headers={**request.headers, name: taken}) if len(parts) > 1 else request)

    return play


def _prefer_query(mock: OperationMock, request: Request) -> Response:
    """A credential in the query goes before the one in the header, where there is one."""
    name = next(iter(_valid(mock).headers)).lower()
    return _read_query(mock, request) if name in request.headers else mock.answer(request)


def _open_browsers(mock: OperationMock, request: Request) -> Response:
    is_browser = "text/html" in request.headers.get("accept", "")
    return answer_as_valid(mock, request) if is_browser else mock.answer(request)


RULE = "errors.credential"

CREDENTIAL_MUTANTS: tuple[tuple[Any, ...], ...] = (
    ("credentials compared to the last but one", RULE, refuses_callers, _compare(lambda s, v: s[:-1] == v[:-1])),
    ("credentials compared without case", RULE, refuses_callers, _compare(lambda s, v: s.lower() == v.lower())),
    (
        "a beginning of the credential will do",
        RULE,
        refuses_callers,
        _compare(lambda s, v: len(_token(s)) > 4 and v.startswith(s)),
    ),
    ("a credential may be longer", RULE, refuses_callers, _compare(lambda s, v: s.startswith(v))),
    (
        "the middle of a credential is not compared",
        RULE,
        refuses_callers,
        _compare(lambda s, v: (s[:12], s[-4:], len(s)) == (v[:12], v[-4:], len(v))),
    ),
    ("an empty credential will do", RULE, refuses_callers, _compare(lambda s, v: s.strip() in ("", "Bearer"))),
    ("the word null is a credential", RULE, refuses_callers, _compare(lambda s, v: _token(s) == "null")),
    ("any scheme will do", RULE, _is_bearer, _compare(lambda s, v: _token(s) == _token(v))),
    ("a key will do as a bearer token", RULE, _is_key, _read_bearer),
    ("the credential counts in the query", RULE, refuses_callers, _read_query),
    ("a cache keeps answers for everybody", RULE, refuses_callers, _keep_answers),
    ("a cache keeps refusals for everybody", RULE, refuses_callers, _keep_refusals),
    (
        "later pages are open to everybody",
        RULE,
        lambda s: refuses_callers(s) and s.listing is not None,
        _open_second_page,
    ),
    ("of two credentials the first counts", "errors.twice", refuses_callers, _take_one(0)),
    ("of two credentials the last counts", "errors.twice", refuses_callers, _take_one(-1)),
    ("a credential in the query goes before the header", "errors.twice", refuses_callers, _prefer_query),
    ("HEAD is open to everybody", RULE, refuses_callers, _open_head),
    ("browsers are not asked for a credential", RULE, refuses_callers, _open_browsers),
    ("a slash at the end of the path opens it", RULE, refuses_callers, _open_path),
    (
        "strangers are told which keys there are",
        RULE,
        lambda s: refuses_callers(s) and bool(s.operation.key) and "not_found" in s.operation.errors,
        _look_first,
    ),
    ("refusals have status 200", RULE, refuses_callers, _say_success),
)
"""Name, the checks of which one must tell, whether an operation can have it, how it is played."""
