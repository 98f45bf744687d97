"""Clients of the two APIs, each in the session of its test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from aiohttp import ClientSession
from fatora import Fatora
from pets import Pets

from understudy import Session


@pytest.fixture
def fatora(understudy: Session) -> Iterator[Fatora]:
    variables = understudy.env("fatora")
    client = Fatora(variables["FATORA_BASE_URL"], variables["FATORA_API_KEY"])
    yield client
    client.close()


@pytest.fixture
async def pets(understudy: Session) -> AsyncIterator[Pets]:
    async with ClientSession(base_url=understudy.url("petstore") + "/") as http:
        yield Pets(http)
