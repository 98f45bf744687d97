"""The body of a request: which documented media type it is sent as, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from mock_server.inputs.forms import compile_form, compile_multipart
from mock_server.inputs.json_text import read_json
from mock_server.inputs.scalars import read_scalar
from mock_server.inputs.shapes import Shapes
from mock_server.inputs.values import NOTHING, InputProblem, Problems
from mock_server.inputs.xml_body import read_xml
from mock_server.openapi import Document, DocumentOperation, Validators, is_json

MAX_TYPES_SAID = 6

FORM = "application/x-www-form-urlencoded"

ReadBytes = Callable[[bytes, str], tuple[Any, bool]]
"""Body and Content-Type to its value, and whether that is to be validated. Raises ValueError with a sentence."""


class _Media(NamedTuple):
    """One documented media type: its name without parameters, its schema, and what it says of each property."""

    name: str
    schema: Any
    encoding: Mapping[str, Any]


def find_media_name(text: str) -> str:
    """A media type in lower case, without parameters."""
    return text.partition(";")[0].strip().lower()


def find_documented(sent: str, documented: list[_Media]) -> _Media | None:
    """The documented media type that a sent one is, or None: its own name, its family, then a range."""
    names: dict[str, _Media] = {media.name: media for media in reversed(documented)}
    if sent in names:
        return names[sent]
    for is_family in (is_json, _is_xml):
        # A patch says something else than what it patches, so it is none of the family.
        if is_family(sent) and "patch" not in sent:
            family = [media for media in documented if is_family(media.name) and "patch" not in media.name]
            if family:
                return family[0]
    ranges = (f"{sent.partition('/')[0]}/*", "*/*", "*")
    fitting = [names[name] for name in ranges if name in names]
    # What is no media type at all (`default`, `body`) cannot exclude one.
    fitting += [media for media in documented if "/" not in media.name]
    return fitting[0] if fitting else None


def _is_xml(name: str) -> bool:
    return name.endswith(("/xml", "+xml"))


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
    documented = [
        _Media(find_media_name(name), at.node, _find_encoding(located.node["content"].get(name)))
        for name, at in document.find_content(located).items()
    ]
    is_required = located.node.get("required") is True
    readers: dict[tuple[str, str], ReadBytes] = {}

    def read(body: bytes, content_type: str, problems: Problems) -> tuple[Any, str]:
        sent = find_media_name(content_type)
        if not body and not _may_be_empty(sent, documented):
            if is_required:
                problems.append(InputProblem("invalid", "body", "", "a body is required"))
            return NOTHING, ""
        if not documented:
            return body, sent
        media = find_documented(sent, documented) if sent else documented[0]
        if media is None:
            problems.append(InputProblem("unsupported_media", "body", "", _say_types(sent, documented)))
            return NOTHING, sent
        kind = sent or ("application/json" if "*" in media.name or "/" not in media.name else media.name)
        key = (kind, media.name)
        if key not in readers:
            reader = _find_reader(kind)(media, shapes)
            # A range lets clients send any number of names: those beyond a few are compiled each time.
            if len(readers) < 16:
                readers[key] = reader
        else:
            reader = readers[key]
        return _read_checked(reader, media, body, content_type, validators, problems), kind

    return read


def _find_encoding(media: Any) -> Mapping[str, Any]:
    encoding = media.get("encoding") if isinstance(media, Mapping) else None
    return encoding if isinstance(encoding, Mapping) else {}


def _may_be_empty(sent: str, documented: list[_Media]) -> bool:
    """Whether no bytes are a body: a form without fields, an empty text, an empty file."""
    has_none = is_json(sent) or _is_xml(sent) or sent.startswith("multipart/")
    return bool(sent) and not has_none and find_documented(sent, documented) is not None


def _say_types(sent: str, documented: list[_Media]) -> str:
    names = [media.name for media in documented]
    more = ", ..." if len(names) > MAX_TYPES_SAID else ""
    return f"{sent[:100]} cannot be read, but {', '.join(names[:MAX_TYPES_SAID])}{more}"


def _read_checked(
    read: ReadBytes,
    media: _Media,
    body: bytes,
    content_type: str,
    validators: Validators,
    problems: Problems,
) -> Any:
    try:
        value, is_checked = read(body, content_type)
    except ValueError as error:
        problems.append(InputProblem("invalid", "body", "", str(error)))
        return NOTHING
    for pointer, sentence in validators.find_problems(media.schema, value, "request") if is_checked else ():
        problems.append(InputProblem("invalid", "body", pointer, sentence))
    return value


def _find_reader(kind: str) -> Callable[[_Media, Shapes], ReadBytes]:
    if is_json(kind):
        return _compile_json
    if kind == FORM:
        return lambda media, shapes: compile_form(media.schema, media.encoding, shapes)
    if kind.startswith("multipart/"):
        return lambda media, shapes: compile_multipart(media.schema, media.encoding, shapes)
    if _is_xml(kind):
        return _compile_xml
    return _compile_text if kind.startswith("text/") else _compile_bytes


def _compile_json(media: _Media, shapes: Shapes) -> ReadBytes:
    return lambda body, content_type: (read_json(body), True)


def _compile_xml(media: _Media, shapes: Shapes) -> ReadBytes:
    return lambda body, content_type: (read_xml(read_text(body, content_type), media.schema, shapes), True)


def _compile_text(media: _Media, shapes: Shapes) -> ReadBytes:
    shape = shapes.find(media.schema)

    def read(body: bytes, content_type: str) -> tuple[Any, bool]:
        text = read_text(body, content_type)
        return read_scalar(text, shape), shape.is_scalar

    return read


def _compile_bytes(media: _Media, shapes: Shapes) -> ReadBytes:
    return lambda body, content_type: (body, False)


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
