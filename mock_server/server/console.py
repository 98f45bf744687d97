"""The console: pages to see and steer the mock, at `/`. Plain HTML forms; htmx only spares reloading."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import flask
from flask import Flask
from werkzeug.exceptions import NotFound

from mock_server.engine import MockApi
from mock_server.errors import Problem
from mock_server.faults import show_played, split_played
from mock_server.server import console_views as views
from mock_server.server.access import TOKEN_COOKIE
from mock_server.server.admin import Admin
from mock_server.server.api_docs import POLICY, current_mistake, redirect, render_page
from mock_server.sessions import (
    LIMIT_MODES,
    MAX_RECORDS,
    SessionApis,
    default_cache,
    find_verdicts,
    restore,
)
from mock_server.state import DEFAULT, Session, check_name

COOKIE = "understudy-session"
LISTED = 60
REPORT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; sandbox allow-scripts"
PAGE_POLICY = POLICY + "; frame-src 'self'"


class Console:
    """The pages, each a method; `admin` does what they steer."""

    def __init__(self, admin: Admin) -> None:
        self.admin: Admin = admin
        self.apis: SessionApis = admin.apis

    def session(self) -> Session:
        """The session that this browser looks at."""
        name = flask.request.cookies.get(COOKIE, DEFAULT)
        try:
            return self.admin.sessions.get(check_name(name))
        except Problem:
            return self.admin.sessions.get(DEFAULT)

    def page(self, name: str, **values: Any) -> flask.Response:
        """A page with what all of them show."""
        session = self.session()
        return render_page(
            f"console/{name}.html",
            PAGE_POLICY,
            here=name,
            session=self.apis.describe(session),
            sessions=[each.name for each in self.admin.sessions.all()],
            mistake=current_mistake(),
            **values,
        )

    def get_api(self, provider: str) -> MockApi:
        """A provider that is played here; raises NotFound."""
        if provider not in self.apis.apis:
            raise NotFound(f"No provider {provider!r} is played here; known: {', '.join(self.apis.apis)}.")
        return self.apis.apis[provider]

    def overview(self) -> Any:
        """`/`."""
        token = flask.request.args.get("token", "")
        if token:
            # A wrong one is refused before this from elsewhere, and does no harm from here.
            answer = redirect("/", 302)
            answer.set_cookie(TOKEN_COOKIE, token, httponly=True, samesite="Strict")
            return answer
        base = flask.request.host_url.rstrip("/")
        listed = [
            views.show_provider(api, base, self.apis.understood.get(name)) for name, api in self.apis.apis.items()
        ]
        return self.page("overview", providers=listed, base=base)

    def attempt(self, provider: str, operation: str) -> flask.Response:
        """A form for an operation, and what it was answered."""
        api, query = self.get_api(provider), flask.request.args
        documented = views.find_operation(api, operation)
        if documented is None:
            raise NotFound(f"{provider} has no operation {operation!r}.")
        values = {name[2:]: value for name, value in query.items() if name.startswith("p.")}
        state, scenario, answer = query.get("credential", "valid"), query.get("scenario", ""), None
        if "send" in query:
            base = flask.request.host_url.rstrip("/")
            name = self.session().name
            request = views.make_request(documented, values, base, provider, name, state, scenario)
            answer = views.show_answer(request, self.apis.answer)
        schemes = [scheme for alternative in documented.security for scheme in alternative]
        states = sorted({state for scheme in schemes for state in scheme.values}, reverse=True)
        return self.page(
            "attempt",
            provider=provider,
            title=api.contract.title,
            operation=documented,
            answer=answer,
            states=states,
            state=state,
            parameters=views.show_parameters(api, documented, values),
            scenario=scenario,
            scenarios=sorted(self.apis.services.scenarios),
        )

    def requests(self) -> flask.Response:
        """The journal, newest first, and what the client did wrong."""
        name = self.session().name
        everyone = flask.request.args.get("all") == "1"
        wanted = "" if everyone else name
        entries, overwritten = self.admin.journal.newest(wanted), self.admin.journal.totals(wanted)["overwritten"]
        analyses = [self.apis.analyze(each) for each in entries]
        verdicts = find_verdicts(analyses)
        listed = [views.show_entry(each) for each in analyses[::-1][:LISTED]]
        journal = self.apis.services.journal is not None
        return self.page(
            "requests",
            entries=listed,
            overwritten=overwritten,
            verdicts=verdicts,
            everyone=everyone,
            journal=journal,
        )

    def request(self, identifier: str) -> flask.Response:
        """One request."""
        return self.page("request", entry=views.show_whole_entry(self.apis.analyze(self.admin.get_entry(identifier))))

    def again(self, identifier: str) -> Any:
        """Play a request again and show the new one."""
        entry = self.admin.get_entry(identifier)
        self.apis.answer(restore(self.apis.analyze(entry)))
        newest = self.admin.journal.newest(entry.session, 1)
        return redirect(f"/console/requests/{newest[-1].id if newest else identifier}")

    def scenarios(self) -> flask.Response:
        """Every scenario, to switch on and off."""
        return self.page("scenarios", groups=views.show_scenarios(self.apis.services.scenarios, self.session()))

    def switch(self, name: str) -> Any:
        """Switch a scenario on or off."""
        session = self.session()
        others = [show_played(each) for each in session.scenarios if split_played(each)[0] != name]
        wanted = others if len(others) < len(session.scenarios) else [*others, name]
        self.apis.change(session, {"scenarios": wanted})
        return redirect(f"/console/scenarios#{name}")

    def data(self, provider: str, collection: str) -> flask.Response:
        """A collection as a table."""
        api = self.get_api(provider)
        if collection not in api.contract.collections:
            raise NotFound(f"{provider} has no collection {collection!r}.")
        word, page = flask.request.args.get("q", "")[:200], _page_number()
        source = self.apis.find_records(self.session(), api, collection)
        table = views.show_records(source, word, page)
        return self.page(
            "data",
            provider=provider,
            title=api.contract.title,
            collection=collection,
            word=word,
            table=table,
        )

    def all_data(self) -> Any:
        """The first collection there is."""
        pairs = [(name, c) for name, api in self.apis.apis.items() for c in api.contract.collections]
        return redirect(f"/console/data/{pairs[0][0]}/{quote(pairs[0][1])}" if pairs else "/", 302)

    def readings(self) -> flask.Response:
        """The contradictions of the documentations, side by side."""
        chosen = self.apis.describe(self.session())["readings"]
        listed = [
            views.show_readings(api, self.apis.find_readings(name), chosen.get(name, {}))
            for name, api in self.apis.apis.items()
        ]
        return self.page("readings", providers=listed)

    def choose(self, provider: str, reading: str) -> Any:
        """Choose how a contradiction is read."""
        session = self.session()
        chosen: dict[str, dict[str, str]] = {}
        for name, key, value in session.readings:
            chosen.setdefault(name, {})[key] = value
        chosen.setdefault(provider, {})[reading] = flask.request.form.get("alternative", "")
        self.apis.change(session, {"readings": chosen})
        return redirect(f"/console/readings#{provider}.{reading}")

    def settings(self) -> flask.Response:
        """Seed, count, limits and clock; the sessions there are."""
        sessions = [self.apis.describe(each) for each in self.admin.sessions.all()]
        return self.page("settings", all_sessions=sessions, modes=LIMIT_MODES, most_records=MAX_RECORDS)

    def change(self) -> Any:
        """Change the session's settings."""
        form = flask.request.form
        records, clock = form.get("records", "").strip(), form.get("clock", "").strip() or "0"
        changes = {
            "seed": form.get("seed") or None,
            "limits": form.get("limits") or None,
            "records": int(records) if records.isdecimal() and records.isascii() else records or None,
            "clockOffsetSeconds": _float(clock),
        }
        self.apis.change(self.session(), changes)
        return redirect("/console/settings")

    def look(self) -> Any:
        """Look at another session; made on its first use."""
        name = self.admin.sessions.get(check_name(flask.request.form.get("name", "").strip() or DEFAULT)).name
        answer = redirect(_back())
        answer.set_cookie(COOKIE, name, httponly=True, samesite="Strict")
        return answer

    def reset(self, name: str) -> Any:
        """Put a session to its start."""
        self.admin.sessions.reset(check_name(name))
        return redirect("/console/settings")

    def end(self, name: str) -> Any:
        """End a session."""
        self.admin.sessions.delete(check_name(name))
        return redirect("/console/settings")

    def report(self) -> flask.Response:
        """The last contract report of this machine."""
        return self.page("report", found=_report().is_file())

    def report_page(self) -> flask.Response:
        """The report itself, in a frame that may do nothing but run its own script."""
        if not _report().is_file():
            raise NotFound("There is no report yet.")
        answer = flask.Response(_report().read_bytes(), content_type="text/html; charset=utf-8")
        answer.headers["Content-Security-Policy"] = REPORT_POLICY
        return answer


def _report() -> Path:
    return default_cache() / "last-report.html"


def _page_number() -> int:
    text = flask.request.args.get("page", "1")
    return max(1, int(text)) if text.isdecimal() and text.isascii() and len(text) < 9 else 1


def _float(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text


def _back() -> str:
    """The page that a form stands on; only one of ours."""
    path = flask.request.form.get("back", "/")
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"


def register_console(app: Flask, console: Console) -> None:
    """Add the console to the application."""
    for method, path, view in _routes(console):
        app.add_url_rule(path, f"console {method} {path}", view, methods=[method])


def _routes(console: Console) -> tuple[tuple[str, str, Callable[..., Any]], ...]:
    return (
        ("GET", "/", console.overview),
        ("GET", "/console/try/<provider>/<path:operation>", console.attempt),
        ("GET", "/console/requests", console.requests),
        ("GET", "/console/requests/<identifier>", console.request),
        ("POST", "/console/requests/<identifier>/again", console.again),
        ("GET", "/console/scenarios", console.scenarios),
        ("POST", "/console/scenarios/<name>", console.switch),
        ("GET", "/console/data", console.all_data),
        ("GET", "/console/data/<provider>/<path:collection>", console.data),
        ("GET", "/console/readings", console.readings),
        ("POST", "/console/readings/<provider>/<reading>", console.choose),
        ("GET", "/console/settings", console.settings),
        ("POST", "/console/settings", console.change),
        ("POST", "/console/sessions", console.look),
        ("POST", "/console/sessions/<name>/reset", console.reset),
        ("POST", "/console/sessions/<name>/end", console.end),
        ("GET", "/console/report", console.report),
        ("GET", "/console/report/page", console.report_page),
    )
