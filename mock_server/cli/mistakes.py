"""Errors as sentences on the terminal: what the user, the author of a file or the machine's owner can mend."""

from __future__ import annotations

import errno

from mock_server.cli.terminal import as_line
from mock_server.errors import ContractError, ContractErrors, Problem, UsageError

OF_THE_MACHINE = (
    errno.EACCES,
    errno.EPERM,
    errno.EROFS,
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EMFILE,
    errno.ENFILE,
    errno.ENOTDIR,
    errno.EISDIR,
    errno.ELOOP,
    errno.ENAMETOOLONG,
    errno.ENOENT,
)
"""What the machine or its owner forbids: a sentence. Any other error of the system is our mistake and looks so."""


def describe_mistake(error: Exception) -> str:
    """The sentences of an error that is somebody else's, one a line; an empty text for a mistake of ours."""
    if isinstance(error, UsageError | ContractError | ContractErrors):
        # What an author wrote may stand in it; only the lines are ours.
        return "\n".join(map(as_line, str(error).split("\n")))
    if isinstance(error, Problem):
        return error.detail
    if isinstance(error, OSError) and error.errno in OF_THE_MACHINE:
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{error.strerror}."
    return ""
