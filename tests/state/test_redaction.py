"""Secrets: by one vocabulary of names, in every place and form, nowhere in what journal, log and admin answers show."""

from __future__ import annotations

import base64
import html
import io
import json
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.contract import Scheme
from mock_server.messages import Request, Response
from mock_server.server.request_log import make_log
from mock_server.state.journal import Journal
from mock_server.state.redaction import Redaction, hide_header, hide_secrets
from mock_server.state.secret_forms import find_forms
from tests.conftest import CREDENTIALS, Start
from tests.raw import send
from tests.state.test_secret_names import NAMES

S = "s3cr3t-Wq/8+zé 01"
PLAIN = "s3cr3tWq80123456"

SCHEMES = [
    Scheme("key", "header", "x-own", "", {"valid": ("listed-credential",)}),
    Scheme("query", "query", "own_q", "", {"expired": ("listed-too",)}),
]


CONTRACT = SimpleNamespace(schemes=SCHEMES, operations=())
PLAYER: Any = SimpleNamespace(
    apis={"toy": SimpleNamespace(contract=CONTRACT)},
    locate=lambda request: ("default", None, request),
)
"""As much of a server as its log asks for."""

OK = Response(200, (), b"{}")


def show(
    request: Request,
    response: Response = OK,
    session: str = "default",
    log: bool = True,
) -> str:
    """Everything that the journal and the log write of a request."""
    line = io.StringIO()
    if log:
        make_log(line, PLAYER)(request, response, 0.0)
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder), Redaction(SCHEMES, b"salt"), size_bytes=4 * 1024 * 1024)
        journal.write(session, "toy", request, response, 0)
        journal.note("toy", request, response, 0)
        entries = list(journal.newest_first({session: 0, "default": 0}))
    assert len(entries) == 2
    return "\n".join([line.getvalue(), *(repr(entry._asdict()) for entry in entries)])


def header(name: str, value: str) -> Request:
    return Request("GET", "/x", "", {"host": "x", name: value})


def query(text: str) -> Request:
    return Request("GET", "/x", text, {"host": "x"})


def body(text: str | bytes, media_type: str = "application/json") -> Request:
    content = text if isinstance(text, bytes) else text.encode()
    return Request("POST", "/x", "", {"host": "x", "content-type": media_type}, body=content)


def part(name: str, content: str, more: str = "") -> str:
    return f"--bound\r\nContent-Disposition: form-data; {name}{more}\r\n\r\n{content}\r\n"


FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=bound"
J = json.dumps(S)
Q = quote(S, safe="")

PLACES: list[tuple[str, Request]] = [
    ("a cookie that is not the last", header("cookie", f"session={PLAIN}; theme=dark")),
    ("every cookie", header("cookie", f"a={PLAIN}1; b={PLAIN}2; {PLAIN}3")),
    ("cookies of two headers", header("cookie", f"a={PLAIN}, b={PLAIN}; c=d")),
    ("a header twice", header("x-api-key", f"{PLAIN}, other")),
    ("a header twice, the listed credential first", header("x-own", f"listed-credential, {PLAIN}")),
    ("Digest", header("authorization", f'Digest username="{PLAIN}", realm="r", response="{PLAIN}", uri="/x"')),
    (
        "AWS4",
        header("authorization", f"AWS4-HMAC-SHA256 Credential={PLAIN}/2026, SignedHeaders=host, Signature={PLAIN}"),
    ),
    ("Bearer and a word more", header("authorization", f"Bearer {PLAIN} y")),
    ("Basic", header("authorization", f"Basic {PLAIN}")),
    ("no scheme", header("authorization", f"{PLAIN} more")),
    ("a scheme nobody knows", header("authorization", f"{PLAIN}1 {PLAIN}2 {PLAIN}3")),
    ("a proxy's", header("proxy-authorization", f"Bearer {PLAIN}")),
    ("a short scheme of a contract", header("x-own", PLAIN)),
    *(
        (f"the header {name}", header(name.lower(), S))
        for name in NAMES
        if name.isascii() and len(name) < 99 and "%" not in name
    ),
    ("a URL in Referer", header("referer", f"http://x/y?a=1&token={Q}#access_token={Q}")),
    ("whom a URL names", header("referer", f"http://user:{PLAIN}@x/y")),
    *((f"the parameter {name}", query(f"a=1&{quote(name)}={Q}&b=2")) for name in NAMES),
    ("a name that is encoded", query(f"api%5Fkey={Q}&%74oken={Q}")),
    ("a name that is encoded twice", query(f"pass%2577ord={Q}")),
    ("a parameter of a contract's scheme", query(f"OWN_Q={Q}")),
    ("a parameter several times", query(f"token={Q}1&token={Q}2")),
    ("behind a semicolon", query(f"a=1;token={Q};b=2")),
    ("an equals sign in it", query(f"token=a={Q}")),
    ("a URL in a parameter", query(f"redirect={quote(f'http://x/?token={Q}', safe='')}")),
    ("a URL in a parameter, plainly", query(f"redirect=http://x/?token={PLAIN}")),
    ("JSON in a parameter", query(f"filter={quote(json.dumps({'password': S}))}")),
    ("a parameter of the path", Request("GET", f"/x;token={PLAIN}/y", "", {})),
    ("a form", body(f"a=1&password={Q}&b=2", FORM)),
    ("a form with an encoded name", body(f"pass%77ord={quote_plus(S)}", FORM)),
    ("a form with brackets", body(f"user%5Bpassword%5D={Q}", FORM)),
    ("a form that says that it is JSON", body(f"password={Q}")),
    ("JSON", body(f'{{"a": 1, "password": {J}, "b": 2}}')),
    ("JSON that says that it is a form", body(f'{{"a": 1, "password": {J}}}', FORM)),
    ("JSON with an escaped name", body(f'{{"pass\\u0077ord": {J}}}')),
    ("JSON, an escaped value", body('{"password": "' + "".join(f"\\u{ord(c):04x}" for c in S) + '"}')),
    ("a number", body('{"pin": 1, "secret": 73114229501}')),
    ("a number with a point", body('{"secret": -73114229501.5e3 }')),
    ("a list", body(f'{{"tokens": [{J}, [{J}], {{"x": {J}}}], "b": 1}}')),
    ("an object", body(f'{{"credentials": {{"user": {J}, "n": {{"m": [1, {J}]}}}}, "b": 1}}')),
    ("the last of a list of objects", body(f'[{{"a": 1}}, {{"b": {{"apiKey": {J}}}}}]')),
    ("a member twice", body(f'{{"password": {J}1, "password": {J}}}')),
    ("JSON that is cut off", body(f'{{"password": {J[:-1]}')),
    ("JSON that is none", body(f"{{'password': '{PLAIN} {PLAIN}', x: 1}}")),
    ("JSON in JSON", body(json.dumps({"payload": json.dumps({"password": S})}))),
    ("a form in JSON", body(json.dumps({"payload": f"a=1&password={Q}"}))),
    ("lines of JSON", body(f'{{"a":1}}\n{{"password":{J}}}\n')),
    ("JSON with a mark before it", body("\ufeff" + f'{{"password": {J}}}')),
    ("JSON in UTF-16", body(f'{{"password": {J}}}'.encode("utf-16"), "application/json")),
    ("JSON in UTF-16 by name", body(f'{{"password": {J}}}'.encode("utf-16-be"), "application/json; charset=utf-16be")),
    ("multipart", body(part('name="a"', "1") + part('name="password"', S) + "--bound--\r\n", PARTS)),
    ("multipart without quotes", body(part("name=password", S) + "--bound--", PARTS)),
    ("multipart with an encoded name", body(part("name*=UTF-8''pass%77ord", S) + "--bound--", PARTS)),
    ("multipart, a file", body(part('name="secret"', f"{S}\r\n\r\n{S}", '; filename="x"') + "--bound--", PARTS)),
    ("multipart, JSON in a part", body(part('name="a"', f'{{"password": {J}}}') + "--bound--", PARTS)),
    ("multipart that does not say so", body(part('name="password"', S) + "--bound--", "text/plain")),
    ("multipart that is cut off", body(part('name="password"', S), PARTS)),
    ("XML", body(f"<a><password>{html.escape(S)}</password><b>1</b></a>", "text/xml")),
    ("XML with a prefix", body(f'<s:Token wsu:Id="1">{html.escape(S)}</s:Token>', "text/xml")),
    ("XML, elements within", body(f"<credentials><u>{PLAIN}</u><p>{PLAIN}</p></credentials><b>1</b>", "text/xml")),
    ("XML, one within its like", body(f"<secret><secret>{PLAIN}</secret>{PLAIN}</secret>", "text/xml")),
    ("XML, CDATA", body(f"<password><![CDATA[{S}]]></password>", "text/xml")),
    ("XML, an attribute", body(f"<login user='a' password='{html.escape(S)}'/>", "text/xml")),
    (
        "XML, a named parameter",
        body(f'<param name="password">{PLAIN}</param><p key="apiKey" value="{PLAIN}"/>', "text/xml"),
    ),
    ("XML that is cut off", body(f"<a><password>{PLAIN}", "text/xml")),
    ("YAML", body(f"a: 1\npassword: {PLAIN}\nb: 2\n", "application/yaml")),
    ("text", body(f"Dear all,\napi_key = {PLAIN}\n", "text/plain")),
]


def leaks(shown: str, secret: str) -> list[str]:
    return [form for form in find_forms(secret) if len(form) >= 6 and form.casefold() in shown.casefold()]


@pytest.mark.parametrize(("name", "request_"), PLACES, ids=[name for name, _ in PLACES])
def test_a_secret_is_hidden_wherever_it_stands(name: str, request_: Request) -> None:
    shown = show(request_)
    assert leaks(shown, S) == leaks(shown, PLAIN) == [] and "73114229501" not in shown
    assert "[redacted" in shown


STAYS: list[tuple[str, Request, str]] = [
    ("other parameters", query("page=2&token=abcdefgh&keyword=x%20y"), "page=2&token=[redacted "),
    ("their encoding", query("token=abcdefgh&keyword=x%20y&a;b=c;d"), "&keyword=x%20y&a;b=c;d"),
    ("page tokens", query("pageToken=abcdefgh&next_token=ijkl"), "pageToken=abcdefgh&next_token=ijkl"),
    ("a listed credential by what it stands for", query("own_q=listed-too"), "own_q=[expired]"),
    ("a listed credential behind its scheme", header("x-own", "Bearer listed-credential"), "Bearer [valid]"),
    ("a scheme's word", header("authorization", "Bearer abcdefgh"), "Bearer [redacted "),
    ("the names of cookies", header("cookie", "a=abcdefgh; b=ijklmnop"), "a=[redacted "),
    (
        "the rest of JSON",
        body('{ "a" : [1, 2.50, "x=1"],\n "password": "abcdefgh", "b": {"c": null} }'),
        ', "b": {"c": null} }',
    ),
    (
        "the rest of XML",
        body("<a x='1'><!-- y --><password>abcdefgh</password>\n<b>z</b></a>", "text/xml"),
        "</password>\\n<b>z</b></a>",
    ),
    (
        "the rest of multipart",
        body(part('name="a"', "one") + part('name="token"', "abcdefgh") + "--bound--", PARTS),
        "one\\r\\n--bound",
    ),
    ("a Referer's path", header("referer", "http://x/y?a=1&token=abcdefgh#z"), "http://x/y?a=1&token=[redacted "),
    ("a path of a short secret's words", Request("GET", "/x", "code=x", {}), "'path': '/x'"),
]


@pytest.mark.parametrize(("name", "request_", "part_"), STAYS, ids=[name for name, _, _ in STAYS])
def test_what_is_no_secret_stays(name: str, request_: Request, part_: str) -> None:
    assert part_ in show(request_)


def test_a_parameter_that_a_contract_documents_as_a_filter_is_shown() -> None:
    redaction = Redaction(SCHEMES, b"salt", ["code", "own_q"])
    found: list[str] = []
    assert redaction.query("code=AE&key=abcdefgh&own_q=x", found).startswith("code=AE&key=[redacted ")
    assert (
        found == ["abcdefgh", "x"] and not redaction.is_secret_query("code=AE") and redaction.is_secret_query("key=1")
    )


def test_the_same_secret_has_the_same_mark_and_another_has_another() -> None:
    found: list[str] = []
    marks = [Redaction([], b"salt").mark(secret, found) for secret in ("one", "one", "other")]
    assert marks[0] == marks[1] != marks[2]


def test_the_journal_hides_a_secret_under_another_name_as_well() -> None:
    request = Request("GET", f"/x/{S}", f"x={Q}", {"api_key": S, "x-echo": f"<{S}>"}, body=f"said {S}".encode())
    assert leaks(show(request, log=False), S) == []


def test_an_answer_does_not_repeat_a_secret() -> None:
    echo = Response(200, (("location", f"/x?token={Q}"),), json.dumps({"next": f"/x?token={Q}", "said": S}).encode())
    assert leaks(show(query(f"token={Q}"), echo, "named"), S) == []


CHARACTERS = st.characters(
    min_codepoint=33,
    max_codepoint=0x2FF,
    exclude_characters='"\\',
    exclude_categories=["C", "Z"],
)
SECRETS = st.text(CHARACTERS, min_size=10, max_size=30).map(lambda text: f"Zq9{text}")
ENCODED: list[tuple[str, Callable[[str, str], Request]]] = [
    ("query", lambda name, secret: query(f"a=1&{quote(name)}={quote(secret, safe='')}")),
    (
        "query, all encoded",
        lambda name, secret: query("".join(f"%{b:02x}" for b in name.encode()) + f"={quote(secret, safe='')}"),
    ),
    ("form", lambda name, secret: body(f"{quote(name)}={quote_plus(secret)}&b=1", FORM)),
    ("JSON", lambda name, secret: body(json.dumps({"a": [{name: secret}]}))),
    (
        "JSON in letters of their own",
        lambda name, secret: body(json.dumps({"a": {name: [secret]}}, ensure_ascii=False)),
    ),
    ("multipart", lambda name, secret: body(part(f'name="{name}"', secret) + "--bound--", PARTS)),
    ("XML", lambda name, secret: body(f"<a><x {name}='{html.escape(secret)}'/></a>", "text/xml")),
    ("an element", lambda name, secret: body(f"<{name}>{html.escape(secret)}</{name}>", "text/xml")),
    ("a cookie", lambda name, secret: header("cookie", f"{name}={quote(secret, safe='')}; b=2")),
    (
        "Basic",
        lambda name, secret: header("authorization", "Basic " + base64.b64encode(f"u:{secret}".encode()).decode()),
    ),
    ("lines", lambda name, secret: body(f"{name}: {secret}\nb: 1", "text/plain")),
]


@pytest.mark.parametrize(("place", "write"), ENCODED, ids=[place for place, _ in ENCODED])
@settings(max_examples=30, deadline=None)
@given(
    name=st.sampled_from(
        [name for name in NAMES if name.replace("_", "").isalpha() and name.isascii() and len(name) < 99],
    ),
    secret=SECRETS,
)
def test_no_secret_in_any_place_and_encoding_is_shown(
    place: str,
    write: Callable[[str, str], Request],
    name: str,
    secret: str,
) -> None:
    request = write(name, secret)
    shown = show(request)
    forms = find_forms(secret) | find_forms(base64.b64encode(f"u:{secret}".encode()).decode())
    assert [form for form in forms if len(form) >= 9 and form in shown] == []


def test_no_admin_answer_and_no_line_of_the_log_shows_one(start: Start) -> None:
    served = start("fatora", "--admin-token", PLAIN)
    headers = {"host": "127.0.0.1", "cookie": f"a={PLAIN}; b=c", "x-goog-api-key": PLAIN, **CREDENTIALS["fatora"]}
    for target in (
        f"/fatora/v1/clients?token={PLAIN}&page=2",
        f"/fatora/v1/nothing?api%5Fkey={PLAIN}",
        f"/none?jwt={PLAIN}",
    ):
        assert send(served.port, f"GET {target}", headers).status in (200, 404)
    shown = b""
    for path in (
        "requests?bodies=true",
        "requests/unmatched",
        "requests/unmatched/near-misses",
        "verdicts",
        "sessions",
    ):
        shown += send(served.port, f"GET /__admin/{path}", {"host": "127.0.0.1"}).body
    assert b"/fatora/v1/nothing" in shown and PLAIN.encode() not in shown


def test_the_log_hides_the_admin_token_and_queries() -> None:
    line = io.StringIO()
    log = make_log(line, PLAYER)
    log(Request("GET", "/", f"token={PLAIN}", {}), OK, 0.0)
    log(Request("GET", "/acme", f"page=2&api%5Fkey={PLAIN}", {}), OK, 0.0)
    assert PLAIN not in line.getvalue()
    assert "/?token=[redacted " in line.getvalue() and "/acme?page=2&api%5Fkey=[redacted " in line.getvalue()


def test_the_harness_has_the_same_vocabulary() -> None:
    for name in NAMES:
        assert hide_header(name, PLAIN, frozenset()) == "[redacted]"
        assert PLAIN not in hide_secrets(f"http://x/?{quote(name)}={PLAIN}&page=1")
    assert hide_header("X-Total", "12", frozenset()) == "12" and hide_secrets("/x?keyword=a") == "/x?keyword=a"


M = 64 * 1024
HOSTILE: list[tuple[str, str]] = [
    ("a long word behind a pair", "a=1&" + "b" * M),
    ("semicolons", "a=" + ";b=" * M),
    ("blanks", " " * M),
    ("blanks in a line", "a=1\n" + "-" + " " * M + "x"),
    ("names and blanks", "password" + " " * M),
    ("quotes", '"' * M),
    ("backslashes", '{"' + "\\" * M),
    ("brackets", "[" * M),
    ("open tags", "<" * M),
    ("open comments", "<a>" + '<!--">' * M),
    ("open quotes in tags", "<a '" + "<b " * M),
    ("a tag of one word", "<a " + "b" * M + ">"),
    ("a tag of words", "<a " + "b " * M + ">"),
    ("attributes", "<a " + "password='x' " * M),
    ("elements in one another", "<secret>" * M),
    ("boundaries", "--x\r\nform-data\r\n" + "--x" * M),
    ("parts", "--x\r\n" + '--x\r\nContent-Disposition: form-data; name="key"\r\n\r\n1\r\n' * 1000),
    ("many secrets", "&".join(f"key={n:08}" for n in range(M // 13))),
    ("JSON in JSON", json.dumps(json.dumps(json.dumps(json.dumps(['a="<{'] * 2000))))),
    ("percent signs", "a=" + "%25" * M),
    ("slashes", "a=http:" + "//" * M + "@"),
]


@pytest.mark.parametrize(("name", "text"), HOSTILE, ids=[name for name, _ in HOSTILE])
def test_no_text_takes_longer_than_its_length_allows(name: str, text: str) -> None:
    """Each of these took minutes where a pattern was tried at every place; the bound is for a machine that is busy."""
    redaction = Redaction(SCHEMES, b"salt")

    def redact() -> None:
        for media_type in ("", FORM, "text/xml", "application/json", "multipart/form-data; boundary=x"):
            redaction.body(text[:M].encode(), media_type, [])
        redaction.headers({"authorization": text[:M], "cookie": text[:M], "referer": text[:M]}, [])
        redaction.query(text[:M], [])
        show(Request("POST", "/x", text[:M], {"referer": text[:M]}, body=text[:M].encode()))

    worker = threading.Thread(target=redact, daemon=True)
    worker.start()
    worker.join(60)
    assert not worker.is_alive()
