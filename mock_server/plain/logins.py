"""Operations of a plain document that hand out tokens: their documented answer, with a token that works in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mock_server.inputs import RequestValues
from mock_server.messages import Request, Tester
from mock_server.plain.effects import Act, Answered, Setting, compile_answer, find_location
from mock_server.plain.envelopes import Slot, compile_envelope
from mock_server.tokens import Login, OAuthError, find_place, log_in, render_refusal

SPECIMENS: Mapping[str, tuple[Any, ...]] = {
    "type": ("Bearer", "bearer"),
    "lifetime": (3600,),
    "expires": ("2026-01-01T00:00:00Z",),
    "issued": ("2026-01-01T00:00:00Z",),
    "issued_epoch": (1_767_225_600,),
}
"""What facts look like, to try a schema with; any other is a text."""


def compile_login(setting: Setting) -> Act:
    """A token for whoever logs in, in the documented answer; without an issuer an answer from its schema."""
    issuer, body = setting.issuer, setting.reply.body
    if issuer is None or body is None:
        return compile_answer(setting)
    effect = setting.plain.effect
    facts = effect.facts
    path = setting.operation.path
    place = find_place(issuer, (path, path.removeprefix(setting.contract.base_path)))
    login = Login(effect.scheme, place, effect.lifetime, "refresh_token" in facts.values())
    slots = [Slot(pointer, _pick(fact), SPECIMENS.get(fact, ("A-text",))[:1]) for pointer, fact in facts.items()]
    wrap = compile_envelope(setting.kit, body.node, f"{setting.operation.id}/body", slots)

    def act(request: Request, values: RequestValues, tester: Tester) -> Answered:
        sent = {**values.query, **values.header, **(values.body if isinstance(values.body, Mapping) else {})}
        try:
            given = log_in(login, issuer, request, sent, tester)
        except OAuthError as error:
            return Answered(None, whole=render_refusal(issuer, error))
        headers = (*find_location(setting, request), ("cache-control", "no-store"))
        return Answered(wrap(given.facts), headers, secrets=given.secrets)

    return act


def _pick(fact: str) -> Callable[[Any], Any]:
    return lambda facts: facts.get(fact)
