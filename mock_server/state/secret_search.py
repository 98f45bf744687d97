"""Secrets found in a text however they are written: escapes are taken off layer by layer, and found again beneath them.

Text that was escaped sign by sign, by several writers and only in part, has no form that could be listed. So the text
is unescaped instead, each layer remembers where its signs came from, and what is found in any layer is replaced in
the text itself.
"""

from __future__ import annotations

import base64
import html
import re
import zlib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator

from mock_server.state.form_search import FormSearch, Span
from mock_server.state.secret_codes import find_codes, spell_out
from mock_server.state.secret_forms import ANYWHERE_LENGTH, find_forms, pattern_of

MAX_LAYERS = 5
"""How often a text is unescaped: JSON in JSON in a URL, and once more."""

SQUEEZED_LENGTH, LONG_LENGTH = 12, 20
"""Letters and digits from which a form is searched for with all other signs left out, from the first where it has
both, from the second always: shorter words that happen to stand side by side are no secret."""

MAX_UNPACKED = 65_536

# Each alternative stands for one sign or a run of bytes, and begins with a sign of its own: so all other text is
# passed over quickly. What is no valid escape stays as it is.
_ESCAPE = re.compile(
    r"%(?:[0-9a-fA-F]{2}(?:%[0-9a-fA-F]{2})*|u[0-9a-fA-F]{4})"
    r"|\\(?:x[0-9a-fA-F]{2}(?:\\x[0-9a-fA-F]{2})*"
    r"|u[0-9a-fA-F]{4}(?:\\u[0-9a-fA-F]{4})*|u\{[0-9a-fA-F]{1,6}\}|U[0-9a-fA-F]{8}"
    r"|[0-7]{1,3}(?:\\[0-7]{1,3})*|[nrtbf]|[^\s\w])"
    r"|&(?:(?:amp;)*#(?:[xX][0-9a-fA-F]{1,8}|[0-9]{1,8});?|[A-Za-z][A-Za-z0-9]{1,31};)"
    r"|=[0-9a-fA-F]{2}(?:=[0-9a-fA-F]{2}){3,}",
)
_BETWEEN = (
    *range(0x30),
    *range(0x3A, 0x41),
    *range(0x5B, 0x61),
    *range(0x7B, 0x80),
    0xA0,
    0x200B,
    0x200C,
    0x200D,
    0xFEFF,
)
_NO_SIGNS = dict.fromkeys(_BETWEEN)
_SIGNS = re.compile(f"[{''.join(re.escape(chr(number)) for number in _BETWEEN)}]+")
_GZIP = re.compile(r"H4sI[A-Za-z0-9+/_\\-]{16,}={0,2}")


class Layer:
    """A text made of another one, which knows where each of its signs came from."""

    def __init__(self, text: str, pattern: re.Pattern[str], replace: Callable[[re.Match[str]], list[tuple[str, int]]]):
        pieces: list[str] = []
        self._starts: list[int] = [0]
        self._places: list[tuple[int, int, int]] = [(0, 0, 0)]  # the end in this text, then the place in the other one
        done = length = 0
        for match in pattern.finditer(text):
            pieces.append(text[done : match.start()])
            length += match.start() - done
            at = match.start()
            for made, width in replace(match):
                self._starts.append(length)
                self._places.append((length + len(made), at, at + width))
                pieces.append(made)
                length += len(made)
                at += width
            done = match.end()
        self.is_changed = done > 0
        self.text = "".join([*pieces, text[done:]])

    def to_source(self, span: Span) -> Span:
        """Where a span of this text stands in the other one."""
        return self._place(span[0])[0], self._place(span[1] - 1)[1]

    def _place(self, at: int) -> Span:
        n = bisect_right(self._starts, at) - 1
        end, start_before, end_before = self._places[n]
        if at < end:
            return start_before, end_before
        return end_before + at - end, end_before + at - end + 1


def _unescape(match: re.Match[str]) -> list[tuple[str, int]]:
    """What an escape stands for, sign by sign, each with the number of signs it was written in."""
    text = match[0]
    if text[0] == "&":
        return [(html.unescape(re.sub("^&(?:amp;)+", "&", text)), len(text))]
    if text[:2] == "%u" or text[:2] == "\\U" or text[:3] == "\\u{":
        return [(_sign(int(text[2:].strip("{}"), 16)), len(text))]
    if text[:2] == "\\u":
        units = [int(unit, 16) for unit in text.split("\\u")[1:]]
        both = b"".join(unit.to_bytes(2, "big") for unit in units).decode("utf-16-be", "surrogatepass")
        return [(sign, 12 if ord(sign) > 0xFFFF else 6) for sign in both]
    if text[0] == "\\" and text[1] not in "x01234567":
        return [("\n" if text[1] in "nrtbf" else text[1], 2)]
    return _of_bytes(text, match)


def _of_bytes(text: str, match: re.Match[str]) -> list[tuple[str, int]]:
    """A run of bytes, each written as two hexadecimal digits or up to three octal ones, as the text it encodes."""
    if text[0] == "\\" and text[1] != "x":
        numbers = text.split("\\")[1:]
        raw, widths = bytes(int(number, 8) & 0xFF for number in numbers), [len(number) + 1 for number in numbers]
    else:
        width = 4 if text[0] == "\\" else 3
        raw = bytes.fromhex("".join(text[at + width - 2 : at + width] for at in range(0, len(text), width)))
        widths = [width] * len(raw)
    signs = _read(raw)
    made, at = [], 0
    for sign, number in signs:
        made.append((sign, sum(widths[at : at + number])))
        at += number
    return made


def _read(raw: bytes) -> list[tuple[str, int]]:
    """Bytes as UTF-8, or as Latin-1 where they are none: signs, each with the number of its bytes."""
    try:
        return [(sign, len(sign.encode())) for sign in raw.decode()]
    except UnicodeDecodeError:
        return [(sign, 1) for sign in raw.decode("latin-1")]


def _sign(number: int) -> str:
    return chr(number) if number < 0x110000 else "\N{REPLACEMENT CHARACTER}"


def _leave_out(match: re.Match[str]) -> list[tuple[str, int]]:
    return [("", len(match[0]))]


def _lower(text: str) -> str:
    """In lower case, sign for sign: a few capital letters become two small ones, and would move all that follows."""
    low = text.lower()
    return low if len(low) == len(text) else "".join(s.lower() if len(s.lower()) == 1 else s for s in text)


class SecretSearch:
    """Finds secrets in any text: plain, escaped in any way and several times over, spelled out, encoded, packed."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets: set[str] = set()
        self._fresh: set[str] = set()
        self._short: set[str] = set()
        self._alone: re.Pattern[str] | None = None
        self._plain, self._squeezed = FormSearch(), FormSearch()
        self.add(secrets)

    def add(self, secrets: Iterable[str]) -> None:
        """Search for more secrets from now on. Their forms are made when a text is next searched."""
        # Who signs each request adds a secret with each: to make all forms anew would take longer each time.
        self._fresh |= set(secrets) - self._secrets

    def _make_forms(self) -> None:
        forms = {_lower(form) for secret in self._fresh for form in _forms_of(secret)}
        self._secrets |= self._fresh
        self._fresh = set()
        short = {form for form in forms if len(form) < ANYWHERE_LENGTH}
        if not short <= self._short:
            self._short |= short
            self._alone = re.compile("|".join(map(pattern_of, sorted(self._short, key=len, reverse=True))))
        # What is distinct is found wherever its letters and digits follow each other; all else as it is spelled.
        by_squeezed = {form: form.translate(_NO_SIGNS) for form in forms - short}
        distinct = {squeezed for squeezed in by_squeezed.values() if _is_distinct(squeezed)}
        plain = {form for form, squeezed in by_squeezed.items() if squeezed not in distinct}
        self._plain.add([*plain, *(spelled for form in plain for spelled in spell_out(form))])
        self._squeezed.add(distinct)

    def hide(self, text: str, mark: str) -> str:
        """The text with a mark in place of every secret."""
        if self._fresh:
            self._make_forms()
        if not self._secrets:
            return text
        pieces, done = [], 0
        for start, end in _join(self._find(text)):
            pieces += [text[done:start], mark]
            done = end
        return "".join([*pieces, text[done:]]) if pieces else text

    def _find(self, text: str) -> Iterator[Span]:
        layers: list[Layer] = []
        for _ in range(MAX_LAYERS):
            for span in (*self._find_plain(text), *self._find_squeezed(text), *self._find_packed(text)):
                yield _to_text(layers, span)
            layer = Layer(text, _ESCAPE, _unescape)
            if not layer.is_changed:
                return
            layers.append(layer)
            text = layer.text

    def _find_plain(self, text: str) -> Iterator[Span]:
        low = _lower(text)
        yield from self._plain.find(low)
        if self._alone:
            yield from (match.span() for match in self._alone.finditer(low))

    def _find_squeezed(self, text: str) -> Iterator[Span]:
        spans = list(self._squeezed.find(_lower(text.translate(_NO_SIGNS))))
        if spans:  # where the signs came from is worked out for what is there to be hidden only
            yield from map(Layer(text, _SIGNS, _leave_out).to_source, spans)

    def _find_packed(self, text: str) -> Iterator[Span]:
        """Runs of base64 that are gzip: what is in them has no form of its own."""
        for match in _GZIP.finditer(text):
            known = match[0].replace("-", "+").replace("_", "/").rstrip("=")
            try:
                raw = base64.b64decode(known + "=" * (-len(known) % 4))
                inside = zlib.decompressobj(31).decompress(raw, MAX_UNPACKED).decode("latin-1")
            except (ValueError, zlib.error):
                continue
            if any((*self._find_plain(inside), *self._find_squeezed(inside))):
                yield match.span()


def _forms_of(secret: str) -> Iterator[str]:
    yield from find_forms(secret)
    if len(secret) >= ANYWHERE_LENGTH:
        yield from find_codes(secret)


def _is_distinct(form: str) -> bool:
    is_mixed = not form.isalpha() and not form.isdecimal()
    return len(form) >= (SQUEEZED_LENGTH if is_mixed else LONG_LENGTH)


def _to_text(layers: list[Layer], span: Span) -> Span:
    for layer in reversed(layers):
        span = layer.to_source(span)
    return span


def _join(spans: Iterable[Span]) -> Iterator[Span]:
    """Spans in their order, those that touch as one."""
    current: Span | None = None
    for span in sorted(spans):
        if current and span[0] <= current[1]:
            current = current[0], max(current[1], span[1])
        else:
            if current:
                yield current
            current = span
    if current:
        yield current
