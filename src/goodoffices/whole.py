"""Files that are written whole or not at all: temporary file, fsync, rename."""

import os
import tempfile
from pathlib import Path

__all__ = ["write_whole"]


def _umask() -> int:
    """Give the mask of new files; reading it means setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def write_whole(path: Path, data: bytes, *, private: bool = False) -> None:
    """Write a file at once or not at all; an error leaves the old one as it was.

    Parameters
    ----------
    private
        For the eyes of its owner only; otherwise it keeps its mode, or gets that of any new file.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")  # mode 0600
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if not private:
            draft.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
