"""What the checks yield: places where a target departs from its documentation, and how grave each is."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from mock_server.contract import find_pointer

BREAKING, ADDITIVE, NOTE = "breaking", "additive", "note"
GRADES = (BREAKING, ADDITIVE, NOTE)
"""Worst first. Breaking: a client written from the documentation fails. Additive: the target sends more than is
documented. Note: worth knowing, and nothing that was promised is broken."""

AS_DOCUMENTED, FINDINGS, WRONG_USE, NOT_REACHED, INCOMPLETE, OUR_MISTAKE = 0, 1, 2, 3, 4, 70
"""Exit codes: nothing breaks; something does; wrong use; the documented API does not answer, or refuses the credential;
the run ended before every check had its calls, and nothing breaks as far as it went; a check of ours crashed."""

OTHER_CASE = "members are written in another case"
"""The words by which a change of case of many names is known for one."""


def fold_name(name: str) -> str:
    """A member's name without its case, be it upper, snake, kebab or camel."""
    return re.sub("[-_ ]", "", name).casefold()


@dataclass(frozen=True)
class Evidence:
    """What a rule rests on: the documentation's sentence, the assumption, or both.

    `assumed` is the reason the contract gives where the rule (not just the thing it is about) is our reading.
    """

    sentence: str = ""
    assumed: str = ""


NONE = Evidence()
"""Nothing documented and nothing assumed."""


@dataclass(frozen=True)
class Finding:
    """One place where a target departs from the contract.

    `check` is the dotted name of the rule (`paging.size`), `place` a JSON Pointer in the answer or the name of
    a header; `reproduce` is a curl line with the credential as a shell variable, `minimal` the
    smallest one that still fails, where that is another. `also` are the findings that were merged into this one, a
    line each, and `covers` their fingerprints.
    """

    provider: str
    operation: str
    check: str
    place: str
    problem: str
    expected: str
    actual: str
    grade: str = BREAKING
    sentence: str = ""
    assumed: str = ""
    reproduce: str = ""
    times: int = 1
    known: str = ""
    minimal: str = ""
    also: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """The same for the same departure in every run: values that change from call to call are left out."""
        # Not `expected` and `actual`: they hold keys and totals of this run's records.
        parts = (self.provider, self.operation, self.check, self.place, self.problem)
        return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=6).hexdigest()

    def as_dict(self) -> dict[str, Any]:
        """As it stands in the JSON report."""
        return {**asdict(self), "fingerprint": self.fingerprint}


_OF_THE_THING = {"required", ""}
"""What a quoted description vouches for: that the thing is there. The rest of a node with `x-assumed` is assumed."""


def find_evidence(node: Mapping[str, Any], detail: str = "", value: object = None) -> Evidence:
    """The evidence for one aspect of a node: `detail` is the keyword or rule in question, empty for its existence.

    A quoted `description` vouches that the thing is there, and for a `value` (a default, a maximum, a status) that
    it names; where `x-assumed` stands beside it, the rest is the assumption's. Without a quote everything is.
    """
    described = str(node.get("description", ""))
    sentence = described if described.startswith('"') else ""
    assumed = str(node.get("x-assumed", ""))
    if sentence and (detail in _OF_THE_THING or names_value(sentence, value)):
        return Evidence(sentence)
    return Evidence(sentence, assumed)


def names_value(sentence: str, value: object) -> bool:
    """Whether a quotation names a value, as a word of its own; the lines it stands on are not of it."""
    quoted = sentence.rpartition('"')[0]
    return value not in (None, "") and re.search(rf"(?<!\w){re.escape(str(value))}(?!\w)", quoted) is not None


def find_along(schema: Any, path: Iterable[Any]) -> Evidence:
    """The evidence for a place in a schema: that of the nearest node above it that has any."""
    steps = list(path)
    nodes = [schema]
    for step in steps:
        schema = _enter(schema, step)
        nodes.append(schema)
    keyword = str(next((step for step in reversed(steps) if isinstance(step, str)), ""))
    # The nearest node that says anything: a field without a note of its own shares its parent's evidence.
    for node in reversed(nodes):
        if isinstance(node, Mapping) and ("description" in node or "x-assumed" in node):
            evidence = find_evidence(node, keyword)
            if evidence.sentence or evidence.assumed:
                return evidence
    return Evidence()


def _enter(schema: Any, step: Any) -> Any:
    if isinstance(schema, Mapping):
        return schema.get(step)
    if isinstance(schema, list) and isinstance(step, int) and step < len(schema):
        return schema[step]
    return None


def find_node(document: Mapping[str, Any], pointer: str) -> Mapping[str, Any]:
    """The mapping at a JSON Pointer of a contract's document, references followed; empty where there is none."""
    node = find_pointer(document, pointer)
    while isinstance(node, Mapping) and isinstance(node.get("$ref"), str):
        node = find_pointer(document, node["$ref"].partition("#")[2])
    return node if isinstance(node, Mapping) else {}
