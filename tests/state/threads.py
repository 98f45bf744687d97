"""Threads that meet."""

from __future__ import annotations

import concurrent.futures
import sys
import threading
from collections.abc import Callable
from typing import Any


def in_threads(work: Callable[[int], Any], threads: int = 16) -> list[Any]:
    """Run it in threads that begin together and change places as often as they can."""
    start, before = threading.Barrier(threads), sys.getswitchinterval()

    def wait_and_work(number: int) -> Any:
        start.wait()
        return work(number)

    sys.setswitchinterval(1e-6)
    try:
        with concurrent.futures.ThreadPoolExecutor(threads) as pool:
            return list(pool.map(wait_and_work, range(threads)))
    finally:
        sys.setswitchinterval(before)
