"""Responses of one's own over a socket, two workers behind it: driven by WireMock's own client, and by hand."""

from __future__ import annotations

import concurrent.futures
import json
import socket
import time
from pathlib import Path
from typing import Any

import pytest
from wiremock.client import (
    DelayDistribution,
    HttpMethods,
    Mapping,
    MappingRequest,
    MappingResponse,
    Mappings,
    NearMissMatchPatternRequest,
    Requests,
    ResponseFaultType,
    Scenarios,
)
from wiremock.constants import Config
from wiremock.exceptions import InvalidInputException, NotFoundException

from tests.conftest import CREDENTIALS, LISTS, Served, Start
from tests.raw import Answer, send
from tests.sessions.test_sessions import admin

KEY = CREDENTIALS["fatora"]
LOCAL = {"host": "127.0.0.1"}
LIST = LISTS["fatora"]


@pytest.fixture(scope="module")
def served(start: Start) -> Served:
    """A server of two workers whose mappings nobody else makes."""
    served = start("fatora", "--workers", "2")
    Config.base_url = f"{served.url}/__admin"
    return served


@pytest.fixture(autouse=True)
def _anew(request: pytest.FixtureRequest) -> None:
    if "served" in request.fixturenames:
        admin(request.getfixturevalue("served"), "POST", "/reset")


def ask(served: Served, line: str, body: bytes = b"", **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    length = {"content-length": str(len(body))} if body else {}
    return send(served.port, line, {**LOCAL, **KEY, **length, **named}, body)


def make(served: Served, value: dict[str, Any], session: str = "") -> Any:
    return admin(served, "POST", "/mappings" + (f"?session={session}" if session else ""), value)


def answers(url: str, **response: Any) -> dict[str, Any]:
    return {"request": {"urlPath": url}, "response": response}


# WireMock's own client


def test_its_client_makes_lists_changes_and_deletes_mappings(served: Served) -> None:
    request = MappingRequest(method=HttpMethods.GET, url="/some/thing")
    response = MappingResponse(
        status=200,
        json_body={"a": 1},
        headers={"Content-Type": "text/x-json", "X-Two": ["1", "2"]},
    )
    made = Mappings.create_mapping(Mapping(priority=3, request=request, response=response, metadata={"of": "me"}))
    assert made.id and Mappings.retrieve_mapping(made.id).priority == 3
    for _ in range(8):  # each of the workers
        answer = ask(served, "GET /some/thing")
        assert (answer.status, answer.body, answer.headers["content-type"]) == (200, b'{"a":1}', "text/x-json")
        assert answer.headers["matched-stub-id"] == made.id and answer.headers["x-two"] == "2"
    made.response = MappingResponse(status=503, status_message="Gone Fishing", body="later")
    assert Mappings.update_mapping(made).response.status == 503
    answer = ask(served, "GET /some/thing")
    assert (answer.status, answer.reason, answer.body) == (503, "Gone Fishing", b"later")
    listed = Mappings.retrieve_all_mappings()
    assert listed.meta.total == 1 and [each.metadata for each in listed.mappings] == [{"of": "me"}]
    Mappings.delete_mapping(made.id)
    assert ask(served, "GET /some/thing").status == 404
    with pytest.raises(NotFoundException):
        Mappings.retrieve_mapping(made.id)


def test_its_client_deletes_all_and_by_metadata(served: Served) -> None:
    for name in ("a", "b", "c"):
        request = MappingRequest(method=HttpMethods.ANY, url_path=f"/{name}")
        Mappings.create_mapping(Mapping(request=request, response=MappingResponse(), metadata={"name": name}))
    Mappings.delete_mapping_by_metadata({"matchesJsonPath": "$[?(@ == 'b')]"})
    assert [ask(served, f"PUT /{name}").status for name in "abc"] == [200, 404, 200]
    Mappings.delete_all_mappings()
    assert [ask(served, f"PUT /{name}").status for name in "abc"] == [404] * 3


def test_its_client_resets_all_but_what_is_persistent(served: Served) -> None:
    for path, lasts in (("/once", False), ("/kept", True)):
        request, response = MappingRequest(method="GET", url=path), MappingResponse(status=204)
        Mappings.create_mapping(Mapping(request=request, response=response, persistent=lasts))
    Mappings.reset_mappings()
    assert [ask(served, f"GET {path}").status for path in ("/once", "/kept")] == [404, 204]
    Mappings.create_mapping(Mapping(request=MappingRequest(url="/saved"), response=MappingResponse(status=204)))
    Mappings.persist_mappings()
    Mappings.reset_mappings()
    assert ask(served, "GET /saved").status == 204
    admin(served, "POST", "/reset")
    assert [ask(served, f"GET {path}").status for path in ("/kept", "/saved")] == [404, 404]


def test_its_client_drives_a_scenario(served: Served) -> None:
    for required, following, body in (("Started", "bought", "buy milk"), ("bought", None, "nothing to do")):
        Mappings.create_mapping(
            Mapping(
                request=MappingRequest(method="GET", url="/todo"),
                response=MappingResponse(body=body),
                scenario_name="list",
                required_scenario_state=required,
                new_scenario_state=following,
            ),
        )
    assert [ask(served, "GET /todo").body for _ in range(3)] == [b"buy milk", b"nothing to do", b"nothing to do"]
    (scenario,) = [each for each in admin(served, "GET", "/scenarios")["scenarios"] if each["name"] == "list"]
    assert scenario["state"] == "bought" and set(scenario["possibleStates"]) == {"Started", "bought"}
    Scenarios.reset_all_scenarios()
    assert ask(served, "GET /todo").body == b"buy milk"
    assert admin(served, "PUT", "/scenarios/list/state") == {}  # to its first state, without a body
    assert ask(served, "GET /todo").body == b"buy milk"
    assert admin(served, "PUT", "/scenarios/list/state", {"state": "sold"})["status"] == 422
    assert admin(served, "PUT", "/scenarios/list/state", {"state": "bought"}) == {}
    assert ask(served, "GET /todo").body == b"nothing to do"


def test_its_client_verifies_requests(served: Served) -> None:
    Mappings.create_mapping(Mapping(request=MappingRequest(url="/seen"), response=MappingResponse(status=202)))
    ask(served, "POST /seen", b'{"id": 7}', content_type="application/json")
    ask(served, "POST /seen", b'{"id": 8}', content_type="application/json")
    ask(served, f"GET {LIST}?page=2")
    matchers = [{"matchesJsonPath": {"expression": "$.id", "equalTo": "7"}}]
    pattern = NearMissMatchPatternRequest(url="/seen", method=HttpMethods.POST)
    pattern.body_patterns = matchers
    assert Requests.get_matching_request_count(pattern).count == 1
    (hit,) = Requests.get_matching_requests(pattern).requests
    assert (hit.url, hit.method, hit.body) == ("/seen", "POST", '{"id": 7}')
    assert Requests.get_all_received_requests().meta.total == 3
    assert Requests.get_unmatched_requests().requests == []
    Requests.reset_request_journal()
    assert Requests.get_all_received_requests().meta.total == 0


FAULTS = [
    (ResponseFaultType.EMPTY_RESPONSE, lambda data: data == b""),
    (ResponseFaultType.MALFORMED_RESPONSE_CHUNK, lambda data: data.startswith(b"HTTP/1.1 200") and b"no size" in data),
    (ResponseFaultType.RANDOM_DATA_THEN_CLOSE, lambda data: data and not data.startswith(b"HTTP")),
    ("CONNECTION_RESET_BY_PEER", None),
]


@pytest.mark.parametrize(("fault", "holds"), FAULTS, ids=[fault for fault, _ in FAULTS])
def test_its_client_makes_faults(fault: str, holds: Any, served: Served) -> None:
    request = MappingRequest(method="GET", url_path=LIST)
    Mappings.create_mapping(Mapping(request=request, response=MappingResponse(status=200, body="whole", fault=fault)))
    with socket.create_connection(("127.0.0.1", served.port), timeout=5) as connection:
        connection.sendall(f"GET {LIST} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n".encode())
        if holds is None:
            with pytest.raises(ConnectionResetError):
                connection.recv(100)
        else:
            assert holds(b"".join(iter(lambda: connection.recv(65536), b"")))


def test_its_client_makes_delays(served: Served) -> None:
    slow = DelayDistribution(distribution_type="uniform", lower=120, upper=140)
    response = MappingResponse(body="x" * 100, fixed_delay_milliseconds=100, delay_distribution=slow)
    Mappings.create_mapping(Mapping(request=MappingRequest(url="/slow"), response=response))
    make(served, answers("/drip", body="x" * 100, chunkedDribbleDelay={"numberOfChunks": 4, "totalDuration": 200}))
    for path, least in (("/slow", 0.22), ("/drip", 0.2)):
        started = time.perf_counter()
        assert ask(served, f"GET {path}").body == b"x" * 100
        assert least <= time.perf_counter() - started < least + 1


def test_its_client_is_told_what_is_wrong(served: Served) -> None:
    wrong = Mapping(request=MappingRequest(url_pattern="(a"), response=MappingResponse(status=200))
    with pytest.raises(InvalidInputException) as refused:
        Mappings.create_mapping(wrong)
    assert "/request/urlPattern is no regular expression" in str(refused.value)


# by hand


def test_the_lowest_priority_wins_then_the_last_that_was_made(served: Served) -> None:
    make(served, {"request": {"urlPattern": "/a.*"}, "response": {"body": "rest"}, "priority": 9})
    for body in ("first", "second"):
        make(served, answers("/a/b", body=body))
    assert ask(served, "GET /a/b").body == b"second" and ask(served, "GET /a/c").body == b"rest"
    make(served, {"request": {"url": "/a/b"}, "response": {"body": "urgent"}, "priority": 1})
    assert ask(served, "GET /a/b").body == b"urgent"


def test_an_operation_is_named_in_place_of_a_url(served: Served) -> None:
    for name in ("listClients", "GET /clients", "GET /v1/clients"):
        made = make(served, {"request": {"provider": "fatora", "operation": name}, "response": {"body": name}})
        assert ask(served, f"GET {LIST}?page=9").body == name.encode()
        assert send(served.port, "GET /v1/clients", {"host": "api.fatora.io"}).body == name.encode()
        assert ask(served, "GET /fatora/v1/clients/1000").headers.get("matched-stub-id") is None
        admin(served, "DELETE", f"/mappings/{made['id']}")
    assert ask(served, LIST.join(("GET ", ""))).status == 200


def test_a_session_has_mappings_of_its_own(served: Served) -> None:
    make(served, answers(LIST, status=418), session="anna")
    assert ask(served, f"GET {LIST}", understudy_session="anna").status == 418
    assert ask(served, f"GET /~anna{LIST}").status == 418
    assert [ask(served, f"GET {LIST}").status for _ in range(4)] == [200] * 4
    assert admin(served, "GET", "/mappings?session=anna")["meta"]["total"] == 1
    assert admin(served, "GET", "/mappings")["meta"]["total"] == 0
    admin(served, "POST", "/sessions/anna/reset")
    assert ask(served, f"GET {LIST}", understudy_session="anna").status == 200
    make(served, answers(LIST, status=418), session="anna")
    admin(served, "DELETE", "/sessions/anna")
    assert ask(served, f"GET {LIST}", understudy_session="anna").status == 200


DEPARTURES: list[tuple[str, str, dict[str, Any], list[str]]] = [
    ("a status that is not documented", LIST, {"status": 418}, ["the status 418 is not documented for listClients"]),
    (
        "a body that does not fit",
        LIST,
        {"jsonBody": {"status": "SUCCESS", "clients": [], "total": "none", "page_size": 20, "page": 1}},
        ["the body of 200 does not fit its schema: /total"],
    ),
    ("a body that is no JSON", LIST, {"body": "{", "headers": {"Content-Type": "application/json"}}, ["is no JSON"]),
    ("no body", LIST, {}, ["the body of 200 is empty"]),
    ("another content type", LIST, {"body": "a", "headers": {"Content-Type": "text/plain"}}, ["text/plain"]),
    ("a path that nobody documents", "/fatora/v2", {}, ["nothing documents GET /fatora/v2"]),
    (
        "an answer as it is documented",
        LIST,
        {"jsonBody": {"status": "SUCCESS", "clients": [], "total": 0, "page_size": 20, "page": 1}},
        [],
    ),
]


@pytest.mark.parametrize(("name", "path", "response", "says"), DEPARTURES, ids=[row[0] for row in DEPARTURES])
def test_the_journal_says_which_mapping_answered_and_what_departs(
    name: str,
    path: str,
    response: dict[str, Any],
    says: list[str],
    served: Served,
) -> None:
    made = make(served, answers(path, **response))
    ask(served, f"GET {path}")
    (entry,) = admin(served, "GET", "/requests")["requests"]
    assert entry["wasMatched"] and entry["stubMapping"] == made
    told = entry["understudy"]
    assert told["mapping"] == made["id"] and len(told["departures"]) == len(says), told
    assert all(part in whole for part, whole in zip(says, told["departures"]))
    admin(served, "DELETE", f"/mappings/{made['id']}")
    (entry,) = admin(served, "GET", "/requests")["requests"]
    assert entry["stubMapping"] == {"id": made["id"], "uuid": made["id"]}


def test_the_console_shows_the_mapping_and_what_departs(served: Served) -> None:
    made = make(served, answers(LIST, status=418))
    ask(served, f"GET {LIST}")
    (entry,) = admin(served, "GET", "/requests")["requests"]
    page = ask(served, f"GET /console/requests/{entry['id']}").body.decode()
    assert made["id"] in page and "the status 418 is not documented for listClients" in page
    assert "a mapping" in ask(served, "GET /console/requests").body.decode()


def test_an_import_is_whole_or_nothing(served: Served) -> None:
    first = make(served, answers("/one", body="old"))
    new = {**answers("/one", body="new"), "id": first["id"]}
    wrong = {"mappings": [answers("/two"), {"request": {"urlPath": 7}}]}
    assert "/mappings/1/request/urlPath" in admin(served, "POST", "/mappings/import", wrong)["detail"]
    assert ask(served, "GET /two").status == 404
    both = {"mappings": [new, answers("/two")], "importOptions": {"duplicatePolicy": "IGNORE"}}
    assert admin(served, "POST", "/mappings/import", both) == {}
    assert ask(served, "GET /one").body == b"old" and ask(served, "GET /two").status == 200
    only = {"mappings": [new], "importOptions": {"deleteAllNotInImport": True}}
    admin(served, "POST", "/mappings/import", only)
    assert ask(served, "GET /one").body == b"new" and ask(served, "GET /two").status == 404


def test_of_many_at_once_one_alone_takes_a_step(served: Served) -> None:
    steps = {"scenarioName": "race", "requiredScenarioState": "Started", "newScenarioState": "over"}
    make(served, {**answers("/race", body="won"), **steps})
    make(served, {**answers("/race", body="lost"), "priority": 6})
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        bodies = list(pool.map(lambda _: ask(served, "GET /race").body, range(48)))
    assert bodies.count(b"won") == 1 and bodies.count(b"lost") == 47


def test_what_answers_everything_leaves_the_servers_own_pages_alone(served: Served) -> None:
    make(served, {"request": {"urlPattern": ".*"}, "response": {"status": 503}})
    assert ask(served, "GET /anything").status == ask(served, f"GET {LIST}").status == 503
    for path in ("/", "/docs/fatora", "/openapi/fatora.json", "/__admin/health", "/console/requests"):
        assert ask(served, f"GET {path}").status == 200


def test_they_last_where_the_state_is_kept(start: Start, tmp_path: Path) -> None:
    for attempt in range(2):
        served = start("fatora", "--keep", str(tmp_path / "kept"))
        if attempt == 0:
            make(served, answers(LIST, body="mine"))
        assert [ask(served, f"GET {LIST}").body for _ in range(2)] == [b"mine"] * 2
        served.process.terminate()
        served.process.wait(10)


# in files


def write(folder: Path, **files: Any) -> Path:
    for name, content in files.items():
        path = folder / f"{name.replace('__', '/')}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content), encoding="utf-8")
    return folder


def test_a_folder_of_mappings_is_for_every_session_and_comes_back(start: Start, tmp_path: Path) -> None:
    hello = {"request": {"url": "/hello"}, "response": {"bodyFileName": "deep/hello.txt"}, "name": "hello"}
    more = {"mappings": [answers("/one", body="1"), answers(LIST, status=202)]}
    write(tmp_path, mappings__hello=hello, mappings__deep__more=more)
    (tmp_path / "__files" / "deep").mkdir(parents=True)
    (tmp_path / "__files" / "deep" / "hello.txt").write_bytes(b"hello \xff")
    served = start("fatora", "--workers", "2", "--mappings", str(tmp_path))

    def statuses(session: str) -> list[int]:
        return [ask(served, f"GET {path}", understudy_session=session).status for path in ("/hello", "/one", LIST)]

    assert statuses("default") == statuses("new") == [200, 200, 202]
    assert ask(served, "GET /hello").body == b"hello \xff"
    listed = {each.get("name"): each["id"] for each in admin(served, "GET", "/mappings")["mappings"]}
    admin(served, "PUT", f"/mappings/{listed['hello']}?session=new", answers("/hello", status=410))
    admin(served, "DELETE", "/mappings")
    assert statuses("default") == [404, 404, 200] and statuses("new") == [410, 200, 202]
    admin(served, "POST", "/mappings/reset")
    admin(served, "POST", "/sessions/new/reset")
    assert statuses("default") == statuses("new") == [200, 200, 202]


def test_every_problem_of_a_folder_is_said_with_its_file(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from mock_server.cli.commands import main

    (tmp_path / "secret.txt").write_text("root:x")
    folder = tmp_path / "wire"
    (folder / "__files").mkdir(parents=True)
    (folder / "__files" / "out.txt").symlink_to(tmp_path / "secret.txt")
    write(
        folder,
        mappings__a={"request": {"urlpath": "/x"}, "response": {"bodyFileName": "../secret.txt"}},
        mappings__b={"mappings": [answers("/x"), answers("/x", bodyFileName="out.txt")]},
        mappings__c={"request": {"operation": "listClient"}},
    )
    (folder / "mappings" / "d.json").write_text("{")
    done = CliRunner().invoke(main, ["serve", "fatora", "--port", "0", "--mappings", str(folder)])
    assert done.exit_code == 2
    lines = done.output.splitlines()
    expected = (
        ("mappings/a.json#/request/urlpath: is not known here", "did you mean 'urlPath'?"),
        ("mappings/a.json#/response/bodyFileName: is no file there", "below __files"),
        ("mappings/b.json#/mappings/1/response/bodyFileName: is no file there", "below __files"),
        ("mappings/c.json#/request/operation: names no operation", "Did you mean 'listClients'?"),
        ("mappings/d.json#: is not JSON", "line 1"),
    )
    assert len(lines) == len(expected)
    assert all(line.startswith(start) and end in line for line, (start, end) in zip(lines, expected)), lines
    empty = CliRunner().invoke(
        main,
        ["serve", "fatora", "--port", "0", "--mappings", str(tmp_path / "wire" / "__files")],
    )
    assert empty.exit_code == 2 and "There is no mapping in" in empty.output
