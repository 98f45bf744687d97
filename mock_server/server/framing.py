"""How the body of a request is framed, as its head says."""

from __future__ import annotations

from collections.abc import Mapping

from mock_server.messages import MAX_BODY_BYTES, Response
from mock_server.server.response_head import render_plain, render_too_large


def has_body(headers: Mapping[str, str]) -> bool:
    """Whether a body follows such a head."""
    return "transfer-encoding" in headers or headers.get("content-length", "").strip("0") != ""


def find_bad_framing(headers: Mapping[str, str]) -> Response | None:
    """The refusal of a body that is coded in a way that is not read, or too large."""
    if "transfer-encoding" in headers and headers["transfer-encoding"].lower() != "chunked":
        return render_plain(501, "Of transfer codings only chunked is read.")
    if "content-length" in headers:
        length = headers["content-length"].lstrip("0")
        if len(length) > 7 or (length and int(length) > MAX_BODY_BYTES):
            return render_too_large(413)
    return None
