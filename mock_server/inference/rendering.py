"""An inference as the Overlay file that people read, correct and save."""

from __future__ import annotations

from typing import Any

import yaml

from mock_server.inference.conclusions import Inference
from mock_server.inference.overlays import MARK
from mock_server.openapi import Document

WIDTH = 110


class _Dumper(yaml.CSafeDumper):
    """Writes out what stands several times, for anchors are hard to correct."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def render_overlay(document: Document, inference: Inference) -> str:
    """The Overlay 1.0 of everything concluded, as YAML; the mark at its end says what it covers.

    Saved and played, it is whole: what its author removed or changed stays so, and only operations that the mark does
    not name are inferred anew.
    """
    info = document.root.get("info")
    version = info.get("version") if isinstance(info, dict) else None
    written = {
        "overlay": "1.0.0",
        "info": {
            "title": f"What {document.title or document.name} means, by inference",
            "version": str(version or "1.0.0"),
            "description": f"{inference.summary()}. Correct what is wrong; guesses wait as `applied: false`.",
        },
        "actions": inference.actions(),
        MARK: {
            "covers": list(dict.fromkeys([*inference.operations, *(each.subject for each in inference.conclusions)])),
        },
    }
    text: str = yaml.dump(written, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH)
    return text
