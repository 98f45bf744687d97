"""One request to one response: the flow of a mock API and its steps."""

from __future__ import annotations

from mock_server.engine.collections import StoredCollections
from mock_server.engine.compiled import CompiledOperation
from mock_server.engine.error_replies import ErrorReplies, render_problem
from mock_server.engine.filters import read_moment
from mock_server.engine.mock_api import Compiler, MockApi, PlayContext, choose_compiler
from mock_server.engine.once import READS, Once, ReadKey, compile_key_reader, make_once
from mock_server.engine.operation import TemplateOperation, find_page_number
from mock_server.engine.pagination import DEFAULT_SIZE, plan_page
from mock_server.engine.parameters import Inputs, compile_inputs, split_query
from mock_server.engine.prefer import Preferences, read_preferences
from mock_server.engine.rendering import RenderContext
from mock_server.engine.replies import CompiledReply, render_reply
from mock_server.engine.routing import Match, Routes
from mock_server.engine.security import CREDENTIAL_STATES, NOBODY, REFUSED, Caller, FindCaller, FindIssued, present

__all__ = [
    "CREDENTIAL_STATES",
    "DEFAULT_SIZE",
    "NOBODY",
    "READS",
    "REFUSED",
    "Caller",
    "CompiledOperation",
    "CompiledReply",
    "Compiler",
    "ErrorReplies",
    "FindCaller",
    "FindIssued",
    "Inputs",
    "Match",
    "MockApi",
    "Once",
    "PlayContext",
    "Preferences",
    "ReadKey",
    "RenderContext",
    "Routes",
    "StoredCollections",
    "TemplateOperation",
    "choose_compiler",
    "compile_inputs",
    "compile_key_reader",
    "find_page_number",
    "make_once",
    "plan_page",
    "present",
    "read_moment",
    "read_preferences",
    "render_problem",
    "render_reply",
    "split_query",
]
