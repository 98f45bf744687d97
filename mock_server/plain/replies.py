"""A documented response of an operation: its media types, its documented examples, its headers."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any

from mock_server.contract import Operation
from mock_server.messages import Headers
from mock_server.openapi import Located, find_content_type, is_json
from mock_server.plain.contract import PlainOperation, choose_json
from mock_server.plain.envelopes import Kit
from mock_server.plain.plans import find_examples

OF_THE_SERVER = frozenset(
    (
        "content-type",
        "content-length",
        "transfer-encoding",
        "connection",
        "date",
        "content-encoding",
        "link",
        "location",
        "etag",
    ),
)
"""Headers that the server or the page makes, whatever a document says of them."""


_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""The name of a header (RFC 9110, 5.1); any other is documented in vain."""


def has_header(response: Mapping[str, Any], name: str) -> bool:
    """Whether a response documents a header; its name in lower case."""
    listed = response.get("headers")
    return isinstance(listed, Mapping) and name in map(str.lower, map(str, listed))


class DocumentedReply:
    """What is documented of one response, found when it is first asked; `written` is its status in the document."""

    def __init__(self, kit: Kit, operation: Operation, plain: PlainOperation, written: str, status: int) -> None:
        self._kit, self._operation = kit, operation
        self.located = kit.document.find_responses(plain.documented).get(written) or Located("", {})
        self.status = status
        self.content = kit.document.find_content(self.located)
        self.media_type, self.body = choose_json(kit.document, self.located)

    @functools.cached_property
    def json_type(self) -> str:
        """The Content-Type of a body that is one JSON text; empty where it is anything else."""
        sent = find_content_type(self.media_type)
        return sent if is_json(sent.partition(";")[0].strip().lower()) else ""

    @functools.cached_property
    def examples(self) -> dict[str, Any]:
        """The documented bodies that obey their schema, by name."""
        if self.body is None:
            return {}
        known = find_examples(self._kit.document, self.located.node, self.media_type)
        schema = self.body.node
        return {name: value for name, value in known.items() if self._kit.validators.is_valid(schema, value)}

    @functools.cached_property
    def headers(self) -> Headers:
        """The documented headers with values of their schemas, but for those that change from answer to answer."""
        listed = self.located.node.get("headers")
        named = {str(name): each for name, each in listed.items()} if isinstance(listed, Mapping) else {}
        usable = {n: each for n, each in named.items() if _NAME.fullmatch(n) and n.lower() not in OF_THE_SERVER}
        written = {name.lower(): self._write_header(name, each) for name, each in usable.items()}
        return tuple((name, text) for name, text in written.items() if text)

    def has(self, name: str) -> bool:
        """Whether a header is documented; its name in lower case."""
        return has_header(self.located.node, name)

    def _write_header(self, name: str, written: Any) -> str:
        node = self._kit.document.resolve(written)
        node = node if isinstance(node, Mapping) else {}
        if "example" in node and isinstance(node["example"], str | int):
            value: Any = node["example"]
        else:
            value = self._kit.sampler.sample(node.get("schema", {}), f"{self._operation.id}/header/{name}", name=name)
        value = ",".join(map(str, value)) if isinstance(value, list) else value
        if isinstance(value, bool):
            value = "true" if value else "false"
        text = "" if isinstance(value, dict) or value is None else str(value)
        return text if text.isprintable() and text.isascii() else ""
