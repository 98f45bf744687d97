"""The first call of a run: whether the documented API is there and takes the credential, and if not, what is there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from contract_tests.context import CheckContext, find_roles
from contract_tests.findings import NOTE, Finding
from contract_tests.transport import NO_JSON, Answer, Exchange, Stopped, Unreachable
from mock_server.contract import Operation

MAX_LOOKED_AT = 1_000_000
"""Bytes of a body in which the documented names are looked for."""

MAX_QUOTED = 120
"""Characters of a page's title or of a redirect's target that a sentence quotes."""

_NAME = re.compile(rb'"([^"\\]{1,80})"\s*:')
_TITLE = re.compile(r"<title[^>]*>\s*(.*?)\s*</title", re.IGNORECASE | re.DOTALL)
_LOGIN = re.compile(r"log-?in|sign-?in|auth|sso|account", re.IGNORECASE)


class Preflight(NamedTuple):
    """What the first call proves: `cause` why this is not the documented API, `open` why nothing can be proven of it.

    Both are sentences, and empty where the run may go on.
    """

    findings: tuple[Finding, ...] = ()
    cause: str = ""
    open: str = ""


def run_preflight(context: CheckContext) -> Preflight:
    """Ask one documented request, and again once where its answer is no documented one. Raises nothing."""
    operation = choose_operation(context)
    try:
        exchange, *again = _ask(context, operation)
    except (Unreachable, Stopped) as error:
        return _refuse(context, operation, *_explain_failure(context, error), *context.sender.traffic[-1:])
    if is_documented_api(operation, exchange.answer):
        context.preflight = exchange
        return Preflight(tuple(_note_first(context, operation, again[0])) if again else ())
    if _is_documented_absence(context, operation, exchange):
        return Preflight((), "", _open_sentence(context, operation, exchange))
    problem, sentence = find_cause(context, operation, exchange)
    return _refuse(context, operation, problem, sentence, exchange)


def _explain_failure(context: CheckContext, error: Exception) -> tuple[str, str]:
    """Why there is no answer to judge, in general and as a sentence; a target that said a status said that much."""
    statuses = [exchange.answer.status for exchange in context.sender.traffic[-1:]]
    if not any(statuses):
        return "The target gave no answer", _line(str(error))
    return f"The target answers {statuses[0]}", f"{context.target.host} answers {statuses[0]}: {_line(str(error))}"


def choose_operation(context: CheckContext) -> Operation:
    """A list that was chosen, else what needs no record, else the list that shows the record which the others need."""
    chosen, every = context.operations, context.contract.operations
    keyless = [o for o in chosen if not any(parameter.where == "path" for parameter in o.parameters)]
    return [*(o for o in chosen if o.is_list), *keyless, *(o for o in every if o.is_list), *chosen, *every][0]


def _ask(context: CheckContext, operation: Operation) -> tuple[Exchange, ...]:
    """The answer that counts and, where it was asked for twice, the first one."""
    path_values = {parameter.name: "1" for parameter in operation.parameters if parameter.where == "path"}
    path_values |= context.known_record(operation.id)

    def ask(why: str) -> Exchange:
        return context.send(operation, "reached", path_values=path_values, why=why)

    first = ask("whether the documented API is there and takes the credential")
    # What is refused stays refused: a second try could lock an account. What failed was asked again already.
    is_final = first.answer.status in (401, 403) or bool(_location(first)) or len(context.sender.traffic) > 1
    if is_final or is_documented_api(operation, first.answer):
        return (first,)
    try:
        second = ask("whether it was a passing trouble")
    except (Unreachable, Stopped):
        return (first,)
    context.expected[:] = [pair for pair in context.expected if pair[0] is not first]
    context.sender.set_aside(first, "the answer was no documented one")
    return second, first


def _note_first(context: CheckContext, operation: Operation, first: Exchange) -> Iterator[Finding]:
    yield context.finding(
        operation,
        "reached.again",
        "",
        "The first answer was not the documented one; asked again, it was",
        operation.success.status,
        _status(first.answer),
        exchange=first,
        grade=NOTE,
    )


def _refuse(context: CheckContext, operation: Operation, problem: str, cause: str, *answered: Exchange) -> Preflight:
    """End the run before it begins, with one finding that says why."""
    evidence = context.of_reply(operation.success)
    exchange = answered[0] if answered else None
    expected = f"{operation.success.status} with the documented body"
    finding = context.finding(operation, "reached", "", problem, expected, cause, evidence, exchange, is_firm=True)
    return Preflight((finding,), cause)


def is_documented_api(operation: Operation, answer: Answer) -> bool:
    """Whether an answer is the documented success, or one nearly right: then the run can say what is wrong with it.

    Known by the documented names in it, whatever their case and whether or not the body can be read as JSON: by most
    of a record's, or with the documented status by half of those around the records.
    """
    names = _names_in(answer)
    of_records, of_page = _documented_names(operation)
    is_page = answer.status == operation.success.status and bool(of_page) and _share(of_page, names) >= 0.5
    return is_page or _share(of_records, names) > 0.5


def _documented_names(operation: Operation) -> tuple[set[str], set[str]]:
    """The names of a record's members, and those of everything around the records."""
    items = dict(find_roles(operation.success.schema, "x-page")).get("items")
    around = set(_properties(operation.success.schema, items.schema if items else None))
    return set(_properties(items.schema.get("items", {}), None) if items else ()), around


def _properties(schema: Any, but: Any) -> Iterator[str]:
    """The names of all members below a schema, except below one of its parts."""
    if not isinstance(schema, Mapping) or schema is but:
        return
    for name, child in schema.get("properties", {}).items():
        yield _fold(name)
        yield from _properties(child, but)
    yield from _properties(schema.get("items"), but)


def _names_in(answer: Answer) -> set[str]:
    """The names of members in a body: in its text, so that a body which is nearly JSON has names too."""
    texts = (body[:MAX_LOOKED_AT].replace(b"\0", b"") for body in (answer.body, answer.wire_body))
    return {_fold(name.decode("utf-8", "replace")) for text in texts for name in _NAME.findall(text)}


def _fold(name: str) -> str:
    return re.sub("[-_ ]", "", name).casefold()


def _share(documented: set[str], names: set[str]) -> float:
    return len(documented & names) / len(documented) if documented else 0.0


def _is_documented_absence(context: CheckContext, operation: Operation, exchange: Exchange) -> bool:
    """Whether a list says by a documented 404 that it has no records, and it is no wrong path.

    A path that is there refuses a caller without a credential before it looks for records.
    """
    absence, refusal = operation.errors.get("not_found"), operation.errors.get("unauthenticated")
    if not (operation.is_list and absence and refusal and exchange.answer.status == absence.status):
        return False
    why = "whether the path is there: then it wants a credential"
    try:
        anonymous = context.send(operation, "reached", reply=refusal, credential="none", why=why)
    except (Unreachable, Stopped):
        return False
    # The list is judged by what is documented for it without records.
    context.expected[:] = [(e, absence if e is exchange else reply) for e, reply in context.expected]
    return anonymous.answer.status == refusal.status


def _open_sentence(context: CheckContext, operation: Operation, exchange: Exchange) -> str:
    status = exchange.answer.status
    return (
        f"{operation.id} is answered {status}, as documented where there are no records: nothing that takes a record "
        "could be proven."
    )


def _location(exchange: Exchange) -> str:
    """Where an answer redirects to, or nothing."""
    location = exchange.answer.header("location") or ""
    return urljoin(exchange.url, location) if 300 <= exchange.answer.status < 400 and location else ""


def find_cause(context: CheckContext, operation: Operation, exchange: Exchange) -> tuple[str, str]:
    """What stands where the documented API should be: in words that are the same in every run, and as a sentence."""
    row = next(row for row in _CAUSES if row.applies(exchange))
    return row.problem, f"{context.target.host} {row.say(operation, exchange)}"


class _Cause(NamedTuple):
    """One way not to be the documented API. `say` goes on after the host's name, to the end of the sentence."""

    applies: Callable[[Exchange], bool]
    problem: str
    say: Callable[[Operation, Exchange], str]


def _asked(exchange: Exchange) -> str:
    return f"{exchange.method} {urlsplit(exchange.url).path}"


def _status(answer: Answer) -> str:
    known = {status.value: status.phrase for status in HTTPStatus}
    reason = answer.reason or known.get(answer.status, "")
    return f"{answer.status} {reason}".strip()


def _is_page(exchange: Exchange) -> bool:
    answer = exchange.answer
    return answer.media_type in ("text/html", "application/xhtml+xml") or answer.body.lstrip()[:1] == b"<"


def _line(text: str) -> str:
    return " ".join(text.split())


def _quoted(text: str) -> str:
    line = _line(text)
    return f"“{line[:MAX_QUOTED]}…”" if len(line) > MAX_QUOTED else f"“{line}”"


def _title(exchange: Exchange) -> str:
    """The title of an HTML page, quoted and in brackets, or nothing."""
    match = _TITLE.search(exchange.answer.body[:MAX_LOOKED_AT].decode("utf-8", "replace"))
    return f" ({_quoted(match[1])})" if match and match[1] else ""


def _of_redirect(operation: Operation, exchange: Exchange) -> str:
    target, asked = _location(exchange), urlsplit(exchange.url)
    to = urlsplit(target)
    start = f"redirects {_asked(exchange)} to {target.partition('?')[0]} ({_status(exchange.answer)})"
    if (to.scheme, to.hostname, to.path) == ("https", asked.hostname, asked.path) and asked.scheme == "http":
        return f"{start}: give the base URL with https."
    if _LOGIN.search(to.path):
        return f"{start}, a login: this is no API that takes the credential, or the base URL is another one."
    return f"{start}, which was not followed: is the base URL right?"


def _of_refused(operation: Operation, exchange: Exchange) -> str:
    return f"refuses the credential ({exchange.answer.status}); nothing else was asked."


def _of_forbidden(operation: Operation, exchange: Exchange) -> str:
    return f"answers 403 with a page{_title(exchange)}: a firewall or proxy lets the request not through."


def _of_missing(operation: Operation, exchange: Exchange) -> str:
    return f"answers {_status(exchange.answer)} to {_asked(exchange)}: is the base URL right, its path included?"


def _of_busy(operation: Operation, exchange: Exchange) -> str:
    wait = exchange.answer.header("retry-after")
    when = f" and asks to wait ({_quoted(wait)})" if wait else ""
    return f"answers {_status(exchange.answer)}{when}, and did so again when it was asked once more."


def _of_broken(operation: Operation, exchange: Exchange) -> str:
    problems = ", and ".join(exchange.answer.problems)
    return f"answers {_asked(exchange)} with what cannot be read: {problems}."


def _of_page(operation: Operation, exchange: Exchange) -> str:
    answer = f"answers {_asked(exchange)} with {exchange.answer.status} and a page for people{_title(exchange)}"
    return f"{answer}, not with the API: a login or a portal stands before it, or the base URL is another one."


def _of_other(operation: Operation, exchange: Exchange) -> str:
    body = exchange.answer.json
    names = ", ".join(map(str, list(body)[:6])) if isinstance(body, dict) else type(body).__name__
    wanted = ", ".join(operation.success.schema.get("properties", {}) if operation.success.schema else ()) or "a body"
    answer = f"answers {_asked(exchange)} with {exchange.answer.status} and JSON that is not the documented"
    return f"{answer} answer ({wanted}): it holds {names or 'nothing'}. Is this another API?"


def _of_anything(operation: Operation, exchange: Exchange) -> str:
    body = (
        _quoted(exchange.answer.body[:MAX_LOOKED_AT].decode("utf-8", "replace")) if exchange.answer.body else "nothing"
    )
    return f"answers {_asked(exchange)} with {_status(exchange.answer)} and {body}, not with the documented success."


_CAUSES = (
    _Cause(lambda e: bool(_location(e)), "The target redirects elsewhere", _of_redirect),
    _Cause(lambda e: e.answer.status == 401, "The credential is refused", _of_refused),
    _Cause(lambda e: e.answer.status == 403 and _is_page(e), "A firewall or proxy forbids the request", _of_forbidden),
    _Cause(lambda e: e.answer.status == 403, "The credential is refused", _of_refused),
    _Cause(lambda e: e.answer.status in (404, 410), "There is nothing at the documented path", _of_missing),
    _Cause(lambda e: e.answer.status == 429, "The target takes no requests", _of_busy),
    _Cause(lambda e: e.answer.status >= 500, "The target fails", _of_busy),
    _Cause(lambda e: bool(e.answer.problems), "The answer cannot be read", _of_broken),
    _Cause(_is_page, "A page for people answers, not the API", _of_page),
    _Cause(lambda e: e.answer.json not in (NO_JSON, None), "Another API answers than the documented one", _of_other),
    _Cause(lambda e: True, "The target does not answer as documented", _of_anything),
)
