"""What a tester may change of a session, read from plain values and told as such."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mock_server.contract import load_readings
from mock_server.errors import Problem, with_suggestion
from mock_server.faults import get_scenario
from mock_server.sessions.factory import LIMIT_MODES, find_home
from mock_server.sessions.session_apis import SessionApis
from mock_server.state import Session

MAX_SESSION_RECORDS = 1_000_000
MAX_CLOCK_SECONDS = 10 * 365 * 86_400
MAX_TEXT = 200


def tell_session(apis: SessionApis, session: Session) -> dict[str, Any]:
    """A session as plain values; what it does not change is the server's own setting."""
    server = apis.services.variants.settings
    readings: dict[str, dict[str, str]] = {name: dict(api.contract.readings) for name, api in apis.apis.items()}
    for provider, reading, alternative in session.readings:
        readings.setdefault(provider, {})[reading] = alternative
    return {
        "name": session.name,
        "seed": session.seed if session.seed is not None else server.seed,
        "records": session.records if session.records is not None else server.records,
        "readings": {provider: chosen for provider, chosen in readings.items() if chosen},
        "scenarios": list(session.scenarios),
        "clockOffsetSeconds": session.clock_seconds,
        "limits": session.limits or server.limits,
        "lastUsed": round(session.touched, 3),
    }


def change_session(apis: SessionApis, session: Session, told: Any) -> Session:
    """The session with what was told changed and written down; raises Problem, and then nothing is changed."""
    if not isinstance(told, dict):
        raise Problem(422, "Not settings", "Expected a JSON object of settings.", sorted(READERS))
    changes: dict[str, Any] = {}
    for name, value in told.items():
        if name not in READERS:
            detail = with_suggestion(f"There is no setting {name!r}.", name, READERS)
            raise Problem(422, "Unknown setting", detail, sorted(READERS))
        field, read = READERS[name]
        changes[field] = read(apis, value)
    changed = session._replace(**changes)
    _require_compiled(apis, changed)
    return apis.services.sessions.save(changed, f"Session {session.name} changed: {', '.join(told) or 'nothing'}.")


def _require_compiled(apis: SessionApis, session: Session) -> None:
    """Open what the session will play, so that records are built now and what cannot be is said now."""
    for api in apis.apis.values():
        apis.get_api(session, api)


def _seed(apis: SessionApis, value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_TEXT:
        raise Problem(422, "Not a seed", f"A seed is a text of 1 to {MAX_TEXT} characters.")
    return None if value == apis.services.variants.settings.seed else value


def _records(apis: SessionApis, value: Any) -> int | None:
    if value is None:
        return None
    value = int(value) if isinstance(value, float) and value.is_integer() else value
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_SESSION_RECORDS:
        raise Problem(422, "Not a number of records", f"records is a whole number from 0 to {MAX_SESSION_RECORDS:,}.")
    return None if value == apis.services.variants.settings.records else value


def _scenarios(apis: SessionApis, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise Problem(422, "Not scenarios", "scenarios is a list of names.", sorted(apis.services.scenarios))
    return tuple(dict.fromkeys(get_scenario(apis.services.scenarios, name).name for name in value))


def _readings(apis: SessionApis, value: Any) -> tuple[tuple[str, str, str], ...]:
    chosen = value if isinstance(value, dict) else {"": value}
    found = []
    for provider, readings in chosen.items():
        if provider not in apis.apis or not isinstance(readings, dict):
            raise Problem(
                422,
                "Not readings",
                "readings maps a provider to readings to alternatives.",
                sorted(apis.apis),
            )
        known = _alternatives(apis, provider)
        for reading, alternative in readings.items():
            _require_alternative(known, provider, reading, alternative)
            if apis.apis[provider].contract.readings.get(reading, known[reading][0]) != alternative:
                found.append((provider, reading, alternative))
    return tuple(sorted(found))


def _alternatives(apis: SessionApis, provider: str) -> dict[str, list[str]]:
    """Each reading, and the ways to read it: the contract's own first."""
    return {each["id"]: [each["reading"], *each["alternatives"]] for each in find_readings(apis, provider)}


def _require_alternative(known: Mapping[str, list[str]], provider: str, reading: str, alternative: Any) -> None:
    if reading not in known:
        raise Problem(422, "Unknown reading", f"{provider} has no reading {reading!r}.", sorted(known))
    if alternative not in known[reading]:
        detail = f"The reading {provider}.{reading} has no alternative {alternative!r}."
        raise Problem(422, "Unknown alternative", detail, known[reading])


def find_readings(apis: SessionApis, provider: str) -> list[dict[str, Any]]:
    """The contradictions of a provider's documentation."""
    return load_readings((apis.services.variants.settings.schemas or find_home()) / provider)


def _clock(apis: SessionApis, value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or abs(value) > MAX_CLOCK_SECONDS:
        raise Problem(422, "Not an offset", "clockOffsetSeconds is a number of seconds, ten years at most.")
    return float(value)


def _limits(apis: SessionApis, value: Any) -> str | None:
    if value not in (None, *LIMIT_MODES):
        raise Problem(422, "Not a mode", f"There is no mode {str(value)[:MAX_TEXT]!r} of limits.", list(LIMIT_MODES))
    return None if value in (None, apis.services.variants.settings.limits) else str(value)


READERS: Mapping[str, tuple[str, Callable[[SessionApis, Any], Any]]] = {
    "seed": ("seed", _seed),
    "records": ("records", _records),
    "readings": ("readings", _readings),
    "scenarios": ("scenarios", _scenarios),
    "clockOffsetSeconds": ("clock_seconds", _clock),
    "limits": ("limits", _limits),
}
"""Every setting: the session's field, and what reads and checks it."""
