"""What texts are made of, by the kind that their name or format asks for."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping

from mock_server.samples import people
from mock_server.samples.draws import choose, mix, pick, salt
from mock_server.samples.labels import Label, list_words, singular
from mock_server.samples.moments import DATE_TIME, make_moment, render_moment
from mock_server.samples.opaque import make_code, make_hex, make_letters, make_uuid
from mock_server.samples.regions import CENTRES, CURRENCIES, LANGUAGES, TIMEZONES, find_region

Text = Callable[[int, int], str]
"""A text by its own number and that of the thing it belongs to."""

_ITEMS = list_words(
    "Lamp Chair Desk Kettle Backpack Notebook Headphones Jacket Bottle Camera Speaker Keyboard Watch Blanket Mug "
    "Bicycle Tent Umbrella Wallet Scarf Drill Mirror Clock Basket Candle",
)
_MATERIALS = list_words(
    "Oak Steel Cotton Leather Ceramic Glass Bamboo Wool Copper Linen Walnut Marble Granite Silk Rubber Recycled "
    "Compact "
    "Classic Modern Travel Slim Foldable Wireless Smart",
)
_HUES = list_words(
    "Silver Amber Crimson Golden Ivory Azure Scarlet Emerald Coral Indigo Jade Violet Copper Misty Bright",
)
_THINGS = list_words(
    "Harbor Falcon Meadow River Summit Lantern Forest Compass Anchor Valley Comet Bridge Garden Orchard Tide",
)
_STREETS = list_words(
    "Oak Maple Cedar Pine Elm Lake Hill Park Main River Sunset Church Mill Spring Washington Highland",
)
_WAYS = ("Street", "Avenue", "Road", "Lane", "Drive", "Way")
_COLOURS = ("red", "green", "blue", "orange", "purple", "teal", "black", "white", "grey", "yellow")
_FILES = ("report", "invoice", "photo", "summary", "contract", "notes", "draft", "budget")
_ENDS = ("pdf", "png", "jpg", "csv", "docx", "txt")
_ISSUES = ("Access denied by policy", "Rate limit reached", "Record was changed meanwhile", "Value is out of range")
_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:{0}.0) Gecko/20100101 Firefox/{0}.0"

_ONE_OF: Mapping[str, tuple[str, ...]] = {
    "status": ("active", "pending", "completed", "inactive", "processing"),
    "type": ("standard", "default", "custom", "basic", "premium"),
    "department": ("Sales", "Engineering", "Marketing", "Finance", "Support", "Operations", "Research"),
    "role": ("admin", "member", "viewer", "editor", "owner"),
    "gender": ("female", "male", "other"),
    "honorific": ("Ms", "Mr", "Dr", "Mx"),
    "language_name": ("English", "Spanish", "Portuguese", "French", "German"),
    "tag": ("new", "featured", "summer", "travel", "music", "design", "health", "garden", "science", "sale"),
    "http_method": ("GET", "POST", "PUT", "PATCH", "DELETE"),
    "mime": ("application/pdf", "image/png", "image/jpeg", "text/plain", "application/json"),
    "month": ("January", "March", "April", "June", "August", "October", "November"),
    "weekday": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"),
    "brand_card": ("Visa", "Mastercard", "American Express"),
    "unit": ("kg", "g", "cm", "m", "l", "piece"),
    "duration": ("PT15M", "PT45M", "PT1H30M", "PT2H", "P1D"),
    "file_end": _ENDS,
}
"""Kinds that are one of a few words."""


def _street(number: int, owner: int) -> str:
    return f"{pick(number, 980) + 10} {choose(mix(number, 1), _STREETS)} {choose(mix(number, 2), _WAYS)}"


def _address(number: int, owner: int) -> str:
    region = find_region(owner)
    street = _street(mix(owner, salt("street")), owner)
    return f"{street}, {region['city']}, {region['state_code']} {region['postal_code']}"


def _locale(number: int, owner: int) -> str:
    country = find_region(owner)["country"]
    return f"{LANGUAGES[country]}-{country}"


def _centre(axis: int) -> Text:
    """A latitude or longitude within some degrees of the middle of the country."""
    return lambda number, owner: (
        f"{CENTRES[find_region(owner)['country']][axis] + (pick(number, 60000) - 30000) / 1e4:.4f}"
    )


def _part(name: str) -> Text:
    return lambda number, owner: str(find_region(owner)[name])


def _base64(number: int, owner: int) -> str:
    return base64.b64encode(people.make_sentence(number, 2, 4).encode()).decode()


def _phone(number: int, owner: int) -> str:
    # 555-0100 to 555-0199 are kept free for fiction in every area of North America.
    area = choose(number, ("212", "305", "312", "415", "512", "617", "702", "206"))
    return f"+1{area}55501{pick(mix(number, 1), 100):02d}"


_TEXTS: Mapping[str, Text] = {
    "uuid": lambda number, owner: make_uuid(number),
    "opaque": lambda number, owner: make_hex(number, 12),
    "secret": lambda number, owner: make_letters(number, 32, "abcdefghijkmnpqrstuvwxyz23456789"),
    "code": lambda number, owner: make_code(number),
    "number_text": lambda number, owner: str(1 + pick(number, 200)),
    "title": lambda number, owner: people.make_phrase(number),
    "name": lambda number, owner: f"{choose(number, _HUES)} {choose(mix(number, 1), _THINGS)}",
    "animal": lambda number, owner: people.find_person(owner).first,
    "product": lambda number, owner: f"{choose(number, _MATERIALS)} {choose(mix(number, 1), _ITEMS)}",
    "first_name": lambda number, owner: people.find_person(owner).first,
    "last_name": lambda number, owner: people.find_person(owner).last,
    "full_name": lambda number, owner: "{0.first} {0.last}".format(people.find_person(owner)),
    "username": lambda number, owner: people.find_username(owner),
    "email": lambda number, owner: people.find_email(owner),
    "phone": _phone,
    "text": lambda number, owner: people.make_sentence(number),
    "html": lambda number, owner: f"<p>{people.make_sentence(number)}</p>",
    "amount_text": lambda number, owner: f"{pick(number, 49000) / 100 + 10:.2f}",
    "currency": lambda number, owner: choose(number, ("USD", "USD", "EUR", "GBP")),
    "country": _part("country_name"),
    "country_code": _part("country"),
    "country_code_3": _part("country_alpha3"),
    "city": _part("city"),
    "region": _part("state"),
    "region_code": _part("state_code"),
    "postal_code": _part("postal_code"),
    "street": lambda number, owner: _street(mix(owner, salt("street")), owner),
    "address_2": lambda number, owner: f"Suite {100 + pick(number, 800)}",
    "address": _address,
    "timezone": lambda number, owner: choose(number, TIMEZONES[find_region(owner)["country"]]),
    "language": lambda number, owner: LANGUAGES[find_region(owner)["country"]],
    "locale": _locale,
    "colour": lambda number, owner: f"#{make_hex(number, 6)}",
    "colour_name": lambda number, owner: choose(number, _COLOURS),
    "company": lambda number, owner: people.find_company(owner),
    "job": lambda number, owner: choose(number, people.load_names().jobs),
    "password": lambda number, owner: f"{make_letters(number, 7)}-{make_code(number)}7!",
    "ip": lambda number, owner: f"192.0.2.{1 + pick(number, 254)}",
    "ipv6": lambda number, owner: f"2001:db8::{number >> 48:x}:{number & 0xFFFF:x}",
    "mac": lambda number, owner: ":".join(("02", *(make_hex(mix(number, n), 2) for n in range(5)))),
    "hostname": lambda number, owner: f"{choose(number, people.load_names().words)}.example.com",
    "version": lambda number, owner: f"{1 + pick(number, 4)}.{pick(mix(number, 1), 10)}.{pick(mix(number, 2), 10)}",
    "file_name": lambda number, owner: (
        f"{choose(number, _FILES)}-{pick(number, 900) + 100}.{choose(mix(number, 1), _ENDS)}"
    ),
    "path": lambda number, owner: f"/{choose(number, _FILES)}s/{make_letters(number, 6)}",
    "slug": lambda number, owner: "-".join(people.make_sentence(number, 2, 3).rstrip(".").lower().split()),
    "user_agent": lambda number, owner: _AGENT.format(115 + pick(number, 20)),
    "latitude": _centre(0),
    "longitude": _centre(1),
    "percentage": lambda number, owner: str(pick(number, 101)),
    "year": lambda number, owner: str(2015 + pick(number, 11)),
    "base64": _base64,
    "json": lambda number, owner: "{}",
    "regex": lambda number, owner: "^[a-z]+$",
    "pointer": lambda number, owner: f"/{choose(number, people.load_names().words)}",
    "template": lambda number, owner: "https://example.com/{id}",
    "error": lambda number, owner: choose(number, _ISSUES),
    "word": lambda number, owner: choose(number, people.load_names().words),
    "digits": lambda number, owner: str(1000 + pick(number, 9_000_000)),
    "decimal": lambda number, owner: f"{pick(number, 100000) / 100:.2f}",
}


def _make_choice(words: tuple[str, ...]) -> Text:
    return lambda number, owner: choose(number, words)


def _make_url(ending: str) -> Callable[[Label], Text]:
    def make(label: Label) -> Text:
        folder = label.owner.split()[-1] if label.owner else "items"
        path = "".join(c for c in folder if c.isalnum()) or "items"
        return lambda number, owner: f"https://example.com/{path}/{make_hex(number, 8)}{ending}"

    return make


def _make_moment(layout: str) -> Callable[[Label], Text]:
    def make(label: Label) -> Text:
        moment = make_moment(label.name)
        return lambda number, owner: render_moment(moment(owner), layout)

    return make


def _make_currency(label: Label) -> Text:
    """The currency of the country, where one is named beside it."""
    if label.has("country"):
        return lambda number, owner: CURRENCIES[find_region(owner)["country"]]
    return _TEXTS["currency"]


PEOPLE = frozenset(
    list_words(
        "user customer client contact person people employee author owner member patient guest player student "
        "teacher agent "
        "candidate applicant driver profile recipient participant attendee subscriber lead account friend "
        "follower creator "
        "reporter assignee tenant cardholder passenger traveler traveller doctor signer user artist actor speaker",
    ),
)
BUSINESSES = frozenset(
    list_words(
        "company organization organisation merchant vendor supplier employer business brand manufacturer "
        "publisher bank org "
        "carrier agency institution workspace partner shop store airline",
    ),
)
GOODS = frozenset(
    list_words(
        "product item sku variant good article line lineitem dish menu listing",
    ),
)
AREAS = frozenset(
    list_words(
        "city town country region state location venue place province",
    ),
)


def _make_name(label: Label) -> Text:
    """A name of what it names: a person where people have one, a company, a thing."""
    owner = {singular(word) for word in label.owner.split()[-2:]}
    if "city" in owner or "town" in owner:
        return _TEXTS["city"]
    if owner & AREAS:
        return _TEXTS["country" if "country" in owner else "region"]
    if owner & BUSINESSES:
        return _TEXTS["company"]
    if owner & {"pet", "animal", "dog", "cat"}:
        return _TEXTS["animal"]
    if owner & GOODS or label.has("sku", "price"):
        return _TEXTS["product"]
    if owner & PEOPLE or label.has("email", "first name", "last name", "phone"):
        return _TEXTS["full_name"]
    if "file" in owner or label.has("mime", "content type"):
        return _TEXTS["file_name"]
    return _TEXTS["name"]


_BY_LABEL: Mapping[str, Callable[[Label], Text]] = {
    "name": _make_name,
    "url": _make_url(""),
    "image_url": _make_url(".png"),
    "date_time": _make_moment(DATE_TIME),
    "date": _make_moment("%Y-%m-%d"),
    "time": _make_moment("%H:%M:%S"),
    "time_z": _make_moment("%H:%M:%SZ"),
    "http_date": _make_moment("%a, %d %b %Y %H:%M:%S GMT"),
    "currency": _make_currency,
}


def make_text(kind: str, label: Label) -> Text:
    """A function to texts of a kind; of an unknown one, to words."""
    if kind in _BY_LABEL:
        return _BY_LABEL[kind](label)
    if kind in _ONE_OF:
        return _make_choice(_ONE_OF[kind])
    return _TEXTS.get(kind, _TEXTS["word"])


def make_layout(layout: str, label: Label) -> Text:
    """A function to moments written in a layout of `strftime`."""
    return _make_moment(layout)(label)
