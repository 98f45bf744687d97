"""Generators of clients take the published documents, and what they generate lists records on a real socket.

`make generators` installs them into a folder and names it in `UNDERSTUDY_GENERATORS`; without it all is skipped.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from mock_server.contract import Contract
from mock_server.sessions.dispatch import MockApis
from tests.conftest import CREDENTIALS, LISTS, Served

FOLDER = os.environ.get("UNDERSTUDY_GENERATORS", "")
pytestmark = pytest.mark.skipif(not FOLDER, reason="the generators are not installed: make generators does it")
needs_node = pytest.mark.skipif(not shutil.which("node"), reason="Node is not installed")
needs_java = pytest.mark.skipif(not shutil.which("java"), reason="Java is not installed")
providers = pytest.mark.parametrize("name", list(LISTS))


def run(*command: str, cwd: Path) -> str:
    """What a tool prints; fails with all of it where the tool does."""
    environment = {**os.environ, "PATH": f"{Path(FOLDER).resolve() / 'venv' / 'bin'}:{os.environ['PATH']}"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, cwd=cwd, env=environment, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def tool(name: str) -> str:
    """A program of the generators' own environment."""
    return str(Path(FOLDER).resolve() / "venv" / "bin" / name)


def node_tool(name: str) -> str:
    """A program of the generators' own Node packages."""
    return str(Path(FOLDER).resolve() / "node_modules" / ".bin" / name)


def save_document(name: str, served: Served, folder: Path) -> dict[str, Any]:
    """The published document of a provider, also written to `openapi.json`."""
    with urllib.request.urlopen(f"{served.url}/openapi/{name}.json", timeout=30) as response:
        text = response.read()
    (folder / "openapi.json").write_bytes(text)
    document: dict[str, Any] = json.loads(text)
    return document


def fetch_list(name: str, served: Served) -> bytes:
    """The first page of a provider's list."""
    request = urllib.request.Request(served.url + LISTS[name], headers=CREDENTIALS[name])
    with urllib.request.urlopen(request, timeout=30) as response:
        body: bytes = response.read()
    return body


def list_operation(contract: Contract) -> str:
    """The name of the list operation, as languages with underscores have it (`list_clients`)."""
    operation = next(operation for operation in contract.operations if operation.is_list)
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", operation.id).lower()


def records_of(body: bytes) -> int:
    """How many records a page holds: the length of its longest list."""
    return max(len(value) for value in _lists(json.loads(body)))


def _lists(node: Any) -> list[list[Any]]:
    if isinstance(node, list):
        return [node]
    return [found for child in node.values() for found in _lists(child)] if isinstance(node, dict) else []


PYTHON_CLIENT = """
import importlib, sys
sys.path.insert(0, sys.argv[1])
package, operation, base, header, token, prefix = sys.argv[2:8]
client = importlib.import_module(package).AuthenticatedClient(
    base_url=base, token=token, prefix=prefix, auth_header_name=header
)
answer = importlib.import_module(f"{package}.api.default.{operation}").sync_detailed(client=client)
assert answer.status_code == 200, answer
def lists(value):
    if isinstance(value, list):
        yield len(value)
    for child in getattr(value, "__attrs_attrs__", ()):
        yield from lists(getattr(value, child.name))
print(max(lists(answer.parsed)))
"""


@providers
def test_openapi_python_client_lists(name: str, served: Served, apis: MockApis, tmp_path: Path) -> None:
    base = save_document(name, served, tmp_path)["servers"][0]["url"]
    output = tmp_path / "client"
    run(
        tool("openapi-python-client"),
        "generate",
        "--path",
        "openapi.json",
        "--output-path",
        str(output),
        "--fail-on-warning",
        cwd=tmp_path,
    )
    package = next(each.name for each in output.iterdir() if (each / "client.py").is_file())
    header, value = next(iter(CREDENTIALS[name].items()))
    prefix, _, token = value.rpartition(" ")
    operation = list_operation(apis.apis[name].contract)
    (tmp_path / "list.py").write_text(PYTHON_CLIENT)
    listed = run(tool("python"), "list.py", str(output), package, operation, base, header, token, prefix, cwd=tmp_path)
    assert int(listed) == records_of(fetch_list(name, served))


MODELS = """
import sys, models
body = open("list.json", "rb").read()
print(type(getattr(models, sys.argv[1]).model_validate_json(body)).__name__)
"""


@providers
def test_datamodel_code_generator_reads_the_list(name: str, served: Served, apis: MockApis, tmp_path: Path) -> None:
    save_document(name, served, tmp_path)
    (tmp_path / "list.json").write_bytes(fetch_list(name, served))
    options = (
        "--input-file-type",
        "openapi",
        "--output-model-type",
        "pydantic_v2.BaseModel",
        "--formatters",
        "builtin",
    )
    run(tool("datamodel-codegen"), "--input", "openapi.json", "--output", "models.py", *options, cwd=tmp_path)
    (tmp_path / "read.py").write_text(MODELS)
    schemas = apis.apis[name].contract.document["components"]["schemas"]
    model = next("".join(part.title() for part in stem.split("-")) for stem in schemas if stem.endswith("-list"))
    assert run(tool("python"), "read.py", model, cwd=tmp_path).strip() == model


TYPESCRIPT = """
import createClient from "openapi-fetch";
import type { paths } from "./api.js";

const headers = JSON.parse(process.argv[3]!) as Record<string, string>;
const client = createClient<paths>({ baseUrl: process.argv[2]!, headers });
const { data, error } = await client.GET("PATH", {} as never);
if (error !== undefined || data === undefined) throw new Error(JSON.stringify(error));
console.log(JSON.stringify(data));
"""
COMPILE = (
    "--strict",
    "--target",
    "es2022",
    "--module",
    "nodenext",
    "--moduleResolution",
    "nodenext",
    "--lib",
    "es2022,dom",
)


@needs_node
@providers
def test_openapi_typescript_lists(name: str, served: Served, apis: MockApis, tmp_path: Path) -> None:
    document = save_document(name, served, tmp_path)
    (tmp_path / "node_modules").symlink_to(Path(FOLDER).resolve() / "node_modules")
    (tmp_path / "package.json").write_text('{"type": "module"}')
    run(node_tool("openapi-typescript"), "openapi.json", "-o", "api.d.ts", cwd=tmp_path)
    path = next(path for path, item in document["paths"].items() if "{" not in path and "get" in item)
    source = "declare const process: { argv: string[] };\n" + TYPESCRIPT.replace("PATH", path)
    (tmp_path / "list.ts").write_text(source)
    run(node_tool("tsc"), *COMPILE, "list.ts", cwd=tmp_path)
    base, headers = document["servers"][0]["url"], json.dumps(CREDENTIALS[name])
    shown = run("node", "list.js", base, headers, cwd=tmp_path)
    assert json.loads(shown) == json.loads(fetch_list(name, served))


JAVA_CLIENT = """
import importlib, json, sys
sys.path.insert(0, "client")
import openapi_client as made
operation, base, header, value = sys.argv[1:5]
client = made.ApiClient(made.Configuration(host=base), header_name=header, header_value=value)
answer = getattr(made.DefaultApi(client), operation + "_with_http_info")()
assert answer.status_code == 200
print(json.dumps(answer.data.to_dict(), default=str))
"""


@needs_java
@providers
def test_openapi_generator_lists_in_python(name: str, served: Served, apis: MockApis, tmp_path: Path) -> None:
    base = save_document(name, served, tmp_path)["servers"][0]["url"]
    run(tool("openapi-generator-cli"), "generate", "-i", "openapi.json", "-g", "python", "-o", "client", cwd=tmp_path)
    (tmp_path / "list.py").write_text(JAVA_CLIENT)
    header, value = next(iter(CREDENTIALS[name].items()))
    operation = list_operation(apis.apis[name].contract)
    shown = run(tool("python"), "list.py", operation, base, header, value, cwd=tmp_path)
    assert records_of(shown.encode()) == records_of(fetch_list(name, served))


@needs_java
@needs_node
@providers
def test_openapi_generator_makes_typescript_that_compiles(name: str, served: Served, tmp_path: Path) -> None:
    save_document(name, served, tmp_path)
    run(
        tool("openapi-generator-cli"),
        "generate",
        "-i",
        "openapi.json",
        "-g",
        "typescript-fetch",
        "-o",
        "client",
        cwd=tmp_path,
    )
    run(
        node_tool("tsc"),
        "--noEmit",
        "--target",
        "es2022",
        "--lib",
        "es2022,dom",
        "--moduleResolution",
        "node",
        "client/index.ts",
        cwd=tmp_path,
    )


@needs_java
@providers
def test_openapi_generator_makes_go(name: str, served: Served, tmp_path: Path) -> None:
    save_document(name, served, tmp_path)
    run(tool("openapi-generator-cli"), "generate", "-i", "openapi.json", "-g", "go", "-o", "client", cwd=tmp_path)
    assert (tmp_path / "client" / "api_default.go").is_file()
