"""The environment variables that tell a client where a provider is and how to sign in there."""

from __future__ import annotations

from mock_server.contract.model import Contract, Scheme


def _prefix(contract: Contract) -> str:
    return contract.provider.upper().replace("-", "_")


def base_url_variable(contract: Contract) -> str:
    """The variable that holds a provider's base URL, base path included (`ACME_BASE_URL`)."""
    return f"{_prefix(contract)}_BASE_URL"


def credential_variable(contract: Contract, scheme: Scheme, state: str = "valid") -> str:
    """The variable that holds a credential in a state (`ACME_TOKEN`, `ACME_API_KEY_INACTIVE`)."""
    name = "TOKEN" if scheme.prefix else scheme.field.upper().replace("-", "_")
    return f"{_prefix(contract)}_{name}" + ("" if state == "valid" else f"_{state.upper()}")


def find_variables(contract: Contract, base: str) -> dict[str, str]:
    """Every variable of a provider played at `base`, with the contract's test credentials."""
    variables = {base_url_variable(contract): f"{base}/{contract.provider}{contract.base_path}"}
    for scheme in contract.schemes:
        for state, values in scheme.values.items():
            variables[credential_variable(contract, scheme, state)] = values[0]
    return variables
