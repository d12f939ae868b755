"""The one object that users, the command line and the web hold: it wires the rooms and thinks nothing."""

from goodoffices.workbench.bench import Workbench, version

__all__ = ["Workbench", "version"]
