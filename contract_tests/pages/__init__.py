"""Checks of pages and links: one stable collection, cut into pages."""

from __future__ import annotations

from contract_tests.pages.links import check_links
from contract_tests.pages.more_pages import check_more_pages
from contract_tests.pages.paging import check_paging

__all__ = [
    "check_links",
    "check_more_pages",
    "check_paging",
]
