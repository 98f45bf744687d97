"""Bodies in parts (RFC 7578), as clients write them, and what is none."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from mock_server.inputs import NOTHING
from tests.inputs.readers import COLORS, INTEGER, RGB, STRING, Node, read_body, sentences

TYPE = "multipart/form-data; boundary=mark"
FILE = {"type": "string", "format": "binary"}

UPLOAD: Node = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": FILE,
        "files": {"type": "array", "items": FILE},
        "size": INTEGER,
        "name": STRING,
        "rgb": RGB,
        "colors": COLORS,
    },
}


def parts(*written: tuple[str, str]) -> bytes:
    """A body of parts: each has what stands in its Content-Disposition behind `form-data`, with more headers, and its content."""
    return (
        b"".join(f"--mark\r\nContent-Disposition: form-data{head}\r\n\r\n{text}\r\n".encode() for head, text in written)
        + b"--mark--\r\n"
    )


FILE_PART = ('; name="file"; filename="a.txt"\r\nContent-Type: text/plain', "line\r\nline\r\n")

READ: dict[str, tuple[bytes, dict[str, Any]]] = {
    "a file": (parts(FILE_PART), {}),
    "an empty file": (parts(('; name="file"; filename=""', "")), {"file": ""}),
    "typed fields": (parts(FILE_PART, ('; name="size"', "7"), ('; name="name"', "7")), {"size": 7, "name": "7"}),
    "an object as JSON": (
        parts(FILE_PART, ('; name="rgb"\r\nContent-Type: application/json', '{"R": 1}')),
        {"rgb": {"R": 1}},
    ),
    "an object that is not said to be JSON": (parts(FILE_PART, ('; name="rgb"', '{"R": 1}')), {"rgb": {"R": 1}}),
    "several parts of one name": (
        parts(FILE_PART, ('; name="colors"', "a"), ('; name="colors"', "b")),
        {"colors": ["a", "b"]},
    ),
    "one part of a list": (parts(FILE_PART, ('; name="colors"', "a")), {"colors": ["a"]}),
    "a list of files": (
        parts(FILE_PART, ('; name="files"; filename="1"', "x"), ('; name="files"; filename="2"', "y")),
        {"files": ["x", "y"]},
    ),
    "an object with brackets": (
        parts(FILE_PART, ('; name="rgb[R]"', "1"), ('; name="rgb[G]"', "2")),
        {"rgb": {"R": 1, "G": 2}},
    ),
    "a list with brackets": (
        parts(FILE_PART, ('; name="colors[]"', "a%"), ('; name="colors[]"', "b")),
        {"colors": ["a%", "b"]},
    ),
    "what is not documented": (parts(FILE_PART, ('; name="other"', "7")), {"other": "7"}),
    "a name without quotes": (parts(FILE_PART, ("; name=name", "x")), {"name": "x"}),
    "a name with quotes in it": (parts(FILE_PART, ('; name="a\\"b"', "x")), {'a"b': "x"}),
    "headers in lower case, a name that is no ASCII": (
        parts(FILE_PART, ('; NAME="größe"\r\nx-more: 1', "x")),
        {"größe": "x"},
    ),
    "line feeds alone": (parts(FILE_PART).replace(b"\r\n", b"\n"), {"file": "line\nline\n"}),
    "something before and behind": (b"hello\r\n" + parts(FILE_PART) + b"bye", {}),
}


@pytest.mark.parametrize("row", READ.values(), ids=READ)
def test_parts_are_read_by_their_schema(row: tuple[bytes, dict[str, Any]]) -> None:
    body, expected = row
    values = read_body(UPLOAD, "multipart/form-data", body, TYPE)
    assert (values.body, sentences(values)) == ({"file": "line\r\nline\r\n", **expected}, [])
    assert values.media_type == "multipart/form-data"


def test_bytes_of_a_file_are_kept_as_text() -> None:
    data = bytes(range(256))
    body = b'--mark\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n' + data + b"\r\n--mark--"
    assert read_body(UPLOAD, "multipart/form-data", body, TYPE).body["file"].encode("latin-1") == data


def test_what_a_client_library_writes_is_read() -> None:
    files: Any = [("file", ("å.bin", b"\x00\r\n--x", "image/png")), ("files", ("b", b"2")), ("files", ("c", b"3"))]
    request = requests.Request("POST", "http://x/", files=files, data={"size": "7", "colors": ["a", "b"]}).prepare()
    assert isinstance(request.body, bytes)
    values = read_body(UPLOAD, "multipart/form-data", request.body, request.headers["Content-Type"])
    assert values.body == {"size": 7, "colors": ["a", "b"], "file": "\x00\r\n--x", "files": ["2", "3"]}
    assert values.problems == ()


BROKEN: dict[str, tuple[bytes, str, str]] = {
    "no boundary": (parts(FILE_PART), "multipart/form-data", "names no boundary in its Content-Type"),
    "another boundary": (parts(FILE_PART), "multipart/form-data; boundary=other", "has no closing boundary"),
    "no end": (parts(FILE_PART)[:-10], TYPE, "has no closing boundary"),
    "a part without headers": (b"--mark\r\nx\r\n--mark--", TYPE, "has a part without headers"),
    "a part without a name": (parts(("", "x")), TYPE, "has a part without a name"),
    "a head without end": (
        b"--mark\r\n" + b"X: 1\r\n" * 5000 + b"\r\n\r\n\r\n--mark--",
        TYPE,
        "has a part without headers",
    ),
    "too many parts": (parts(*[('; name="a"', "")] * 1001), TYPE, "has more than 1,000 parts"),
    "JSON": (b"{}", TYPE, "has no closing boundary"),
}


@pytest.mark.parametrize("row", BROKEN.values(), ids=BROKEN)
def test_what_is_not_made_of_parts_is_refused(row: tuple[bytes, str, str]) -> None:
    body, sent, sentence = row
    values = read_body(UPLOAD, "multipart/form-data", body, sent)
    assert (values.body, sentences(values)) == (NOTHING, [f"body: {sentence}"])


def test_a_missing_file_is_named() -> None:
    assert sorted(sentences(read_body(UPLOAD, "multipart/form-data", parts(('; name="size"', "x")), TYPE))) == [
        "body /file: is required",
        "body /size: must be an integer",
    ]
