"""A mock API as Schemathesis sees it: the published contract, the application, a valid credential."""

from __future__ import annotations

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.schemas import BaseSchema

from mock_server.app import create_app
from mock_server.contract import Scheme
from mock_server.mock_apis import MockApis
from mock_server.pages_for_people import publish


def load(name: str, apis: MockApis) -> BaseSchema:
    """The contract of one provider, played in process; both modes, all phases, the same cases each time."""
    api = apis.apis[name]
    config = SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "auth": {"openapi": {scheme.name: _credential(scheme) for scheme in api.contract.schemes}},
            # Literals of the mock's own source must not steer what is sent.
            "analysis": {"constants": {"enabled": False}},
            "generation": {"mode": "all", "max-examples": 40, "deterministic": True, "database": "none"},
        }
    )
    schema = schemathesis.openapi.from_dict(publish(api, "http://localhost"), config=config)
    schema.app = create_app(apis)
    return schema


def _credential(scheme: Scheme) -> dict[str, str]:
    """The first valid test credential, under the name Schemathesis wants."""
    return {"bearer" if scheme.prefix else "api_key": scheme.values["valid"][0]}
