"""What a provider documents: files read, checked against the vocabulary of annotations, frozen as a `Contract`."""

from __future__ import annotations

from mock_server.contract.annotations import RecordPlace, find_places, find_record_place
from mock_server.contract.credentials import Presented, credential_header, get_test_value, present_credentials
from mock_server.contract.documents import escape_pointer, find_pointer, locate, walk
from mock_server.contract.environment import base_url_variable, credential_variable, find_variables
from mock_server.contract.files import load_document
from mock_server.contract.loader import compile_contract, load_contract
from mock_server.contract.model import (
    ERROR_KINDS,
    WRITES,
    Collection,
    Contract,
    FilterRule,
    Header,
    Limit,
    Operation,
    PageRule,
    Parameter,
    ParentRule,
    Reply,
    Scheme,
    TokenRule,
)
from mock_server.contract.queries import find_matches
from mock_server.contract.readings import load_readings
from mock_server.contract.specification import SpecificationCheck, find_specification_check
from mock_server.contract.upgrade import NAMED as NAMED_KEYWORDS
from mock_server.contract.upgrade import VALUES as VALUE_KEYWORDS
from mock_server.contract.upgrade import find_original, upgrade_part
from mock_server.contract.upgrade import upgrade as upgrade_document
from mock_server.contract.upgrade_schema import UNDER as SCHEMA_KEYWORDS
from mock_server.contract.vocabulary import Form, Vocabulary, compile_check

__all__ = [
    "ERROR_KINDS",
    "NAMED_KEYWORDS",
    "SCHEMA_KEYWORDS",
    "VALUE_KEYWORDS",
    "WRITES",
    "Collection",
    "Contract",
    "FilterRule",
    "Form",
    "Header",
    "Limit",
    "Operation",
    "PageRule",
    "Parameter",
    "ParentRule",
    "Presented",
    "RecordPlace",
    "Reply",
    "Scheme",
    "SpecificationCheck",
    "TokenRule",
    "Vocabulary",
    "base_url_variable",
    "compile_check",
    "compile_contract",
    "credential_header",
    "credential_variable",
    "escape_pointer",
    "find_matches",
    "find_original",
    "find_places",
    "find_pointer",
    "find_record_place",
    "find_specification_check",
    "find_variables",
    "get_test_value",
    "load_contract",
    "load_document",
    "load_readings",
    "locate",
    "present_credentials",
    "upgrade_document",
    "upgrade_part",
    "walk",
]
