"""The shop: tells others of the pets that it sold."""

from __future__ import annotations

import requests


def announce_sold(pets_url: str, webhook: str, site: str) -> int:
    """Send a webhook each sold pet, with the page of the shop's site that shows it; how many these are."""
    answer = requests.get(f"{pets_url}/pets", params={"status": "sold", "limit": "100"}, timeout=10)
    answer.raise_for_status()
    sold = answer.json()["data"]
    for pet in sold:
        message = {"name": pet["name"], "see": f"{site}/pets/{pet['id']}"}
        requests.post(webhook, json=message, timeout=10).raise_for_status()
    return len(sold)
