"""The mock on a socket: connections, processes, the Flask application, the admin API, the console."""

from __future__ import annotations

from mock_server.server.access import TOKEN_HEADER, Guard
from mock_server.server.api_docs import publish
from mock_server.server.app import create_app
from mock_server.server.process import base_url, open_socket, serve
from mock_server.server.snippets import render_curl
from mock_server.server.temporary_folder import runtime_folder

__all__ = [
    "TOKEN_HEADER",
    "Guard",
    "base_url",
    "create_app",
    "open_socket",
    "publish",
    "render_curl",
    "runtime_folder",
    "serve",
]
