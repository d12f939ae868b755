"""The command line: parse, ask the workbench one question, print the answer.

Heavy imports happen inside the commands, so that `--help` costs nothing.
"""

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line and leave with its exit status."""
    from goodoffices.cli.app import run  # noqa: PLC0415 - keeps the entry point light

    sys.exit(run())
