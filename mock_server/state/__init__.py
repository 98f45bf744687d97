"""What changes while serving: sessions, counters, rate limits and the journal, shared by all worker processes."""

from __future__ import annotations

from mock_server.state.changes import EVERYONE, Changes
from mock_server.state.counters import Counts, open_counts
from mock_server.state.database import KEPT, find_damage
from mock_server.state.journal import Entry, Journal, reserve_journal
from mock_server.state.lags import Lags
from mock_server.state.mappings import MappingRow, Mappings
from mock_server.state.rate_limits import Quota, RateLimits
from mock_server.state.redaction import REDACTED, Redaction, hide_header, hide_secrets
from mock_server.state.secret_forms import find_forms, is_searched
from mock_server.state.secret_marks import find_salt
from mock_server.state.secret_names import is_secret_name
from mock_server.state.secret_search import SecretSearch
from mock_server.state.session_journal import SessionJournal
from mock_server.state.session_store import DEFAULT, MAX_SESSIONS, Session, Sessions, check_name
from mock_server.state.shared_state import SharedState, open_state
from mock_server.state.tokens import (
    ACCESS,
    CODE,
    EVERY_SCOPE,
    EXPIRED,
    REFRESH,
    REPLACED,
    REVOKED,
    USED,
    IssuedToken,
    IssuedTokens,
)
from mock_server.state.written import FIRST, LAST, NOTHING_WRITTEN, Change, Written

__all__ = [
    "ACCESS",
    "CODE",
    "DEFAULT",
    "EVERYONE",
    "EVERY_SCOPE",
    "EXPIRED",
    "FIRST",
    "KEPT",
    "LAST",
    "MAX_SESSIONS",
    "NOTHING_WRITTEN",
    "REDACTED",
    "REFRESH",
    "REPLACED",
    "REVOKED",
    "USED",
    "Change",
    "Changes",
    "Counts",
    "Entry",
    "IssuedToken",
    "IssuedTokens",
    "Journal",
    "Lags",
    "MappingRow",
    "Mappings",
    "Quota",
    "RateLimits",
    "Redaction",
    "SecretSearch",
    "Session",
    "SessionJournal",
    "Sessions",
    "SharedState",
    "Written",
    "check_name",
    "find_damage",
    "find_forms",
    "find_salt",
    "hide_header",
    "hide_secrets",
    "is_searched",
    "is_secret_name",
    "open_counts",
    "open_state",
    "reserve_journal",
]
