"""Compiled kernels and where they are kept.

Numba's own cache misses edits in imported files, so the folder is named by a hash of every kernel
source.  It belongs to the user alone (mode 0700); where nothing can be written, kernels are compiled
anew and nothing is kept.
"""

import contextlib
import hashlib
import importlib
import os
from importlib.resources import files
from pathlib import Path
from types import ModuleType

from platformdirs import user_cache_dir

from goodoffices.errors import ExtraMissing

__all__ = ["cache_folder", "prepared", "source_hash", "stream"]


def source_hash(*more: str) -> str:
    """Give a hash over every source that a kernel is made of, and over more files of the package."""
    found = hashlib.sha256()
    core = sorted(files("goodoffices.core").iterdir(), key=lambda entry: entry.name)
    for item in [*core, *(files("goodoffices").joinpath(name) for name in more)]:
        if item.name.endswith(".py"):
            found.update(item.name.encode() + b"\0" + item.read_bytes())
    return found.hexdigest()[:16]


def cache_folder() -> Path | None:
    """Give the folder for compiled kernels, made for the user alone, or None if none can be written."""
    with contextlib.suppress(OSError, RuntimeError):
        root = Path(user_cache_dir("goodoffices", appauthor=False))
        folder = root / f"kernels-{source_hash()}"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        if os.access(folder, os.W_OK):
            return folder
    return None


def prepared(driver: str, purpose: str) -> ModuleType:
    """Give a compiled driver by the name of its module, compiled or about to be.

    Raises
    ------
    ExtraMissing
        If Numba is not installed.
    """
    try:
        numba = importlib.import_module("numba")
    except ImportError:
        raise ExtraMissing("fast", purpose) from None
    folder = cache_folder()
    numba.config.CACHE_DIR = str(folder) if folder else ""
    return importlib.import_module(driver)


def stream() -> ModuleType:
    """Give the stream driver, compiled or about to be."""
    return prepared("goodoffices.core.stream", "following a stream of evidence")
