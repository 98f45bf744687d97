"""What openapi-spec-validator says of a contract's bundled document."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mock_server.contract.documents import escape_pointer, load_bundle
from mock_server.contract.model import Contract
from mock_server.errors import ContractError, ContractErrors

SpecificationCheck = Callable[[Path, Contract], None]
"""Checks the contract of a folder; raises ContractErrors with every place where the document is no OpenAPI 3.1."""


def find_specification_check() -> SpecificationCheck | None:
    """What checks a contract by the specification of OpenAPI, or None where the extra `validate` is not installed."""
    try:  # here and not on top of the module: only `validate` needs it, and it brings pydantic along
        from openapi_spec_validator import OpenAPIV31SpecValidator
    except ModuleNotFoundError:
        return None
    return functools.partial(_check_specification, OpenAPIV31SpecValidator)


def _check_specification(validator: Any, folder: Path, contract: Contract) -> None:
    bundle = load_bundle(folder)
    problems: list[ContractError] = []
    for error in validator(dict(contract.document)).iter_errors():
        pointer = "".join(f"/{escape_pointer(step)}" for step in getattr(error, "absolute_path", ()))
        problems.append(bundle.problem(pointer, f"is not OpenAPI 3.1: {getattr(error, 'message', error)}"))
    if problems:
        raise ContractErrors(problems)
