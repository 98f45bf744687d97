"""Values of any JSON Schema, made from a seed: valid, by the names of fields where nothing else speaks."""

from __future__ import annotations

from mock_server.samples.makers import NOTHING
from mock_server.samples.sampler import Sampler

__all__ = ["NOTHING", "Sampler"]
