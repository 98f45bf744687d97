"""Records are held against what annotations imply: each rule by a record that breaks it, and none of a mock's own."""

from __future__ import annotations

from typing import Any

import pytest

from contract_tests.records.coherence import RULES
from contract_tests.records.record_fields import Shown, list_fields
from contract_tests.transport import Answer, Exchange

ANSWER = Answer(200, "OK", (), b"", 0.0)
PLACE = {"country": {"type": "string", "x-faker": "$place.country_alpha3"}}
GST = {
    "treatment": {"enum": ["Registered", "Unregistered"]},
    "gstin": {
        "type": "string",
        "x-faker": {"gstin": {"state": "$place.gst_code"}},
        "x-missing": {"as": "empty", "unless": {"treatment": "Registered"}},
    },
    "state": {"type": "string", "x-faker": "$place.state"},
}
CHOSEN = {
    "is_firm": {"x-faker": {"choose": {"by": "$kind", "cases": {"1": True}, "otherwise": False}}},
    "firm": {"x-faker": {"choose": {"by": "$kind", "cases": {"1": "$name"}, "otherwise": ""}}},
}
CODE = {"code": {"type": "string", "description": '"The unique code." (somewhere, line 1)'}}
AREA = {
    "area": {
        "properties": {
            "id": {"description": '"The unique identifier of the area." (somewhere, line 2)'},
            "name": {"type": "string"},
        },
    },
}
TIMES = {
    "created": {"x-faker": {"moment": {}}},
    "changed": {"x-faker": {"moment": {"start": "$created"}}},
}
PHONE = {"phone": {"x-faker": {"phone": {"country": "$place.country", "form": "e164"}}}, **PLACE}
EMAIL = {"email": {"type": "string", "x-faker": {"email_of": {"name": "$name"}}}}
TOGETHER = {name: {"x-missing": {"as": "absent", "unless": {"verified": True}}} for name in ("one", "two")}

BROKEN: list[Any] = [
    pytest.param({}, [{"id": 1}, {"id": 1}], "coherence.unique", "/id", id="a key twice on a page"),
    pytest.param(
        CODE,
        [{"id": 1, "code": "a"}, {"id": 2, "code": "a"}],
        "coherence.unique",
        "/code",
        id="a code twice",
    ),
    pytest.param(
        CODE,
        [{"id": n, "code": str(n)} for n in range(8)] + [{"id": 9, "code": "K-9"}],
        "coherence.form",
        "/code",
        id="a code of another form",
    ),
    pytest.param({}, [{"id": 2**60}], "coherence.exact", "/id", id="a key too large for a double"),
    pytest.param(
        AREA,
        [{"id": 1, "area": {"id": 7, "name": "East"}}, {"id": 2, "area": {"id": 7, "name": "West"}}],
        "coherence.identifier",
        "/area/name",
        id="one identifier of two areas",
    ),
    pytest.param(
        {**PLACE, "address": {"properties": PLACE}},
        [{"id": 1, "country": "USA", "address": {"country": "BRA"}}],
        "coherence.equal",
        "/address/country",
        id="two countries",
    ),
    pytest.param(PLACE, [{"id": 1, "country": "Brazil"}], "coherence.code", "/country", id="a country by name"),
    pytest.param(
        GST,
        [{"id": 1, "treatment": "Registered", "gstin": "", "state": "Delhi"}],
        "coherence.missing",
        "/gstin",
        id="registered without a number",
    ),
    pytest.param(
        GST,
        [{"id": 1, "treatment": "Registered", "gstin": "27AAPFU0939F1ZV", "state": "Delhi"}],
        "coherence.gstin",
        "/gstin",
        id="a number of another state",
    ),
    pytest.param(
        GST,
        [{"id": 1, "treatment": "Registered", "gstin": "27AAPFU0939F1ZW", "state": "Maharashtra"}],
        "coherence.gstin",
        "/gstin",
        id="a wrong check digit",
    ),
    pytest.param(CHOSEN, [{"id": 1, "is_firm": False, "firm": "A & B"}], "coherence.agree", "/firm", id="two cases"),
    pytest.param(
        {"word": {"x-faker": {"choose": {"by": "$kind", "cases": {"1": "Yes"}, "otherwise": "No"}}}},
        [{"id": 1, "word": "yes"}],
        "coherence.value",
        "/word",
        id="a value of no case",
    ),
    pytest.param(
        {"state": {"x-faker": {"random_element": {"elements": {"active": 0.9, "off": 0.1}}}}},
        [{"id": 1, "state": "Active"}],
        "coherence.value",
        "/state",
        id="a value that is not drawn",
    ),
    pytest.param(
        {"code": {"x-faker": "$place.postal_code"}, "state": {"x-faker": "$place.state"}},
        [{"id": 1, "code": "560024", "state": "Tamil Nadu"}],
        "coherence.place",
        "/code",
        id="a postal code of another state",
    ),
    pytest.param(TOGETHER, [{"id": 1, "one": 1}], "coherence.missing", "/two", id="one of two that go together"),
    pytest.param(
        TIMES,
        [{"id": 1, "created": "2024-02-01T00:00:00", "changed": "2024-01-31T00:00:00"}],
        "coherence.order",
        "/changed",
        id="changed before it was made",
    ),
    pytest.param(
        PHONE,
        [{"id": 1, "phone": "5551234567", "country": "USA"}],
        "coherence.phone",
        "/phone",
        id="no plus",
    ),
    pytest.param(
        PHONE,
        [{"id": 1, "phone": "+5511987654321", "country": "USA"}],
        "coherence.phone",
        "/phone",
        id="a number of another country",
    ),
    pytest.param(EMAIL, [{"id": 1, "email": "a@example.com   "}], "coherence.email", "/email", id="blanks behind"),
    pytest.param(EMAIL, [{"id": 1, "email": ""}], "coherence.empty", "/email", id="an empty address"),
    pytest.param(
        EMAIL,
        [{"id": n, "email": "a@example.com"} for n in range(12)],
        "coherence.constant",
        "/email",
        id="one for all",
    ),
    pytest.param({}, [{"id": 1, "n": "O&#39;Brien"}], "coherence.text", "/n", id="an HTML entity"),
    pytest.param({}, [{"id": 1, "n": "MÃ¼ller"}], "coherence.text", "/n", id="another encoding"),
    pytest.param({}, [{"id": 1, "n": "M?ller"}], "coherence.text", "/n", id="a replaced character"),
    pytest.param({}, [{"id": 1, "n": "undefined"}], "coherence.text", "/n", id="a word for nothing"),
    pytest.param({}, [{"id": 1, "n": "9.74E+10"}], "coherence.text", "/n", id="a spreadsheet's number"),
    pytest.param({}, [{"id": 1, "n": "Jose\u0301"}], "coherence.text", "/n", id="a decomposed accent"),
]


def judge(properties: dict[str, Any], records: list[Any]) -> list[tuple[str, str]]:
    """Rule and place of every violation by records of one page."""
    fields = list_fields({"properties": {"id": {"type": "integer"}, **properties}})
    page = Exchange("p", "o", "paging", "GET", "http://localhost/", (), ANSWER)
    shown = [Shown(record, record.get("id"), page) for record in records]
    rules = [rule for make in RULES for rule in make(fields, "id")]
    return [(rule.name, violation.place or rule.place) for rule in rules for violation in rule.find(shown)]


@pytest.mark.parametrize(("properties", "records", "rule", "place"), BROKEN)
def test_a_record_that_breaks_a_rule_is_reported_at_its_place(
    properties: dict[str, Any],
    records: list[Any],
    rule: str,
    place: str,
) -> None:
    assert (rule, place) in judge(properties, records)


FINE: list[Any] = [
    pytest.param(CODE, [{"id": 1, "code": "a"}, {"id": 1, "code": "a"}][:1], id="one code"),
    pytest.param(GST, [{"id": 1, "treatment": "Unregistered", "gstin": "", "state": "Delhi"}], id="not registered"),
    pytest.param(
        GST,
        [{"id": 1, "treatment": "Registered", "gstin": "27AAPFU0939F1ZV", "state": "Maharashtra"}],
        id="registered",
    ),
    pytest.param(CHOSEN, [{"id": 1, "is_firm": True, "firm": ""}, {"id": 2, "is_firm": False, "firm": ""}], id="cases"),
    pytest.param(TOGETHER, [{"id": 1}, {"id": 2, "one": 1, "two": 1}], id="both or neither"),
    pytest.param(PHONE, [{"id": 1, "phone": "+2341234567", "country": "NGA"}], id="a country that is not known"),
    pytest.param(
        {},
        [{"id": 1, "n": "São Paulo, 50% of <b>O'Neill</b> & Sons ✔\nنورة"}, {"id": 2, "n": None}],
        id="odd texts",
    ),
]


@pytest.mark.parametrize(("properties", "records"), FINE)
def test_records_that_agree_are_left_alone(properties: dict[str, Any], records: list[Any]) -> None:
    assert judge(properties, records) == []


def test_a_record_that_another_answer_shows_otherwise_is_reported() -> None:
    fields = list_fields({"properties": {"id": {}, "phone": {"type": "string"}}})
    pages = [Exchange("p", "o", "paging", "GET", f"http://localhost/?page={n}", (), ANSWER) for n in (1, 2)]
    shown = [Shown({"id": 1, "phone": f"+974 {page.url[-1]}"}, 1, page) for page in pages]
    [rule] = [rule for make in RULES for rule in make(fields, "id") if rule.name == "coherence.same"]
    assert [violation.shown.exchange for violation in rule.find(shown)] == pages[1:]
