"""Who a thing is about: one person, whose first name, last name, user name and mail address agree."""

from __future__ import annotations

import functools
from typing import NamedTuple

from mock_server.generation import DOMAINS, FakerTables, fold_name
from mock_server.samples.draws import choose, mix, pick, salt

_PERSON = salt("person")
_COMPANY = salt("company")


class Names(NamedTuple):
    """Tables of names and words, in English."""

    first: list[str]
    last: list[str]
    jobs: list[str]
    words: list[str]
    phrases: list[list[str]]


class Person(NamedTuple):
    """One person; `number` keeps apart those who share a name."""

    first: str
    last: str
    number: int


@functools.cache
def load_names() -> Names:
    """Faker's tables for English."""
    tables = FakerTables("en_US")

    def table(method: str, attribute: str) -> list[str]:
        return [word for word in tables.table(method, attribute) or () if isinstance(word, str)]

    return Names(
        table("first_name", "first_names"),
        table("last_name", "last_names"),
        [job for job in table("job", "jobs") if "," not in job and "/" not in job],
        [word for word in table("word", "word_list") if len(word) > 2],
        [list(words) for words in tables.table("catch_phrase", "catch_phrase_words") or ()],
    )


def find_person(owner: int) -> Person:
    """The person that a thing is about."""
    drawn, names = mix(owner, _PERSON), load_names()
    return Person(choose(drawn, names.first), choose(mix(drawn, 1), names.last), pick(mix(drawn, 2), 900) + 100)


def find_email(owner: int) -> str:
    """Their mail address, which reaches nobody."""
    person = find_person(owner)
    folded = fold_name(f"{person.first} {person.last}", 2)
    return f"{folded}{person.number}@{choose(mix(owner, _PERSON), DOMAINS)}"


def find_username(owner: int) -> str:
    """Their name where they log in."""
    person = find_person(owner)
    return f"{fold_name(person.first, 1)}.{fold_name(person.last, 1)}{person.number % 100}"


_ENDINGS = ("Inc", "LLC", "Group", "& Sons", "Partners", "Labs", "Systems", "Ltd", "Industries", "Holdings")


def find_company(owner: int) -> str:
    """The business that a thing is about."""
    drawn, names = mix(owner, _COMPANY), load_names()
    return f"{choose(drawn, names.last)} {choose(mix(drawn, 1), _ENDINGS)}"


def make_sentence(number: int, least: int = 4, most: int = 10) -> str:
    """Some words as a sentence."""
    words, count = load_names().words, least + pick(number, most - least + 1)
    drawn, chosen = number, []
    for _ in range(count):
        drawn = mix(drawn, 1)
        chosen.append(choose(drawn, words))
    return f"{' '.join(chosen).capitalize()}."


def make_phrase(number: int) -> str:
    """A short phrase that could be a title: `Adaptive modular hub`."""
    drawn, chosen = number, []
    for words in load_names().phrases:
        drawn = mix(drawn, 1)
        chosen.append(choose(drawn, words))
    return " ".join(chosen).capitalize()
