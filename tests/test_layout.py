"""The house: packages import down and through faces only, each library has one door, functions and modules stay small."""

from __future__ import annotations

import ast
import re
import statistics
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.house import HOUSES, MAY_IMPORT, ROOT_MODULES, UNDER

MAX_LINES, MAX_TEST_LINES, MAX_BODY = 300, 420, 40

PATHS = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts): path
    for house in HOUSES
    for path in sorted((ROOT / house).rglob("*.py"))
}
MODULES = {name: path for name, path in PATHS.items() if path.stem != "__init__"}
OUTSIDE = [path for folder in ("tests", "benchmarks") for path in sorted((ROOT / folder).rglob("*.py"))]
SOURCES = [*PATHS.values(), *OUTSIDE]


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def package_of(module: str) -> str:
    """The longest named package that a dotted name lies in; of a module outside any, its house."""
    parts = module.split(".")
    names = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((name for name in names if name in MAY_IMPORT), parts[0])


@cache
def imports_of(path: Path) -> frozenset[str]:
    """Every module that a file imports, also inside functions; `from house import module` as `house.module`."""
    return frozenset(_find_imports(path))


def _find_imports(path: Path) -> Iterator[str]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            parts = [f"{node.module}.{alias.name}" for alias in node.names]
            modules = [name for name in parts if name in MODULES or name in MAY_IMPORT]
            yield from modules or [node.module]


def is_under(package: str, imported: str) -> bool:
    """Whether a module may import this one of another package: its face, or a module that stands in no package."""
    if imported in MAY_IMPORT:
        return "." in imported or imported != "contract_tests"
    house, _, stem = imported.partition(".")
    if stem not in ROOT_MODULES.get(house, ()):
        return False
    return stem in UNDER[house] or not package.startswith(house)


def functions_of(path: Path) -> Iterator[tuple[str, int]]:
    """Each function's name and the number of lines of its body, its docstring left out."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
            yield f"{path.stem}.{node.name}", (body[-1].end_lineno or 0) - body[0].lineno + 1


def test_every_module_has_its_package() -> None:
    folders = {".".join(path.parent.relative_to(ROOT).parts) for path in PATHS.values()}
    assert folders == set(MAY_IMPORT)
    for house, names in ROOT_MODULES.items():
        assert {path.stem for path in (ROOT / house).glob("*.py")} - {"__init__"} == set(names)


@pytest.mark.parametrize("module", PATHS)
def test_imports_go_down_and_through_faces_only(module: str) -> None:
    mine = package_of(module)
    ours = {name for name in imports_of(PATHS[module]) if name.split(".")[0] in HOUSES}
    others = {name for name in ours if package_of(name) != mine}
    if module in ("mock_server.__main__", "mock_server.cli.commands"):
        # The two doors that open upwards: `python -m mock_server`, and the harness when `check` is asked for.
        others -= {"mock_server.cli", "contract_tests.cli"}
    assert {name for name in others if package_of(name) not in MAY_IMPORT[mine]} == set(), "upwards"
    assert {name for name in others if not is_under(mine, name)} == set(), "past a face"


def test_packages_make_no_circle() -> None:
    above: dict[str, set[str]] = {name: set() for name in MAY_IMPORT}
    for module, path in PATHS.items():
        # `contract_tests` itself is two floors in one folder: what stands under the packages, and what runs them.
        if package_of(module) in ("contract_tests", "mock_server"):
            continue
        used = {package_of(name) for name in imports_of(path) if name.split(".")[0] in HOUSES}
        above[package_of(module)] |= used - {package_of(module), "contract_tests", "mock_server"}
    while above:
        free = [name for name, used in above.items() if not used & set(above)]
        assert free, f"a circle: {above}"
        for name in free:
            del above[name]


HIDDEN = {"__future__", "typing"}


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_face_names_what_it_shows(package: str) -> None:
    tree = parsed(ROOT / package.replace(".", "/") / "__init__.py")
    assert ast.get_docstring(tree), "a sentence on what it is for"
    assigned = [n for n in tree.body if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "__all__"]
    imported = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module not in HIDDEN)
    shown = {alias.asname or alias.name for node in imported for alias in node.names}
    assert not shown or set(ast.literal_eval(assigned[0].value)) == shown


@pytest.mark.parametrize(("house", "library"), [(house, lib) for house, doors in HOUSES.items() for lib in doors])
def test_a_library_has_its_door(house: str, library: str) -> None:
    users = {
        module.partition(".")[2]
        for module, path in MODULES.items()
        if module.startswith(f"{house}.") and any(name.split(".")[0] == library for name in imports_of(path))
    }
    assert users == set(HOUSES[house][library])


@pytest.mark.parametrize("house", HOUSES)
def test_no_other_library_is_used(house: str) -> None:
    allowed = {*HOUSES[house], *HOUSES, *sys.stdlib_module_names}
    used = {
        name.split(".")[0]
        for module, path in PATHS.items()
        if module.split(".")[0] == house
        for name in imports_of(path)
    }
    assert used - allowed == set()


def test_the_mock_opens_the_harness_in_one_place() -> None:
    users = [
        module
        for module, path in MODULES.items()
        if module.startswith("mock_server.") and any(name.startswith("contract_tests") for name in imports_of(path))
    ]
    assert users == ["mock_server.cli.commands"]


def test_no_module_names_a_provider() -> None:
    names = [path.name for path in (ROOT / "schemas").iterdir() if path.is_dir()]
    assert len(names) == 4
    for path in PATHS.values():
        code = ast.unparse(_without_docstrings(ast.parse(path.read_text(encoding="utf-8"))))
        assert [name for name in names if name in code.lower()] == [], path


def _without_docstrings(tree: ast.Module) -> ast.Module:
    kinds = (ast.FunctionDef, ast.ClassDef, ast.Module, ast.AsyncFunctionDef)
    for node in ast.walk(tree):
        if isinstance(node, kinds) and ast.get_docstring(node):
            node.body = node.body[1:] or [ast.Pass()]
    return tree


@pytest.mark.parametrize("path", SOURCES, ids=[str(path.relative_to(ROOT)) for path in SOURCES])
def test_modules_stay_small(path: Path) -> None:
    most = MAX_TEST_LINES if path in OUTSIDE else MAX_LINES
    assert len(path.read_text(encoding="utf-8").splitlines()) <= most


def test_functions_stay_small() -> None:
    for house in ("mock_server", "contract_tests"):
        sizes = dict(pair for name, path in MODULES.items() if name.startswith(house) for pair in functions_of(path))
        assert statistics.median(sizes.values()) <= 6
        assert {name: size for name, size in sizes.items() if size > MAX_BODY} == {}


@pytest.mark.parametrize("path", SOURCES, ids=[str(path.relative_to(ROOT)) for path in SOURCES])
def test_no_formatter_is_switched_off(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"#\s*fmt\s*:\s*(skip|off)", text)


def test_every_public_function_says_what_it_does() -> None:
    silent = [
        f"{name}.{node.name}"
        for name, path in MODULES.items()
        for node in parsed(path).body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef))
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


def test_no_module_runs_anything_at_import_but_definitions() -> None:
    for path in MODULES.values():
        for node in parsed(path).body:
            is_call = isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)
            assert not is_call or "add_implicit_resolver" in ast.unparse(node), f"{path.name}:{node.lineno}"


MUTABLE = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
EMPTY_MAKERS = {"dict", "list", "set", "defaultdict", "Counter", "OrderedDict", "deque", "WeakKeyDictionary"}


def _is_empty_container(value: ast.expr | None) -> bool:
    if isinstance(value, (ast.List, ast.Set)):
        return not value.elts
    if isinstance(value, ast.Dict):
        return not value.keys
    return isinstance(value, ast.Call) and ast.unparse(value.func).split(".")[-1] in EMPTY_MAKERS and not value.args


def test_no_mutable_global() -> None:
    """Tables are written as literals and never changed; what is empty at import is there to be filled."""
    for name, path in MODULES.items():
        tree = parsed(path)
        for node in tree.body:
            value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
            assert not _is_empty_container(value), f"{name}:{node.lineno}"
        assert not [node for node in ast.walk(tree) if isinstance(node, ast.Global)], name
        tables = {
            ast.unparse(target)
            for node in tree.body
            if isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(node.value, MUTABLE)
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        }
        changed = {
            ast.unparse(target.value)
            for node in ast.walk(tree)
            if isinstance(node, (ast.Assign, ast.AugAssign, ast.Delete))
            for target in (node.targets if isinstance(node, (ast.Assign, ast.Delete)) else [node.target])
            if isinstance(target, ast.Subscript)
        }
        assert tables & changed == set(), name
