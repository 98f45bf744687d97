"""The properties of a record as names find them: in any spelling and number, by what they are about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_server.inference.schemas import Schemas
from mock_server.inference.words import name_set, normalize, singular, split_words


class Fields:
    """The properties of a record by normalized name: at its top, and one level into its objects.

    `resource` is the word for its records in the path, `key` the property that is their key.
    """

    def __init__(self, schemas: Schemas, item: Any, resource: str, key: str) -> None:
        self._schemas, self._key = schemas, key
        self._resource = singular(normalize(resource))
        self.by_name: dict[str, str] = {}
        self.schemas: dict[str, Any] = {}
        nested: list[tuple[str, Any]] = []
        for name, inside in schemas.properties(item).items():
            self._add(name, inside)
            if schemas.kind(inside) == "object" and "." not in name:
                nested += [
                    (f"{name}.{inner}", deep) for inner, deep in schemas.properties(inside).items() if "." not in inner
                ]
        for name, inside in nested:
            self._add(name, inside)

    def _add(self, name: str, schema: Any) -> None:
        is_list = self._schemas.kind(schema) == "array" and self._schemas.is_scalar(self._schemas.items(schema))
        if normalize(name) and (is_list or self._schemas.is_scalar(schema)):
            self.by_name.setdefault(normalize(name), name)
            self.schemas[name] = schema

    def find(self, name: str) -> str:
        """The property of this name, in either number; an empty text where there is none."""
        plain = normalize(name)
        for each in (plain, singular(plain), f"{plain}s", f"is{plain}", plain.removeprefix("is")):
            if each in self.by_name:
                return self.by_name[each]
        return ""

    def find_of_resource(self, name: str) -> str:
        """The property that repeats the resource's name (`email` of `/customers`: `customer_email`), or its key."""
        plain = normalize(name)
        if self._key in self.schemas and singular(plain) in (f"{self._resource}id", f"{self._resource}key"):
            return self._key
        return self.by_name.get(f"{self._resource}{plain}", "") if self._resource and plain else ""

    def is_plural(self, name: str, field: str) -> bool:
        """Whether a name is the plural of a property, or of the key."""
        plain = normalize(name)
        return singular(plain) != plain and (singular(plain) == normalize(field) or field == self._key)

    def find_date(self, name: str) -> str:
        """The moment that a word such as `created` or `updated` names."""
        plain = normalize(name).removesuffix("date").removesuffix("time").removesuffix("at")
        for each in (f"{plain}{ending}" for ending in ("at", "date", "on", "time", "datetime", "timestamp")):
            if plain and each in self.by_name:
                return self.by_name[each]
        return ""

    def may_equal(self, field: str, schema: Mapping[str, Any]) -> bool:
        """Whether a parameter of this schema can have a value of the property: `archived=true` is no date."""
        own = self.schemas[field]
        own = self._schemas.resolve(self._schemas.items(own) if self.is_list(field) else own)
        asked = self._schemas.resolve(schema.get("items", {})) if self._schemas.kind(schema) == "array" else schema
        words, values = own.get("enum"), asked.get("enum")
        if isinstance(words, list) and isinstance(values, list) and not any(value in words for value in values):
            return False
        kind, wanted = self._schemas.kind(own), self._schemas.kind(asked)
        # Any value can be written as a text; otherwise only a truth is a truth.
        return wanted in ("string", "") or (wanted != "object" and (kind == "boolean") == (wanted == "boolean"))

    def is_list(self, field: str) -> bool:
        return self._schemas.kind(self.schemas[field]) == "array"

    def texts(self) -> list[str]:
        """The properties that words are looked for in: texts without a format or fixed values."""
        plain = [
            name
            for name, schema in self.schemas.items()
            if "." not in name
            and self._schemas.kind(schema) == "string"
            and not _is_fixed(self._schemas.resolve(schema))
        ]
        named = [name for name in plain if split_words(name)[-1:] and split_words(name)[-1] in _TEXT_WORDS]
        return (named or plain)[:8]

    def scalars(self) -> list[str]:
        """The properties that an order may be by."""
        return [name for name in self.schemas if "." not in name and not self.is_list(name)][:40]


_TEXT_WORDS = name_set("name title description summary subject text label email username login slug body content note")


def _is_fixed(schema: Mapping[str, Any]) -> bool:
    return "enum" in schema or "const" in schema or bool(schema.get("format"))
