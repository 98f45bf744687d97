"""Answers that the client asks for by name: `Prefer: code=404` (RFC 7240, Prism) and `?__code=404`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import parse_qsl, quote_plus

from mock_server.contract import Reply
from mock_server.engine.compiled import CompiledOperation
from mock_server.engine.replies import CompiledReply
from mock_server.errors import Problem
from mock_server.messages import Headers, Request

ALIASES = {"status": "code"}
OF_OPERATION = ("code", "example", "dynamic", "credential")
"""What can be asked of an operation: a documented status or example, no example, a listed test credential."""

OF_SESSION = ("scenario", "explain")
"""What can be asked of the session: a scenario, and that the answer says session, seed and scenario."""


class Preferences(NamedTuple):
    """What a request asks for by name: names of `OF_OPERATION` and `OF_SESSION` to values, in the order they came."""

    of_operation: Mapping[str, str] = MappingProxyType({})
    of_session: Mapping[str, str] = MappingProxyType({})

    @property
    def applied(self) -> Headers:
        """The header that confirms what an operation applied; what no header can carry is left out."""
        pairs = self.of_operation.items()
        listed = ", ".join(f"{name}={value}" for name, value in pairs if value.isprintable() and value.isascii())
        return (("preference-applied", listed),) if pairs else ()


NO_PREFERENCES = Preferences()


def read_preferences(request: Request) -> tuple[Preferences, Request]:
    """What a request asks for by name, and the request without it; the query comes before the `Prefer` header.

    Parsed here once: what plays the request is given the value.
    """
    if "__" not in request.query and "prefer" not in request.headers:
        return NO_PREFERENCES, request
    asked = _parse_header(request.headers.get("prefer", ""))
    pairs = parse_qsl(request.query, keep_blank_values=True) if "__" in request.query else []
    own = {name[2:]: value for name, value in pairs if _is_preference(name)}
    if own:
        rest = [(name, value) for name, value in pairs if not _is_preference(name)]
        query = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in rest)
        request = request._replace(query=query)
    # A link that was copied from the console says what it is for; a header may come from the client's defaults.
    asked |= own
    of_operation = {name: value for name, value in asked.items() if name in OF_OPERATION}
    return Preferences(of_operation, {name: value for name, value in asked.items() if name in OF_SESSION}), request


def _is_preference(name: str) -> bool:
    return name.startswith("__") and name[2:] in (*OF_OPERATION, *OF_SESSION)


def _parse_header(header: str) -> dict[str, str]:
    """`code=404; example="none", foo=bar` as names and values; a preference that is none of ours is passed over."""
    asked = {}
    # RFC 7240 separates preferences by commas and their parameters by semicolons; here both separate preferences.
    for piece in header.replace(";", ",").split(","):
        name, _, value = piece.strip().partition("=")
        name = ALIASES.get(name.strip().lower(), name.strip().lower())
        if name in (*OF_OPERATION, *OF_SESSION):
            asked[name] = value.strip().strip('"')
    return asked


def choose_reply(compiled: CompiledOperation, code: str | None) -> CompiledReply:
    """The documented response of the status asked for, of success without one.

    Raises:
        Problem: the operation documents no such status; it lists the known ones.
    """
    replies = [compiled.success, *compiled.errors.values()]
    if code is None:
        return compiled.success
    for reply in replies:
        if str(reply.reply.status) == code:
            return reply
    known = sorted({str(reply.reply.status) for reply in replies})
    raise Problem(400, "Unknown response code", f"{compiled.operation.id} documents no response {code!r}.", known)


def get_example(operation: str, reply: Reply, name: str) -> object:
    """The example of that name which a response of an operation documents.

    Raises:
        Problem: the response has no such example; it lists the known ones.
    """
    examples = reply.examples or {}
    if name not in examples:
        detail = f"The response {reply.status} of {operation} has no example {name!r}."
        raise Problem(400, "Unknown example", detail, sorted(examples))
    return examples[name]
