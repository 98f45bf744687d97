"""Schemathesis over every shipped provider, in process: all checks, both modes, and not empty."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from schemathesis.schemas import BaseSchema

from contract_tests.checks.schemathesis_run import load_schema
from mock_server.server.app import create_app
from mock_server.sessions.dispatch import MockApis
from tests.conftest import LISTS, ROOT

ALONE = ("cacheprovider", "xdist", "randomly")
"""Plug-ins that the module does without: its census comes last."""


def load(name: str, apis: MockApis) -> BaseSchema:
    """The contract of one provider as it is played, in process; both modes, all phases. What is published is plainer."""
    api = apis.apis[name]
    credentials = {scheme.name: scheme.values["valid"][0] for scheme in api.contract.schemes}
    generation = {"deterministic": True, "database": "none", "mode": "all", "max-examples": 40}
    url = f"http://localhost/{name}{api.contract.base_path}"
    document = {**api.contract.document, "servers": [{"url": url}]}
    return load_schema(document, api.contract.schemes, credentials, create_app(apis), {"generation": generation})


@pytest.mark.parametrize("name", LISTS)
def test_no_reference_dangles(name: str, apis: MockApis) -> None:
    assert not list(load(name, apis).iter_schema_warnings())


@pytest.mark.parametrize("name", LISTS)
def test_the_mock_keeps_its_contract(
    name: str,
    apis: MockApis,
    pytester: pytest.Pytester,
    cache: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Run as a user would: a test module of one parametrized function, with a census of the answers."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makepyfile(
        test_generated=f"""
        import collections, json, pathlib
        from mock_server.sessions import Settings, load_contracts, make_apis
        from tests.server.test_schemathesis import load

        settings = Settings(cache=pathlib.Path({str(cache)!r}), limits="off")
        schema = load({name!r}, make_apis(load_contracts(settings), settings))
        answers = collections.Counter()

        @schema.parametrize()
        def test_contract(case):
            response = case.call()
            answers[f"{{case.operation.label}} {{response.status_code // 100}}xx"] += 1
            case.validate_response(response)

        def test_census():
            pathlib.Path("census.json").write_text(json.dumps(answers))
        """,
    )
    result = pytester.runpytest_subprocess("-q", *(word for each in ALONE for word in ("-p", f"no:{each}")))
    assert result.ret == 0, result.stdout.str()[-3000:]
    census = Counter(json.loads((pytester.path / "census.json").read_text()))
    operations = [
        f"{o.method} {o.path.removeprefix(apis.apis[name].contract.base_path)}"
        for o in apis.apis[name].contract.operations
    ]
    for operation in operations:
        assert census[f"{operation} 2xx"] >= 1, census
        assert census[f"{operation} 4xx"] >= 3, census
