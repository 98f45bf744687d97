"""What is written in place of a secret: the same wherever it stood, and of this server alone."""

from __future__ import annotations

import hashlib
from pathlib import Path


def find_salt(folder: Path) -> bytes:
    """What makes the replacements of secrets this server's own, the same in all its workers."""
    return hashlib.blake2b(str(folder).encode(), digest_size=16).digest()


def find_mark(text: str, salt: bytes) -> str:
    """What stands in the journal for a secret."""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=4, key=salt).hexdigest()
