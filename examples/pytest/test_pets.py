"""The petstore, asynchronously."""

from __future__ import annotations

import asyncio

import pytest
from pets import Pets

from understudy import Session


@pytest.mark.understudy("petstore", records=3)
@pytest.mark.parametrize("number", range(50))
async def test_a_pet_that_is_added_is_there(understudy: Session, pets: Pets, number: int) -> None:
    added = await pets.add(name=f"Rex {number}", tag="shy")
    assert await pets.get(added["id"]) == added
    assert [pet["name"] for pet in await pets.find() if pet["name"].startswith("Rex ")] == [f"Rex {number}"]
    (call,) = understudy.assert_called("POST /pets", times=1, json={"tag": "shy"})
    assert call.json["name"] == f"Rex {number}" and call.status == 201


@pytest.mark.understudy("petstore", records=10)
@pytest.mark.parametrize("number", range(1, 21))
async def test_pets_are_added_at_once(understudy: Session, pets: Pets, number: int) -> None:
    added = await asyncio.gather(*(pets.add(name=f"Rex {number}") for _ in range(3)))
    assert len({pet["id"] for pet in added}) == 3
    assert len(await pets.find()) == 13
    understudy.assert_called("POST /pets", times=3, json={"name": f"Rex {number}"})


@pytest.mark.understudy("petstore", records=3)
async def test_a_pet_that_is_not_there_is_none(pets: Pets) -> None:
    assert await pets.get(4) is None
