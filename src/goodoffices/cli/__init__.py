"""The command line: parse, ask the workbench one question, print the answer.

Heavy imports happen inside the commands, so that `--help` costs nothing.
"""

import contextlib
import os
import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line and leave with its exit status.

    Everything that was written is flushed; what is left in memory is not taken apart piece by piece.
    """
    from goodoffices.cli.app import run  # noqa: PLC0415 - keeps the entry point light

    status = run()
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status)
