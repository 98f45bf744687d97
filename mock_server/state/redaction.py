"""Secrets taken out of what is written down: one replacement a secret, so that a replay still matches."""

from __future__ import annotations

import codecs
import functools
import re
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import unquote_plus

from mock_server.contract import Contract, Scheme
from mock_server.messages import Headers
from mock_server.state.secret_forms import ANYWHERE_LENGTH, SEARCHED_LENGTH, find_forms, pattern_of
from mock_server.state.secret_marks import find_mark
from mock_server.state.secret_names import decode_name, is_secret_name
from mock_server.state.secret_texts import Hiding, hide_in_path, hide_in_query, hide_in_text, hide_in_url

REDACTED = "[redacted]"

COOKIES = frozenset({"cookie", "set-cookie"})
URLS = frozenset({"referer", "location", "content-location", "x-original-url", "x-rewrite-url", "x-forwarded-uri"})
"""Headers that are lists of values by name, and headers that are URLs."""

_SCHEMES = """
basic bearer digest dpop gnap hoba mutual negotiate ntlm oauth privatetoken vapid token apikey key
scram-sha-1 scram-sha-256 aws4-hmac-sha256 aws4-ecdsa-p256-sha256
"""
SCHEMES = frozenset(_SCHEMES.split())
"""The words before a credential that may stay; any other first word may be half of a secret."""

SCHEME = re.compile(r"([A-Za-z0-9-]+)( +)(?=\S)")

CHARSETS = ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "iso8859-1", "ascii", "cp1252")
"""What a body is read in where it says so, by Python's names of codecs; UTF-8 else."""

REMEMBERED_NAMES, REMEMBERED_LENGTH = 4_096, 64
"""How many names, and how long ones, are judged once and for all: a client may send any number."""

ALL_FORMS, FORM_LENGTH, MAX_SEARCHED = 20, 1_024, 200
"""How many secrets of a request, and how long ones, are searched for in every form; the others as they are.

Of more than the last number the rest is not searched for: those are hidden where they stand under their names.
"""


class _Judged(dict[str, bool]):
    """Names, and whether each is a secret's: judged when first asked for, bounded."""

    def __init__(self, judge: Callable[[str], bool]) -> None:
        super().__init__()
        self._judge = judge

    def __missing__(self, name: str) -> bool:
        is_secret = self._judge(name)
        if len(name) <= REMEMBERED_LENGTH and len(self) < REMEMBERED_NAMES:
            self[name] = is_secret
        return is_secret


class Redaction:
    """What is secret: by the vocabulary of names, and by what the contracts' security schemes name.

    The listed test credentials are no secrets: they are written as what they stand for (`[valid]`). `documented` are
    parameters that a contract documents as pages or filters: they are shown, whatever they are called.
    """

    def __init__(self, schemes: Iterable[Scheme], salt: bytes, documented: Iterable[str] = ()) -> None:
        schemes, self._salt = list(schemes), salt
        self._named = frozenset(scheme.field.lower() for scheme in schemes)
        # What a scheme names stays a secret, though another operation documents a filter of that name.
        self._documented = frozenset(documented) - {scheme.field for scheme in schemes}
        self.secret_headers = _Judged(self._is_secret_header)
        self.secret_fields = _Judged(self._is_secret_field)
        self.whole = {
            prefix + value: f"{prefix}[{state}]"
            for s in schemes
            for state, values in s.values.items()
            for value in values
            for prefix in ("", "Bearer ", "bearer ")
        }
        self._labels = {value: f"[{state}]" for s in schemes for state, values in s.values.items() for value in values}

    @classmethod
    def of_contracts(cls, contracts: Iterable[Contract], salt: bytes) -> Redaction:
        """What is secret to a server that plays these contracts."""
        contracts = list(contracts)
        parameters = [p for contract in contracts for operation in contract.operations for p in operation.parameters]
        documented = [parameter.name for parameter in parameters if parameter.page or parameter.filter]
        return cls([scheme for contract in contracts for scheme in contract.schemes], salt, documented)

    def _is_secret_header(self, name: str) -> bool:
        return name in COOKIES or name in URLS or name in self._named or is_secret_name(name)

    def _is_secret_field(self, name: str) -> bool:
        name = decode_name(name)
        return name not in self._documented and (name.lower() in self._named or is_secret_name(name))

    def is_secret_query(self, query: str) -> bool:
        """Whether a query may hold a secret: under a name of its own, or in a text within a value."""
        # Encoded, nested or separated by semicolons is rare, and read with care elsewhere; this must be quick.
        if "%" in query or ";" in query or query.count("=") > query.count("&") + 1:
            return True
        secret = self.secret_fields
        for piece in query.split("&"):  # noqa: SIM110  (a generator costs twice as much, on every request)
            if secret[piece.partition("=")[0]]:
                return True
        return False

    def headers(self, headers: Mapping[str, str], secrets: list[str]) -> Mapping[str, str]:
        """The headers without secrets; those found are added to the list."""
        hidden = {name: self._header(name, headers[name], secrets) for name in headers if self.secret_headers[name]}
        return {**headers, **hidden} if hidden else headers

    def _header(self, name: str, value: str, secrets: list[str]) -> str:
        hiding = self._hiding(secrets)
        if name in URLS:
            return hide_in_url(value, hiding)
        if name in COOKIES:
            return ";".join(_hide_cookie(piece, hiding) for piece in value.split(";"))
        scheme = SCHEME.match(value)
        # The first word stays only where it is known: in `S3CRET more` it would be half of the credential.
        if self.whole.get(value) or not scheme or scheme[1].lower() not in SCHEMES:
            return self.whole.get(value) or self._repeated(value, secrets)
        return scheme[0] + self._repeated(value[scheme.end() :], secrets)

    def _repeated(self, value: str, secrets: list[str]) -> str:
        """A credential, or several that came under one name: hidden as one, searched for one by one."""
        mark = self.mark(value, secrets)
        pieces = [piece.rpartition(" ")[2] for piece in value.split(", ")] if mark != self._labels.get(value) else []
        secrets += [piece for piece in pieces if piece not in self._labels]
        return mark

    def _hiding(self, secrets: list[str]) -> Hiding:
        return Hiding(self.secret_fields.__getitem__, lambda secret: self.mark(secret, secrets))

    def mark(self, secret: str, secrets: list[str]) -> str:
        """What stands for one secret, which is added to those found; a listed credential's label, which is none."""
        label = self._labels.get(secret)
        if label or not secret:
            return label or secret
        secrets.append(secret)
        return f"[redacted {find_mark(secret, self._salt)}]"

    def answer(self, headers: Headers, body: bytes, secrets: Iterable[str]) -> tuple[Headers, bytes]:
        """The headers and the body of an answer that hands out secrets, without them; marked as in later requests."""
        for secret in secrets:
            marked = self.mark(secret, [])
            headers = tuple((name, value.replace(secret, marked)) for name, value in headers)
            body = body.replace(secret.encode(), marked.encode())
        return headers, body

    def path(self, path: str, secrets: list[str]) -> str:
        """A path without the secrets among its parameters (`/clients;token=…`)."""
        return hide_in_path(path, self._hiding(secrets))

    def query(self, text: str, secrets: list[str]) -> str:
        """A query without secrets."""
        return hide_in_query(text, self._hiding(secrets))

    def body(self, body: bytes, media_type: str, secrets: list[str]) -> str:
        """A request's body as text, without secrets."""
        return hide_in_text(_decode(body, media_type), self._hiding(secrets), media_type)


def _hide_cookie(piece: str, hiding: Hiding) -> str:
    name, equals, value = piece.partition("=")
    if not equals:
        return hiding.mark(name.strip()) if name.strip() else name
    return f"{name}={hiding.mark(unquote_plus(value.strip()))}"


def _decode(body: bytes, media_type: str) -> str:
    charset = re.search(r"charset\s*=\s*\"?([\w-]+)", media_type, re.IGNORECASE)
    named = charset[1] if charset else "utf-16" if b"\0" in body[:4] else "utf-8"
    try:
        name = codecs.lookup(named).name
    except LookupError:
        name = "utf-8"
    return body.decode(name if name in CHARSETS else "utf-8", "replace")


def hide_everywhere(text: str, secrets: Iterable[str], shortest: int = SEARCHED_LENGTH) -> str:
    """A text without the secrets that its request held elsewhere, in whatever form.

    Short ones are hidden where they stand alone: `demo` goes, `democracy` stays.
    """
    long_enough = [secret for secret in dict.fromkeys(secrets) if len(secret) >= shortest]
    for number, secret in enumerate(long_enough[:MAX_SEARCHED]):
        if len(secret) < ANYWHERE_LENGTH:
            text = re.sub(pattern_of(secret), REDACTED, text)
            continue
        forms = _order_forms(secret) if number < ALL_FORMS and len(secret) <= FORM_LENGTH else (secret,)
        # Most texts of a request are shorter than any form of its credential.
        if len(text) >= len(forms[-1]):
            for form in forms:
                text = text.replace(form, REDACTED)
    return text


@functools.lru_cache(maxsize=256)
def _order_forms(secret: str) -> tuple[str, ...]:
    """The forms of a secret, the longest first: a client sends the same credential again and again."""
    return tuple(sorted(find_forms(secret), key=len, reverse=True))


def hide_in_headers(headers: Headers, secrets: list[str]) -> Headers:
    """An answer's headers without the secrets of its request."""
    return tuple((name, hide_everywhere(value, secrets, ANYWHERE_LENGTH)) for name, value in headers)


def hide_secrets(url: str, named: frozenset[str] = frozenset()) -> str:
    """A URL, or a path and query, without values under secret names; `named` are more of them, in lower case."""

    def is_secret(name: str) -> bool:
        return decode_name(name).lower() in named or is_secret_name(name)

    return hide_in_url(url, Hiding(is_secret, lambda secret: REDACTED))


def hide_header(name: str, value: str, headers: frozenset[str], named: frozenset[str] = frozenset()) -> str:
    """A header's value as anybody may read it; `headers` are more secret ones, `named` more secret parameters."""
    if name.lower() in URLS:
        return hide_secrets(value, named)
    return REDACTED if name.lower() in COOKIES or name.lower() in headers or is_secret_name(name) else value
