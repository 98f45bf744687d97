"""Pages for people: the index, the contract as OpenAPI, and its documentation."""

from __future__ import annotations

from flask import Flask

from mock_server.mock_apis import MockApis


def register_pages(app: Flask, apis: MockApis) -> None:
    """Add the pages to the application."""
