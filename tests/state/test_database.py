"""A file that several open at once."""

from __future__ import annotations

from pathlib import Path

from mock_server.state.database import Database
from tests.state.threads import in_threads

TABLE = "CREATE TABLE IF NOT EXISTS marks(number INTEGER)"


def test_a_new_file_is_opened_by_many_at_once(tmp_path: Path) -> None:
    for attempt in range(20):
        path = tmp_path / f"{attempt}.sqlite"

        def write(number: int, path: Path = path) -> None:
            database = Database(path, (TABLE,))
            with database.transaction():
                database.query("INSERT INTO marks VALUES (?)", (number,))

        in_threads(write, 8)
        assert Database(path, (TABLE,)).query("SELECT count(*) FROM marks") == [(8,)]
