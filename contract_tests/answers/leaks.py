"""What an answer tells that is nobody's business: stack traces, error pages, a database's words, the credential."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from contract_tests.context import MADE_UP, CheckContext, find_near_misses
from contract_tests.findings import BREAKING, NOTE, Evidence, Finding
from contract_tests.transport import Exchange, find_forms
from mock_server.contract import Operation

TRACES: Mapping[str, str] = MappingProxyType(
    {
        ".NET": r"\bSystem\.(?:\w+\.)*\w*Exception\b|\.(?:cs|vb):line \d+|Server Error in '/\S*' Application",
        "Java": r"\bat [\w.$]+\([\w$]+\.(?:java|kt):\d+\)|\b(?:java|javax|jakarta)\.[a-z.]+\.\w+(?:Exception|Error)\b"
        r"|Whitelabel Error Page|\borg\.(?:springframework|hibernate|apache)\.\S+Exception\b",
        "PHP": r"(?:Fatal error|Parse error|Warning|Notice|Deprecated)(?:</b>)?: .{1,300}? on line |"
        r"\bStack trace:\s*(?:\\n|\s)*#0 |\.php\(\d+\): |\bIlluminate\\+\w+\\+|\.php on line \d+",
        "Python": r"Traceback \(most recent call last\)|File \\?\"[^\"\n]{1,300}\.py\\?\", line \d+|Werkzeug Debugger"
        r"|because you have <code>DEBUG = True|\bdjango\.\w+\.\w+",
        "Node.js": r"\bat (?:async )?[^\n(]{0,120}\(?(?:file://|node:|/|[A-Z]:\\)[^\s()]{1,300}\.[cm]?[jt]s:\d+:\d+"
        r"|/node_modules/|\b(?:Type|Reference|Syntax|Range)Error: .{1,200}?(?:\\n|\s)+at ",
        "Ruby": r"\.rb:\d+:in [`']|Action Controller: Exception caught|ActiveRecord::\w+|\bNoMethodError\b",
        "Go": r"\bgoroutine \d+ \[|\bpanic: runtime error|/[\w./-]+\.go:\d+",
    },
)
"""How a language's stack trace or debug page is told from other text."""

WORDS: Mapping[str, str] = MappingProxyType(
    {
        "words of a database": r"SQLSTATE\[|You have an error in your SQL syntax|\bORA-\d{5}\b|\bPG::\w+|\bpsycopg2?\."
        r"|syntax error at or near|Unclosed quotation mark|Incorrect syntax near|SQLITE_ERROR|\bsqlite3\.\w+Error"
        r"|MySqlException|SqlException|\bSELECT .{1,300}? FROM [`\"\w]+ .{0,200}?WHERE ",
        "a path of the server's files": r"(?<![\w./:])/(?:var/www|usr/(?:src|lib|local|share)|home/\w+|opt|srv|app)"
        r"/[\w./-]+\.\w{1,5}\b|\b[A-Z]:(?:\\{1,2}[\w .-]+)+\.\w{1,6}\b",
        "the page of a server's own error": r"<title>(?:\d{3} [A-Z]|Runtime Error|Error \d{3}|IIS )|<hr><center>nginx",
    },
)
"""What else tells of a server's inside; the last two in errors only, for records may hold such texts."""

_TRACES = {name: re.compile(pattern, re.DOTALL) for name, pattern in TRACES.items()}
_WORDS = {name: re.compile(pattern, re.DOTALL) for name, pattern in WORDS.items()}
OF_ERRORS = frozenset(list(WORDS)[1:])
PAGE = list(WORDS)[-1]

MAX_SEARCHED = 200_000
"""Characters of a body that are searched: a trace stands at the beginning or the end."""

SHOWN = 200
_SAFE = Evidence("OWASP API Security Top 10, API8:2023: no stack traces or other sensitive information in errors")


def check_leaks(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """No answer shows a stack trace, a database's words, a path of its server, or the credential."""
    secrets = _find_secrets(context)
    for exchange in context.sender.exchanges:
        if exchange.operation == operation.id and exchange.answer.status:
            yield from _traces(context, operation, exchange)
            yield from _words(context, operation, exchange)
            yield from _credential(context, operation, exchange, secrets)


def find_trace(text: str) -> tuple[str, str] | None:
    """The language of a stack trace or debug page in a text, and where it begins; None where there is none."""
    matches = ((name, pattern.search(text)) for name, pattern in _TRACES.items())
    return next(((name, _shown(text, match)) for name, match in matches if match), None)


def _traces(context: CheckContext, operation: Operation, exchange: Exchange) -> Iterator[Finding]:
    trace = find_trace(_text(exchange))
    if trace:
        language, shown = trace
        yield context.finding(
            operation,
            "leaks.trace",
            "",
            f"An answer shows a stack trace or debug output of {language}",
            "an error in the documented form",
            f"{exchange.answer.status}: {shown}",
            _SAFE,
            exchange,
            is_firm=True,
        )


def find_words(text: str, is_error: bool) -> Iterator[tuple[str, str]]:
    """What else of a server's inside a text shows, and where it begins."""
    for name, pattern in _WORDS.items():
        match = pattern.search(text) if is_error or name not in OF_ERRORS else None
        if match:
            yield name, _shown(text, match)


def _words(context: CheckContext, operation: Operation, exchange: Exchange) -> Iterator[Finding]:
    for name, shown in find_words(_text(exchange), exchange.answer.status >= 400):
        yield context.finding(
            operation,
            "leaks.page" if name == PAGE else "leaks.inside",
            "",
            f"An answer shows {name}",
            "an error in the documented form",
            f"{exchange.answer.status}: {shown}",
            _SAFE,
            exchange,
            NOTE if name in OF_ERRORS else BREAKING,
            is_firm=True,
        )


def _shown(text: str, match: re.Match[str]) -> str:
    return text[max(0, match.start() - 40) : match.start() + SHOWN]


def _text(exchange: Exchange) -> str:
    text = exchange.answer.body.decode("utf-8", "replace")
    return text if len(text) <= MAX_SEARCHED else text[: MAX_SEARCHED // 2] + text[-MAX_SEARCHED // 2 :]


def _find_secrets(context: CheckContext) -> Mapping[str, frozenset[str]]:
    """Texts that give the valid credential or nearly that away, by what they are."""
    valid = [states["valid"] for states in context.target.credentials.values() if len(states["valid"]) >= 8]
    near = {near.make(value) for value in valid for near in find_near_misses(value)} - MADE_UP - {""}
    whole = frozenset(form for value in valid for form in find_forms(value))
    return {
        "the valid credential": whole,
        "the credential that was sent, a wrong one": frozenset(near) | MADE_UP - {"", "%", "null", "undefined"},
    }


def _credential(
    context: CheckContext,
    operation: Operation,
    exchange: Exchange,
    secrets: Mapping[str, frozenset[str]],
) -> Iterator[Finding]:
    headers = "\n".join(f"{name}: {value}" for name, value in exchange.answer.headers)
    # A URL that is told back holds what we put there.
    is_ours = any(form in exchange.url for forms in secrets.values() for form in forms)
    for what, forms in secrets.items():
        for place, text in (("body", _text(exchange)), ("headers", headers)):
            if not is_ours and any(form in text for form in forms):
                yield context.finding(
                    operation,
                    "leaks.credential",
                    place,
                    f"An answer repeats {what}",
                    "no credential in any answer",
                    f"in the {place} of a {exchange.answer.status}",
                    _SAFE,
                    exchange,
                    BREAKING if what == next(iter(secrets)) else NOTE,
                    is_firm=True,
                )
                return
