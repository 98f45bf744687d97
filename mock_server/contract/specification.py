"""What openapi-spec-validator says of a contract's bundled document."""

from __future__ import annotations

from pathlib import Path

from openapi_spec_validator import OpenAPIV31SpecValidator

from mock_server.contract.documents import escape_pointer, load_bundle
from mock_server.contract.model import Contract
from mock_server.errors import ContractError, ContractErrors


def check_specification(folder: Path, contract: Contract) -> None:
    """Raise ContractErrors with every place where the document is no OpenAPI 3.1."""
    bundle = load_bundle(folder)
    problems: list[ContractError] = []
    for error in OpenAPIV31SpecValidator(dict(contract.document)).iter_errors():
        pointer = "".join(f"/{escape_pointer(step)}" for step in getattr(error, "absolute_path", ()))
        problems.append(bundle.problem(pointer, f"is not OpenAPI 3.1: {getattr(error, 'message', error)}"))
    if problems:
        raise ContractErrors(problems)
