"""What a request says, read and validated as any OpenAPI document has it, in every style and form."""

from __future__ import annotations

from mock_server.inputs.reader import compile_request
from mock_server.inputs.values import NOTHING, InputProblem, ReadRequest, RequestValues

__all__ = ["NOTHING", "InputProblem", "ReadRequest", "RequestValues", "compile_request"]
