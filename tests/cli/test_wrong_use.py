"""What a person gets wrong on the command line, and the sentence that says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.test_cli import understudy

WRONG = [
    (("serve", "fatroa"), "There is no provider 'fatroa'; did you mean fatora?"),
    (("env", "nix"), "known: fatora, sellercloud, sourcehub, yativo"),
    (("serve", "--reading", "fatora.notes-feld=note"), "did you mean fatora.notes-field?"),
    (("serve", "--reading", "nonsense"), "is not of the form PROVIDER.ID=ALTERNATIVE"),
    (("serve", "--reading", "fatora.notes-field=nope"), "has no alternative 'nope'; did you mean note?"),
    (("serve", "--port", "70000"), "70000"),
    (("serve", "--records", "-1"), "-1"),
    (("serve", "--records", "10000001"), "10000001"),
    (("serve", "--host", "203.0.113.7"), "Cannot listen on 203.0.113.7"),
    (("nonsense",), "nonsense"),
    (
        ("serve", "--schemas", "docs"),
        "No contract was found in docs: neither docs/openapi.yaml nor docs/*/openapi.yaml exists.",
    ),
    (("serve", "--schemas", "nix"), "There is no folder nix."),
    (("env", "--schemas", "README.md"), "README.md is a file; expected the folder that it is in (.)."),
    (("validate", "docs"), "neither docs/openapi.yaml nor docs/*/openapi.yaml exists."),
    (("validate", "nix"), "There is no folder nix."),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG, ids=[" ".join(a) for a, _ in WRONG])
def test_wrong_use_is_a_sentence_and_exit_code_2(arguments: tuple[str, ...], said: str) -> None:
    done = understudy(*arguments)
    assert done.returncode == 2 and said in done.stderr and "Traceback" not in done.stderr


def test_a_contract_of_another_name_is_pointed_at(toy: Path) -> None:
    (toy / "bookshop" / "openapi.yaml").rename(toy / "bookshop" / "openapi.yml")
    for place in (toy, toy / "bookshop"):
        done = understudy("validate", str(place))
        assert done.returncode == 2
        assert done.stderr.endswith(f" There is {toy}/bookshop/openapi.yml: is it to be called openapi.yaml?\n")
