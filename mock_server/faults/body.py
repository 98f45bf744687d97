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


def _typed(response: Response, media_type: str | None) -> Response:
    headers = tuple((name, value) for name, value in response.headers if name != "content-type")
    return response._replace(headers=((("content-type", media_type),) if media_type else ()) + headers)


def _invalid(response: Response) -> Response:
    return response._replace(body=response.body[:-1] + b",")


def _html(response: Response) -> Response:
    page = render_gateway_page(200, "Service temporarily unavailable")
    return _typed(response, "text/html; charset=utf-8")._replace(body=page)


def _marked(response: Response) -> Response:
    return response._replace(body=b"\xef\xbb\xbf" + response.body)


def _wrong_charset(response: Response) -> Response:
    text = response.body.decode("utf-8", "replace").encode("utf-16")
    return _typed(response, "application/json; charset=utf-8")._replace(body=text)


def _duplicated(response: Response) -> Response:
    """Every first member of an object comes twice; parsers differ in which one they keep."""
    return response._replace(body=_FIRST_NAME.sub(rb"{\1:null,\1:", response.body))


def _huge(response: Response) -> Response:
    return response._replace(body=_NUMBER.sub(b"9" * DIGITS, response.body, count=1))


def _nested(response: Response) -> Response:
    deep = b'{"nested":' + b"[" * NESTED + b"]" * NESTED + b","
    body = response.body
    return response._replace(body=deep + body[1:] if body[:1] == b"{" else b"[" * NESTED + body + b"]" * NESTED)


BODY_FAULTS: Mapping[str, Callable[[Response], Response]] = {
    "INVALID_JSON": _invalid,
    "WRONG_CONTENT_TYPE": lambda response: _typed(response, "text/plain; charset=utf-8"),
    "NO_CONTENT_TYPE": lambda response: _typed(response, None),
    "HTML_ERROR_PAGE": _html,
    "BYTE_ORDER_MARK": _marked,
    "WRONG_CHARSET": _wrong_charset,
    "DUPLICATE_KEYS": _duplicated,
    "HUGE_NUMBERS": _huge,
    "DEEP_NESTING": _nested,
}
"""What becomes of an answer that arrives whole but wrong."""


def render_gateway_page(status: int, title: str) -> bytes:
    """The HTML page of a gateway in front of an API, which speaks no API's language."""
    return (
        f"<!doctype html>\n<html><head><title>{title}</title></head>\n"
        f"<body><h1>{title}</h1><p>The gateway answered {status} in place of the service.</p></body></html>\n"
    ).encode()
