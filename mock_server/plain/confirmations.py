"""What a write answers: the record as its operation shows it, in its envelope, or the key alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_server.inputs import NOTHING
from mock_server.messages import Headers
from mock_server.plain.effects import Answered, Setting
from mock_server.plain.places import find_schema_at, nest, put, split_pointer
from mock_server.plain.scopes import Scope, as_key


def confirm(
    setting: Setting,
    scope: Scope,
    record: Mapping[str, Any],
    key: Any,
    mark: str,
    headers: Headers = (),
    etag: str = "",
) -> Answered:
    """The success body around a record as this operation shows it, or its key where it tells that alone.

    Where it has no place, what fits.
    """
    body, effect = setting.reply.body, setting.plain.effect
    if body is None:
        return Answered(NOTHING, headers, etag)
    given: Any = _form_key(setting, body.node, key) if effect.answers == "key" else record
    if effect.answers == "record":
        # A body of which nothing is said may be anything, so it is all that is known.
        given = scope.reshape(key, record)[setting.view] or record
        given = [given] if effect.is_list else given
    steps = split_pointer(effect.at)
    sampled = setting.kit.sampler.sample(body.node, f"{setting.operation.id}/{mark}", given=nest(effect.at, given))
    # What a sample adds to a record that need not be there, reads would not show.
    exact = put(sampled, steps, given) if effect.answers == "record" else sampled
    told = exact if setting.kit.validators.is_valid(body.node, exact) else sampled
    return Answered(told, headers, etag)


def _form_key(setting: Setting, body: Any, key: Any) -> Any:
    """A key as the answer has it: a number where records have a text of digits, or the other way round."""
    kit = setting.kit
    schema = find_schema_at(kit.document, body, setting.plain.effect.at)
    return next((each for each in (key, as_key(None, key), str(key)) if kit.validators.is_valid(schema, each)), key)
