"""What is read from wrk: figures also where a peer timed out, and no figure where there is none."""

from __future__ import annotations

import pytest

from benchmarks.load import Figures, read_figures

CLEAN = """Running 3s test @ http://127.0.0.1:4010
  1 threads and 64 connections
  Latency Distribution
     50%   12.59ms
     75%   14.01ms
     99%    1.36s
  15065 requests in 3.00s, 42.11MB read
Requests/sec:   5021.42
Transfer/sec:     14.04MB
"""
TIMED_OUT = CLEAN.replace("Requests/sec", "  Socket errors: connect 1, read 2, write 0, timeout 61\nRequests/sec")
REFUSED = CLEAN.replace("Requests/sec", "  Non-2xx or 3xx responses: 12\nRequests/sec")

ROWS = [
    ("a clean run has no errors", CLEAN, Figures(5021.42, 12.59, 1360.0, 0)),
    ("timeouts and broken connections are counted", TIMED_OUT, Figures(5021.42, 12.59, 1360.0, 64)),
    ("answers that are not 2xx are counted", REFUSED, Figures(5021.42, 12.59, 1360.0, 12)),
]


@pytest.mark.parametrize(("printed", "figures"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_figures_are_read(printed: str, figures: Figures) -> None:
    assert read_figures(printed) == figures


@pytest.mark.parametrize("missing", ["Requests/sec", "50%", "99%"])
def test_what_lacks_a_figure_is_refused(missing: str) -> None:
    with pytest.raises(ValueError, match="wrk printed no"):
        read_figures(CLEAN.replace(missing, ""))
