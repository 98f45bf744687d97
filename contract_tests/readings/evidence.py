"""Which of several contracts the recorded answers speak for: each is held against the one that is believed so far."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from contract_tests.readings.fingerprints import (
    APART,
    FITS,
    Fingerprint,
    agreement,
    choose,
    find_differences,
    fit,
)

Answers = Sequence[Fingerprint | None]
"""What a mock answers to each probe, in their order; None where the probe cannot be compared."""

Observed = Mapping[int, Fingerprint]
"""What the target answered, by the number of the probe."""


class Proof(NamedTuple):
    """What shows that an option is followed: the number of the probe, the name of the fact, and what it says."""

    number: int
    name: str
    fact: str


SAME = 0.002
"""Two contracts whose agreement differs by less explain the answers equally well."""


WEIGHT = 5
"""So many answers for an alternative outweigh one against it: what is refused, say, is documented nowhere."""


class Verdict(NamedTuple):
    """What speaks for a contract and against another: the numbers of the probes, and how much it explains of all.

    Of the wins, `lenient` are successes where the believed contract refuses: an API that takes wrong values for none
    answers them all so, whatever else it follows.
    """

    wins: frozenset[int]
    losses: frozenset[int]
    agreement: float
    lenient: frozenset[int] = frozenset()

    @property
    def is_sound(self) -> bool:
        """Whether something speaks for it, and next to nothing against it."""
        # Leniency alone outweighs nothing: it speaks for every alternative that does not read what was wrong.
        return bool(self.wins) and len(self.losses) * WEIGHT <= len(self.wins - self.lenient)


def compare(observed: Observed, believed: Answers, other: Answers, is_loose: bool = False) -> Verdict:
    """How the target's answers speak for `other` where it differs from what is `believed`.

    `is_loose` looks at the class of the status alone (a refusal, a redirect), for statuses that nobody documents.
    """
    wins, losses, lenient, shares = set(), set(), set(), []
    for number, target in observed.items():
        base, facts = believed[number], other[number]
        if base is None or facts is None:
            continue
        shares.append(agreement(target, facts))
        trio = (_class(target), _class(base), _class(facts)) if is_loose else (target, base, facts)
        outcome = _hold(*trio)
        is_lenient = target["status"] < 400 <= base["status"]
        # By its status alone a success shows only that something wrong was passed over, and not what.
        wins |= {number} if outcome > 0 and not (is_loose and is_lenient) else set()
        losses |= {number} if outcome < 0 else set()
        lenient |= {number} if outcome > 0 and is_lenient else set()
    return Verdict(frozenset(wins), frozenset(losses), sum(shares) / max(1, len(shares)), frozenset(lenient))


def find_unexplained(observed: Observed, believed: Answers) -> Observed:
    """The answers that the believed contract does not explain: another status, or few of its facts."""
    return {
        number: target
        for number, target in observed.items()
        if (facts := believed[number]) is not None
        and (target["status"] != facts["status"] or agreement(target, facts) < FITS)
    }


def is_other(observed: Observed, believed: Answers, answers: Answers) -> bool:
    """Whether a contract answers any of the same requests in another way than the believed one."""
    pairs = ((believed[number], answers[number]) for number in observed)
    return any(one is not None and other is not None and find_differences([one, other]) for one, other in pairs)


def _class(facts: Fingerprint) -> Fingerprint:
    status = facts["status"]
    # A credential that is refused is no wrong request.
    return {"status": status if status in (401, 403) else status // 100}


def _hold(target: Fingerprint, base: Fingerprint, facts: Fingerprint) -> int:
    """1 where only `facts` explain what the target answered, -1 where only `base` does, else 0."""
    names = find_differences([base, facts])
    if not names:
        return 0
    mine, theirs = fit(target, facts, names), fit(target, base, names)
    if mine[0] >= FITS and max(mine[0] - theirs[0], mine[1] - theirs[1]) >= APART:
        return 1
    return -1 if theirs[0] >= FITS and max(theirs[0] - mine[0], theirs[1] - mine[1]) >= APART else 0


def find_telling(options: Mapping[str, Answers], number: int) -> dict[str, Fingerprint]:
    """What each option answers to a probe, where that tells them apart; empty where it does not."""
    facts = {name: answer for name, answers in options.items() if (answer := answers[number]) is not None}
    is_telling = len(facts) == len(options) and find_differences(list(facts.values()))
    return facts if is_telling else {}


def find_left(observed: Observed, options: Mapping[str, Answers], chosen: str) -> set[str]:
    """The options beside the chosen one that no answer speaks against."""
    left = {name for name in options if name != chosen}
    return left - {other for other, _ in _exclusions(observed, options, chosen)}


def find_proof(observed: Observed, options: Mapping[str, Answers], chosen: str) -> Proof | None:
    """What shows first that the target follows `chosen`; None while another one may be it."""
    exclusions = list(_exclusions(observed, options, chosen))
    out = {other for other, _ in exclusions}
    is_proven = exclusions and out >= {name for name in options if name != chosen}
    return exclusions[0][1] if is_proven else None


def _exclusions(
    observed: Observed,
    options: Mapping[str, Answers],
    chosen: str,
) -> Iterator[tuple[str, Proof]]:
    """The options that answers which fit the chosen one speak against, and what shows it."""
    for number, target in observed.items() if chosen in options else ():
        for other in options:
            facts = find_telling({name: options[name] for name in (chosen, other)}, number) if other != chosen else {}
            decision = choose(target, facts) if facts else None
            if decision and decision.left == [chosen]:
                yield other, Proof(number, decision.name, decision.fact)
