"""What a request says, read and validated as any OpenAPI document has it, in every style and form."""

from __future__ import annotations

from mock_server.inputs.cells import ReadCell, compile_cells
from mock_server.inputs.reader import compile_request
from mock_server.inputs.values import NOTHING, InputProblem, ReadRequest, RequestValues

__all__ = [
    "NOTHING",
    "InputProblem",
    "ReadCell",
    "ReadRequest",
    "RequestValues",
    "compile_cells",
    "compile_request",
]
