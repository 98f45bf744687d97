"""The admin API asked what Schemathesis makes up from its own document."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.conftest import Start
from tests.plain.playing import PETSTORE
from tests.sessions.test_sessions import admin


def name_records(document: dict[str, Any]) -> None:
    """Say which records may be put in: the document cannot know what a provider documents of its own."""
    components = document["components"]
    document["paths"].pop("/__admin/sessions/{name}/collections")  # it names those that lie below parents
    components["parameters"]["provider"]["schema"] = {"const": "petstore"}
    components["parameters"]["collection"]["schema"] = {"const": "pets"}
    components["parameters"]["parent"]["schema"]["maxItems"] = 0
    (path,) = [node for path, node in document["paths"].items() if path.endswith("/{collection}/{key}")]
    next(p for p in path["parameters"] if p.get("name") == "key")["schema"] = {
        "type": "integer",
        "minimum": -(2**63),
        "maximum": 2**64 - 1,
    }
    fields = {"name": {"type": "string"}, "status": {"enum": ["sold", "free"]}}
    record = {"type": "object", "properties": fields, "additionalProperties": False}
    components["requestBodies"]["Record"]["content"]["application/json"]["schema"] = record


LANGUAGES = {
    "Matcher": ("matches", "doesNotMatch", "binaryEqualTo", "equalToJson", "matchesJsonPath"),
    "Pattern": ("urlPattern", "urlPathPattern", "urlPathTemplate", "pathParameters"),
    "MappingRequest": ("urlPattern", "urlPathPattern", "urlPathTemplate", "pathParameters", "provider", "operation"),
    "MappingResponse": ("base64Body",),
}
"""Texts of a language of their own: no schema says which ones are right."""

REPEATED = {
    "Matcher": ("and", "or", "not", "includes", "hasExactly", "ignoreArrayOrder", "ignoreExtraElements"),
    "Pattern": ("cookies", "formParameters", "queryParameters", "basicAuthCredentials"),
    "MappingRequest": ("cookies", "formParameters", "queryParameters", "basicAuthCredentials"),
    "Narrowing": ("body", "query", "header", "record"),
}
"""Members whose thousands of cases are those of the others once more; tests/mappings has their tables."""


def thin_out(document: dict[str, Any]) -> None:
    """Leave out what no schema says, and what would only be said again."""
    schemas, paths = document["components"]["schemas"], document["paths"]
    for name, members in [*LANGUAGES.items(), *REPEATED.items()]:
        for member in members:
            schemas[name]["properties"].pop(member)
    schemas["Settings"]["properties"]["scenarios"]["items"]["anyOf"][1]["properties"].pop("when")
    schemas["Matcher"]["dependentRequired"] = {"caseInsensitive": ["equalTo"]}
    brief = {"type": "object", "additionalProperties": False, "properties": {"name": {"type": ["string", "null"]}}}
    imported = paths["/__admin/mappings/import"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    imported["properties"]["mappings"]["items"] = brief
    paths["/__admin/mappings/{id}"]["put"]["requestBody"] = {
        "required": True,
        "content": {"application/json": {"schema": brief}},
    }


def test_schemathesis_passes_on_it(start: Start, tmp_path: Path) -> None:
    served = start("fatora", str(PETSTORE), "--sessions", "20")
    document = admin(served, "GET", "/openapi.json")
    document["paths"].pop("/__admin/events")  # it does not end
    name_records(document)
    settings = document["components"]["schemas"]["Settings"]["properties"]
    settings.pop("records")  # a million of them are built in a minute
    notes = settings["readings"]["properties"]["fatora.notes-field"]  # each reading is a load
    settings["readings"]["properties"] = {
        "fatora": {"type": "object", "properties": {"notes-field": notes}, "additionalProperties": False},
        "fatora.notes-field": notes,
    }
    thin_out(document)
    (tmp_path / "admin.json").write_text(json.dumps(document))
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "schemathesis.cli",
            "run",
            "admin.json",
            "--url",
            served.url,
            "--seed",
            "1",
            "--max-examples",
            "8",
            "--generation-database",
            "none",
            "--exclude-checks",
            "unsupported_method",
        ],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
