"""Bodies around what changes from answer to answer: sampled once from their schema, with slots that are filled in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from mock_server.openapi import Document, Validators
from mock_server.plain.places import ABSENT, nest, put, split_pointer
from mock_server.samples import Sampler

NOTHINGS = (None, ABSENT, "", 0, False)
"""What stands in a slot that has no value: the first of these that the schema allows."""


ERRORS = ("error", "fault", "exception", "warning")
"""What parts of a body are called that only speak where something went wrong."""


class Kit(NamedTuple):
    """What bodies of one document are made with."""

    document: Document
    sampler: Sampler
    validators: Validators
    seed: str


class Slot(NamedTuple):
    """A place of a body that is filled in: what fills it, and specimens of that to try the schema with."""

    pointer: str
    fill: Callable[[Any], Any]
    specimens: tuple[Any, ...]


class _Filled(NamedTuple):
    steps: tuple[str, ...]
    fill: Callable[[Any], Any]
    nothing: Any
    gone: tuple[str, ...] = ()


Envelope = Callable[[Any], Any]
"""From what an answer is about to its body, as values; ready JSON in it is an `orjson.Fragment`."""


def compile_envelope(kit: Kit, schema: Any, key: str, slots: Sequence[Slot], is_error: bool = False) -> Envelope:
    """What renders a body with slots; those whose facts the schema cannot hold keep what was sampled."""
    given: dict[str, Any] = {}
    for slot in slots:
        given = _join(given, nest(slot.pointer, slot.specimens[0])) if slot.pointer else slot.specimens[0]
    base = kit.sampler.sample(schema, key, name="error" if is_error else "", given=given)
    base = base if is_error else leave_out_errors(kit, schema, base)
    filled: list[_Filled] = []
    for slot in slots:
        placed = _place(kit, schema, base, slot)
        if placed:
            filled.append(placed)
            base = put(base, placed.steps, slot.specimens[0])
    return lambda about: _fill(base, filled, about)


def leave_out_errors(kit: Kit, schema: Any, body: Any) -> Any:
    """A body of success without what it could say of errors, as far as its schema allows."""
    names = [name for name in body if _is_of_errors(name)] if isinstance(body, dict) else []
    instead: tuple[Any, ...] = (ABSENT, [], None)
    for name in names:
        calm = (put(body, (name,), each) for each in instead)
        body = next((each for each in calm if kit.validators.is_valid(schema, each)), body)
    return body


def _is_of_errors(name: Any) -> bool:
    return str(name).lower().rstrip("s") in ERRORS


def _join(one: Any, other: Any) -> Any:
    if not isinstance(one, Mapping) or not isinstance(other, Mapping):
        return other
    return {**one, **{name: _join(one.get(name), value) for name, value in other.items()}}


def _place(kit: Kit, schema: Any, base: Any, slot: Slot) -> _Filled | None:
    """The slot in a form that the schema allows, with what stands there for nothing; None where no form is allowed."""
    steps = split_pointer(slot.pointer)
    is_sound = kit.validators.is_valid(schema, base)
    # A list that may not be empty is filled in nevertheless, where it is not.
    tries = ((form, specimens) for specimens in (slot.specimens, slot.specimens[:1]) for form in FORMS)
    for form, specimens in tries:
        bodies = (put(base, steps, form(specimen)) for specimen in specimens)
        if not is_sound or all(kit.validators.is_valid(schema, body) for body in bodies):
            allowed = [each for each in NOTHINGS if kit.validators.is_valid(schema, put(base, steps, each))]
            around = () if allowed or not is_sound else _find_around(kit, schema, base, steps)
            return _Filled(steps, _formed(slot.fill, form), allowed[0] if allowed else None, around)
    return None


def _find_around(kit: Kit, schema: Any, base: Any, steps: tuple[str, ...]) -> tuple[str, ...]:
    """The nearest part around a place that may be left out with it, where nothing at all may stand there."""
    places = (steps[:end] for end in range(len(steps) - 1, 0, -1))
    return next((each for each in places if kit.validators.is_valid(schema, put(base, each, ABSENT))), ())


def _as_is(value: Any) -> Any:
    return value


FORMS: tuple[Callable[[Any], Any], ...] = (_as_is, str)
"""What becomes of a fact: many a count is documented as text."""


def _formed(fill: Callable[[Any], Any], form: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return fill if form is _as_is else lambda about: None if (value := fill(about)) is None else form(value)


def _fill(base: Any, filled: Sequence[_Filled], about: Any) -> Any:
    """The body with its slots filled; members of the body itself, which most are, without a copy for each."""
    body = dict(base) if isinstance(base, dict) else base
    for slot in filled:
        value = slot.fill(about)
        if value is None and slot.gone:
            body = put(body, slot.gone, ABSENT)
            continue
        value = slot.nothing if value is None else value
        if len(slot.steps) > 1 or not isinstance(body, dict) or not slot.steps:
            body = put(body, slot.steps, value)
        elif value is ABSENT:
            body.pop(slot.steps[0], None)
        else:
            body[slot.steps[0]] = value
    return body
