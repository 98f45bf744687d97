"""A petstore in unittest: one server for the class, one session for each test."""

from __future__ import annotations

import json
import unittest
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import understudy

PETSTORE = Path(__file__).parents[1] / "petstore.yaml"


class PetsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.mock = cls.enterClassContext(understudy.serve(PETSTORE, records=3))

    def setUp(self) -> None:
        self.session = self.enterContext(self.mock.session())

    def test_a_pet_of_ones_own_is_listed(self) -> None:
        self.session.add("petstore", "pets", name="Rex")
        with urlopen(f"{self.session.url()}/pets") as response:
            names = [pet["name"] for pet in json.load(response)["data"]]
        self.assertEqual(len(names), 4)
        self.assertIn("Rex", names)
        self.session.assert_called("GET /pets", times=1)

    def test_the_store_is_closed(self) -> None:
        self.session.play("maintenance")
        with self.assertRaises(HTTPError) as refused:
            urlopen(f"{self.session.url()}/pets")
        self.assertEqual(refused.exception.code, 503)
        refused.exception.close()


class OlderPetsTest(unittest.TestCase):
    """The same in words that every version of unittest has."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.mock = understudy.serve(PETSTORE, records=3)
        cls.addClassCleanup(cls.mock.close)

    def test_no_other_test_was_here(self) -> None:
        with urlopen(f"{self.mock.url()}/pets") as response:
            self.assertEqual(json.load(response)["total"], 3)


if __name__ == "__main__":
    unittest.main()
