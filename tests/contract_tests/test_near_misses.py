"""Credentials that are almost right: what they are, that they stay secret, and that a shell can make them."""

from __future__ import annotations

import subprocess

import pytest

from contract_tests.context import make_redactor
from contract_tests.context.near_misses import find_near_misses, find_shell_forms, find_telling, is_case_nothing
from contract_tests.transport import TargetOptions, make_target
from mock_server.sessions import MockApis

CREDENTIALS = (
    "7D1F0A52-9C3B-4E6A-8B21-5EC2E7C0FFEE",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2VjcmV0LXNpZ25hdHVyZQ",
    "yv+live/Zk93Qm1TcTk=",
    "sh|42|kLm9PqRs7TuVw/XyZ+01",
    "a'quote\"and $HOME `id`",
)


@pytest.mark.parametrize("credential", CREDENTIALS)
def test_each_near_miss_is_another_text(credential: str) -> None:
    made = [near.make(credential) for near in find_near_misses(credential)]
    assert credential not in made and len(set(made)) == len(made) >= 8


@pytest.mark.parametrize("credential", CREDENTIALS)
def test_a_shell_makes_them_from_the_variable(credential: str) -> None:
    for made, expression in find_shell_forms(credential, "KEY").items():
        said = subprocess.run(
            ["sh", "-c", f'printf %s "{expression}"'],
            env={"KEY": credential, "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert said.stdout == made
        assert credential not in expression and credential[:-1] not in expression


def test_a_signature_is_changed_where_decoding_looks() -> None:
    token = "aaaa.bbbb.cccA"
    (changed,) = (near.make(token) for near in find_near_misses(token) if "last character was" in near.words)
    assert changed == "aaaa.bbbb.cccg"


def test_a_short_credential_has_none() -> None:
    assert list(find_near_misses("demo")) == []


def test_hexadecimal_has_no_case() -> None:
    assert is_case_nothing(CREDENTIALS[0]) and not is_case_nothing(CREDENTIALS[1])


@pytest.mark.parametrize("credential", CREDENTIALS)
def test_a_report_shows_no_near_miss(apis: MockApis, credential: str) -> None:
    options = TargetOptions("live", "http://127.0.0.1:9/v1", variables={"FATORA_API_KEY": credential})
    contract = apis.apis["fatora"].contract
    redactor = make_redactor(contract, make_target(contract, options))
    for made in find_telling(credential):
        written = redactor.text(f"Key {made} is unknown.")
        assert made not in written and credential[:-1].lower() not in written.lower()
