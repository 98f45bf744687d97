"""What a plain document means: lists, pages, identity, filters, writes and errors by rules, as an OpenAPI Overlay."""

from __future__ import annotations

from mock_server.inference.annotating import annotate, infer
from mock_server.inference.conclusions import Conclusion, Inference
from mock_server.inference.counts import Counts, find_kind
from mock_server.inference.overlays import Overlay, load_overlay, read_overlay
from mock_server.inference.rendering import render_overlay
from mock_server.inference.views import Success, find_json, find_success

__all__ = [
    "Conclusion",
    "Counts",
    "Inference",
    "Overlay",
    "Success",
    "annotate",
    "find_json",
    "find_kind",
    "find_success",
    "infer",
    "load_overlay",
    "read_overlay",
    "render_overlay",
]
