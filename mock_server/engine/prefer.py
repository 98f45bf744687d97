"""Answers that the client asks for by name: `Prefer: code=404` (RFC 7240, Prism) and `?__code=404`."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import parse_qsl, quote_plus

from mock_server.contract import Reply
from mock_server.engine.operation import CompiledOperation, CompiledReply
from mock_server.errors import Problem
from mock_server.messages import Request

ALIASES = {"status": "code"}
NAMES = ("code", "example", "credential", "scenario", "explain")
"""What can be asked for: a documented status, a documented example, a listed test credential, a scenario, and that the
answer says session, seed and scenario."""


class Forced(NamedTuple):
    """What a request forces (name to value), as its answer confirms it, and the request without it."""

    wanted: dict[str, str]
    applied: str
    request: Request


def find_forced(request: Request) -> Forced | None:
    """What the request forces by query or `Prefer` header, or None."""
    wanted: dict[str, str] = {}
    query = request.query
    if "__" in query:
        pairs = parse_qsl(query, keep_blank_values=True)
        wanted = {name[2:]: value for name, value in pairs if name.startswith("__") and name[2:] in NAMES}
        if wanted:
            rest = [pair for pair in pairs if not (pair[0].startswith("__") and pair[0][2:] in NAMES)]
            query = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in rest)
    preferred = _preferences(request.headers.get("prefer", ""))
    wanted = {**preferred, **wanted}
    if not wanted:
        return None
    applied = ", ".join(f"{name}={value}" for name, value in wanted.items() if value.isprintable() and value.isascii())
    return Forced(wanted, applied, request._replace(query=query))


def _preferences(header: str) -> dict[str, str]:
    found = {}
    for piece in header.replace(";", ",").split(","):
        name, _, value = piece.strip().partition("=")
        name = ALIASES.get(name.strip().lower(), name.strip().lower())
        if name in NAMES:
            found[name] = value.strip().strip('"')
    return found


def choose_reply(compiled: CompiledOperation, wanted: dict[str, str]) -> CompiledReply:
    """The documented response of the status asked for; raises Problem with the known ones."""
    replies = [compiled.success, *compiled.errors.values()]
    code = wanted.get("code")
    if code is None:
        return compiled.success
    for reply in replies:
        if str(reply.reply.status) == code:
            return reply
    known = sorted({str(reply.reply.status) for reply in replies})
    raise Problem(400, "Unknown response code", f"{compiled.operation.id} documents no response {code!r}.", known)


def get_example(compiled: CompiledOperation, reply: Reply, name: str) -> object:
    """The documented example of that name; raises Problem with the known ones."""
    examples = reply.examples or {}
    if name not in examples:
        detail = f"The response {reply.status} of {compiled.operation.id} has no example {name!r}."
        raise Problem(400, "Unknown example", detail, sorted(examples))
    return examples[name]
