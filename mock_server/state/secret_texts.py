"""Secrets found by their names in what a client sends: queries, forms, JSON, XML, multipart and plain text.

Nothing is parsed and written anew: only values under secret names are replaced, and all the rest stays as it was sent.
What is malformed is read as far as it goes; in doubt more is hidden, never less.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import quote, unquote_plus

from mock_server.state.secret_names import decode_name

MAX_DEPTH = 3
"""How many texts within texts are looked into: JSON in a JSON string, a URL in a parameter."""

# What follows reads what anybody may send, and takes a time that grows as the text does, no faster: nothing is tried
# at every place of a long word, and what is not closed goes to the end. Mind that in every change.
_PAIR = re.compile(r"(?<![^&])([^&=]*)=([^&]*)")
_INNER_NAME = re.compile(r";([^;=]*)=")
_LINE = re.compile(r"^([^\n:=]{1,200})([:=][ \t]*)(\S[^\n]*)$", re.MULTILINE)
_JSON = re.compile(r"""("(?:[^"\\]|\\.)*"?|[^\s{}\[\]:,"]+)(\s*:)?|[{}\[\]:,]""", re.DOTALL)
_XML = re.compile(r"""<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<(?:[^>"']|"[^"]*"|'[^']*')*>?|[^<]+""", re.DOTALL)
_TAG = re.compile(r"<(/?)([\w:.-]+)")
_ATTRIBUTE = re.compile(r"""(?<![\w:.-])([\w:.-]+)(\s*=\s*)("[^"]*"|'[^']*'|[^\s"'>]+)""")
_PART_NAME = re.compile(r"""\bname(\*?)\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^\s;]+))""", re.IGNORECASE)
_BOUNDARY = re.compile(r"""boundary\s*=\s*(?:"([^"]+)"|([^\s;]+))""", re.IGNORECASE)


class Hiding(NamedTuple):
    """Which names are secrets', and what is written in place of a value."""

    is_secret: Callable[[str], bool]
    mark: Callable[[str], str]


def hide_in_query(text: str, hiding: Hiding, depth: int = 0) -> str:
    """A query or a form: `a=1&token=…`; a value may be a URL or a JSON text of its own."""

    def replace(pair: re.Match[str]) -> str:
        name, value = pair[1], pair[2]
        if hiding.is_secret(name):
            return f"{name}={hiding.mark(unquote_plus(value))}"
        for inner in _INNER_NAME.finditer(value):  # a semicolon once separated parameters, and some still read it so
            if hiding.is_secret(inner[1]):
                return f"{name}={value[: inner.end()]}{hiding.mark(unquote_plus(value[inner.end() :]))}"
        return f"{name}={_hide_encoded(value, hiding, depth)}"

    return _PAIR.sub(replace, text) if "=" in text else text


def _hide_encoded(value: str, hiding: Hiding, depth: int) -> str:
    decoded = decode_name(value)
    if depth >= MAX_DEPTH or not any(sign in decoded for sign in "={<"):
        return value
    hidden = hide_in_text(decoded, hiding, depth=depth + 1)
    return value if hidden == decoded else quote(hidden, safe="[] /:?")


def hide_in_url(url: str, hiding: Hiding) -> str:
    """A URL: its query, its fragment, the parameters of its path, and whom it names before an `@`."""
    # OAuth hands tokens over behind the `#`, and `https://user:password@host` is still written in configurations.
    url = re.sub(r"(//)([^/?#@]+)@", lambda user: f"//{hiding.mark(user[2])}@", url)
    place = min((at for at in (url.find("?"), url.find("#")) if at >= 0), default=len(url))
    path = hide_in_path(url[:place], hiding)
    pieces = re.split(r"([?#])", url[place:])
    return path + "".join(hide_in_query(piece, hiding) for piece in pieces)


def hide_in_path(path: str, hiding: Hiding) -> str:
    """A path whose segments have parameters: `/clients;token=…/1`."""

    def replace(pair: re.Match[str]) -> str:
        return f";{pair[1]}={hiding.mark(pair[2])}" if hiding.is_secret(pair[1]) else pair[0]

    return re.sub(r";([^=/;]*)=([^/;]*)", replace, path) if ";" in path else path


def hide_in_text(text: str, hiding: Hiding, media_type: str = "", depth: int = 0) -> str:
    """A body, by what it looks like rather than by what it is called: a wrong media type hides nothing."""
    start = text.lstrip("\ufeff \t\r\n")[:2]  # some editors write a mark of byte order before all else
    boundary = _BOUNDARY.search(media_type)
    if depth < MAX_DEPTH and (boundary or (start == "--" and "form-data" in text)):
        mark = f"--{boundary[1] or boundary[2]}" if boundary else text.lstrip().splitlines()[0].rstrip()
        if mark in text:
            return _hide_in_parts(text, mark, hiding, depth)
    if start[:1] in ("{", "["):
        return _hide_in_json(text, hiding, depth)
    if start[:1] == "<":
        return _hide_in_xml(text, hiding)
    return _hide_in_plain(text, hiding, depth)


def _hide_in_plain(text: str, hiding: Hiding, depth: int) -> str:
    """Text of no known kind: pairs, lines such as `password: …`, and JSON somewhere within."""
    # One after the other: each touches its own syntax only, and what is of several kinds is hidden by each.
    text = hide_in_query(text, hiding, depth)
    text = _LINE.sub(
        lambda line: line[1] + line[2] + hiding.mark(line[3]) if hiding.is_secret(line[1]) else line[0],
        text,
    )
    return _hide_in_json(text, hiding, depth) if '"' in text or "{" in text else text


class _Token(NamedTuple):
    text: str
    is_name: bool
    start: int
    end: int


def _tokens(text: str) -> Iterator[_Token]:
    for match in _JSON.finditer(text):
        scalar = match[1]
        yield _Token(scalar or match[0], bool(match[2]), match.start(), match.end(1) if scalar else match.end())


def _hide_in_json(text: str, hiding: Hiding, depth: int) -> str:
    """Every scalar under a secret name, however deep; also where the text is cut off or no JSON at all."""
    pieces, done = [], 0
    level: int | None = None  # how many brackets are open inside a secret's value; None outside of one
    for token in _tokens(text):
        if token.text in ("{", "["):
            level = None if level is None else level + 1
        elif token.text in ("}", "]"):
            level = level - 1 if level and level > 1 else None
        elif token.text == ",":
            level = level or None
        elif level is None and token.is_name:
            level = 0 if hiding.is_secret(_read_string(token.text)) else None
        elif token.text != ":" and not (token.is_name and level and token.text[:1] == '"'):
            pieces += [text[done : token.start], _hide_scalar(token.text, hiding, level is not None, depth)]
            done = token.end
    return "".join([*pieces, text[done:]])


def _hide_scalar(token: str, hiding: Hiding, is_secret: bool, depth: int) -> str:
    if is_secret:
        return json.dumps(hiding.mark(_read_string(token)))
    if token[:1] != '"' or depth >= MAX_DEPTH or not any(sign in token for sign in '={<\\%"'):
        return token
    value = _read_string(token)
    hidden = hide_in_text(value, hiding, depth=depth + 1) if any(sign in value for sign in "={<") else value
    return token if hidden == value else json.dumps(hidden)


def _read_string(token: str) -> str:
    """The text of a JSON string, also of one that is cut off or wrongly escaped."""
    if token[:1] != '"':
        return token
    # Bodies are cut at a bound, perhaps in the middle of a text; what is there of it is still a secret.
    closed = token if len(token) > 1 and token.endswith('"') else f'{token}"'
    try:
        value: str = json.loads(closed, strict=False)
    except ValueError:
        return token.strip('"')
    return value


def _hide_in_xml(text: str, hiding: Hiding) -> str:
    """The text inside elements of secret names, their attributes, and all attributes of secret names."""
    pieces, inside, level = [], "", 0  # the secret element that we are in, and how many of its name are open
    for match in _XML.finditer(text):
        piece, tag = match[0], _TAG.match(match[0])
        if tag and tag[1]:
            level -= tag[2] == inside
            inside = inside if level > 0 else ""
        elif tag:
            is_secret = bool(inside) or _is_secret_element(tag[2], piece, hiding)
            piece = _hide_attributes(piece, hiding, is_secret)
            if is_secret and not piece.rstrip().endswith("/>"):
                inside = inside or tag[2]
                level += tag[2] == inside
        elif inside and piece.strip():
            piece = hiding.mark(html.unescape(piece.strip().removeprefix("<![CDATA[").removesuffix("]]>")))
        elif "=" in piece:
            piece = hide_in_query(piece, hiding, MAX_DEPTH)
        pieces.append(piece)
    return "".join(pieces)


def _is_secret_element(name: str, tag: str, hiding: Hiding) -> bool:
    """By its own name, or by the name it is given: `<param name="password">`."""
    given = (each[3].strip("\"'") for each in _ATTRIBUTE.finditer(tag) if each[1].lower() in ("name", "key", "id"))
    return hiding.is_secret(name) or any(hiding.is_secret(html.unescape(value)) for value in given)


def _hide_attributes(tag: str, hiding: Hiding, is_secret: bool) -> str:
    def replace(attribute: re.Match[str]) -> str:
        name, value = attribute[1], attribute[3].strip("\"'")
        names = name.lower() in ("name", "id", "type") or (name.lower() == "key" and hiding.is_secret(value))
        named = names or name.startswith("xmlns")  # it says what the element is, and holds nothing
        if (is_secret and not named) or (not named and hiding.is_secret(name)):
            return f'{name}{attribute[2]}"{hiding.mark(html.unescape(value))}"'
        return attribute[0]

    return _ATTRIBUTE.sub(replace, tag)


def _hide_in_parts(text: str, boundary: str, hiding: Hiding, depth: int) -> str:
    """A multipart body: the whole content of a part with a secret name, and what the other parts hold."""
    return boundary.join(_hide_in_part(part, hiding, depth) for part in text.split(boundary))


def _hide_in_part(part: str, hiding: Hiding, depth: int) -> str:
    blank = re.search(r"\r?\n\r?\n", part)
    if not blank:
        return _hide_in_plain(part, hiding, depth)
    head, content = part[: blank.end()], part[blank.end() :]
    name = _PART_NAME.search(head)
    if name and hiding.is_secret(_read_part_name(name)):
        return head + hiding.mark(content.rstrip("\r\n")) + "\r\n"
    media = re.search(r"(?im)^content-type:(.*)$", head)
    return head + hide_in_text(content, hiding, media[1] if media else "", depth + 1)


def _read_part_name(name: re.Match[str]) -> str:
    text = name[2] if name[2] is not None else name[3]
    return text.rpartition("'")[2] if name[1] else re.sub(r"\\(.)", r"\1", text)
