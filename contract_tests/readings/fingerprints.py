"""An answer reduced to what shows how a provider behaves: comparable between a target and a mock with other records."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from contract_tests.findings import fold_name
from contract_tests.transport import NO_JSON

MAX_WORDS = 12
"""A field with at most so many different texts is a list of words; above it only their form counts."""

FORMS = (
    ("empty", r""),
    ("uuid", r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
    ("e-mail", r"[^@\s]+@[^@\s]+"),
    ("E.164", r"\+\d{6,15}"),
    ("phone with plus", r"\+\d[\d ()-]*"),
    ("digits", r"\d+"),
    ("upper case", r"[A-Z]{2,3}"),
    ("URL", r"https?://.*"),
)
"""Forms of a text, by the pattern that all of it has; anything else is text."""

_PATTERNS = [(name, re.compile(pattern, re.DOTALL)) for name, pattern in FORMS]


class Observation(NamedTuple):
    """What came back, wherever from: `prefix` is the path before the documented one in its links."""

    status: int
    reason: str
    media_type: str
    body: Any
    prefix: str
    location: str = ""


def find_spellings(documents: Iterable[Any]) -> dict[str, str]:
    """The names of all members that documents describe, by their letters alone; none that is written in two ways."""
    names = {name for document in documents for name in _find_properties(document)}
    counts = Counter(map(fold_name, names))
    return {fold_name(name): name for name in names if counts[fold_name(name)] == 1}


def _find_properties(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        properties = node.get("properties")
        yield from properties if isinstance(properties, Mapping) else ()
    for each in node.values() if isinstance(node, Mapping) else node if isinstance(node, list) else ():
        yield from _find_properties(each)


def rename_members(body: Any, known: Mapping[str, str]) -> Any:
    """The body with the names of its members spelled as `known` has them.

    Whoever writes all names in another case follows no other reading by that.
    """
    if isinstance(body, dict):
        return {known.get(fold_name(name), name): rename_members(value, known) for name, value in body.items()}
    return [rename_members(each, known) for each in body] if isinstance(body, list) else body


class Precision(NamedTuple):
    """How closely an answer is looked at.

    `records`: the forms of its records count; `values`: so do values, but of a single record only the forms;
    `order`: the place of each record, by its `key`, in the whole list, so that other records compare as well.
    """

    records: bool = False
    values: bool = True
    coarse: bool = False
    key: str = ""
    order: Mapping[str, int] = {}


EXACT = Precision()
"""Every value as it is."""

Fingerprint = dict[str, Any]
"""Facts of an answer by name; a set of forms for what many records show."""


def take_fingerprint(observation: Observation, precision: Precision = EXACT) -> Fingerprint:
    """The facts of an answer, as closely as the precision looks."""
    facts: Fingerprint = {"status": observation.status, "media type": observation.media_type}
    if observation.status >= 400 and observation.reason:
        facts["reason phrase"] = observation.reason
    if observation.location:
        # One that is relative leads to the same place: only the path and the query are compared.
        facts["location"] = _fact(urljoin("http://any/", observation.location), observation.prefix, precision)
    if observation.body is NO_JSON:
        return {**facts, "body": "no JSON"}
    # An error's words do not depend on the records.
    if observation.status >= 400:
        precision = EXACT
    return facts | dict(_flatten(observation.body, "", observation.prefix, precision))


def _flatten(value: Any, place: str, prefix: str, precision: Precision) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield f"{place}{{}}", "object" if precision.coarse else frozenset(value)
        for name, member in value.items():
            yield from _flatten(member, f"{place}/{name}", prefix, precision)
    elif isinstance(value, list):
        yield f"{place}[]", ("some" if value else "none") if precision.coarse else len(value)
        if value and all(isinstance(each, dict) for each in value) and not precision.coarse:
            yield from _flatten_records(value, place) if precision.records else _place_in_order(value, place, precision)
    else:
        yield place, _fact(value, prefix, precision)


def _place_in_order(records: list[dict[str, Any]], place: str, precision: Precision) -> Iterator[tuple[str, Any]]:
    if precision.key in records[0]:
        yield f"{place}[] begins with record", precision.order.get(repr(records[0][precision.key]))


def _fact(value: Any, prefix: str, precision: Precision) -> Any:
    if isinstance(value, str) and value.startswith(("http://", "https://")):
        parts = urlsplit(value)
        query = f"?{parts.query}" if parts.query else ""
        # The host and what is in front of the documented path differ between any two servers.
        return parts.path.removeprefix(prefix) + query
    if precision.coarse and isinstance(value, int) and not isinstance(value, bool):
        return "some" if value else "none"
    return value if precision.values and not isinstance(value, float) else form(value)


def _flatten_records(records: list[dict[str, Any]], place: str) -> Iterator[tuple[str, Any]]:
    """What many records show: which fields, in which forms, which fields are always equal, which are unique."""
    columns: dict[str, list[Any]] = {}
    for record in records:
        for name, value in _leaves(record, ""):
            columns.setdefault(name, []).append(value)
    for name, values in columns.items():
        forms = _words(values) or frozenset(map(form, values))
        yield f"{place}/*{name}", forms | ({"absent"} if len(values) < len(records) else frozenset())
        if len(records) > 1:
            yield f"{place}/*{name} is unique", len(set(map(repr, values))) == len(values)
    texts = [name for name, values in columns.items() if len(values) == len(records) and isinstance(values[0], str)]
    for one, other in itertools.combinations(texts, 2):
        yield f"{place}/*{one} = {other}", columns[one] == columns[other]


def _leaves(value: Any, place: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for name, member in value.items():
            yield from _leaves(member, f"{place}/{name}")
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        yield f"{place}[]", len(value) > 0
        yield from _leaves(value[0], f"{place}/0")
    else:
        yield place, value


def _words(values: list[Any]) -> frozenset[str] | None:
    words = {value for value in values if isinstance(value, str)}
    # Few words for many records are a vocabulary (a status); many are data (a name).
    if not words or len(words) > min(MAX_WORDS, len(values) // 4):
        return None
    return frozenset(repr(value) if isinstance(value, str) else form(value) for value in values)


def form(value: Any) -> str:
    """The form of one value: its JSON type, of a text what it looks like, of a number whether it fits 32 bits."""
    if isinstance(value, str):
        return next((name for name, pattern in _PATTERNS if pattern.fullmatch(value)), "text")
    if isinstance(value, bool) or value is None:
        return "boolean" if value is not None else "null"
    if isinstance(value, int):
        return "integer" if abs(value) < 2**31 else "integer above 32 bits"
    return {float: "number", list: "array", dict: "object"}.get(type(value), "other")


def find_differences(options: list[Fingerprint]) -> list[str]:
    """The facts that tell some of the options from the others."""
    names = {name: None for option in options for name in option}
    return [name for name in names if len({repr(_sorted(option.get(name))) for option in options}) > 1]


def _sorted(value: Any) -> Any:
    return sorted(value) if isinstance(value, frozenset) else value


def compare_facts(actual: Any, expected: Any) -> int:
    """How well a fact of the target fits an option: 2 the same, 1 a part of what the option may show, 0 neither."""
    if actual == expected:
        return 2
    both = isinstance(actual, frozenset) and isinstance(expected, frozenset)
    return 1 if both and actual and actual <= expected else 0


FITS, APART = 0.75, 0.3
"""An option fits when three quarters of what tells the options apart agree; one with clearly less is out."""


class Decision(NamedTuple):
    """The options that an answer leaves, and the fact that shows it best: its name, and what it says."""

    left: list[str]
    name: str = ""
    fact: str = ""


def choose(target: Fingerprint, options: Mapping[str, Fingerprint]) -> Decision:
    """Which options the target's answer leaves, by the facts that tell them apart; none where it fits none."""
    names = find_differences(list(options.values()))
    fits = {option: fit(target, facts, names) for option, facts in options.items()}
    best = max(fits, key=lambda option: fits[option])
    if fits[best][0] < FITS:
        return Decision([])
    left = [o for o, fit in fits.items() if fits[best][0] - fit[0] < APART and fits[best][1] - fit[1] < APART]
    name = max(names, key=lambda n: compare_facts(target.get(n), options[best].get(n)))
    return Decision(left, name, f"{name} is {_describe(target.get(name))}")


def fit(target: Fingerprint, facts: Fingerprint, names: list[str]) -> tuple[float, float]:
    """How much of what tells options apart agrees: at all, and to the letter. Another status is another answer."""
    # However alike two bodies are, a refusal is no success, also where the options do not differ by their status.
    if ("status" in names and target["status"] != facts["status"]) or _succeeds(target) != _succeeds(facts):
        return 0.0, 0.0
    scores = [compare_facts(target.get(name), facts.get(name)) for name in names]
    return sum(score > 0 for score in scores) / max(1, len(scores)), sum(scores) / max(1, 2 * len(scores))


def _succeeds(facts: Fingerprint) -> bool:
    return bool(facts["status"] < 400)


def agreement(target: Fingerprint, facts: Fingerprint) -> float:
    """The share of all facts of both that agree."""
    names = {*target, *facts}
    return sum(compare_facts(target.get(name), facts.get(name)) > 0 for name in names) / max(1, len(names))


def _describe(value: Any) -> str:
    if isinstance(value, frozenset):
        return ", ".join(sorted(value)[:6]) or "nothing"
    return "absent" if value is None else str(value)[:80]
