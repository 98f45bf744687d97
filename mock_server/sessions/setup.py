"""From what a server is started with to the mock APIs that each of its workers plays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mock_server.contract import Contract, Form
from mock_server.errors import Problem, UsageError
from mock_server.faults import Scenario, get_scenario, load_scenarios
from mock_server.mappings import StubMapping
from mock_server.sessions.factory import Progress, Settings, find_mounts, make_apis
from mock_server.sessions.narrowing import find_form
from mock_server.sessions.providers import Understanding
from mock_server.sessions.session_apis import SessionApis, SessionServices
from mock_server.sessions.variants import Variants
from mock_server.state import MAX_SESSIONS, Journal, Redaction, Sessions, find_salt, open_state


@dataclass(frozen=True)
class Setup:
    """What a server plays and how, the same for all its workers.

    `folder` is where they share what changes; `playing` names the scenarios that the default session plays from the
    start; no more than `max_sessions` live at a time. `understood` says what was inferred of plain documents.
    `mappings` are the responses of a tester's own with which every session begins. `is_edited` where all this may
    change while the server runs.
    """

    contracts: Mapping[str, Contract]
    settings: Settings
    scenarios: Mapping[str, Scenario]
    folder: Path
    playing: tuple[str, ...] = ()
    keeps_journal: bool = True
    max_sessions: int = MAX_SESSIONS
    understood: Mapping[str, Understanding] = field(default_factory=dict)
    mappings: tuple[StubMapping, ...] = ()
    is_edited: bool = False


def make_session_apis(
    setup: Setup,
    progress: Progress | None = None,
    slot: int = 0,
    before: SessionApis | None = None,
) -> SessionApis:
    """The mock APIs of one worker (`slot`); what they share with the other workers rests in the setup's folder.

    Those that played `before` in this worker hand on what requests changed, and the journal, which has one writer.

    Raises:
        UsageError: a scenario of the start is not known; a StorageError where records cannot be kept.
    """
    settings, folder = setup.settings, setup.folder
    playing = _check_playing(setup)
    known = before.services if before else None
    state = known.state if known else open_state(folder, counts_in_memory=settings.shared is None)
    mock_apis = make_apis(setup.contracts, settings, progress, state)
    sessions = known.sessions if known else Sessions(folder, state, setup.max_sessions, playing)
    journal = _open_journal(setup, slot, known.journal if known else None)
    variants = Variants(setup.contracts, settings, state)
    services = SessionServices(setup.scenarios, sessions, variants, state, journal, setup.mappings)
    mounts = find_mounts(setup.contracts, settings)
    return SessionApis(mock_apis.apis, services, settings.trust_proxy, mounts, setup.understood)


def _check_playing(setup: Setup) -> tuple[str, ...]:
    try:
        return tuple(get_scenario(setup.scenarios, name).name for name in setup.playing)
    except Problem as problem:
        raise UsageError(f"{problem.detail} `understudy scenarios` lists them.") from None


def _open_journal(setup: Setup, slot: int, before: Journal | None) -> Journal | None:
    if not setup.keeps_journal:
        return None
    redaction = Redaction.of_contracts(setup.contracts.values(), find_salt(setup.folder))
    return before.renewed(redaction) if before else Journal(setup.folder, redaction, slot, keeps_bodies=setup.is_edited)


def load_stock(form: Form, folders: Iterable[Path] = ()) -> dict[str, Scenario]:
    """The scenarios that come with Understudy, and those of more folders."""
    return load_scenarios(form, [find_stock(), *folders])


def find_stock() -> Path:
    """The folder of the scenarios that come with Understudy."""
    inside = Path(__file__).parents[1] / "scenarios"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "fixtures" / "scenarios"


def load_form() -> Form:
    """The form of a scenario's file."""
    return find_form()
