"""What a request to the admin API says: the session it is about, numbers, flags, moments, JSON; raises Problem."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import flask
import orjson

from mock_server.errors import Problem
from mock_server.state import check_name


def read_session_name() -> str:
    """The session of `?session=`, an empty text without it."""
    name = flask.request.args.get("session")
    return "" if name is None else check_name(name)


def read_number(name: str, default: int, most: int) -> int:
    """A whole number of the query, from 0 to the most."""
    text = flask.request.args.get(name, "")
    if not text:
        return default
    if not text.isascii() or not text.isdecimal() or not 0 <= int(text[:9]) <= most or len(text) > 9:
        raise Problem(422, "Not a number", f"{name} is a whole number from 0 to {most:,}.")
    return int(text)


def read_flag(name: str) -> bool:
    """A flag of the query, false without it."""
    text = flask.request.args.get(name, "false")
    if text not in ("true", "false"):
        raise Problem(422, "Not a flag", f"{name} is true or false.")
    return text == "true"


def read_since() -> int:
    """Nanoseconds since 1970 of `?since=`, a moment as ISO 8601 says it."""
    text = flask.request.args.get("since")
    try:
        return 0 if text is None else int(datetime.fromisoformat(text).timestamp() * 1e9)
    except (ValueError, OverflowError):
        raise Problem(422, "Not a moment", "since is a moment such as 2026-01-31T12:00:00Z.") from None


def has_content() -> bool:
    """Whether the request has a body."""
    return bool(flask.request.get_data())


def read_content() -> Any:
    """The request's JSON."""
    if flask.request.mimetype != "application/json":
        raise Problem(415, "Unsupported Media Type", "Send application/json.")
    try:
        return orjson.loads(flask.request.get_data())
    except orjson.JSONDecodeError as error:
        raise Problem(400, "Not JSON", f"The body is not JSON: {error}.") from None
