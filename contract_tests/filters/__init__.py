"""Checks of filters: requests chosen by the mistakes they would show."""

from __future__ import annotations

from contract_tests.filters.filter_asking import find_filters
from contract_tests.filters.filter_oracle import find_value, is_shown, matches, select
from contract_tests.filters.filtered_exchanges import check_filtered_exchanges
from contract_tests.filters.filters import check_filters, check_more_filters
from contract_tests.filters.hidden_filters import check_hidden_filters, check_more_hidden_filters
from contract_tests.filters.normal_forms import check_normal_forms

__all__ = [
    "check_filtered_exchanges",
    "check_filters",
    "check_hidden_filters",
    "check_more_filters",
    "check_more_hidden_filters",
    "check_normal_forms",
    "find_filters",
    "find_value",
    "is_shown",
    "matches",
    "select",
]
