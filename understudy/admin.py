"""The admin API of a running server, asked by a program."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

from understudy.errors import UnderstudyError

if TYPE_CHECKING:
    from understudy.local import Local

__tracebackhide__ = True  # in what pytest shows

TIMEOUT_SECONDS = 30.0

MAX_LISTED = 12
"""Of so many known names each is said; of more, the nearest alone."""


class Admin(NamedTuple):
    """Where a server is, and the token that it wants from afar; or that it is in this process."""

    url: str
    token: str = ""
    local: Local | None = None

    def ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, str | Sequence[str]] | None = None,
        body: Any = None,
    ) -> Any:
        """One call: the JSON that comes. Raises: UnderstudyError with what the server says."""
        target = f"/__admin{path}" + (f"?{urlencode(query, doseq=True)}" if query else "")
        headers = {"Content-Type": "application/json"} if body is not None else {}
        headers |= {"Understudy-Token": self.token} if self.token else {}
        content = None if body is None else json.dumps(body).encode()
        if self.local:
            return _read(self.url, *self.local.ask(method, target, headers, content))
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=TIMEOUT_SECONDS)
        try:
            connection.request(method, target, content, headers)
            response = connection.getresponse()
            return _read(self.url, response.status, response.read())
        except (OSError, http.client.HTTPException) as error:
            raise UnderstudyError(f"No server answers at {self.url} ({error}).") from None
        finally:
            connection.close()


def _read(url: str, status: int, content: bytes) -> Any:
    try:
        answer = json.loads(content or b"null")
    except ValueError:
        raise UnderstudyError(f"{url} answered {status} and no JSON: is it Understudy?") from None
    if status < 400:
        return answer
    said = answer if isinstance(answer, dict) else {}
    known = [str(each) for each in said.get("known", ())]
    listed = f" Known: {', '.join(known)}." if 0 < len(known) <= MAX_LISTED else ""
    raise UnderstudyError(f"{said.get('detail') or f'{url} answered {status}.'}{listed}")


def segment(text: object) -> str:
    """A text as one segment of a path."""
    return quote(str(text), safe="")
