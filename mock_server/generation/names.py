"""Names and addresses of the Gulf states, for which Faker has Arabic script only, and e-mail addresses."""

from __future__ import annotations

import unicodedata

FIRST_NAMES = (
    "Abdulaziz",
    "Abdulla",
    "Abdulrahman",
    "Ahmad",
    "Ali",
    "Amna",
    "Aisha",
    "Al Anoud",
    "Al Jazi",
    "Dana",
    "Fahad",
    "Faisal",
    "Fatima",
    "Ghanim",
    "Haya",
    "Hamad",
    "Hassan",
    "Hessa",
    "Hind",
    "Hussain",
    "Ibrahim",
    "Jassim",
    "Khalid",
    "Khalifa",
    "Lulwa",
    "Maha",
    "Mansour",
    "Mariam",
    "Meshal",
    "Moza",
    "Mohammed",
    "Mubarak",
    "Nasser",
    "Noora",
    "Omar",
    "Rashid",
    "Reem",
    "Saad",
    "Salem",
    "Salman",
    "Sara",
    "Saoud",
    "Shaikha",
    "Sultan",
    "Tamim",
    "Tariq",
    "Yousef",
    "Zayed",
)

FAMILY_NAMES = (
    "Al-Ansari",
    "Al-Attiyah",
    "Al-Badr",
    "Al-Baker",
    "Al-Buainain",
    "Al-Dosari",
    "Al-Emadi",
    "Al-Ghanim",
    "Al-Hajri",
    "Al-Hammadi",
    "Al-Harbi",
    "Al-Jaber",
    "Al-Kaabi",
    "Al-Kuwari",
    "Al-Mahmoud",
    "Al-Malki",
    "Al-Mannai",
    "Al-Marri",
    "Al-Meer",
    "Al-Mohannadi",
    "Al-Mulla",
    "Al-Muraikhi",
    "Al-Naimi",
    "Al-Nuaimi",
    "Al-Qahtani",
    "Al-Rumaihi",
    "Al-Sada",
    "Al-Shammari",
    "Al-Subaie",
    "Al-Sulaiti",
    "Al-Suwaidi",
    "Al-Tamimi",
    "Al-Yafei",
    "Bin Hamad",
    "Fakhroo",
)

ZONES = {
    "QA": (
        ("Doha", 4),
        ("Doha", 13),
        ("Doha", 24),
        ("Doha", 25),
        ("Doha", 38),
        ("Doha", 45),
        ("Doha", 61),
        ("Doha", 66),
        ("Al Rayyan", 51),
        ("Al Rayyan", 52),
        ("Al Rayyan", 53),
        ("Al Rayyan", 55),
        ("Al Wakrah", 90),
        ("Al Wakrah", 91),
        ("Al Khor", 74),
        ("Lusail", 69),
        ("Umm Salal", 71),
        ("Al Shamal", 79),
    ),
}
"""City and zone number of the blue plates by which an address is given, by country."""

COUNTRY_NAMES = {"QA": "Qatar"}

DOMAINS = ("example.com", "example.net", "example.org")
"""Domains reserved for examples (RFC 2606): no mail can reach a person."""


def fold_name(name: str, words: int) -> str:
    """The first words of a name as they stand in an e-mail address: ASCII letters, joined by dots."""
    if not name.isascii():
        name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    parts = name.lower().replace("-", "").split()
    if not all(map(str.isalnum, parts)):
        parts = ["".join([c for c in word if c.isalnum()]) for word in parts]
    return ".".join([part for part in parts if part][:words]) or "mail"
