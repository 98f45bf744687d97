"""The house as tables: each package and what it may import, each library and its doors; `test_layout` holds them."""

from __future__ import annotations

MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "mock_server": (),
    "mock_server.contract": ("mock_server",),
    "mock_server.generation": ("mock_server", "mock_server.contract"),
    "mock_server.store": ("mock_server", "mock_server.contract", "mock_server.generation"),
    "mock_server.state": ("mock_server", "mock_server.contract"),
    "mock_server.faults": ("mock_server", "mock_server.contract", "mock_server.store", "mock_server.state"),
    "mock_server.engine": ("mock_server", "mock_server.contract", "mock_server.state", "mock_server.faults"),
    "mock_server.sessions": (
        "mock_server",
        "mock_server.contract",
        "mock_server.generation",
        "mock_server.store",
        "mock_server.state",
        "mock_server.faults",
        "mock_server.engine",
    ),
    "mock_server.server": (
        "mock_server",
        "mock_server.contract",
        "mock_server.state",
        "mock_server.faults",
        "mock_server.engine",
        "mock_server.sessions",
    ),
    "mock_server.cli": (
        "mock_server",
        "mock_server.contract",
        "mock_server.state",
        "mock_server.faults",
        "mock_server.engine",
        "mock_server.sessions",
        "mock_server.server",
    ),
    "contract_tests": (
        "mock_server",
        "mock_server.contract",
        "mock_server.sessions",
        "contract_tests.transport",
        "contract_tests.context",
        "contract_tests.filters",
        "contract_tests.records",
        "contract_tests.answers",
        "contract_tests.refusals",
        "contract_tests.checks",
        "contract_tests.readings",
        "contract_tests.reports",
        "contract_tests.diff",
    ),
    "contract_tests.transport": (
        "mock_server",
        "mock_server.contract",
        "mock_server.state",
        "mock_server.sessions",
        "contract_tests",
    ),
    "contract_tests.context": (
        "mock_server",
        "mock_server.contract",
        "mock_server.engine",
        "contract_tests",
        "contract_tests.transport",
    ),
    "contract_tests.pages": (
        "mock_server",
        "mock_server.contract",
        "mock_server.engine",
        "contract_tests",
        "contract_tests.transport",
        "contract_tests.context",
    ),
    "contract_tests.filters": (
        "mock_server",
        "mock_server.contract",
        "mock_server.engine",
        "contract_tests",
        "contract_tests.transport",
        "contract_tests.context",
    ),
    "contract_tests.records": (
        "mock_server",
        "mock_server.contract",
        "mock_server.generation",
        "contract_tests",
        "contract_tests.transport",
        "contract_tests.context",
    ),
    "contract_tests.answers": (
        "mock_server",
        "mock_server.contract",
        "contract_tests",
        "contract_tests.transport",
        "contract_tests.context",
        "contract_tests.filters",
    ),
    "contract_tests.refusals": (
        "mock_server",
        "mock_server.contract",
        "mock_server.engine",
        "contract_tests",
        "contract_tests.transport",
        "contract_tests.context",
        "contract_tests.records",
        "contract_tests.answers",
    ),
    "contract_tests.checks": (
        "mock_server",
        "mock_server.contract",
        "mock_server.engine",
        "contract_tests",
        "contract_tests.transport",
        "contract_tests.context",
        "contract_tests.pages",
        "contract_tests.filters",
        "contract_tests.records",
        "contract_tests.answers",
        "contract_tests.refusals",
    ),
    "contract_tests.readings": (
        "mock_server",
        "mock_server.contract",
        "mock_server.sessions",
        "contract_tests.transport",
        "contract_tests.context",
        "contract_tests.filters",
        "contract_tests.records",
        "contract_tests.checks",
    ),
    "contract_tests.reports": ("mock_server", "contract_tests", "contract_tests.transport"),
    "contract_tests.diff": ("mock_server", "mock_server.contract", "contract_tests"),
    "understudy": ("mock_server", "mock_server.sessions", "contract_tests"),
}
"""Each package and what it may import, from the ground up; a package not named here has no place yet."""

ROOT_MODULES: dict[str, tuple[str, ...]] = {
    "mock_server": ("errors", "messages", "sqlite", "__main__"),
    "contract_tests": (
        "findings",
        "deviations",
        "diff_command",
        "history",
        "hooks",
        "baseline",
        "outcomes",
        "planning",
        "preflight",
        "matrix",
        "merging",
        "minimal",
        "runner",
        "check_command",
        "cli",
        "pytest_run",
        "conftest",
        "test_contract",
    ),
}
"""Modules that stand in no package, each its own face; `findings` lies under the packages, the others over them."""

UNDER = {"mock_server": {"errors", "messages", "sqlite"}, "contract_tests": {"findings"}}
"""Of these, what packages of the same house may import."""

DOORS: dict[str, tuple[str, ...]] = {
    "flask": (
        "server.app",
        "server.api_docs",
        "server.access",
        "server.admin",
        "server.admin_routes",
        "server.console",
    ),
    "werkzeug": ("server.app", "server.api_docs", "server.access", "server.console"),
    "httptools": ("server.request_reader",),
    "jsonschema": ("contract.vocabulary",),
    "yaml": ("contract.files",),
    "jsonpath_rfc9535": ("contract.documents",),
    "openapi_spec_validator": ("contract.specification",),
    "faker": ("generation.sampling",),
    "phonenumbers": ("generation.phone_numbers",),
    "sqlite3": ("sqlite", "state.database", "store.reader", "store.builder"),
    "filelock": ("store.builder",),
    "platformdirs": ("sessions.factory",),
    "click": ("cli.commands", "cli.contracts", "cli.options", "cli.scenarios", "cli.serve"),
    "rich": ("cli.output", "cli.scenarios", "cli.serve"),
    "orjson": (
        "engine.error_replies",
        "engine.mock_api",
        "engine.rendering",
        "faults.concurrent_changes",
        "generation.addresses",
        "server.admin",
        "state.journal",
        "store.batches",
        "store.reader",
    ),
}
"""Each outside library, and the modules of `mock_server` that open it."""

HARNESS_DOORS: dict[str, tuple[str, ...]] = {
    "schemathesis": ("checks.schemathesis_run",),
    "certifi": ("transport.trust",),
    "jsonschema_rs": ("answers.responses",),
    "dotenv": ("transport.targets",),
    "jinja2": ("reports.html",),
    "markupsafe": ("reports.html",),
    "yaml": ("deviations", "check_command"),
    "click": ("cli",),
    "rich": ("reports.terminal", "check_command"),
    "pytest": ("pytest_run", "conftest", "test_contract"),
}
"""The same for the harness."""

FACE_DOORS: dict[str, tuple[str, ...]] = {"pytest": ("pytest_plugin",)}
"""The same for the public package."""

HOUSES: dict[str, dict[str, tuple[str, ...]]] = {
    "mock_server": DOORS,
    "contract_tests": HARNESS_DOORS,
    "understudy": FACE_DOORS,
}
