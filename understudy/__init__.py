"""Understudy: a mock server and contract tests for documented REST APIs."""
