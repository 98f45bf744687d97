"""Any secret, written in any of the ways that programs write texts, is found; and what is no secret stays."""

from __future__ import annotations

import base64
import codecs
import gzip
import html
import json
import uuid
from collections.abc import Callable, Iterator
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.state import form_search, secret_search
from mock_server.state.secret_search import SecretSearch

Writer = Callable[[str], str]

PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))


def in_bytes(form: str) -> Writer:
    return lambda text: "".join(form.format(byte) for byte in text.encode())


def by_sign(form: str) -> Writer:
    return lambda text: "".join(form.format(ord(sign)) for sign in text)


def in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


ONCE: dict[str, Writer] = {
    "plain": str,
    "small": str.lower,
    "capital": str.upper,
    "percent": in_bytes("%{:02x}"),
    "percent, capital": in_bytes("%{:02X}"),
    "quoted": lambda text: quote(text, safe=""),
    "a form": quote_plus,
    "HTML": html.escape,
    "entities": by_sign("&#{};"),
    "hexadecimal entities": by_sign("&#x{:x};"),
    "capital entities": by_sign("&#X{:04X};"),
    "octal": in_bytes("\\{:o}"),
    "octal of three digits": in_bytes("\\{:03o}"),
    "\\x": in_bytes("\\x{:02x}"),
    "\\u": by_sign("\\u{:04x}"),
    "\\u{}": by_sign("\\u{{{:x}}}"),
    "quoted-printable": in_bytes("={:02X}"),
    "JSON": lambda text: json.dumps(text)[1:-1],
    "repr": repr,
    "hexadecimal": lambda text: text.encode().hex(),
    "capital hexadecimal": lambda text: text.encode().hex().upper(),
    "hexadecimal with colons": lambda text: text.encode().hex(":"),
    "a list of numbers": lambda text: json.dumps(list(text.encode())),
    "base64": in_base64,
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "base64 within": lambda text: in_base64(f"user:{text}@"),
    "base64 of UTF-16": lambda text: base64.b64encode(text.encode("utf-16-le")).decode(),
    "base64 of the other UTF-16": lambda text: base64.b64encode(text.encode("utf-16-be")).decode(),
    "UTF-16": lambda text: text.encode("utf-16-be").decode("latin-1"),
    "base32": lambda text: base64.b32encode(text.encode()).decode(),
    "gzip in base64": lambda text: base64.b64encode(gzip.compress(f"key={text}".encode(), mtime=0)).decode(),
    "backwards": lambda text: text[::-1],
    "spaced": " ".join,
    "with commas": ", ".join,
    "rot13": lambda text: codecs.encode(text, "rot13"),
}

ESCAPES = [name for name in ONCE if name.split()[0] in ("percent", "quoted", "entities", "\\x", "\\u", "JSON", "octal")]

TWICE: dict[str, Writer] = {
    **{f"{outer} of {inner}": lambda t, o=outer, i=inner: ONCE[o](ONCE[i](t)) for outer in ESCAPES for inner in ONCE},  # type: ignore[misc]
    "base64 of base64": lambda text: in_base64(in_base64(text)),
    "base64 of hexadecimal": lambda text: in_base64(text.encode().hex()),
    "hexadecimal of base64": lambda text: in_base64(text).encode().hex(),
    "base64 of a header": lambda text: in_base64(in_base64(f"user:{text}")),
    "base64 of percent": lambda text: in_base64(quote(text, safe="")),
    "base64, backwards": lambda text: in_base64(text)[::-1],
}

secrets = st.text(PRINTABLE, min_size=8, max_size=60).filter(lambda text: text == text.strip() and len(set(text)) > 3)


def is_told(secret: str, written: str, left: str) -> bool:
    """Whether what is left of a text still holds the core of what was written."""
    return len(written) >= 8 and written.lower()[2:-3] in left.lower() and secret.lower() not in "[redacted]"


EACH = {**ONCE, **TWICE}


def check(name: str, secret: str) -> None:
    """The secret is hidden in a text that holds it, written that way, and the rest stays."""
    written = EACH[name](secret)
    left = SecretSearch([secret]).hide(f"<before> {written} <zafter>", "[redacted]")
    assert left.startswith("<before>") and left.endswith("<zafter>"), (name, left)
    assert "[redacted]" in left and not is_told(secret, written, left), (name, left)


@pytest.mark.parametrize("name", ONCE)
def test_a_key_is_hidden_however_it_is_written(name: str) -> None:
    check(name, "EEFF0C85-1c2d-4a5b-9e8f-77aa66bb55cc")
    check(name, "S3cr3t/+\"<&>'zw~Q9%k")


@settings(max_examples=80, deadline=None)
@given(name=st.sampled_from(list(EACH)), secret=secrets | st.uuids().map(str) | st.uuids().map(lambda each: each.hex))
def test_any_secret_is_hidden_however_it_is_written(name: str, secret: str) -> None:
    check(name, secret)


@settings(max_examples=10, deadline=None)
@given(secret=st.uuids())
def test_a_uuid_is_hidden_without_its_dashes_and_as_its_bytes(secret: uuid.UUID) -> None:
    search = SecretSearch([str(secret)])
    forms = [secret.hex, secret.hex.upper(), in_base64(secret.hex), f"{{{secret}}}", secret.urn]
    forms += [base64.b64encode(raw).decode() for raw in (secret.bytes, secret.bytes_le)]
    forms += [f'["{str(secret)[:18]}", "{str(secret)[18:]}"]']
    for form in forms:
        left = search.hide(f"a {form} b", "*")
        assert left.startswith("a ") and left.endswith(" b") and form.strip("=")[2:-3] not in left


WORDS = [
    ("exchange", "no exchanged word", "no *d word"),
    ("thecontract", "the contract assumed it", "the contract assumed it"),
    ("demo", "democracy, demo", "democracy, *"),
    ("0c1f9b7e52d84a63", "a date: 2026-11-21T10:00:00Z", "a date: 2026-11-21T10:00:00Z"),
    ("12345678", "of 1234 5678 records", "of 1234 5678 records"),
]


@pytest.mark.parametrize(("secret", "text", "left"), WORDS, ids=[row[0] for row in WORDS])
def test_words_stay_what_they_are(secret: str, text: str, left: str) -> None:
    assert SecretSearch([secret]).hide(text, "*") == left


@settings(max_examples=50, deadline=None)
@given(text=st.text(st.sampled_from("%&\\=;#xu{}0123456789abAB +é\0€\U0001f600"), max_size=60))
def test_no_text_is_too_odd_to_be_searched(text: str) -> None:
    assert SecretSearch(["S3cr3t-of-Somebody"]).hide(text, "*") == text


def test_a_secret_more_does_not_make_all_forms_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """As with each request of somebody who signs them all."""
    made: list[str] = []
    compiled: list[int] = []
    find_forms_of, make_block = secret_search._forms_of, form_search._Block

    def find_forms(secret: str) -> Iterator[str]:
        made.append(secret)
        return find_forms_of(secret)

    def compile_block(forms: frozenset[str]) -> form_search._Block:
        compiled.append(len(forms))
        return make_block(forms)

    monkeypatch.setattr(secret_search, "_forms_of", find_forms)
    monkeypatch.setattr(form_search, "_Block", compile_block)
    search = SecretSearch(["the-first-secret"])
    secrets = [uuid.UUID(int=number * 2**90 + 12345).hex for number in range(1, 41)]
    for secret in secrets:
        search.add([secret])
        assert search.hide(f"<{secret}>", "-") == "<->"
    assert sorted(made) == sorted(["the-first-secret", *secrets])
    assert sum(compiled) <= 8 * max(compiled), "a block is compiled again only where it grows by as much"
    assert all(search.hide(secret[::-1], "-") == "-" for secret in ("the-first-secret", *secrets))
