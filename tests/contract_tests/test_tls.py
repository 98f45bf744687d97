"""Over TLS: a credential never leaves in clear, whoever names the way, and a private authority can be trusted."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from mock_server.sessions.dispatch import MockApis
from tests.contract_tests.command import Done, check
from tests.contract_tests.played import Answer, play

TOKEN = "understudy-yativo-valid"

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="a certificate is made by openssl")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of this machine that signs itself, with its key in the same file."""
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run([*command, *names, "-keyout", f"{path}.key", "-out", str(path)], check=True, capture_output=True)
    return path


@dataclass
class BothWays:
    """A server whose one port speaks TLS and plain HTTP, as 443 and 80 of one host do; `heads` by scheme."""

    place: str
    heads: dict[str, list[str]] = field(default_factory=lambda: {"https": [], "http": []})


@contextlib.contextmanager
def both_ways(certificate: Path, answer: Answer) -> Iterator[BothWays]:
    """Serve on a free port of loopback."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, f"{certificate}.key")
    listener = socket.create_server(("127.0.0.1", 0))
    server = BothWays(f"127.0.0.1:{listener.getsockname()[1]}")

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

    def serve(connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            connection.settimeout(20)
            is_tls = connection.recv(1, socket.MSG_PEEK) == b"\x16"
            with context.wrap_socket(connection, server_side=True) if is_tls else connection as stream:
                while head := read_head(stream):
                    scheme = "https" if is_tls else "http"
                    server.heads[scheme].append(head)
                    stream.sendall(answer(head, scheme))

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield server
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def read_head(stream: socket.socket) -> str:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = stream.recv(65536)
        if not piece:
            return ""
        data += piece
    return data.decode("latin-1")


def run_check(server: BothWays, folder: Path, **variables: str) -> tuple[Done, dict[str, Any], list[Any]]:
    """What the command says, its report, and the entries of its archive."""
    base = {"YATIVO_BASE_URL": f"https://{server.place}/yativo/api/v1", "YATIVO_TOKEN": TOKEN}
    known = {"XDG_CACHE_HOME": str(folder / "cache"), **base, **variables}
    done = check("yativo", "--target", "live", "--rate", "1000", "--report", "out", cwd=folder, variables=known)
    (provider,) = json.loads((folder / "out" / "report.json").read_text())["providers"]
    return done, provider, json.loads((folder / "out" / "traffic.har").read_text())["log"]["entries"]


def test_links_out_of_tls_are_a_finding_and_not_followed(certificate: Path, apis: MockApis, tmp_path: Path) -> None:
    with both_ways(certificate, play(apis, "http")) as server:
        done, report, entries = run_check(server, tmp_path, REQUESTS_CA_BUNDLE=str(certificate))
    assert server.heads["http"] == []
    assert len(server.heads["https"]) == report["calls"] == len(entries) > 20
    assert done.returncode == 1, done.stdout
    bare = [finding for finding in report["findings"] if "to plain http" in finding["problem"]]
    assert {finding["grade"] for finding in bare} == {"breaking"}
    assert "/pagination/next_page_url" in {finding["place"] for finding in bare}


def test_links_within_tls_are_followed(certificate: Path, apis: MockApis, tmp_path: Path) -> None:
    with both_ways(certificate, play(apis, "https")) as server:
        done, report, entries = run_check(server, tmp_path, SSL_CERT_FILE=str(certificate))
    assert server.heads["http"] == [] and done.returncode == 0, done.stdout
    assert len(server.heads["https"]) == report["calls"] == len(entries)


def test_a_redirect_out_of_tls_is_an_answer(certificate: Path, apis: MockApis, tmp_path: Path) -> None:
    """Also one that comes in the middle, when generated requests are sent."""
    usual, number = play(apis, "https"), iter(range(10_000))

    def redirect(head: str, scheme: str) -> bytes:
        target, host = head.split(" ")[1], head.partition("Host: ")[2].partition("\r\n")[0]
        if scheme == "https" and next(number) > 3:
            return f"HTTP/1.1 301 Moved\r\nLocation: http://{host}{target}\r\nContent-Length: 0\r\n\r\n".encode()
        return usual(head, scheme)

    with both_ways(certificate, redirect) as server:
        _, report, entries = run_check(server, tmp_path, REQUESTS_CA_BUNDLE=str(certificate))
    assert server.heads["http"] == []
    assert len(server.heads["https"]) == report["calls"] == len(entries) > 10


def test_a_certificate_that_nobody_vouches_for_is_a_sentence(
    certificate: Path,
    apis: MockApis,
    tmp_path: Path,
) -> None:
    with both_ways(certificate, play(apis, "https")) as server:
        done, report, entries = run_check(server, tmp_path)
    assert done.returncode == 3 and server.heads == {"https": [], "http": []}
    assert "its certificate is not trusted (self-signed certificate)" in " ".join(done.stdout.split())
    assert report["calls"] == len(entries) == 1


def test_a_file_that_is_no_certificate_is_a_sentence(certificate: Path, apis: MockApis, tmp_path: Path) -> None:
    (tmp_path / "none.pem").write_text("nothing")
    variables = {"REQUESTS_CA_BUNDLE": str(tmp_path / "none.pem"), "YATIVO_TOKEN": TOKEN}
    done = check("yativo", "--target", "live", "--base-url", "https://127.0.0.1:9/v1", variables=variables)
    assert done.returncode == 2 and "REQUESTS_CA_BUNDLE names no certificates (PEM)" in done.stderr
