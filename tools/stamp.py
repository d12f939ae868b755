"""Write version and commit into the package when it is built, so that every result can carry them."""

import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def commit(root: str) -> str:
    """Give the short commit of the tree being built, with `+` if it has uncommitted changes."""
    try:
        run = ["git", "-C", root]
        head = subprocess.check_output([*run, "rev-parse", "--short=12", "HEAD"], text=True)
        dirty = subprocess.check_output([*run, "status", "--porcelain", "-uno"], text=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return head.strip() + ("+" if dirty.strip() else "")


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Hatchling's hook: runs before every wheel, editable ones too."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        target = Path(self.root) / "src" / "goodoffices" / "_build.py"
        source = '"""Written at build time: never edit."""\n\n'
        source += f'VERSION = "{self.metadata.version}"\nCOMMIT = "{commit(self.root)}"\n'
        if not target.exists() or target.read_text(encoding="utf-8") != source:
            target.write_text(source, encoding="utf-8")
