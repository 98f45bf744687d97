"""Whether a credential can be sent at all: said in a sentence before anything is, and never by its value."""

from __future__ import annotations

from collections.abc import Callable

from mock_server.contract import Scheme
from mock_server.errors import UsageError

Rule = tuple[Callable[[str, Scheme], bool], str, str]
"""Whether it applies to a value, what is wrong then, and what would be right."""


def _has_prefix(value: str, scheme: Scheme) -> bool:
    word = scheme.prefix.strip().lower()
    return bool(word) and value.lower().startswith(f"{word} ")


def _is_of_two_words(value: str, scheme: Scheme) -> bool:
    return bool(scheme.prefix) and len(value.split()) > 1


def _has_control(value: str, scheme: Scheme) -> bool:
    return any(ord(sign) < 32 or 127 <= ord(sign) < 160 for sign in value)


def _is_no_header(value: str, scheme: Scheme) -> bool:
    return any(ord(sign) > 255 for sign in value)


RULES: tuple[Rule, ...] = (
    (lambda value, _: not value.strip(), "is blank", "Set it to the credential"),
    (lambda value, _: value[-1:] in "\r\n", "ends with a line break", "Set it without one (`printf %s`, not `echo`)"),
    (lambda value, _: value != value.strip(), "begins or ends with a blank", "Set it without"),
    (_has_control, "has a control character", "Set it to printable characters only"),
    (_is_no_header, "has a character that no header can carry (not Latin-1)", "Set it as the provider shows it"),
    (_has_prefix, "begins with the word that is put before it anyway", "Set it to what follows that word"),
    (_is_of_two_words, "has a blank in it", "Set it to one word"),
)


def require_credential(variable: str, value: str, scheme: Scheme) -> None:
    """Raises UsageError where the value of a variable cannot be sent as that scheme's credential."""
    for applies, wrong, right in RULES:
        if applies(value, scheme):
            raise UsageError(f"{variable} {wrong}: it cannot be sent. {right}.")
