"""What a run found, for people (terminal, HTML), machines (JSON, JUnit, HAR) and pipelines (GitHub, GitLab)."""

from __future__ import annotations

from contract_tests.reports.annotations import Checked
from contract_tests.reports.html import render_page
from contract_tests.reports.machine import name_cells, render_finding, write_reports
from contract_tests.reports.pipelines import FORMS, GITLAB, TEXT, print_for_pipeline, quoted
from contract_tests.reports.terminal import print_report, progress

__all__ = [
    "FORMS",
    "GITLAB",
    "TEXT",
    "Checked",
    "name_cells",
    "print_for_pipeline",
    "print_report",
    "progress",
    "quoted",
    "render_finding",
    "render_page",
    "write_reports",
]
