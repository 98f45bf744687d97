"""From an annotated plain document to the mock API that plays it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from mock_server.contract import Operation
from mock_server.engine import CompiledOperation, Compiler, MockApi, Once, ReadKey, compile_key_reader
from mock_server.messages import Collections
from mock_server.openapi import Validators
from mock_server.plain.authorship import find_sendable
from mock_server.plain.contract import PlainContract
from mock_server.plain.envelopes import Kit
from mock_server.plain.errors import PlainErrors
from mock_server.plain.operation import CompiledPlainOperation, fits_path
from mock_server.plain.options import PlainOptions
from mock_server.plain.routing import PlainRoutes
from mock_server.plain.sources import Sources
from mock_server.samples import Sampler
from mock_server.state import Changes, RateLimits
from mock_server.tokens import Issuer
from mock_server.writes import find_body_key, find_key_header, read_body_key


def make_plain_api(
    contract: PlainContract,
    seed: str,
    limits: RateLimits,
    options: PlainOptions = PlainOptions(),  # noqa: B008
    changes: Changes | None = None,
    issuer: Issuer | None = None,
) -> MockApi:
    """The mock API of a plain document; nothing is sampled or compiled before it is asked.

    `changes` keep what clients write, for each session; without them writes are answered and forgotten. `issuer` is who
    issues tokens.
    """
    validators = Validators(contract.source.root)
    kit = Kit(contract.source, Sampler(contract.source.root, seed, validators), validators, seed)
    sources = Sources(contract, kit, options.records, changes)

    def compile_operation(_: object, operation: Operation, shown: Collections) -> CompiledOperation:
        return CompiledPlainOperation(contract, operation, kit, sources, shown, sources.find_view, options, issuer)

    compiler = Compiler(
        compile_operation,
        lambda _: PlainErrors(contract, kit),
        functools.partial(_make_routes, contract.base_path),
    )
    once = Once(contract.provider, changes, _compile_key_reader(contract, options.idempotency)) if changes else None
    return MockApi(contract, sources, limits, "off", compiler, issuer, once)


def _compile_key_reader(contract: PlainContract, mode: str) -> Callable[[Operation], ReadKey | None]:
    """What reads the idempotency key of each operation: from its header, or from the property of its body."""

    def compile_reader(operation: Operation) -> ReadKey | None:
        plain = contract.plain.get(operation.pointer)
        body = find_body_key(find_sendable(contract.source, plain)) if plain else ""
        if body and not find_key_header(operation):
            return lambda request: read_body_key(request.body, body)
        return compile_key_reader(operation, mode)

    return compile_reader


def _make_routes(base_path: str, rows: Any, ignore_case: bool) -> PlainRoutes:
    below = ((method, path.removeprefix(base_path), target) for method, path, target in rows)
    return PlainRoutes(below, base_path, fits_path)
