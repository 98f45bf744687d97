"""What was answered is on disk: workers, and whole servers, are killed at random moments of a thousand writes."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.conftest import Served, Start
from tests.plain.playing import PETSTORE
from tests.plain.test_writes_over_sockets import call, find_workers
from tests.server.test_keep import kill, stop

WRITES, CLIENTS, KILLS = 1_000, 4, 8


class Writer:
    """A client that creates and deletes, over one connection as long as that lives, and knows what was answered."""

    def __init__(self, port: int, number: int) -> None:
        self.port, self.number = port, number
        self.created: dict[str, str] = {}
        self.deleted: set[str] = set()
        self.unsure: set[str] = set()
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)

    def send(self, method: str, path: str, sent: object = None) -> tuple[int, bytes]:
        """Status and body of one request, or 0 where none came."""
        headers = {"content-type": "application/json"} if sent is not None else {}
        try:
            self._connection.request(method, path, None if sent is None else json.dumps(sent), headers)
            response = self._connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            return 0, b""

    def write(self, count: int) -> None:
        """So many writes; each fifth takes away what the one before made."""
        last = ""
        for number in range(count):
            if number % 5 == 4 and last in self.created:
                status, _ = self.send("DELETE", f"/v1/pets/{last}")
                (self.deleted if status == 204 else self.unsure).add(last)
                continue
            status, body = self.send("POST", "/v1/pets", {"id": 0, "name": f"{self.number}-{number}"})
            last = ""
            if status == 201:
                made = json.loads(body)
                last = str(made["id"])
                self.created[last] = made["name"]
        self._connection.close()


def write_while(served: Served, moments: list[int], disturb: Callable[[], object]) -> list[Writer]:
    """A thousand writes of several clients at once, and a disturbance after each of some numbers of answers."""
    writers = [Writer(served.port, number) for number in range(CLIENTS)]
    with ThreadPoolExecutor(CLIENTS) as pool:
        writing = [pool.submit(writer.write, WRITES // CLIENTS) for writer in writers]
        for moment in moments:
            while sum(len(writer.created) for writer in writers) < moment and not all(each.done() for each in writing):
                time.sleep(0.001)
            disturb()
    assert all(each.result() is None for each in writing)
    return writers


def require_all(served: Served, writers: list[Writer]) -> None:
    """Whatever was answered is there; what was not may be."""
    names: dict[str, str] = {}
    for page in range(1, 40):
        _, listed = call(served, "GET", f"/v1/pets?per_page=50&page={page}")
        names |= {str(pet["id"]): pet["name"] for pet in listed["data"]}
        if len(listed["data"]) < 50:
            break
    assert len(names) == listed["total"]
    for writer in writers:
        sure = writer.created.keys() - writer.deleted - writer.unsure
        assert {key: names.get(key) for key in sure} == {key: writer.created[key] for key in sure}
        assert not writer.deleted & names.keys()
    keys = [key for writer in writers for key in writer.created]
    assert len(keys) == len(set(keys)), "no key was given twice"


def test_killed_workers_lose_no_write_that_was_answered(start: Start) -> None:
    served = start(str(PETSTORE), "--workers", "4", "--no-journal")
    chance = random.Random(12)

    def kill_one() -> None:
        with contextlib.suppress(ProcessLookupError, IndexError):
            os.kill(chance.choice(find_workers(served)), signal.SIGKILL)

    require_all(served, write_while(served, sorted(chance.sample(range(20, 500), KILLS)), kill_one))


def test_a_killed_server_that_keeps_its_state_loses_no_write_that_was_answered(start: Start, tmp_path: Path) -> None:
    keep = ("--workers", "4", "--no-journal", "--keep", str(tmp_path))
    served = start(str(PETSTORE), *keep)
    writers = write_while(served, [random.Random(7).randrange(100, 300)], lambda: kill(served))
    again = start(str(PETSTORE), *keep)
    require_all(again, writers)
    stop(again)
