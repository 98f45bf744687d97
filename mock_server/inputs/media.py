"""Which of an operation's documented media types a body is sent as."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from mock_server.openapi import Document, DocumentOperation, is_json

_OF_NO_WEIGHT = ("charset=", "boundary=")
"""Parameters that say how a body is written, and not what it is."""


class Media(NamedTuple):
    """One documented media type: its name, the parameters that distinguish it, its schema, and what it says of each
    property."""

    name: str
    parameters: frozenset[str]
    schema: Any
    encoding: Mapping[str, Any]


def find_media(document: Document, operation: DocumentOperation) -> list[Media]:
    """The media types of an operation's body in document order."""
    located = document.find_body(operation)
    if located is None:
        return []
    return [
        Media(*read_content_type(name), at.node, _find_encoding(located.node["content"].get(name)))
        for name, at in document.find_content(located).items()
    ]


def _find_encoding(media: Any) -> Mapping[str, Any]:
    encoding = media.get("encoding") if isinstance(media, Mapping) else None
    return encoding if isinstance(encoding, Mapping) else {}


def read_content_type(text: str) -> tuple[str, frozenset[str]]:
    """The name and the parameters that a Content-Type has, in lower case; how a body is written is left out."""
    name, *parameters = (piece.strip().lower() for piece in text.split(";"))
    return name, frozenset(each for each in parameters if each and not each.startswith(_OF_NO_WEIGHT))


def is_xml(name: str) -> bool:
    """Whether a media type is XML."""
    return name.endswith(("/xml", "+xml"))


def is_form(name: str) -> bool:
    """Whether a media type is a form in the form of a query, by its name or as it is often misspelt."""
    return name.startswith("application/x-www-form-url")


def find_documented(content_type: str, documented: list[Media]) -> Media | None:
    """The documented media type that a sent one is, or None: its own name, its family, then a range."""
    sent, parameters = read_content_type(content_type)
    same = [media for media in documented if media.name == sent]
    if same:
        # `application/json;simple` is another one than `application/json`, if it is documented.
        return max(same, key=lambda media: len(media.parameters & parameters) - len(media.parameters - parameters))
    for is_family in (is_json, is_xml, is_form):
        # A patch says something else than what it patches, so it is none of the family.
        if is_family(sent) and "patch" not in sent:
            family = [media for media in documented if is_family(media.name) and "patch" not in media.name]
            if family:
                return family[0]
    ranges = (f"{sent.partition('/')[0]}/*", "*/*", "*")
    fitting = [media for name in ranges for media in documented if media.name == name]
    # What is no media type at all (`default`, `body`) cannot exclude one.
    fitting += [media for media in documented if "/" not in media.name]
    return fitting[0] if fitting else None
