"""A server whose files are edited: the files, what it prints, and how tests write them and ask."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import ROOT, Served, wait_until_served
from tests.raw import Answer, send

PATIENCE = 20.0

SHOP = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
paths:
  /books:
    get:
      responses:
        "200":
          description: books
          content:
            application/json:
              schema: {type: array, items: {$ref: "parts/book.yaml"}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "parts/book.yaml"}}}}
      responses:
        "201": {description: made, content: {application/json: {schema: {$ref: "parts/book.yaml"}}}}
  /books/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses:
        "200": {description: a book, content: {application/json: {schema: {$ref: "parts/book.yaml"}}}}
  /state:
    get:
      responses:
        "200":
          description: how it is
          content: {application/json: {schema: {type: object, required: [word], properties: {word: {const: first}}}}}
"""

BOOK = """
type: object
required: [id, title, shelf]
properties: {id: {type: integer}, title: {type: string}, shelf: {const: low}}
"""

OTHER = """
openapi: 3.1.0
info: {title: Other, version: "1"}
paths:
  /notes:
    get:
      responses:
        "200":
          description: notes
          content: {application/json: {schema: {type: object, required: [is], properties: {is: {const: there}}}}}
"""

OVERLAY = """
overlay: 1.0.0
info: {title: laid over, version: "1"}
actions:
  - target: $.paths['/state'].get.responses['200'].content['application/json'].schema.properties.word
    update: {const: overlaid}
"""

SCENARIO = """
name: own
group: status
says: It fails as its author wishes.
faults: [{status: 500}]
"""

LATE = """
name: late
group: time
says: It comes late.
faults: [{fixedDelayMilliseconds: 2500}]
"""

MAPPING = {"request": {"method": "GET", "urlPath": "/shop/mapped"}, "response": {"status": 200, "body": "before"}}


def write(path: Path, text: str) -> None:
    """Write a file as editors do: another one takes its place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


@dataclass
class Edited:
    """A server whose files are edited; `folder` holds them, `log` what it prints."""

    served: Served
    folder: Path
    log: Path

    def printed(self) -> list[str]:
        return [line for line in self.log.read_text(encoding="utf-8").splitlines() if " up: " in line]

    def edit(self, file: str, text: str | None) -> str:
        """Write a file, or remove it, and wait until that is taken up or refused; the line that says it."""
        before = len(self.printed())
        if text is None:
            (self.folder / file).unlink()
        else:
            write(self.folder / file, text)
        return self.wait(before)

    def edit_all(self, texts: Mapping[str, str | None]) -> str:
        """The same for several files at once; all others are as they were in the beginning."""
        before, wanted = len(self.printed()), {**FILES, **texts}
        files = [path for path in self.folder.rglob("*") if path.is_file() and path != self.log]
        for path in files:
            if wanted.get(str(path.relative_to(self.folder))) is None:
                path.unlink()
        changed = [name for name, text in wanted.items() if text is not None and self._differs(name, text)]
        for name in changed:
            write(self.folder / name, wanted[name] or "")
        gone = len(files) - sum(path.exists() for path in files)
        return self.wait(before) if changed or gone else ""

    def _differs(self, name: str, text: str) -> bool:
        path = self.folder / name
        return not path.exists() or path.read_text(encoding="utf-8") != text

    def wait(self, before: int) -> str:
        end = time.monotonic() + PATIENCE
        while len(self.printed()) <= before:
            assert time.monotonic() < end, f"nothing was said: {self.log.read_text(encoding='utf-8')}"
            time.sleep(0.02)
        time.sleep(0.02)  # the next turn of the server's loop plays it
        return self.printed()[before]

    def ask(self, target: str, method: str = "GET", value: Any = None, **headers: str) -> Answer:
        body = json.dumps(value).encode() if value is not None else b""
        named = {name.replace("_", "-") if name != "api_key" else name: each for name, each in headers.items()}
        sent = {"host": "127.0.0.1", "content-type": "application/json", "content-length": str(len(body)), **named}
        return send(self.served.port, f"{method} {target}", sent, body, patience=30)

    def text(self, target: str, **headers: str) -> str:
        return self.ask(target, **headers).body.decode()


FILES = {
    "specs/shop.yaml": SHOP,
    "specs/parts/book.yaml": BOOK,
    "specs/other.yaml": OTHER,
    "scenarios/own.yaml": SCENARIO,
    "scenarios/late.yaml": LATE,
    "mappings/mapped.json": json.dumps(MAPPING),
    "data/shop/books.yaml": "[{id: 700, title: Given}]\n",
    "readings.yaml": "fatora: {}\n",
}


def fill(folder: Path) -> None:
    """Write the files that are served."""
    for name, text in FILES.items():
        write(folder / name, text)


OPTIONS = ("--scenarios", "scenarios", "--mappings", "mappings", "--data", "data", "--readings", "readings.yaml")


@contextlib.contextmanager
def serving(folder: Path, *options: str, words: Sequence[str] = ("specs", "fatora", *OPTIONS)) -> Iterator[Edited]:
    """A server in a folder of these files that takes up what is edited; `words` say what it plays."""
    fill(folder)
    log = folder / "printed.log"
    command = [
        sys.executable,
        "-u",
        "-m",
        "mock_server",
        "serve",
        *words,
        "--port",
        "0",
        "--reload",
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with log.open("w", encoding="utf-8") as written:
        process = subprocess.Popen(
            [*command, "--no-log", *options],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        served = wait_until_served(process)
        copying = threading.Thread(target=_copy, args=(process, written), daemon=True)
        copying.start()
        try:
            yield Edited(served, folder, log)
        finally:
            process.terminate()
            process.wait(timeout=15)
            copying.join(5)
            assert process.stdout
            process.stdout.close()


def _copy(process: subprocess.Popen[str], written: Any) -> None:
    for line in process.stdout or ():
        written.write(line)
        written.flush()
