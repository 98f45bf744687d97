"""Planted faults: APIs that break one documented rule each, and what the contract tests say of them."""
