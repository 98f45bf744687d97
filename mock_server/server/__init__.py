"""The mock on a socket: connections, processes, the Flask application, the admin API, the console."""

from __future__ import annotations

from mock_server.server.access import TOKEN_HEADER, Guard
from mock_server.server.api_docs import publish
from mock_server.server.app import create_app
from mock_server.server.authority import find_authority_folder, find_public_file, get_authority
from mock_server.server.cors import read_origins
from mock_server.server.doors import Door, plain_door, proxy_door, tls_door
from mock_server.server.edits import Edits, extend
from mock_server.server.in_memory import MemoryConnection, make_whole_way
from mock_server.server.keeping import is_noted, kept_folder, note, require_same_keys
from mock_server.server.listening import base_url, open_socket
from mock_server.server.process import serve
from mock_server.server.snippets import render_curl
from mock_server.server.temporary_folder import runtime_folder
from mock_server.server.trust_files import make_proxy_variables

__all__ = [
    "TOKEN_HEADER",
    "Door",
    "Edits",
    "Guard",
    "MemoryConnection",
    "base_url",
    "create_app",
    "extend",
    "find_authority_folder",
    "find_public_file",
    "get_authority",
    "is_noted",
    "kept_folder",
    "make_proxy_variables",
    "make_whole_way",
    "note",
    "open_socket",
    "plain_door",
    "proxy_door",
    "publish",
    "read_origins",
    "render_curl",
    "require_same_keys",
    "runtime_folder",
    "serve",
    "tls_door",
]
