"""What a run found, for people (terminal, HTML) and for machines (JSON, JUnit, HAR)."""

from __future__ import annotations

from contract_tests.reports.html import render_page
from contract_tests.reports.machine import name_cells, render_finding, write_reports
from contract_tests.reports.terminal import print_report, progress

__all__ = [
    "name_cells",
    "print_report",
    "progress",
    "render_finding",
    "render_page",
    "write_reports",
]
