"""Contract tests: what a contract promises, asked of a target that plays it."""
