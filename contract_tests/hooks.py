"""Hooks: what a project does itself before a run and before each request, and which records it knows.

They are functions of a Python file, `understudy_hooks.py` in the current folder or the one that `--hooks` names:

- `before_all(context: HookContext) -> None`, once for each provider, before anything is sent;
- `before_each(request: HookRequest) -> None`, before each request; it may add headers to `request.headers`;
- `record(operation: str) -> Mapping[str, object] | None`, the path values of a record to ask for.
"""

from __future__ import annotations

import re
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from contract_tests.context import CheckContext
from contract_tests.transport import WireRequest, present
from mock_server.contract import credential_header
from mock_server.errors import UsageError, suggest

FILE = "understudy_hooks.py"
NAMES = ("before_all", "before_each", "record")

MIN_PART = 8
"""Characters of a part of a header's value that is a secret by itself: `Bearer` is none."""

NO_SECRETS = (
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "cache-control",
    "date",
    "idempotency-key",
    "x-correlation-id",
    "x-request-id",
    "traceparent",
    "content-type",
    "if-modified-since",
    "if-none-match",
    "pragma",
    "prefer",
    "user-agent",
)
"""Headers whose values are no secrets: whatever else a hook adds is hidden as a credential is."""


@dataclass(frozen=True)
class HookContext:
    """A provider's run that is about to begin. `target` is `mock` or `live`, `operations` are the ids to check."""

    provider: str
    target: str
    base_url: str
    operations: tuple[str, ...]


@dataclass
class HookRequest:
    """A request that is about to be sent. `headers` may be added to; the rest says what it is for.

    `has_credential` is whether it bears the valid credential. Where a check leaves that out or sends another one on
    purpose, a credential's header that a hook sets is not taken over.
    """

    provider: str
    operation: str
    check: str
    method: str
    url: str
    has_credential: bool
    headers: dict[str, str]


class HookError(UsageError):
    """A hook failed: a sentence with its file and line."""


@dataclass(frozen=True)
class Hooks:
    """The functions of a file of hooks by their names; `errors` are the sentences of those that failed."""

    file: Path = Path(FILE)
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def call(self, name: str, clean: Callable[[str], str], *arguments: Any) -> Any:
        """What a hook returns, None where there is none of that name; `clean` hides secrets in what it says.

        Raises:
            HookError: the hook failed.
        """
        if name not in self.functions:
            return None
        try:
            return self.functions[name](*arguments)
        except (Exception, SystemExit) as error:
            raise self.fail(clean(f"{self._line(error)}in {name}: {_describe(error)}.")) from None

    def fail(self, sentence: str) -> HookError:
        """The error to raise for what a hook did, kept for the end of the run as well."""
        self.errors.append(f"{self.file}, {sentence}")
        return HookError(self.errors[-1])

    def require_success(self) -> None:
        """Raise HookError where a hook failed, also where another library kept that to itself."""
        if self.errors:
            raise HookError(self.errors[0])

    def _line(self, error: BaseException) -> str:
        """The line of the file that the error passed through last."""
        frames = traceback.extract_tb(error.__traceback__)
        line = next((frame.lineno for frame in reversed(frames) if frame.filename == str(self.file)), None)
        return f"line {line}, " if line else ""


def load_hooks(path: Path | None) -> Hooks:
    """The hooks of a file, or of `understudy_hooks.py` in the current folder where there is one.

    Raises:
        UsageError: the file cannot be read or run, or has a hook that nobody knows.
    """
    if path is None and not Path(FILE).is_file():
        return Hooks()
    hooks = Hooks(path or Path(FILE))
    module = ModuleType("understudy_hooks")
    module.__file__ = str(hooks.file)
    code = _compile(hooks.file)
    sys.path.insert(0, str(hooks.file.parent.resolve()))  # so that it can import what lies beside it
    try:
        exec(code, module.__dict__)
    except (Exception, SystemExit) as error:
        raise hooks.fail(f"{hooks._line(error)}{_describe(error)}.") from None
    finally:
        sys.path.pop(0)
    own = {name: value for name, value in vars(module).items() if callable(value) and not name.startswith("_")}
    for name in own:
        if name.startswith(("before", "after")) and name not in NAMES:
            raise UsageError(f"{hooks.file}: there is no hook {name!r}; {suggest(name, NAMES, '{}', else_all=True)}")
    return replace(hooks, functions={name: own[name] for name in NAMES if name in own})


def _compile(file: Path) -> CodeType:
    try:
        # Compiled here, not imported: nothing is written beside the file.
        return compile(file.read_text(encoding="utf-8"), str(file), "exec")
    except SyntaxError as error:
        raise UsageError(f"{file}, line {error.lineno}: {error.msg}.") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"The hooks {file} cannot be read: {getattr(error, 'strerror', None) or error}.") from None


def _describe(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}".rstrip(": .")


def attach_hooks(hooks: Hooks, context: CheckContext) -> None:
    """Let the hooks take part in a provider's run, and call the one that comes before it.

    Raises:
        HookError: it failed.
    """
    target = context.target
    if "record" in hooks.functions:
        context.known_record = lambda operation: _find_record(hooks, context, operation)
    if "before_each" in hooks.functions:
        context.sender.prepare = _Preparation(hooks, context)
    operations = tuple(operation.id for operation in context.operations)
    about = HookContext(context.contract.provider, target.kind, target.base_url, operations)
    hooks.call("before_all", context.redactor.text, about)


def _find_record(hooks: Hooks, context: CheckContext, operation: str) -> Mapping[str, Any]:
    given = hooks.call("record", context.redactor.text, operation)
    parameters = next(o.parameters for o in context.contract.operations if o.id == operation)
    names = [parameter.name for parameter in parameters if parameter.where == "path"]
    if given is None or not names:
        return {}
    if not isinstance(given, Mapping):
        raise hooks.fail(f"in record: {operation} got {type(given).__name__}; expected {{{', '.join(names)}: …}}.")
    for name in given:
        if name not in names:
            hint = suggest(name, names, "{}", else_all=True)
            raise hooks.fail(f"in record: {operation} has no path parameter {name!r}; {hint}")
    return dict(given)


class _Preparation:
    """Calls `before_each`; what it adds is hidden from then on."""

    def __init__(self, hooks: Hooks, context: CheckContext) -> None:
        self._hooks = hooks
        self._context = context
        self._secrets: set[tuple[str, str]] = set()

    def __call__(self, operation: str, check: str, request: WireRequest) -> WireRequest:
        """The request with the headers that the hook added."""
        context, before = self._context, dict(request.headers)
        has_credential = self._has_credential(operation, before)
        shown = HookRequest(
            context.contract.provider,
            operation,
            check,
            request.method,
            request.url,
            has_credential,
            dict(before),
        )
        try:
            self._hooks.call("before_each", context.redactor.text, shown)
            added = self._read_added(before, shown.headers, has_credential)
        except HookError as error:
            # Whoever sent the request may not let the error through: nothing more is sent in any case.
            context.sender.guard.stopped = str(error)
            raise
        self._hide(added)
        lower = {name.lower() for name in added}
        kept = tuple(pair for pair in request.headers if pair[0].lower() not in lower)
        return replace(request, headers=(*kept, *added.items())) if added else request

    def _has_credential(self, operation: str, headers: Mapping[str, str]) -> bool:
        lower = {name.lower(): value for name, value in headers.items()}
        operations = [o for o in self._context.contract.operations if operation in (o.id, "")]
        valid = [present(self._context.target.credentials, o, "valid").headers for o in operations]
        return any(all(lower.get(name.lower()) == value for name, value in each.items()) for each in valid)

    def _read_added(self, before: Mapping[str, str], after: Any, has_credential: bool) -> dict[str, str]:
        """The headers that are new or changed. A credential that a check left out stays left out."""
        if not isinstance(after, Mapping):
            raise self._hooks.fail("in before_each: request.headers is no mapping of names to texts.")
        guarded = {credential_header(s).lower() for s in self._context.contract.schemes if s.where == "header"}
        added = {}
        for name, value in after.items():
            if not (isinstance(name, str) and isinstance(value, str) and not re.search(r"[\0\r\n]|[^\0-\xff]", value)):
                raise self._hooks.fail(f"in before_each: the header {name!r} cannot be sent: it is no plain text.")
            if before.get(name) != value and (has_credential or name.lower() not in guarded):
                added[name] = value
        return added

    def _hide(self, added: Mapping[str, str]) -> None:
        fresh = {(name, value) for name, value in added.items() if name.lower() not in NO_SECRETS} - self._secrets
        if fresh:
            self._secrets |= fresh
            parts = (part for _, value in fresh for part in re.split(r"[\s;,=]+", value) if len(part) >= MIN_PART)
            self._context.redactor.learn([*(value for _, value in fresh), *parts], [name for name, _ in fresh])
