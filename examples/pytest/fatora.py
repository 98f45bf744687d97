"""A client of Fatora: clients a page at a time, or one by its number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import requests

PAGE_SIZE = 20


class TooManyRequests(Exception):
    """Fatora wants to be left alone for so many `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Fatora can be asked again in {seconds} seconds.")
        self.seconds = seconds


class Fatora:
    """The clients of a merchant. What fails with an error of the server is asked again, `tries` times in all."""

    def __init__(self, base_url: str, api_key: str, tries: int = 3) -> None:
        self._base_url, self._tries = base_url, tries
        self._http = requests.Session()
        self._http.headers["api_key"] = api_key

    def list_clients(self, **filters: str) -> Iterator[dict[str, Any]]:
        """All of them, page after page."""
        page, seen = 1, 0
        while True:
            answer = self._get("/clients", page=page, page_size=PAGE_SIZE, **filters)
            yield from answer["clients"]
            seen += len(answer["clients"])
            if seen >= answer["total"] or not answer["clients"]:
                return
            page += 1

    def get_client(self, client_id: int) -> dict[str, Any]:
        """One of them."""
        client: dict[str, Any] = self._get(f"/clients/{client_id}")["client"]
        return client

    def close(self) -> None:
        self._http.close()

    def _get(self, path: str, **query: object) -> Any:
        for _ in range(self._tries):
            response = self._http.get(f"{self._base_url}{path}", params=query, timeout=10)
            if response.status_code < 500:
                break
        if response.status_code == 429:
            raise TooManyRequests(int(response.headers["Retry-After"]))
        response.raise_for_status()
        return response.json()
