"""Which reading of a documentation a target follows, found out by asking it."""

from __future__ import annotations

from contract_tests.readings.detection import ReadingDetection

__all__ = [
    "ReadingDetection",
]
