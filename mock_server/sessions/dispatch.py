"""The mock APIs of one server: which of them a request is for, by path or by documented host."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mock_server.engine import CompiledOperation, Match, MockApi, PlayContext, read_preferences, render_problem
from mock_server.errors import Problem
from mock_server.messages import Request, Response
from mock_server.sessions.mounts import Mounts
from mock_server.state import DEFAULT

MAX_BASES, MAX_BASE = 1_000, 300
"""How many schemes and hosts that clients named are remembered, and how long ones."""


class Dispatcher:
    """Providers mounted under `/<provider>`, at their documented path for their documented host, and where mounts say.

    `mounts` maps a path (`/` is the root) to the provider that answers there as well.
    """

    def __init__(
        self,
        apis: Mapping[str, MockApi],
        trust_proxy: bool = False,
        mounts: Mapping[str, str] | None = None,
    ) -> None:
        self.apis = dict(apis)
        self.mounts = Mounts(self.apis, mounts or {})
        self._trusts = trust_proxy
        self._bases: dict[str, tuple[str, ...]] = {}
        # One host may be several providers'; the longest base path comes first.
        longest = sorted(self.apis.items(), key=lambda item: -len(item[1].contract.base_path))
        self._hosts = [(_compile_host(host), name) for name, api in longest for host in api.contract.hosts]

    @property
    def hosts(self) -> list[str]:
        """The documented hosts of all providers; where one has a variable, `*` stands for it."""
        return list(dict.fromkeys(_without_port(host) for api in self.apis.values() for host in api.contract.hosts))

    def find_provider(self, host: str, path: str = "/") -> str:
        """The provider that is documented at this host (port and case ignored) and path, or an empty text."""
        names = self._find_names(host)
        return _choose(self.apis, names, path) if names else ""

    def _find_names(self, host: str) -> tuple[str, ...]:
        host = _without_port(host)
        return tuple(dict.fromkeys(name for pattern, name in self._hosts if pattern.fullmatch(host)))

    def _find_base(self, base: str) -> tuple[str, ...]:
        """The providers of a base, kept for the next request: clients name few hosts."""
        names = self._find_names(base.partition("://")[2])
        if len(base) <= MAX_BASE:  # a proxy may forward anything as its host
            if len(self._bases) >= MAX_BASES:
                self._bases.clear()
            self._bases[base] = names
        return names

    def aim(self, request: Request) -> tuple[MockApi | None, Request]:
        """The mock API a request is for, None for nobody's; the request with the path below its mount."""
        if self._trusts:
            request = _forwarded(request)
        names = self._bases.get(request.base)
        if names is None:
            names = self._find_base(request.base)
        if names:
            return self.apis[_choose(self.apis, names, request.path)], request
        place = self.mounts.find(request.method, request.path) if self.mounts else None
        if place is None:
            name, rest = _split(request.path)
            prefix = f"/{name}"
        else:
            name, prefix, rest = place
        api = self.apis.get(name)
        if api is None:
            return None, request
        # In one piece: `_replace` costs three times as much, and every request comes along here.
        method, _, query, headers, base, mount, address, body = request
        return api, Request(method, rest, query, headers, base, f"{mount}{prefix}", address, body)


class MockApis:
    """The mock APIs of one server as they are: without sessions, scenarios and journal."""

    sessions = None

    def __init__(
        self,
        apis: Mapping[str, MockApi],
        trust_proxy: bool = False,
        mounts: Mapping[str, str] | None = None,
    ) -> None:
        self.dispatcher = Dispatcher(apis, trust_proxy, mounts)
        self.apis = self.dispatcher.apis

    def find_answer(self, request: Request) -> Response | None:
        """The answer where a documented operation matches, or None: the short way past the framework."""
        api, request = self.dispatcher.aim(request)
        match = api.find(request.method, request.path) if api else None
        if not api or not match or (match.target.is_slow and match.target.is_slow(request, match.values)):
            return None
        return _play(api, match, request)

    def answer(self, request: Request) -> Response | None:
        """The answer of the provider whose path or host was asked, or None where there is none."""
        api, request = self.dispatcher.aim(request)
        if api is None:
            return None
        match = api.find(request.method, request.path)
        return _play(api, match, request) if match else api.answer_unmatched(request)

    def locate(self, request: Request) -> tuple[str, MockApi | None, Request]:
        """Whom a request is for: the session's name, the mock API or None, the request with its path there."""
        return DEFAULT, *self.dispatcher.aim(request)


def _play(api: MockApi, match: Match[CompiledOperation], request: Request) -> Response:
    preferences, request = read_preferences(request)
    if preferences.of_session:
        problem = Problem(400, "No sessions", "Scenarios and sessions are played by `understudy serve` only.")
        return render_problem(problem, request)
    return api.answer(match, request, PlayContext(preferences=preferences))


def _without_port(host: str) -> str:
    """A host in lower case; of `[::1]:8080` the address with its brackets."""
    return host.lower() if host.endswith("]") else re.sub(":[0-9]*$", "", host.lower())


def _compile_host(host: str) -> re.Pattern[str]:
    """Labels stand for a star, never a path or a user before it: `evil/x.example.com` is nobody's host."""
    return re.compile("[a-z0-9.-]+".join(re.escape(part) for part in _without_port(host).split("*")))


def _choose(apis: Mapping[str, MockApi], names: tuple[str, ...], path: str) -> str:
    """Of providers at one host the one whose base path this is below; else the one that has the shortest."""
    if len(names) == 1:
        return names[0]
    below = (name for name in names if f"{path}/".startswith(f"{apis[name].contract.base_path}/"))
    return next(below, names[-1])


def _split(path: str) -> tuple[str, str]:
    """`/acme/v1/clients` as `acme` and `/v1/clients`."""
    end = path.find("/", 1)
    return (path[1:], "/") if end < 0 else (path[1:end], path[end:])


def _forwarded(request: Request) -> Request:
    """The request as the proxy in front received it (`X-Forwarded-Proto`, `-Host`, `-For`, `-Prefix`)."""
    scheme, _, host = request.base.partition("://")
    headers = request.headers
    scheme = _last(headers.get("x-forwarded-proto", scheme))
    host = _last(headers.get("x-forwarded-host", host))
    mount = _last(headers.get("x-forwarded-prefix", "")).rstrip("/")
    address = _last(headers.get("x-forwarded-for", request.address))
    return request._replace(base=f"{scheme}://{host}", mount=mount, address=address)


def _last(value: str) -> str:
    """What the nearest proxy said: each one adds to the end of the list."""
    return value.rpartition(",")[2].strip()
