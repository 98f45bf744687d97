"""A server that plays planted faults, each under a base URL of its own: `/~<mutant>/<provider>/…`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from urllib.parse import unquote

from contract_tests.context import Listing
from mock_server.contract import Operation
from mock_server.engine import MockApi, present
from mock_server.messages import Request, Response
from mock_server.server import base_url, open_socket, plain_door, serve
from mock_server.sessions import MockApis, Settings, load_contracts, make_apis
from tests.mutation.correct_variants import VARIANTS, Variant
from tests.mutation.mutants import MUTANTS, Mutant
from tests.mutation.operation_mock import OperationMock

CLEAN = "clean"
"""The name under which nothing is wrong."""


def slug(name: str) -> str:
    """A mutant's name as a part of a path."""
    return name.replace(" ", "-").replace("/", "-")


class MutantApis(MockApis):
    """Mock APIs whose answers are made wrong by the mutant that the path names."""

    def __init__(self, apis: Mapping[str, MockApi]) -> None:
        super().__init__(apis)
        played: list[Mutant | Variant] = [*MUTANTS.values(), *VARIANTS.values()]
        self._mutants = {slug(each.name): each for each in played}
        self._mocks: dict[tuple[str, str, str], OperationMock] = {}

    def find_answer(self, request: Request) -> Response | None:
        """The mutant's answer; a path that names no mutant is played clean."""
        name, rest = _split(request.path)
        mutant = self._mutants.get(name)
        request = request._replace(path=rest, mount=f"/~{name}") if name else request
        clean = super().answer(request)
        operation = self._operation(rest) if mutant else None
        if mutant is None or operation is None or clean is None:
            return clean
        if request.method not in ("GET", "HEAD") and clean.status != 405:
            return clean
        mock = self._mock(name, rest.split("/")[1], operation)
        return mutant.play(mock, request) if mutant.applies(mock) else clean

    def _operation(self, path: str) -> Operation | None:
        provider, _, inside = path[1:].partition("/")
        api = self.apis.get(provider)
        match = api.find("GET", f"/{inside}") if api else None
        return match.target.operation if match else None

    def _mock(self, mutant: str, provider: str, operation: Operation) -> OperationMock:
        """One for each mutant and operation: what it counts is its own."""
        mock = self._mocks.get((mutant, provider, operation.id))
        if mock is None:
            contract = self.apis[provider].contract
            mock = OperationMock(contract, operation, self._clean)
            mock.other_keys = self._find_other_key(provider, operation)
            self._mocks[mutant, provider, operation.id] = mock
        return mock

    def _clean(self, request: Request) -> Response:
        answer = super().answer(request)
        assert answer is not None
        return answer

    def _find_other_key(self, provider: str, operation: Operation) -> list[object]:
        """The key of a record that the list of the same collection shows, to answer in place of the one asked for."""
        api = self.apis[provider]
        lists = [o for o in api.contract.operations if o.is_list and o.collection == operation.collection]
        if not lists:
            return []
        request = Request("GET", f"/{provider}{lists[0].path}")
        answer = self._clean(present(request, lists[0].security, "valid") or request)
        listing = Listing(api.contract, lists[0])
        records = OperationMock(api.contract, lists[0], self._clean).records_of(json.loads(answer.body))
        return [listing.key_of(record) for record in records[1:2]]


def _split(path: str) -> tuple[str, str]:
    """`/~name/acme/v1` as `name` and `/acme/v1`."""
    if not path.startswith("/~"):
        return "", path
    name, _, rest = path[2:].partition("/")
    return unquote(name), f"/{rest}"


def main() -> None:
    """Serve the shipped contracts on a free port until told to stop; the arguments are more `--seed` and the like."""
    seed = sys.argv[1] if len(sys.argv) > 1 else "understudy"
    settings = Settings(seed=seed, limits="report")
    apis = MutantApis(make_apis(load_contracts(settings), settings).apis)
    listener = open_socket("127.0.0.1", 0)
    print(base_url(listener), flush=True)
    serve([plain_door(listener)], lambda slot: apis, log=False)


if __name__ == "__main__":
    main()
