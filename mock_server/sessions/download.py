"""A document from a URL that a person typed: bounded in time and size, and no further than its own host."""

from __future__ import annotations

import http.client
import ssl
import time
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from mock_server.errors import UsageError

TIMEOUT_SECONDS = 10.0
MAX_SECONDS = 60.0
CHUNK = 256 * 1024


class _SameHost(urllib.request.HTTPRedirectHandler):
    """Follows a redirect to the host that was typed, and no other."""

    def __init__(self, host: str) -> None:
        self.host = host

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        if (urlsplit(newurl).hostname or "").lower() != self.host:
            raise UsageError(f"{req.full_url} leads to another host: {newurl}; type that, if it is meant.")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def download(url: str, most: int) -> bytes:
    """What a URL answers, up to so many bytes and one more. Raises UsageError with what went wrong."""
    try:
        host = (urlsplit(url).hostname or "").lower()
        opener = urllib.request.build_opener(_SameHost(host))
        with opener.open(urllib.request.Request(url, headers={"Accept": "*/*"}), timeout=TIMEOUT_SECONDS) as answer:
            return _read(answer, url, most)
    except urllib.error.HTTPError as error:
        raise UsageError(f"{url} answered {error.code}.") from None
    except (OSError, ValueError, http.client.HTTPException, ssl.SSLError) as error:
        raise UsageError(f"{url} cannot be read: {getattr(error, 'reason', None) or error}.") from None


def _read(answer: Any, url: str, most: int) -> bytes:
    end, chunks, size = time.monotonic() + MAX_SECONDS, [], 0
    while size <= most and (chunk := answer.read1(CHUNK)):
        chunks.append(chunk)
        size += len(chunk)
        if time.monotonic() > end:
            raise UsageError(f"{url} takes longer than {MAX_SECONDS:.0f} s.")
    return b"".join(chunks)
