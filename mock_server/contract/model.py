"""A provider's contract, compiled and frozen: operations, replies, credentials, limits, collections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

ERROR_KINDS: Mapping[str, int] = {
    "invalid": 400,
    "unauthenticated": 401,
    "forbidden": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "not_acceptable": 406,
    "conflict": 409,
    "precondition_failed": 412,
    "unsupported_media": 415,
    "unprocessable": 422,
    "precondition_required": 428,
    "throttled": 429,
    "fault": 500,
}
"""Every kind of API error, with the status it usually has; the contract's own status counts."""

REQUIRED_KINDS = ("not_found", "method_not_allowed", "fault")
"""What a provider must be able to answer on any path of its own."""


EFFECTS: Mapping[str, str] = {
    "list": "a page of the records that match",
    "get": "the record that a path parameter identifies by its key",
    "singleton": "the first record that the parameters select, without any the first of the collection",
    "answer": "what the response's schema says by itself; no record is shown",
    "token": "a token that works for a security scheme",
    "create": "a new record, of what was sent and what the server adds",
    "replace": "the record of a key as it was sent",
    "patch": "the record of a key with what was sent in it",
    "delete": "the record of a key, which is gone from then on",
}
"""What an operation does, and what it answers with."""

WRITES = ("create", "replace", "patch", "delete")
"""The effects that change records."""


@dataclass(frozen=True)
class PageRule:
    """How a parameter drives the page: its role, and how accepted values out of range are served."""

    role: str
    maximum: int | None = None
    zero: str | int | None = None
    negative: str | int | None = None
    text: str | int | None = None


@dataclass(frozen=True)
class FilterRule:
    """How a parameter selects records: a test of the store, the fields it looks at, and how values are read."""

    test: str
    fields: tuple[str, ...]
    values: Mapping[str, Any] | None = None
    dates: tuple[str, ...] = ()
    lists: str = "repeat"


@dataclass(frozen=True)
class Parameter:
    """One documented parameter; `schema` has no references left."""

    name: str
    where: str
    required: bool
    schema: Mapping[str, Any]
    aliases: tuple[str, ...] = ()
    page: PageRule | None = None
    filter: FilterRule | None = None
    pointer: str = ""


@dataclass(frozen=True)
class Header:
    """A response header: a constant value, or a fact of the rate limit; one that is not `required` may be missing."""

    name: str
    value: str = ""
    limit: str = ""
    required: bool = True


@dataclass(frozen=True)
class Reply:
    """One documented response: of success (`kind` is empty) or of one error kind.

    `schema` is None where no body is documented; `examples` maps names to whole bodies.
    """

    status: int
    kind: str
    media_type: str
    schema: Mapping[str, Any] | None
    headers: tuple[Header, ...] = ()
    detail: str = ""
    code: str | int = ""
    reason: str = ""
    examples: Mapping[str, Any] | None = None
    pointer: str = ""


@dataclass(frozen=True)
class Scheme:
    """One security scheme: where the credential stands, and the test values by what they stand for.

    That of an operation has the `scopes` that the operation asks for.
    """

    name: str
    where: str
    field: str
    prefix: str
    values: Mapping[str, tuple[str, ...]]
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Limit:
    """At most `requests` in `window_seconds` for each `address`, `credential`, or `credential_and_address`."""

    requests: int
    window_seconds: int
    per: str


@dataclass(frozen=True)
class TokenRule:
    """What an operation that logs in issues: a token for a scheme, good for so many seconds (0: as usual).

    `announced` are the seconds that its answer tells, where they are others; `needs` are the names that a body must
    have.
    """

    scheme: str
    lifetime_seconds: int = 0
    announced_seconds: int = 0
    needs: tuple[str, ...] = ()


class ParentRule(NamedTuple):
    """What a path parameter names of the records above an operation's own: their collection, by the key.

    `field` is the member in which a record says so itself, empty where none does.
    """

    collection: str
    field: str


@dataclass(frozen=True)
class Operation:
    """One documented call. `path` is the template below the provider's mount, base path included.

    `effect` is a row of `EFFECTS`. `collection` names what it reads, `view` is the shape in which it shows records;
    `key` is the path parameter that identifies the record of a get or a write, else empty; `token` is what a login
    issues, `body` the schema of what is sent. `parents` are other path parameters, that name
    the records below which its own lie.
    """

    id: str
    method: str
    path: str
    summary: str
    parameters: tuple[Parameter, ...]
    success: Reply
    errors: Mapping[str, Reply]
    security: tuple[tuple[Scheme, ...], ...]
    effect: str = "answer"
    collection: str = ""
    key: str = ""
    view: int = 0
    pointer: str = ""
    token: TokenRule | None = None
    body: Mapping[str, Any] = field(default_factory=dict)
    parents: Mapping[str, ParentRule] = field(default_factory=dict)

    @property
    def is_list(self) -> bool:
        """Whether the answer is a page of records."""
        return self.effect == "list"


@dataclass(frozen=True)
class Contract:
    """Everything the mock knows of one provider; `document` is the bundled OpenAPI document it came from.

    For who asks a target, `nested` are operations of records below others, which cannot be asked before one is known.
    """

    provider: str
    title: str
    base_path: str
    hosts: tuple[str, ...]
    operations: tuple[Operation, ...]
    errors: Mapping[str, Reply]
    schemes: tuple[Scheme, ...]
    limit: Limit | None
    ignore_case: frozenset[str]
    keep_query: frozenset[str]
    collections: Mapping[str, Collection]
    document: Mapping[str, Any]
    readings: Mapping[str, str]
    nested: tuple[Operation, ...] = ()


@dataclass(frozen=True)
class Collection:
    """A collection of records of one shape.

    `schema` is the item's JSON Schema with every `$ref` replaced by what it names; `hidden` maps names of
    fields that no response shows (but filters and other fields may use) to their schemas.
    `views` are the shapes in which responses show a record: each a tuple of pairs, the name that is shown and
    the field of `schema` or `hidden` whose value it has, in the order they are written; view 0 is the item
    schema's own.
    `unique` are fields that no two records share.
    `columns` are the (test, fields) pairs that operations ask for, as in `messages.Condition`.
    `edges` are rows of `BOUNDARY_VALUES` that change every record; `overrides` are fields that a changed contract
    gives a value: name, row of `OVERRIDES`, value.
    `digest` changes whenever anything in here that shapes records does.
    """

    provider: str
    name: str
    key: str
    records: int
    locale: str
    schema: Mapping[str, Any]
    hidden: Mapping[str, Any]
    views: tuple[tuple[tuple[str, str], ...], ...]
    columns: tuple[tuple[str, tuple[str, ...]], ...] = ()
    digest: str = ""
    edges: tuple[str, ...] = ()
    overrides: tuple[tuple[str, str, Any], ...] = ()
    unique: tuple[str, ...] = ()
