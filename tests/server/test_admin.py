"""The admin API over a socket: WireMock's shapes, verdicts, events, and every lesson of security as a black box."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest
import yaml

from tests.conftest import CREDENTIALS, LISTS, ROOT, Served, Start
from tests.raw import Answer, send
from tests.sessions.test_sessions import admin, ask, find_value

KEY = CREDENTIALS["fatora"]
LOCAL = {"host": "127.0.0.1"}


@pytest.fixture(scope="module")
def served(start: Start) -> Served:
    """A server whose journal nobody else writes."""
    return start()


def call(served: Served, line: str, body: bytes = b"", **headers: Any) -> Answer:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    length = {"content-length": str(len(body))} if body else {}
    return send(served.port, line, {**LOCAL, **length, **told}, body)


def test_the_journal_in_wiremocks_shape(served: Served) -> None:
    ask(served, f"{LISTS['fatora']}?page=2&page_size=5", session="shape")
    told = admin(served, "GET", "/requests?session=shape&limit=1")
    (entry,) = told["requests"]
    assert told["meta"]["total"] == 1 and entry["wasMatched"] and entry["responseDefinition"] == {"status": 200}
    assert entry["request"]["url"] == "/fatora/v1/clients?page=2&page_size=5" and entry["request"]["method"] == "GET"
    assert entry["understudy"] == {
        "session": "shape",
        "provider": "fatora",
        "operation": "listClients",
        "caller": "valid",
        "page": {"number": 2, "offset": 5, "size": 5},
        "refused": "",
        "faults": [],
        "unknownParameters": [],
    }
    whole = admin(served, "GET", f"/requests/{entry['id']}")
    assert json.loads(whole["response"]["body"])["page"] == 2
    assert admin(served, "GET", "/requests?since=2999-01-01T00:00:00Z")["requests"] == []
    admin(served, "DELETE", "/requests?session=shape")
    assert admin(served, "GET", "/requests?session=shape")["meta"]["total"] == 0


def test_the_body_of_a_plain_answer_is_given_again(served: Served) -> None:
    answer = ask(served, f"{LISTS['fatora']}?page=2")
    entry = admin(served, "GET", "/requests?session=default&limit=1&bodies=true")["requests"][0]
    assert entry["response"]["body"].encode() == answer.body


PATTERNS: list[tuple[str, dict[str, Any], int]] = [
    ("by path", {"urlPath": "/fatora/v1/clients"}, 2),
    ("by the whole URL", {"url": "/fatora/v1/clients?page=1"}, 1),
    ("by a query parameter", {"queryParameters": {"page": {"equalTo": "2"}}}, 1),
    ("by a query parameter that is not there", {"queryParameters": {"page": {"absent": True}}}, 0),
    ("by part of a header", {"headers": {"X-Trace": {"contains": "abc"}}}, 2),
    ("by method", {"method": "POST"}, 0),
    ("by status", {"status": 200, "method": "ANY"}, 2),
]


@pytest.mark.parametrize(("name", "pattern", "count"), PATTERNS, ids=[name for name, _, _ in PATTERNS])
def test_requests_are_counted_and_found(name: str, pattern: dict[str, Any], count: int, served: Served) -> None:
    session = name.replace(" ", "-")
    for page in (1, 2):
        ask(served, f"{LISTS['fatora']}?page={page}", session=session, **{"x-trace": "1abc2"})
    assert admin(served, "POST", "/requests/count", {**pattern, "session": session})["count"] == count
    assert len(admin(served, "POST", "/requests/find", {**pattern, "session": session})["requests"]) == count


def test_unmatched_requests_come_with_what_was_perhaps_meant(served: Served) -> None:
    ask(served, "/v1/client")
    ask(served, "/fatora/v1/cliens")
    urls = [each["request"]["url"] for each in admin(served, "GET", "/requests/unmatched")["requests"]]
    assert {"/v1/client", "/fatora/v1/cliens"} <= set(urls)
    said = [each["says"] for each in admin(served, "GET", "/requests/unmatched/near-misses")["nearMisses"]]
    assert "no /v1/client: did you mean /fatora/v1/clients?" in said


def page_forever(served: Served, session: str) -> None:
    for number in range(3, 8):
        ask(served, f"{LISTS['fatora']}?page={number}", session=session)


def page_by_hand(served: Served, session: str) -> None:
    headers = {**LOCAL, **CREDENTIALS["sourcehub"], "understudy-session": session}
    send(served.port, f"GET {LISTS['sourcehub']}", headers)
    send(served.port, f"GET {LISTS['sourcehub']}?page=2&count=3", headers)


def page_by_links(served: Served, session: str) -> None:
    headers = {**LOCAL, **CREDENTIALS["sourcehub"], "understudy-session": session}
    first = json.loads(send(served.port, f"GET {LISTS['sourcehub']}", headers).body)
    link = find_value(first, "next_page_url")
    send(served.port, f"GET {link.partition('127.0.0.1')[2]}", headers)


def retry_too_early(served: Served, session: str) -> None:
    admin(served, "PUT", f"/sessions/{session}", {"scenarios": ["throttled-once"]})
    for _ in range(2):
        ask(served, session=session)


def retry_a_refused_credential(served: Served, session: str) -> None:
    for _ in range(2):
        send(served.port, f"GET {LISTS['fatora']}", {**LOCAL, "api_key": "stolen", "understudy-session": session})


VERDICTS: list[tuple[str, Any, set[str]]] = [
    ("nothing wrong", lambda served, session: ask(served, session=session), set()),
    (
        "an unknown parameter",
        lambda s, name: ask(s, f"{LISTS['fatora']}?pagesize=3", session=name),
        {"unknown_parameter"},
    ),
    (
        "a parameter that is refused",
        lambda s, name: ask(s, f"{LISTS['fatora']}?page=x", session=name),
        {"invalid_parameter"},
    ),
    ("an unknown path", lambda s, name: ask(s, "/fatora/v1/nothing", session=name), {"unmatched"}),
    ("a loop that does not end", page_forever, {"endless_paging"}),
    ("a page's URL built by hand", page_by_hand, {"built_page_url"}),
    ("a page's URL by its link", page_by_links, set()),
    ("Retry-After ignored", retry_too_early, {"ignored_retry_after"}),
    ("a refused credential sent again", retry_a_refused_credential, {"retried_refused_credential"}),
]


@pytest.mark.parametrize(("name", "act", "rules"), VERDICTS, ids=[name for name, _, _ in VERDICTS])
def test_the_journal_says_what_the_client_did_wrong(name: str, act: Any, rules: set[str], served: Served) -> None:
    session = "verdict-" + "".join(c if c.isalnum() else "-" for c in name)
    act(served, session)
    verdicts = admin(served, "GET", f"/verdicts?session={session}")["verdicts"]
    assert {each["rule"] for each in verdicts} == rules, verdicts
    for verdict in verdicts:
        assert all(admin(served, "GET", f"/requests/{each}")["id"] == each for each in verdict["requests"])


def test_a_secret_is_nowhere_in_the_journal_and_the_same_one_is_told_by_one_mark(served: Served) -> None:
    secret = "sk-live-0123456789"
    headers = {
        **LOCAL,
        "api_key": secret,
        "authorization": f"Bearer {secret}",
        "cookie": secret,
        "understudy-session": "secrets",
    }
    for _ in range(2):
        send(served.port, f"GET {LISTS['fatora']}?token={secret}&x=1", headers)
    send(
        served.port,
        f"POST {LISTS['fatora']}",
        {**headers, "content-length": "40", "content-type": "application/json"},
        b'{"password": "sk-live-0123456789", "a":1}'[:40],
    )
    told = json.dumps(admin(served, "GET", "/requests?session=secrets&bodies=true"))
    assert secret not in told and told.count("[redacted ") >= 8
    entries = admin(served, "GET", "/requests?session=secrets")["requests"]
    assert len({entry["request"]["headers"]["api_key"] for entry in entries}) == 1


def test_events_tell_requests_and_notices_as_they_happen(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=5) as connection:
        connection.sendall(b"GET /__admin/events HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
        seen = connection.recv(4096)
        assert b"text/event-stream" in seen and b"content-length" not in seen
        ask(served, session="watched")
        admin(served, "PUT", "/sessions/watched", {"scenarios": ["slow"]})
        while b"event: notice" not in seen or b"event: request" not in seen:
            seen += connection.recv(65536)
    assert b'"url":"/fatora/v1/clients"' in seen and b"Session watched changed: scenarios." in seen


def test_scenarios_are_switched_by_their_state(served: Served) -> None:
    assert admin(served, "PUT", "/scenarios/empty-response/state?session=st", {"state": "Playing"}) == {}
    states = {each["name"]: each["state"] for each in admin(served, "GET", "/scenarios?session=st")["scenarios"]}
    assert [name for name, state in states.items() if state == "Playing"] == ["empty-response"] and len(states) >= 45
    admin(served, "POST", "/scenarios/reset?session=st")
    assert ask(served, session="st").status == 200


def test_a_scenario_is_narrowed_to_what_it_is_to_meet(served: Served) -> None:
    def play(name: str, when: Any = None) -> None:
        body = {"state": "Playing"} | ({} if when is None else {"when": when})
        admin(served, "PUT", f"/scenarios/{name}/state?session=narrow", body)

    def statuses(*queries: str) -> list[int]:
        return [ask(served, f"{LISTS['fatora']}?{query}", session="narrow").status for query in queries]

    def playing() -> Any:
        return admin(served, "GET", "/sessions/narrow")["scenarios"]

    play("server-error", {"page": 2, "provider": "fatora"})
    assert statuses("page=1", "page=2") == [200, 500]
    play("server-error", {"query": {"page_size": "7"}})
    assert statuses("page=1", "page=2", "page_size=7") == [200, 500, 500]
    both = playing()
    assert [each["when"] for each in both] == [{"page": 2, "provider": "fatora"}, {"query": {"page_size": "7"}}]
    # What a session says of itself can be said again.
    assert admin(served, "PUT", "/sessions/narrow", {"scenarios": both})["scenarios"] == both
    states = {each["name"]: each["state"] for each in admin(served, "GET", "/scenarios?session=narrow")["scenarios"]}
    assert states["server-error"] == "Playing"
    play("server-error")
    assert playing() == ["server-error"] and statuses("page=1") == [500]
    admin(served, "PUT", "/scenarios/server-error/state?session=narrow", {"state": "Started"})
    assert playing() == [] and statuses("page=1", "page=2") == [200, 200]


WRONG: list[tuple[str, str, str, Any, int, str]] = [
    ("no conditions", "PUT", "/scenarios/emoji/state", {"state": "Playing", "when": [2]}, 422, "object of conditions"),
    (
        "a condition that is none",
        "PUT",
        "/scenarios/emoji/state",
        {"state": "Playing", "when": {"pag": 2}},
        422,
        "'page'",
    ),
    (
        "a page that is none",
        "PUT",
        "/scenarios/emoji/state",
        {"state": "Playing", "when": {"page": "two"}},
        422,
        "/page",
    ),
    ("when it plays", "PUT", "/scenarios/emoji/state", {"state": "Playing", "when": {"call": 2}}, 422, "narrows no"),
    (
        "an operation that nobody documents",
        "PUT",
        "/settings",
        {"scenarios": [{"name": "emoji", "when": {"operation": "listClient"}}]},
        422,
        "Did you mean listClients?",
    ),
    (
        "a place that is none",
        "PUT",
        "/settings",
        {"scenarios": [{"name": "emoji", "when": {"body": {"status": 1}}}]},
        422,
        "/status",
    ),
    (
        "a provider that is none",
        "PUT",
        "/settings",
        {"scenarios": [{"name": "slow", "when": {"provider": "x"}}]},
        422,
        "'x'",
    ),
    ("an unknown setting", "PUT", "/settings", {"sed": "x"}, 422, "Did you mean 'seed'?"),
    ("a count of text", "PUT", "/settings", {"records": "many"}, 422, "whole number"),
    ("a count beyond the bound", "PUT", "/settings", {"records": 10**9}, 422, "0 to 10,000,000"),
    ("the end of the default session", "DELETE", "/sessions/default", None, 409, "reset it"),
    ("an unknown scenario", "PUT", "/settings", {"scenarios": ["emoj"]}, 400, "Did you mean emoji?"),
    ("an unknown reading", "PUT", "/settings", {"readings": {"fatora": {"x": "y"}}}, 422, "no reading 'x'"),
    (
        "an unknown alternative",
        "PUT",
        "/settings",
        {"readings": {"fatora": {"notes-field": "y"}}},
        422,
        "no alternative",
    ),
    ("a state that is none", "PUT", "/scenarios/emoji/state", {"state": "On"}, 422, "state"),
    (
        "an unknown part of a pattern",
        "POST",
        "/requests/find",
        {"urlPth": "/x"},
        422,
        "did you mean 'urlPath'?",
    ),
    ("a matcher that is none", "POST", "/requests/find", {"headers": {"a": {"matchs": "a"}}}, 422, "'matches'"),
    ("an expression that is none", "POST", "/requests/find", {"headers": {"a": {"matches": "(a"}}}, 422, "expression"),
    ("a session that nobody used", "GET", "/sessions/nobody", None, 404, "no session 'nobody'"),
    ("a value of another type", "POST", "/requests/find", {"urlPath": 1}, 422, "takes a text"),
    ("a session that is none", "GET", "/settings?session=..%2f", None, 400, "letters"),
    ("a request that is not there", "GET", "/requests/00000000-0000-0000-0000-000000000000", None, 404, "no request"),
    ("a limit that is none", "GET", "/requests?limit=1e9", None, 422, "whole number"),
    ("a moment that is none", "GET", "/requests?since=yesterday", None, 422, "moment"),
    ("a route that is none", "GET", "/mapings", None, 404, "not found"),
]


@pytest.mark.parametrize(("name", "method", "path", "told", "status", "says"), WRONG, ids=[row[0] for row in WRONG])
def test_what_is_wrong_is_a_problem_with_a_sentence(
    name: str,
    method: str,
    path: str,
    told: Any,
    status: int,
    says: str,
    served: Served,
) -> None:
    before = admin(served, "GET", "/settings")
    body = json.dumps(told).encode() if told is not None else b""
    answer = call(served, f"{method} /__admin{path}", body, content_type="application/json")
    assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json")
    assert says in json.loads(answer.body)["detail"]
    assert admin(served, "GET", "/settings") == before, "nothing was changed"


GUARDED = [
    "/__admin/health",
    "/__admin/requests",
    "/__admin/events",
    "/__admin/mappings",
    "/__admin/openapi.json",
    "/__admin/sessions/default/collections",
    "/__admin/sessions/default/collections/fatora/clients/1001",
    "/",
    "/assets/console.css",
]

REFUSED: list[tuple[str, dict[str, str]]] = [
    ("a page of another site", {"origin": "http://evil.example"}),
    ("a page without a site", {"origin": "null"}),
    ("the same name on another port", {"origin": "http://127.0.0.1:1"}),
    ("a name that was made to lead here", {"host": "evil.example"}),
    ("a name that only begins like ours", {"host": "127.0.0.1.evil.example"}),
    ("a browser that says so", {"sec_fetch_site": "cross-site", "sec_fetch_mode": "cors"}),
    ("a sibling of our site", {"sec_fetch_site": "same-site", "sec_fetch_mode": "no-cors"}),
    ("a proxy that stands here", {"x_forwarded_for": "203.0.113.9"}),
    ("a proxy that stands here, in the newer words", {"forwarded": "for=203.0.113.9"}),
]


@pytest.mark.parametrize("path", GUARDED)
@pytest.mark.parametrize(("name", "headers"), REFUSED, ids=[name for name, _ in REFUSED])
def test_every_route_and_stream_is_guarded(name: str, headers: dict[str, str], path: str, served: Served) -> None:
    answer = call(served, f"GET {path}", b"", **headers)
    assert answer.status == 403 and answer.headers["content-type"] == "application/problem+json"
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_no_answer_allows_other_sites(served: Served) -> None:
    for line in ("GET /__admin/health", "OPTIONS /__admin/settings", "GET /"):
        answer = call(served, line, origin=f"http://127.0.0.1:{served.port}", host=f"127.0.0.1:{served.port}")
        assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_form_of_another_kind_changes_nothing(served: Served) -> None:
    answer = call(served, "PUT /__admin/settings", b"seed=x", content_type="application/x-www-form-urlencoded")
    assert answer.status == 415 and admin(served, "GET", "/settings")["seed"] == "understudy"


HOSTILE = [
    ("GET /__admin/../../etc/passwd", 404),
    ("GET /__admin/%2e%2e/%2e%2e/etc/passwd", 404),
    ("GET /assets/..%2fapp.py", 404),
    ("GET /assets/%2e%2e/app.py", 404),
    ("GET /assets/static-sibling", 404),
    ("GET /docs/..%2f..", 404),
    ("GET /fatora/v1/clients?page_size=1000000", 400),
    ("GET /fatora/v1/clients?keyword=(a%2B)%2B%24", 200),
    ("GET /fatora/v1/clients?__scenario=../../etc/passwd", 400),
    ("GET /fatora/v1/clients?__example=a%0d%0aX-Evil:1", 400),
]


@pytest.mark.parametrize(("line", "status"), HOSTILE, ids=[line for line, _ in HOSTILE])
def test_hostile_requests_are_answered_and_harmless(line: str, status: int, served: Served) -> None:
    answer = send(served.port, line, {**LOCAL, **KEY})
    assert answer.status in (status, 200 if "1000000" in line else status)
    assert "x-evil" not in answer.headers and b"root:" not in answer.body


def test_bodies_heads_and_nesting_are_bounded(served: Served) -> None:
    large = send(served.port, "POST /__admin/requests/find", {**LOCAL, "content-length": "104857600"})
    assert large.status == 413
    deep = b"[" * 100_000
    answer = call(served, "POST /__admin/requests/find", deep, content_type="application/json")
    assert answer.status == 400 and "not JSON" in json.loads(answer.body)["detail"]


def test_from_elsewhere_a_token_is_needed(start: Start) -> None:
    served = start("fatora", "--host", "0.0.0.0", "--admin-token", "letmein-123")
    assert "To steer it from elsewhere: /?token=letmein-123" in served.printed
    elsewhere = {"host": "mock.lan", "x-forwarded-for": "203.0.113.9"}
    assert send(served.port, "GET /__admin/health", elsewhere).status == 403
    assert send(served.port, "GET /__admin/health", {**elsewhere, "understudy-token": "wrong"}).status == 403
    assert send(served.port, "GET /__admin/health", {**elsewhere, "understudy-token": "letmein-123"}).status == 200
    assert send(served.port, f"GET {LISTS['fatora']}", {**elsewhere, **KEY}).status == 200
    wrong = send(served.port, "GET /?token=wrong", elsewhere)
    assert wrong.status == 403 and "set-cookie" not in wrong.headers
    linked = send(served.port, "GET /?token=letmein-123", elsewhere)
    cookie = linked.headers["set-cookie"]
    assert linked.status == 302 and "HttpOnly" in cookie and "SameSite=Strict" in cookie
    console = send(served.port, "GET /console/settings", {**elsewhere, "cookie": cookie.partition(";")[0]})
    assert console.status == 200 and b"letmein" not in console.body
    assert send(served.port, "GET /console/settings?token=letmein-123", elsewhere).status == 403


def test_without_a_journal_the_admin_api_says_so(start: Start) -> None:
    served = start("fatora", "--no-journal")
    ask(served)
    told = admin(served, "GET", "/requests")
    assert told["requests"] == [] and told["requestJournalDisabled"] is True


def test_its_openapi_document_is_served_and_lists_every_route(served: Served) -> None:
    told = admin(served, "GET", "/openapi.json")
    source = yaml.safe_load((ROOT / "mock_server" / "server" / "static" / "admin.openapi.yaml").read_text())
    assert told["paths"].keys() == source["paths"].keys() and len(told["paths"]) >= 20
