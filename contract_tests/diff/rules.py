"""The rules of the comparison: what each says and how grave it is.

What a client sends and what it receives vary in opposite directions: a parameter that takes less breaks it, and so
does an answer that may hold more than it was written for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from contract_tests.findings import ADDITIVE, BREAKING, NOTE

REQUEST, RESPONSE = "request", "response"


class Rule(NamedTuple):
    """One kind of change: its sentence and its grade."""

    problem: str
    grade: str


class Change(NamedTuple):
    """One difference: the rule's name, the place, and what the old and the new contract say."""

    rule: str
    place: str
    old: str
    new: str


RULES: Mapping[str, Rule] = {
    "provider.removed": Rule("A provider is gone", BREAKING),
    "provider.added": Rule("A provider is new", ADDITIVE),
    "server.base_path": Rule("The base path is another", BREAKING),
    "server.host": Rule("The host is another", NOTE),
    "operation.removed": Rule("An operation is gone", BREAKING),
    "operation.added": Rule("An operation is new", ADDITIVE),
    "operation.id": Rule("An operation has another operationId: generated clients call it by that", NOTE),
    "operation.deprecated": Rule("An operation is deprecated now", NOTE),
    "parameter.removed": Rule("A parameter is gone: what is asked by it is no longer heard", BREAKING),
    "parameter.added": Rule("A parameter is new, and optional", ADDITIVE),
    "parameter.added_required": Rule("A parameter is new, and required", BREAKING),
    "parameter.required": Rule("A parameter is required now", BREAKING),
    "parameter.optional": Rule("A parameter is optional now", ADDITIVE),
    "parameter.default": Rule("A parameter left out means another value", BREAKING),
    "parameter.style": Rule("A parameter is written in another way", BREAKING),
    "body.removed": Rule("A request body is no longer documented", BREAKING),
    "body.added": Rule("A request body is new, and optional", ADDITIVE),
    "body.required": Rule("A request body is required now", BREAKING),
    "body.optional": Rule("A request body is optional now", ADDITIVE),
    "body.media_type_removed": Rule("A request body is no longer taken in a media type", BREAKING),
    "body.media_type_added": Rule("A request body is taken in one more media type", ADDITIVE),
    "status.removed": Rule("A status of success is no longer documented", BREAKING),
    "status.added": Rule("A status of success is new", ADDITIVE),
    "status.error_removed": Rule("A status of an error is no longer documented", NOTE),
    "status.error_added": Rule("A status of an error is new", ADDITIVE),
    "media_type.removed": Rule("An answer no longer comes in a media type", BREAKING),
    "media_type.added": Rule("An answer comes in one more media type", ADDITIVE),
    "header.removed": Rule("A header of the answer is gone", BREAKING),
    "header.added": Rule("A header of the answer is new", ADDITIVE),
    "security.removed": Rule("A credential that was enough no longer is", BREAKING),
    "security.added": Rule("One more credential is enough", ADDITIVE),
    "response.member_removed": Rule("A member of the answer is gone", BREAKING),
    "response.member_renamed": Rule("A member of the answer seems to have another name", BREAKING),
    "response.member_added": Rule("A member of the answer is new", ADDITIVE),
    "response.member_optional": Rule("A member that was always there may be missing", BREAKING),
    "response.member_required": Rule("A member that could be missing is always there", NOTE),
    "response.type_widened": Rule("A value of the answer may be of another type", BREAKING),
    "response.type_narrowed": Rule("A value of the answer is of fewer types", NOTE),
    "response.enum_widened": Rule("A value of the answer may be one that was not listed", ADDITIVE),
    "response.enum_narrowed": Rule("A value of the answer is one of fewer", NOTE),
    "response.bound_widened": Rule("A value of the answer may lie beyond its earlier bounds", BREAKING),
    "response.bound_narrowed": Rule("A value of the answer has narrower bounds", NOTE),
    "response.form_widened": Rule("A value of the answer may have another form", BREAKING),
    "response.form_narrowed": Rule("A value of the answer has a stricter form", NOTE),
    "response.choice_widened": Rule("The answer may be of one more shape", BREAKING),
    "response.choice_narrowed": Rule("The answer is of one shape less", NOTE),
    "request.member_removed": Rule("A member of the request is no longer read", BREAKING),
    "request.member_renamed": Rule("A member of the request seems to have another name", BREAKING),
    "request.member_added": Rule("A member of the request is new, and optional", ADDITIVE),
    "request.member_added_required": Rule("A member of the request is new, and required", BREAKING),
    "request.member_required": Rule("A member of the request is required now", BREAKING),
    "request.member_optional": Rule("A member of the request is optional now", ADDITIVE),
    "request.type_narrowed": Rule("A value is no longer taken in a type", BREAKING),
    "request.type_widened": Rule("A value is taken in one more type", ADDITIVE),
    "request.enum_narrowed": Rule("A value is no longer among those that are taken", BREAKING),
    "request.enum_widened": Rule("One more value is taken", ADDITIVE),
    "request.bound_narrowed": Rule("A value must lie within narrower bounds", BREAKING),
    "request.bound_widened": Rule("A value may lie within wider bounds", ADDITIVE),
    "request.form_narrowed": Rule("A value must have another form", BREAKING),
    "request.form_widened": Rule("A value may have any form", ADDITIVE),
    "request.choice_narrowed": Rule("A request is no longer taken in a shape", BREAKING),
    "request.choice_widened": Rule("A request is taken in one more shape", ADDITIVE),
}
"""Every rule by its name. A new value of an enumeration in an answer is additive, as a new member is: a client should
pass over what it does not know, and one that does not can read of it here."""
