"""What a request must bring along beside its parameters: required headers, and media types that both sides can read."""

from __future__ import annotations

from collections.abc import Container
from typing import NamedTuple

from mock_server.errors import ApiError
from mock_server.messages import Request

_REFUSED = ("q=0", "q=0.0", "q=0.00", "q=0.000")


class HeaderRules(NamedTuple):
    """The headers that an operation requires, in lower case, and the media type of its response."""

    required: tuple[str, ...]
    media_type: str


def require_headers(rules: HeaderRules, errors: Container[str], request: Request) -> None:
    """Refuse a header that the operation requires and misses, or that it documents as unacceptable.

    Where none of the `errors` documents it the header has no effect, as at the providers.

    Raises:
        ApiError: `invalid`, `unsupported_media` or `not_acceptable`.
    """
    for name in rules.required:
        if not request.headers.get(name):
            about_body = name == "content-type" and "unsupported_media" in errors
            raise ApiError("unsupported_media" if about_body else "invalid", f"{name}: is required", name)
    # `*/*` is what nearly every client sends: it is answered without a look at the list.
    accept = request.headers.get("accept")
    if accept and accept != "*/*" and "not_acceptable" in errors and not _accepts(rules.media_type, accept):
        raise ApiError("not_acceptable", "the response can only be " + rules.media_type)
    # A body without a type is let pass: what is documented as refused is a type that cannot be read.
    if request.body and "unsupported_media" in errors:
        sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if sent and "json" not in sent:
            raise ApiError("unsupported_media", f"{sent} cannot be read")


def _accepts(media_type: str, accept: str) -> bool:
    readable = ("*/*", media_type, f"{media_type.partition('/')[0]}/*")
    for piece in accept.split(","):
        media, *parameters = (part.strip().lower() for part in piece.split(";"))
        refused = any(parameter.replace(" ", "") in _REFUSED for parameter in parameters)
        if media in readable and not refused:
            return True
    return False
