"""An asynchronous client of the petstore."""

from __future__ import annotations

from typing import Any

from aiohttp import ClientSession


class Pets:
    """The pets of a store, over the caller's connections."""

    def __init__(self, http: ClientSession) -> None:
        self._http = http

    async def add(self, **fields: str) -> dict[str, Any]:
        """A new pet, as the store has it."""
        async with self._http.post("pets", json={"id": 0, "status": "available", **fields}) as response:
            response.raise_for_status()
            return await response.json()

    async def get(self, pet_id: int) -> dict[str, Any] | None:
        """One pet, or None where the store has it not."""
        async with self._http.get(f"pets/{pet_id}") as response:
            if response.status == 404:
                return None
            response.raise_for_status()
            return await response.json()

    async def find(self, **filters: str) -> list[dict[str, Any]]:
        """The pets that are so, a hundred at most."""
        async with self._http.get("pets", params={"limit": "100", **filters}) as response:
            response.raise_for_status()
            return (await response.json())["data"]
