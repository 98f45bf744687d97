"""Understudy: a mock server that plays documented REST APIs from annotated contracts."""

__version__ = "0.2.0"
