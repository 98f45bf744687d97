"""A body in parts (RFC 7578), read within bounds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

MAX_PARTS = 1_000
MAX_HEAD = 8 * 1024
"""Bytes of the headers of one part."""

_BOUNDARY = re.compile(r'boundary=(?:"([^"]{1,70})"|([^\s;,"]{1,70}))', re.IGNORECASE)
_PARAMETER = re.compile(r';\s*([a-z*]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))', re.IGNORECASE)


class Part(NamedTuple):
    """One part: the field's name, its file's name where it has one, its media type, and its bytes as text."""

    name: str
    file_name: str
    media_type: str
    text: str


def read_parts(body: bytes, content_type: str) -> Iterator[Part]:
    """Every part of a body in the order sent.

    Raises ValueError with a sentence where the body is not made of parts.
    """
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise ValueError("names no boundary in its Content-Type")
    mark = b"--" + (found[1] or found[2]).encode("latin-1", "replace")
    # The line break before a boundary is the boundary's; some clients end their lines with a line feed alone.
    line_break = b"\r\n" if b"\r\n" in body else b"\n"
    pieces = (line_break + body).split(line_break + mark, MAX_PARTS + 2)[1:]
    closed = False
    for number, piece in enumerate(pieces):
        if piece.startswith(b"--"):
            closed = True
            break
        if number >= MAX_PARTS:
            raise ValueError(f"has more than {MAX_PARTS:,} parts")
        yield _read_part(piece)
    if not closed:
        raise ValueError("has no closing boundary")


def _read_part(piece: bytes) -> Part:
    head, blank, content = piece.partition(b"\r\n\r\n")
    if not blank:
        head, blank, content = piece.partition(b"\n\n")
    if not blank or len(head) > MAX_HEAD:
        raise ValueError("has a part without headers")
    headers = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in head.decode("utf-8", "replace").splitlines())
    }
    said = {
        key.lower(): re.sub(r"\\(.)", r"\1", quoted) if quoted else bare
        for key, quoted, bare in _PARAMETER.findall(headers.get("content-disposition", ""))
    }
    if "name" not in said:
        raise ValueError("has a part without a name")
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    return Part(said["name"], said.get("filename", ""), media_type, _decode(content))


def _decode(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1")
