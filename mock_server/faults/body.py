"""Answers whose head or body is not what it says: each fault one small function."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from mock_server.messages import Response

NESTED = 5_000
"""Levels of nesting: more than most parsers follow."""

DIGITS = 400
"""Digits of a huge number: more than a double holds."""

_NUMBER = re.compile(rb"(?<=:)-?\d+(?=[,}\]])")
_FIRST_NAME = re.compile(rb'\{("(?:[^"\\]|\\.)*"):')


def _with_type(response: Response, media_type: str | None) -> Response:
    """The response with another content type, or with none."""
    headers = tuple((name, value) for name, value in response.headers if name != "content-type")
    return response._replace(headers=((("content-type", media_type),) if media_type else ()) + headers)


def _break_json(response: Response) -> Response:
    # A comma for the last brace: a parser that reads only what it needs may still take it.
    return response._replace(body=response.body[:-1] + b",")


def _as_html(response: Response) -> Response:
    page = render_gateway_page(200, "Service temporarily unavailable")
    status = 200 if response.status < 300 else response.status  # 204 has no page
    return _with_type(response, "text/html; charset=utf-8")._replace(body=page, status=status)


def _add_mark(response: Response) -> Response:
    return response._replace(body=b"\xef\xbb\xbf" + response.body)


def _as_utf_16(response: Response) -> Response:
    text = response.body.decode("utf-8", "replace").encode("utf-16")
    return _with_type(response, "application/json; charset=utf-8")._replace(body=text)


def _double_keys(response: Response) -> Response:
    """Every first member of an object comes twice; parsers differ in which one they keep."""
    return response._replace(body=_FIRST_NAME.sub(rb"{\1:null,\1:", response.body))


def _enlarge_number(response: Response) -> Response:
    # The first one that is a member's value: most often the id.
    return response._replace(body=_NUMBER.sub(b"9" * DIGITS, response.body, count=1))


def _nest(response: Response) -> Response:
    # One member more in front where there is an object: everything else of it stays readable.
    deep = b'{"nested":' + b"[" * NESTED + b"]" * NESTED + b","
    body = response.body
    return response._replace(body=deep + body[1:] if body[:1] == b"{" else b"[" * NESTED + body + b"]" * NESTED)


BODY_FAULTS: Mapping[str, Callable[[Response], Response]] = {
    "INVALID_JSON": _break_json,
    "WRONG_CONTENT_TYPE": lambda response: _with_type(response, "text/plain; charset=utf-8"),
    "NO_CONTENT_TYPE": lambda response: _with_type(response, None),
    "HTML_ERROR_PAGE": _as_html,
    "BYTE_ORDER_MARK": _add_mark,
    "WRONG_CHARSET": _as_utf_16,
    "DUPLICATE_KEYS": _double_keys,
    "HUGE_NUMBERS": _enlarge_number,
    "DEEP_NESTING": _nest,
}
"""What becomes of an answer that arrives whole but wrong."""


def spoil(name: str, response: Response) -> Response:
    """An answer after a row of `BODY_FAULTS`; one without a body, such as 204, has none that could be wrong."""
    return BODY_FAULTS[name](response) if response.body or name == "HTML_ERROR_PAGE" else response


def render_gateway_page(status: int, title: str) -> bytes:
    """The HTML page of a gateway in front of an API, which speaks no API's language."""
    return (
        f"<!doctype html>\n<html><head><title>{title}</title></head>\n"
        f"<body><h1>{title}</h1><p>The gateway answered {status} in place of the service.</p></body></html>\n"
    ).encode()
