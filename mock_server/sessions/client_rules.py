"""What a client did wrong by the contract, read off a session's journal: each verdict a small function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from email.utils import parsedate_to_datetime

from mock_server.contract import Operation, find_pointer, walk
from mock_server.errors import with_suggestion
from mock_server.sessions.analysis import Analysis, describe_near_miss
from mock_server.sessions.token_rules import find_dead_token, judge_dead_tokens
from mock_server.sessions.verdicts import Judge, Verdict, find_operation, read_answer
from mock_server.sessions.write_rules import WRITE_JUDGES

EMPTY_PAGES = 3
"""So many pages past the end in a row are a loop that does not end."""


def _unmatched(analyses: Sequence[Analysis]) -> Iterator[Verdict]:
    for analysis in analyses:
        if analysis.is_unmatched:
            entry, near = analysis.entry, analysis.near_misses
            hint = f": {describe_near_miss(near[0])}" if near else "."
            yield Verdict("unmatched", f"Nothing documents {entry.method} {entry.path}{hint}", (entry.id,))


def _unknown_parameter(analyses: Sequence[Analysis]) -> Iterator[Verdict]:
    reported = set()
    for analysis in analyses:
        operation = find_operation(analysis)
        for name in analysis.unknown:
            if operation and (operation.id, name) not in reported:
                reported.add((operation.id, name))
                known = [p.name for p in operation.parameters if p.where == "query"]
                says = f"{operation.id} documents no parameter {name!r}; it has no effect."
                says = with_suggestion(says, name, known)
                yield Verdict("unknown_parameter", says, (analysis.entry.id,))


def _refused_input(analyses: Sequence[Analysis]) -> Iterator[Verdict]:
    for analysis in analyses:
        if analysis.refused and analysis.entry.status >= 400:
            says = f"The documentation does not allow it: {analysis.refused}."
            yield Verdict("invalid_parameter", says, (analysis.entry.id,))


def _ignored_retry_after(analyses: Sequence[Analysis]) -> Iterator[Verdict]:
    waits: dict[tuple[str, str], tuple[float, Analysis]] = {}
    for analysis in analyses:
        entry = analysis.entry
        key, now = (entry.provider, entry.address), analysis.time
        until, answer = waits.get(key, (0.0, analysis))
        # A client that waits to the very second is not to be blamed for how its clock rounds.
        if now < until - 0.05:
            asked, came = until - answer.time, now - answer.time
            says = f"Retry-After asked to wait {asked:.0f} s; the next request came after {came:.1f} s."
            yield Verdict("ignored_retry_after", says, (answer.entry.id, entry.id))
        wait = _retry_after(dict(entry.answered).get("retry-after", ""), now)
        waits[key] = (now + wait, analysis) if wait else (0.0, analysis)


def _retry_after(text: str, now: float) -> float:
    """Seconds to wait, from a number or a date."""
    if text.isdecimal():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now) if text else 0.0
    except ValueError:
        return 0.0


def _endless_paging(analyses: Sequence[Analysis]) -> Iterator[Verdict]:
    rows: dict[tuple[str, str], list[Analysis]] = {}
    for analysis in analyses:
        operation = find_operation(analysis)
        if not operation or not operation.is_list or not analysis.page:
            continue
        row = rows.setdefault((analysis.entry.provider, operation.id), [])
        last = row[-1].page if row else None
        # Only pages that follow each other make a loop: a client may ask for one far page and turn back.
        goes_on = not last or analysis.page["offset"] > last["offset"]
        if _is_past_end(analysis, operation) and goes_on:
            row.append(analysis)
        else:
            row.clear()
        if len(row) == EMPTY_PAGES:
            says = (
                f"{operation.id} was asked for {EMPTY_PAGES} pages in a row behind its last one: the loop does not end."
            )
            yield Verdict("endless_paging", says, tuple(each.entry.id for each in row))


def _is_past_end(analysis: Analysis, operation: Operation) -> bool:
    if analysis.entry.status == operation.success.status and analysis.page and analysis.page["offset"] > 0:
        places = _find_role_pointers(operation)
        body = read_answer(analysis)
        return "items" in places and find_pointer(body, places["items"]) == []
    return False


def _find_role_pointers(operation: Operation) -> dict[str, str]:
    """JSON Pointers in a list's body, by page role."""
    places = {}
    for pointer, node in walk(operation.success.schema or {}):
        if isinstance(node, dict) and isinstance(node.get("x-page"), str):
            places[node["x-page"]] = pointer.replace("/properties/", "/")
    return places


def _built_page_url(analyses: Sequence[Analysis]) -> Iterator[Verdict]:
    links: dict[tuple[str, str], set[str]] = {}
    reported: set[tuple[str, str]] = set()
    for analysis in analyses:
        operation = find_operation(analysis)
        if not operation or not operation.is_list:
            continue
        # Who follows a link asks for the very URL that an earlier answer gave.
        roles = [place for role, place in _find_role_pointers(operation).items() if role.endswith("_url")]
        key, entry = (analysis.entry.provider, operation.id), analysis.entry
        known = links.setdefault(key, set())
        further = bool(analysis.page and analysis.page["offset"] > 0)
        if roles and known and further and entry.base + entry.target not in known and key not in reported:
            reported.add(key)
            says = f"{operation.id} gives links to its pages; {entry.target} was built by hand."
            yield Verdict("built_page_url", says, (entry.id,))
        body = read_answer(analysis) if roles else None
        known |= {url for place in roles if isinstance(url := find_pointer(body, place), str)}


def _retried_refused_credential(analyses: Sequence[Analysis]) -> Iterator[Verdict]:
    refused: dict[tuple[str, str], Analysis] = {}
    for analysis in analyses:
        operation = find_operation(analysis)
        if not operation or not operation.security or find_dead_token(analysis):
            continue
        key = (analysis.entry.provider, _credential(analysis.entry.headers, operation))
        if key in refused and _is_refused(analysis) and key[1]:
            says = f"A credential that was refused was sent again ({analysis.caller})."
            yield Verdict("retried_refused_credential", says, (refused[key].entry.id, analysis.entry.id))
        if _is_refused(analysis):
            refused.setdefault(key, analysis)


def _credential(headers: Mapping[str, str], operation: Operation) -> str:
    return " ".join(headers.get(s.field.lower(), "") for schemes in operation.security for s in schemes)


def _is_refused(analysis: Analysis) -> bool:
    errors = analysis.match.target.operation.errors if analysis.match else {}
    refusals = {reply.status for kind, reply in errors.items() if kind in ("unauthenticated", "forbidden")}
    return analysis.entry.status in refusals | {401, 403}


JUDGES: Mapping[str, Judge] = {
    "unmatched": _unmatched,
    "unknown_parameter": _unknown_parameter,
    "invalid_parameter": _refused_input,
    "ignored_retry_after": _ignored_retry_after,
    "endless_paging": _endless_paging,
    "built_page_url": _built_page_url,
    "retried_refused_credential": _retried_refused_credential,
    **WRITE_JUDGES,
    "used_dead_credential": judge_dead_tokens,
}
"""Every rule, and the function that finds who broke it."""


def find_verdicts(analyses: Sequence[Analysis]) -> list[Verdict]:
    """What one session's client did wrong, from its entries, oldest first. Preflights are no calls."""
    judged = [each for each in analyses if not each.is_preflight]
    return [verdict for judge in JUDGES.values() for verdict in judge(judged)]
