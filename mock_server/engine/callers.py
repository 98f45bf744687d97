"""Step 3 of the flow: who calls, by a listed credential or a token that was issued, and whether they may."""

from __future__ import annotations

from mock_server.contract import Contract, Scheme
from mock_server.engine.compiled import CompiledOperation
from mock_server.engine.security import CREDENTIAL_STATES, Caller, FindIssued
from mock_server.errors import ApiError
from mock_server.faults import Effects
from mock_server.messages import Headers, Tester
from mock_server.state import EXPIRED, REVOKED
from mock_server.tokens import Issuer, judge


def require_allowed(
    contract: Contract,
    compiled: CompiledOperation,
    caller: Caller,
    tester: Tester,
    effects: Effects,
    issuer: Issuer | None,
) -> Caller:
    """Who calls; raises ApiError for a credential that the operation, or a scenario in its place, refuses."""
    if effects.credential:
        caller = _strike(caller, effects.credential, issuer, tester)
    if caller.kind:
        is_known = caller.kind in compiled.errors or (caller.state == "issued" and caller.kind in contract.errors)
        raise ApiError(caller.kind if is_known else "unauthenticated", headers=_challenge(contract, compiled, caller))
    return caller


def compile_find_issued(issuer: Issuer, tester: Tester) -> FindIssued:
    """What finds who was issued a credential in a session."""

    def find(scheme: Scheme, text: str) -> Caller | None:
        judged = judge(issuer, tester, scheme, text)
        return Caller(text, "issued", judged.kind, judged.why, judged.token) if judged else None

    return find


def _strike(caller: Caller, state: str, issuer: Issuer | None, tester: Tester) -> Caller:
    """A caller whose credential a scenario puts out of force.

    Of tokens all that were issued before are, for good; one that a client asks for afterwards works.
    """
    kind = CREDENTIAL_STATES.get(state, "unauthenticated")
    if caller.token is None or issuer is None or issuer.tokens is None or kind == "forbidden":
        return caller._replace(kind=kind)
    if issuer.state.counts.count(f"{tester.scope}fault/credential/{issuer.provider}") > 1:
        return caller
    issuer.tokens.end_all(tester.scope, issuer.provider, EXPIRED if state == EXPIRED else REVOKED)
    return caller._replace(kind=kind, why=f"the token is {EXPIRED if state == EXPIRED else REVOKED}")


def _challenge(contract: Contract, compiled: CompiledOperation, caller: Caller) -> Headers:
    """Why a token is refused (RFC 6750, 3)."""
    if caller.state != "issued" or not caller.why:
        return ()
    word = "insufficient_scope" if caller.kind == "forbidden" else "invalid_token"
    schemes = [scheme for alternative in compiled.operation.security for scheme in alternative]
    needed = " ".join(dict.fromkeys(scope for scheme in schemes for scope in scheme.scopes))
    scope = f', scope="{needed}"' if caller.kind == "forbidden" and needed.isprintable() and '"' not in needed else ""
    text = f'Bearer realm="{contract.provider}", error="{word}", error_description="{caller.why}"{scope}'
    return (("www-authenticate", text.encode("ascii", "replace").decode()),)
