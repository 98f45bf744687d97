"""The body of a request: which documented media type it is sent as, and what it says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mock_server.inputs.forms import read_form, read_multipart
from mock_server.inputs.json_text import read_json
from mock_server.inputs.media import Media, find_documented, find_media, is_form, is_xml, read_content_type
from mock_server.inputs.scalars import read_scalar
from mock_server.inputs.shapes import Shapes
from mock_server.inputs.values import NOTHING, InputProblem, Problems
from mock_server.inputs.xml_body import read_xml
from mock_server.openapi import Document, DocumentOperation, Validators, is_json

MAX_TYPES_SAID = 6

ReadBytes = Callable[[bytes, str, Media, Shapes], tuple[Any, bool]]
"""Body and Content-Type to the body's value, and whether that is to be validated. Raises ValueError with a sentence."""


def compile_body(
    document: Document,
    operation: DocumentOperation,
    shapes: Shapes,
    validators: Validators,
) -> Callable[[bytes, str, Problems], tuple[Any, str]] | None:
    """The reader of an operation's body: bytes and Content-Type to value and media type; None without a body."""
    located = document.find_body(operation)
    if located is None:
        return None
    documented = find_media(document, operation)
    is_required = located.node.get("required") is True

    def read(body: bytes, content_type: str, problems: Problems) -> tuple[Any, str]:
        sent = read_content_type(content_type)[0]
        if not body and not _may_be_empty(sent, documented):
            if is_required:
                problems.append(InputProblem("invalid", "body", "", "a body is required"))
            return NOTHING, ""
        if not documented:
            return body, sent
        media = find_documented(content_type, documented) if sent else documented[0]
        if media is None:
            problems.append(InputProblem("unsupported_media", "body", "", _say_types(sent, documented)))
            return NOTHING, sent
        kind = sent or ("application/json" if "*" in media.name or "/" not in media.name else media.name)
        try:
            value, is_checked = _find_reader(kind)(body, content_type, media, shapes)
        except ValueError as error:
            problems.append(InputProblem("invalid", "body", "", str(error)))
            return NOTHING, kind
        for pointer, sentence in validators.find_problems(media.schema, value, "request") if is_checked else ():
            problems.append(InputProblem("invalid", "body", pointer, sentence))
        return value, kind

    return read


def _may_be_empty(sent: str, documented: list[Media]) -> bool:
    """Whether no bytes are a body: a form without fields, an empty text, an empty file."""
    has_none = is_json(sent) or is_xml(sent) or sent.startswith("multipart/")
    return bool(sent) and not has_none and find_documented(sent, documented) is not None


def _say_types(sent: str, documented: list[Media]) -> str:
    names = [media.name for media in documented]
    more = ", ..." if len(names) > MAX_TYPES_SAID else ""
    return f"{sent[:100]} cannot be read, but {', '.join(names[:MAX_TYPES_SAID])}{more}"


def _find_reader(kind: str) -> ReadBytes:
    if is_json(kind):
        return _read_json
    if is_form(kind):
        return _read_form
    if kind.startswith("multipart/"):
        return _read_multipart
    if is_xml(kind):
        return _read_xml
    return _read_text if kind.startswith("text/") else _read_bytes


def _read_json(body: bytes, content_type: str, media: Media, shapes: Shapes) -> tuple[Any, bool]:
    return read_json(body), True


def _read_form(body: bytes, content_type: str, media: Media, shapes: Shapes) -> tuple[Any, bool]:
    if shapes.find(media.schema).types == {"string"}:  # a form that is documented as one text
        return _read_text(body, content_type, media, shapes)
    return read_form(body, media.schema, media.encoding, shapes), True


def _read_multipart(body: bytes, content_type: str, media: Media, shapes: Shapes) -> tuple[Any, bool]:
    return read_multipart(body, content_type, media.schema, shapes), True


def _read_xml(body: bytes, content_type: str, media: Media, shapes: Shapes) -> tuple[Any, bool]:
    return read_xml(read_text(body, content_type), media.schema, shapes), True


def _read_text(body: bytes, content_type: str, media: Media, shapes: Shapes) -> tuple[Any, bool]:
    shape = shapes.find(media.schema)
    return read_scalar(read_text(body, content_type), shape), shape.is_scalar


def _read_bytes(body: bytes, content_type: str, media: Media, shapes: Shapes) -> tuple[Any, bool]:
    return body, False


_CHARSETS = ("utf-8", "us-ascii", "iso-8859-1", "windows-1252")


def read_text(body: bytes, content_type: str) -> str:
    """A text in the charset that its Content-Type names, UTF-8 where it names none that is known.

    Raises ValueError with a sentence.
    """
    _, _, parameters = content_type.lower().partition("charset=")
    charset = parameters.partition(";")[0].strip(" \"'")
    try:
        return body.decode(charset if charset in _CHARSETS else "utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"is not {error.encoding.upper()} at byte {error.start}") from None
