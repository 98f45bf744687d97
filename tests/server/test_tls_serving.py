"""HTTPS: the same answers as on the plain port, and the same faults of the wire, as a client over TLS sees them."""

from __future__ import annotations

import json
import re
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from mock_server.cli import main
from mock_server.errors import UsageError
from mock_server.server.authority import get_authority
from tests.conftest import CREDENTIALS, Served, Start
from tests.raw import parse, send
from tests.server.tls_client import data_folder, open_tls

KEY = CREDENTIALS["fatora"]


class Secure(NamedTuple):
    """A server with HTTPS: its plain side, the port of the other, and the authority's file."""

    served: Served
    port: int
    ca: Path


@pytest.fixture(scope="module")
def secure(start: Start, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secure]:
    with data_folder(tmp_path_factory.mktemp("data")) as ca:
        served = start("--tls", "0", "--workers", "2")
        port = re.search(r"https://127.0.0.1:(\d+)", served.printed)
        assert port, served.printed
        yield Secure(served, int(port[1]), ca)


def ask(secure: Secure, target: str, name: str = "localhost", host: str = "", more: str = "") -> tuple[bytes, str]:
    """What comes back over TLS, and how the connection ends."""
    head = (
        f"GET {target} HTTP/1.1\r\nhost: {host or name}\r\napi_key: {KEY['api_key']}\r\n{more}connection: close\r\n\r\n"
    )
    with open_tls(secure.port, secure.ca, name) as connection:
        connection.send(head.encode())
        return connection.read_to_the_end()


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1", "api.fatora.io", "shop.api.sellercloud.com"])
def test_the_certificate_is_for_this_machine_and_for_documented_hosts(name: str, secure: Secure) -> None:
    with open_tls(secure.port, secure.ca, name) as connection:
        assert connection.tls.version() == "TLSv1.3" and connection.tls.selected_alpn_protocol() == "http/1.1"


def test_no_other_host_is_played(secure: Secure) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        open_tls(secure.port, secure.ca, "example.com")


SAME = [
    ("/fatora/v1/clients?page_size=100", "a list"),
    ("/~tls/fatora/v1/clients?page_size=100", "a list in a session"),
    ("/openapi/fatora.json", "a document of 20 KB that says where it is"),
    ("/fatora/v1/clients?__code=404", "an error"),
]


@pytest.mark.parametrize(("target", "sentence"), SAME, ids=[row[1] for row in SAME])
def test_answers_are_those_of_the_plain_port(target: str, sentence: str, secure: Secure) -> None:
    plain = send(secure.served.port, f"GET {target}", {"host": "localhost", **KEY})
    data, end = ask(secure, target)
    body = plain.body.replace(b"http://localhost", b"https://localhost")
    assert (parse(data).status, parse(data).body, end) == (plain.status, body, "farewell")


def test_an_answer_larger_than_buffers_comes_whole(secure: Secure) -> None:
    data, end = ask(secure, "/assets/swagger-ui-bundle.js")
    assert end == "farewell" and len(parse(data).body) == int(parse(data).headers["content-length"]) > 1_000_000


def test_links_lead_back_to_where_was_asked(secure: Secure) -> None:
    token = "authorization: Bearer understudy-yativo-valid\r\n"
    own = f"localhost:{secure.port}"
    data, _ = ask(secure, "/yativo/api/v1/customer?per_page=2", host=own, more=token)
    assert json.loads(parse(data).body)["pagination"]["next_page_url"].startswith(
        f"https://{own}/yativo/api/v1/customer?",
    )
    data, _ = ask(secure, "/api/v1/customer?per_page=2", "api.yativo.com", more=token)
    assert json.loads(parse(data).body)["pagination"]["next_page_url"].startswith(
        "https://api.yativo.com/api/v1/customer?",
    )


FAULTS = [
    ("connection-reset", 0, "reset", "nothing, then a reset"),
    ("empty-response", 0, "cut", "nothing, and no farewell"),
    ("truncated-body", 50, "cut", "half of the body, and no farewell"),
    ("malformed-chunk", 50, "cut", "a chunk of no size, and no farewell"),
    ("random-data", 1, "cut", "rubbish, and no farewell"),
    ("dribble", 200, "farewell", "all of it, in pieces"),
]


@pytest.mark.parametrize(("scenario", "least", "end", "sentence"), FAULTS, ids=[row[3] for row in FAULTS])
def test_a_fault_of_the_wire_is_one_over_tls(
    scenario: str,
    least: int,
    end: str,
    sentence: str,
    secure: Secure,
) -> None:
    data, how = ask(secure, f"/fatora/v1/clients?page_size=1&__scenario={scenario}")
    assert how == end and len(data) >= least and bool(data) == bool(least)
    if scenario == "truncated-body":
        answer = parse(data)
        assert len(answer.body) == int(answer.headers["content-length"]) // 2


def test_requests_in_a_row_are_answered_on_one_connection(secure: Secure) -> None:
    one = "GET /fatora/v1/clients/%d HTTP/1.1\r\nhost: x\r\napi_key: " + KEY["api_key"] + "\r\n\r\n"
    with open_tls(secure.port, secure.ca) as connection:
        connection.send("".join(one % key for key in range(1001, 1031)).encode())
        data = b""
        while data.count(b"HTTP/1.1 200") < 30 or not data.endswith(b"}"):
            data += connection.read()
    order = [data.find(b'"id":%d' % key) for key in range(1001, 1031)]
    assert -1 not in order and order == sorted(order)


def test_a_head_in_many_records_is_one_request(secure: Secure) -> None:
    head = f"GET /fatora/v1/clients HTTP/1.1\r\nhost: x\r\napi_key: {KEY['api_key']}\r\nconnection: close\r\n\r\n"
    with open_tls(secure.port, secure.ca) as connection:
        for sign in head.encode():
            connection.send(bytes([sign]))
        assert connection.read_to_the_end()[0].startswith(b"HTTP/1.1 200")


def test_a_client_that_has_said_its_last_word_is_answered(secure: Secure) -> None:
    head = b"GET /openapi/fatora.json HTTP/1.1\r\nhost: localhost\r\n\r\n"
    with open_tls(secure.port, secure.ca) as connection:
        connection.send(head, is_last=True)
        data, end = connection.read_to_the_end()
    assert len(data) > 10_000 and end == "farewell"


WRONG = [
    (b"GET / HTTP/1.1\r\nhost: x\r\n\r\n", b"This port speaks HTTPS", "HTTP is told where it is"),
    (b"\x16\x03\x01\x00\x05hello", b"", "what is no handshake is closed"),
    (b"", b"", "who says nothing is closed"),
]


@pytest.mark.parametrize(("sent", "said", "sentence"), WRONG, ids=[row[2] for row in WRONG])
def test_what_is_not_tls_does_no_harm(sent: bytes, said: bytes, sentence: str, secure: Secure) -> None:
    with socket.create_connection(("127.0.0.1", secure.port), timeout=10) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        data = b""
        while chunk := connection.recv(65536):
            data += chunk
    assert said in data and ask(secure, "/fatora/v1/clients")[0].startswith(b"HTTP/1.1 200")


def test_what_cannot_be_read_is_refused_behind_a_long_body(secure: Secure) -> None:
    head = b"POST /fatora/v1/clients HTTP/1.1\r\nhost: x\r\ncontent-length: 9000000\r\n\r\n"
    with open_tls(secure.port, secure.ca) as connection:
        connection.send(head + b"x" * 3_000_000)
        assert connection.read_to_the_end()[0].startswith(b"HTTP/1.1 413")


def test_the_admin_api_is_there_for_this_machine_alone(secure: Secure) -> None:
    assert parse(ask(secure, "/__admin/health")[0]).status == 200
    assert parse(ask(secure, "/__admin/health", "api.fatora.io")[0]).status == 404
    assert parse(ask(secure, "/__admin/health", host="api.fatora.io")[0]).status == 404
    assert parse(ask(secure, "/__understudy/__admin/health", "api.fatora.io")[0]).status == 404


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")
def test_openssl_verifies_the_certificate(secure: Secure) -> None:
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{secure.port}", "-CAfile", str(secure.ca)]
    command += ["-verify_return_error", "-verify_hostname", "api.fatora.io", "-servername", "api.fatora.io", "-brief"]
    done = subprocess.run(command, input="", capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 0 and "Verification: OK" in done.stderr, done.stderr


# the authority


def test_the_authority_is_kept_and_private(tmp_path: Path) -> None:
    folder = tmp_path / "authority"
    first = get_authority(folder).certificate
    assert get_authority(folder).certificate == first == (folder / "ca.pem").read_bytes()
    assert (folder / "authority.pem").stat().st_mode & 0o777 == 0o600 and folder.stat().st_mode & 0o777 == 0o700


def test_an_authority_is_followed_by_another_before_its_end(tmp_path: Path) -> None:
    first = get_authority(tmp_path).certificate
    assert get_authority(tmp_path, datetime.now(UTC) + timedelta(days=1000)).certificate == first
    later = get_authority(tmp_path, datetime.now(UTC) + timedelta(days=3 * 365 - 30)).certificate
    assert later != first and (tmp_path / "ca.pem").read_bytes() == later


def test_servers_that_start_at_once_have_one_authority(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: get_authority(tmp_path).certificate, range(8)))
    assert len(set(made)) == 1


def test_a_public_file_that_was_lost_is_written_again(tmp_path: Path) -> None:
    first = get_authority(tmp_path).certificate
    (tmp_path / "ca.pem").write_text("another one")
    get_authority(tmp_path)
    assert (tmp_path / "ca.pem").read_bytes() == first


def break_file(folder: Path) -> None:
    (folder / "authority.pem").write_text("nonsense")


def mix_files(folder: Path) -> None:
    other = get_authority(folder / "other").signer.private_key_pem.bytes()
    (folder / "authority.pem").write_bytes(other + (folder / "ca.pem").read_bytes())


def put_a_folder(folder: Path) -> None:
    (folder / "authority.pem").unlink()
    (folder / "authority.pem").mkdir()


BROKEN = [
    (break_file, "is no authority that can be read; delete it, and a new one is made", "no PEM"),
    (mix_files, "is no authority that can be read", "a key of another certificate"),
    (put_a_folder, "cannot be kept in", "what cannot be opened"),
]


@pytest.mark.parametrize(("damage", "says", "sentence"), BROKEN, ids=[row[2] for row in BROKEN])
def test_a_broken_authority_is_a_sentence(damage: object, says: str, sentence: str, tmp_path: Path) -> None:
    get_authority(tmp_path)
    assert callable(damage)
    damage(tmp_path)
    with pytest.raises(UsageError, match=says):
        get_authority(tmp_path)


def test_ca_prints_where_it_is(tmp_path: Path) -> None:
    with data_folder(tmp_path) as ca:
        assert CliRunner().invoke(main, ["ca"]).output.strip() == str(ca)
        assert CliRunner().invoke(main, ["ca", "--print"]).output == ca.read_text()


# the command line


REFUSED = [
    (["--tls", "8080"], "--port and --tls are both 8080: each needs a port of its own.", "one port for both"),
    (["--tls", "99999"], "99999", "no port"),
]


@pytest.mark.parametrize(("words", "says", "sentence"), REFUSED, ids=[row[2] for row in REFUSED])
def test_wrong_ports_are_refused_in_words(words: list[str], says: str, sentence: str) -> None:
    done = CliRunner().invoke(main, ["serve", *words])
    assert done.exit_code == 2 and says in done.output


def test_a_port_in_use_is_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken, data_folder(tmp_path):
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = CliRunner().invoke(main, ["serve", "--port", "0", "--tls", str(port)])
    assert done.exit_code == 2 and f"Port {port} on 127.0.0.1 is in use. Choose another one, or --tls 0" in done.output


def test_without_its_library_a_sentence_says_what_to_install() -> None:
    program = "import sys; sys.modules['trustme'] = None; from mock_server.cli import main; main(['serve', '--port', '0', '--tls', '0'])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2 and "pip install 'understudy[tls]'" in done.stderr
