"""JSONPath as RFC 9535 has it, by a library that knows more; its patterns are searched in linear time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from typing import Any, ClassVar

from jsonpath import CompoundJSONPath, JSONPath, JSONPathEnvironment, JSONPathError, JSONPathMatch
from jsonpath.filter import StringLiteral
from jsonpath.function_extensions import ExpressionType, FilterFunction
from jsonpath.lex import Lexer
from jsonpath.parse import Parser
from jsonpath.token import TOKEN_LG, Token

from mock_server.contract.pattern import compile_pattern


def search_document(document: Any, query: str) -> list[tuple[tuple[str | int, ...], Any]]:
    """The steps and the value of every place that a query names.

    Raises: ValueError with why a query is none.
    """
    try:
        return [(match.parts, match.obj) for match in _walk(document, _environment().compile(query))]
    except JSONPathError as error:
        # Not as text: that is a drawing of several lines.
        raise ValueError(str(error.message)) from None
    except (ArithmeticError, RecursionError) as error:
        raise ValueError(str(error)) from None


def _walk(document: Any, query: JSONPath | CompoundJSONPath) -> Iterable[JSONPathMatch]:
    if isinstance(query, CompoundJSONPath):
        raise JSONPathError("is more than one query")
    matches: Iterable[JSONPathMatch] = [
        _Match(filter_context={}, obj=document, parent=None, path="", parts=(), root=document),
    ]
    for segment in query.segments:
        matches = segment.resolve(matches)
    return matches


class _Match(JSONPathMatch):
    """A match without its path written out, which took half of the time of a search through a document."""

    def new_child(self, obj: object, key: int | str) -> JSONPathMatch:
        return _Match(filter_context={}, obj=obj, parent=self, path="", parts=(*self.parts, key), root=self.root)


@cache
def _environment() -> JSONPathEnvironment:
    environment = _Environment(strict=True)
    environment.function_extensions.update(match=_PatternFunction(_matches), search=_PatternFunction(_occurs))
    return environment


class _Lexer(Lexer):
    """Names of RFC 9535: the library would have a hyphen in them, and none of the characters beyond 65,535."""

    key_pattern = "[A-Za-z_\\u0080-\\ud7ff\\ue000-\\U0010ffff][0-9A-Za-z_\\u0080-\\ud7ff\\ue000-\\U0010ffff]*"


_PIECES = re.compile(r"((?:[^\\]|\\(?!u00[01][0-9A-Fa-f]).)+)|\\u00([01][0-9A-Fa-f])", re.DOTALL)
"""A text in quotes: what the library decodes, or the last digits of an escaped control character."""


class _Parser(Parser):
    """Operators and texts of RFC 9535: `<>` is no operator, and control characters may be escaped by number."""

    def __init__(self, *, env: JSONPathEnvironment) -> None:
        super().__init__(env=env)
        self.BINARY_OPERATORS = {kind: text for kind, text in self.BINARY_OPERATORS.items() if kind != TOKEN_LG}

    def _decode_string_literal(self, token: Token) -> str:
        decode = super()._decode_string_literal
        return "".join(
            chr(int(control, 16)) if control else decode(Token(token.kind, text, token.index, token.path))
            for text, control in _PIECES.findall(token.value)
        )


class _Environment(JSONPathEnvironment):
    """What the library calls strict, and of that only what RFC 9535 knows."""

    lexer_class = _Lexer
    parser_class = _Parser

    def validate_function_extension_signature(self, token: Token, args: list[Any]) -> list[Any]:
        checked = super().validate_function_extension_signature(token, args)
        if token.value in ("match", "search") and isinstance(checked[1], StringLiteral):
            _require_pattern(checked[1].value)
        return checked


class _PatternFunction(FilterFunction):
    """A function of a text and a pattern, which is false for what is no text and for a pattern that is none."""

    arg_types: ClassVar = [ExpressionType.VALUE, ExpressionType.VALUE]
    return_type = ExpressionType.LOGICAL

    def __init__(self, holds: Callable[[str, str], bool]) -> None:
        self.holds = holds

    def __call__(self, text: object, pattern: object) -> bool:
        return isinstance(text, str) and isinstance(pattern, str) and self.holds(text, pattern)


def _require_pattern(pattern: str) -> None:
    try:
        compile_pattern(pattern)
    except ValueError as error:
        raise JSONPathError(f"the pattern {pattern!r} {error}") from None


def _occurs(text: str, pattern: str) -> bool:
    search = _find_search(pattern)
    return search is not None and search(text)


def _matches(text: str, pattern: str) -> bool:
    # By itself too: `a)|(b` would be a pattern only between the parentheses.
    search = _find_search(rf"\A(?:{pattern})\Z") if _find_search(pattern) else None
    return search is not None and search(text)


@lru_cache(maxsize=64)
def _find_search(pattern: str) -> Callable[[str], bool] | None:
    try:
        return compile_pattern(pattern)
    except ValueError:
        return None
