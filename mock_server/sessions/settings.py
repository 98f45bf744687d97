"""What a tester may change of a session, read from plain values and described as such."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from mock_server.contract import Contract, load_readings
from mock_server.errors import Problem, with_suggestion
from mock_server.faults import Scenario, show_played
from mock_server.sessions.factory import MAX_RECORDS, Settings, find_own_folder
from mock_server.sessions.modes import LIMIT_MODES
from mock_server.sessions.narrowing import read_played
from mock_server.state import Session

MAX_CLOCK_SECONDS = 10 * 365 * 86_400
MAX_TEXT = 200
MAX_PLAYED = 500


class Choices(NamedTuple):
    """What a session can choose from: the server's own settings, the contracts it plays and the scenarios it knows."""

    server: Settings
    contracts: Mapping[str, Contract]
    scenarios: Mapping[str, Scenario]


def describe_session(choices: Choices, session: Session) -> dict[str, Any]:
    """A session as plain values; what it does not change is the server's own setting."""
    server = choices.server
    readings: dict[str, dict[str, str]] = {name: dict(each.readings) for name, each in choices.contracts.items()}
    for provider, reading, alternative in session.readings:
        readings.setdefault(provider, {})[reading] = alternative
    return {
        "name": session.name,
        "seed": session.seed if session.seed is not None else server.seed,
        "records": session.records if session.records is not None else server.records,
        "readings": {provider: chosen for provider, chosen in readings.items() if chosen},
        "scenarios": [show_played(each) for each in session.scenarios],
        "clockOffsetSeconds": session.clock_seconds,
        "limits": session.limits or server.limits,
        "lastUsed": round(session.touched, 3),
    }


def read_changes(choices: Choices, session: Session, changes: Any) -> Session:
    """The session with the changes that a JSON object names.

    Raises:
        Problem: 422 for what is no setting, or cannot be chosen; it lists what can.
    """
    if not isinstance(changes, dict):
        raise Problem(422, "Not settings", "Expected a JSON object of settings.", sorted(READERS))
    fields: dict[str, Any] = {}
    for name, value in changes.items():
        if name not in READERS:
            detail = with_suggestion(f"There is no setting {name!r}.", name, READERS)
            raise Problem(422, "Unknown setting", detail, sorted(READERS))
        field, read = READERS[name]
        fields[field] = read(choices, value)
    changed = session._replace(**fields)
    return changed if changed.clock_seconds == session.clock_seconds else changed.note_clock()


# A value that is the server's own is read as None, so that the default session can be plain, and quick, again.


def _seed(choices: Choices, value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_TEXT:
        raise Problem(422, "Not a seed", f"A seed is a text of 1 to {MAX_TEXT} characters.")
    return None if value == choices.server.seed else value


def _records(choices: Choices, value: Any) -> int | None:
    if value is None:
        return None
    value = int(value) if isinstance(value, float) and value.is_integer() else value
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_RECORDS:
        raise Problem(422, "Not a number of records", f"records is a whole number from 0 to {MAX_RECORDS:,}.")
    return None if value == choices.server.records else value


def _scenarios(choices: Choices, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MAX_PLAYED:
        detail = f"scenarios is a list of names, or of objects with name and when, {MAX_PLAYED} at most."
        raise Problem(422, "Not scenarios", detail, sorted(choices.scenarios))
    return tuple(dict.fromkeys(read_played(choices, each) for each in value))


def _readings(choices: Choices, value: Any) -> tuple[tuple[str, str, str], ...]:
    if not isinstance(value, dict):
        raise _not_readings(choices)
    chosen: dict[tuple[str, str], str] = {}
    for name, readings in value.items():
        provider, dot, reading = name.partition(".")
        # `fatora.notes-field`, as commands spell it, is the reading `notes-field` of `fatora`.
        readings = {reading: readings} if dot else readings
        if provider not in choices.contracts or not isinstance(readings, dict):
            raise _not_readings(choices)
        known = _find_alternatives(choices.server, provider)
        for key, alternative in readings.items():
            _require_alternative(known, provider, key, alternative)
            own = choices.contracts[provider].readings.get(key, known[key][0])
            chosen[provider, key] = "" if alternative == own else alternative
    return tuple((provider, key, other) for (provider, key), other in sorted(chosen.items()) if other)


def _not_readings(choices: Choices) -> Problem:
    says = "readings maps a provider to readings to alternatives, or provider.reading to an alternative."
    return Problem(422, "Not readings", says, sorted(choices.contracts))


def _find_alternatives(server: Settings, provider: str) -> dict[str, list[str]]:
    """Each reading, and the ways to read it: the contract's own first."""
    return {each["id"]: [each["reading"], *each["alternatives"]] for each in find_readings(server, provider)}


def _require_alternative(known: Mapping[str, list[str]], provider: str, reading: str, alternative: Any) -> None:
    if reading not in known:
        detail = with_suggestion(f"{provider} has no reading {reading!r}.", reading, known)
        raise Problem(422, "Unknown reading", detail, sorted(known))
    if alternative not in known[reading]:
        detail = with_suggestion(
            f"The reading {provider}.{reading} has no alternative {alternative!r}.",
            alternative,
            known[reading],
        )
        raise Problem(422, "Unknown alternative", detail, known[reading])


def find_readings(server: Settings, provider: str) -> list[dict[str, Any]]:
    """The contradictions of a provider's documentation."""
    folder = find_own_folder(server, provider)
    return load_readings(folder) if folder else []


def _clock(choices: Choices, value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or abs(value) > MAX_CLOCK_SECONDS:
        raise Problem(422, "Not an offset", "clockOffsetSeconds is a number of seconds, ten years at most.")
    return float(value)


def _limits(choices: Choices, value: Any) -> str | None:
    if value not in (None, *LIMIT_MODES):
        raise Problem(422, "Not a mode", f"There is no mode {str(value)[:MAX_TEXT]!r} of limits.", list(LIMIT_MODES))
    return None if value in (None, choices.server.limits) else str(value)


READERS: Mapping[str, tuple[str, Callable[[Choices, Any], Any]]] = {
    "seed": ("seed", _seed),
    "records": ("records", _records),
    "readings": ("readings", _readings),
    "scenarios": ("scenarios", _scenarios),
    "clockOffsetSeconds": ("clock_seconds", _clock),
    "limits": ("limits", _limits),
}
"""Every setting: the session's field, and what reads and checks it."""
