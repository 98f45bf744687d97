"""Where a document comes from: its bytes, what it is called, and the folder that its references may lead into."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from mock_server.errors import ContractError
from mock_server.openapi.text import MAX_BYTES


class Source(NamedTuple):
    """One text with a document; `folder` is None where it may refer to no file (standard input, a URL)."""

    content: bytes
    file: str
    folder: Path | None = None

    @classmethod
    def of_file(cls, path: Path) -> Source:
        """The source of a file, called as it was given. Raises: ContractError where it cannot be read."""
        return cls(load_bytes(path, str(path)), str(path), path.parent)


def load_bytes(path: Path, file: str) -> bytes:
    """What a file holds; `file` stands in the ContractError where it cannot be read, or is too large."""
    try:
        with path.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise ContractError(file, "", "there is no such file") from None
    except (OSError, ValueError) as error:  # ValueError: a null byte in its name
        reason = getattr(error, "strerror", None) or error
        raise ContractError(file, "", f"cannot be read: {reason}") from None
    return content
