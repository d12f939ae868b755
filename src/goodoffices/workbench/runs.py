"""Runs of backtests as they are kept: one JSON a run in the user's data, and the forecasts beside it.

A run is written once and never changed.  A scoring that was broken off leaves what it had forecast, under
the hash of everything that it hangs on, so that the same question goes on there; nothing of it is scored.
"""

import contextlib
import hashlib
import io
import json
import lzma
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_data_dir

from goodoffices.errors import NotFoundError
from goodoffices.whole import write_whole
from goodoffices.words import _

__all__ = ["VARIABLE", "Runs", "Unfinished", "now"]

VARIABLE = "GOODOFFICES_RUNS"  # a folder for the runs, in the place of one in the user's data
SHIPPED = Path(str(files("goodoffices.data"))) / "conduct" / "runs"  # of the model that ships
Arrays = Mapping[str, NDArray[Any]]


def now() -> str:
    """Give the moment, in UTC."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def _packed(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False).encode()


def _unpacked(path: Path) -> bytes:
    """Read a run; those that come with the package are packed, so that it stays small."""
    raw = path.read_bytes()
    return lzma.decompress(raw) if path.suffix == ".xz" else raw


class Runs:
    """The runs in a folder; it is made with the first of them.

    Parameters
    ----------
    folder
        None: that of the environment variable `GOODOFFICES_RUNS`, else one in the user's data.
    """

    def __init__(self, folder: Path | None = None) -> None:
        given = os.environ.get(VARIABLE)
        data = Path(user_data_dir("goodoffices", appauthor=False))
        self.folder = folder or (Path(given) if given else data / "runs")

    def keep(self, sort: str, told: Mapping[str, Any], arrays: Arrays | None = None) -> str:
        """Store a run, and give the id by which it is found.

        Parameters
        ----------
        sort
            "backtest" for forecasts of acts or windows; others name their own.
        told
            The run as plain data, with `at`, the moment of the scoring; an id in it is not heeded.
        arrays
            Forecasts and what they are of.
        """
        plain = {**told, "sort": sort}
        plain.pop("id", None)
        name = hashlib.sha256(_packed(plain)).hexdigest()[:12]
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if arrays:
            packed = io.BytesIO()
            np.savez_compressed(packed, **dict(arrays))  # type: ignore[arg-type]
            write_whole(self.folder / f"{name}.npz", packed.getvalue(), private=True)
        text = json.dumps({"id": name, **plain}, ensure_ascii=False, indent=1, allow_nan=False)
        write_whole(self.folder / f"{name}.json", text.encode(), private=True)
        return name

    def listed(self, sort: str = "") -> list[dict[str, Any]]:
        """Give all runs, or those of one sort, the oldest first; a file that is none counts as none."""
        found = []
        for path in sorted(self.folder.glob("*.json")):
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                told = json.loads(path.read_text(encoding="utf-8"))
                if told["id"] == path.stem and (not sort or told["sort"] == sort) and told["at"]:
                    found.append(told)
        return sorted(found, key=lambda told: str(told["at"]))

    def get(self, name: str) -> dict[str, Any]:
        """Give one run by its id, or by the beginning of it; those that come with the package are known too.

        Raises
        ------
        NotFoundError
            If no run, or more than one, is called so.
        """
        plausible = re.fullmatch(r"[0-9a-f]{1,12}", name) is not None
        paths = sorted(self._called(name)) if plausible else []
        if len(paths) == 1:
            told: dict[str, Any] = json.loads(_unpacked(paths[0]))
            return told
        said = (
            _("{n} runs begin with {name}: give more of it")
            if paths
            else _("no run {name} in {folder}: goodoffices backtest list names them")
        )
        raise NotFoundError(said.format(n=len(paths), name=name, folder=self.folder))

    def _called(self, name: str) -> list[Path]:
        own = list(self.folder.glob(f"{name}*.json"))
        return own or list(SHIPPED.glob(f"{name}*.json.xz"))

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """Give the forecasts of a run.

        Raises
        ------
        NotFoundError
            If they are not kept.
        """
        try:
            with np.load(self.folder / f"{name}.npz", allow_pickle=False) as found:
                return {key: found[key] for key in found.files}
        except (OSError, ValueError):
            raise NotFoundError(
                _("the forecasts of run {name} are not in {folder}").format(name=name, folder=self.folder)
            ) from None


class Unfinished:
    """What a scoring has forecast so far, one file for each model and origin.

    Parameters
    ----------
    about
        Everything that the forecasts hang on.
    """

    def __init__(self, folder: Path, about: Mapping[str, Any]) -> None:
        name = hashlib.sha256(json.dumps(about, sort_keys=True, default=str).encode()).hexdigest()[:32]
        self.folder = folder / "unfinished" / name
        self.resumed = len(list(self.folder.glob("*.npz")))

    def get(self, key: Sequence[Any]) -> Arrays | None:
        """Give what was kept under a key, or None; a file that cannot be read counts as none."""
        with contextlib.suppress(OSError, ValueError, EOFError, KeyError), np.load(self._path(key)) as found:
            return {name: found[name] for name in found.files}
        return None

    def put(self, key: Sequence[Any], arrays: Arrays) -> None:
        """Keep something at once or not at all; where nothing can be kept, go on without."""
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            packed = io.BytesIO()
            np.savez(packed, **dict(arrays))  # type: ignore[arg-type]
            write_whole(self._path(key), packed.getvalue(), private=True)

    def _path(self, key: Sequence[Any]) -> Path:
        return self.folder / ("-".join(map(str, key)) + ".npz")

    def drop(self) -> None:
        """The scoring is done: take it away."""
        shutil.rmtree(self.folder, ignore_errors=True)
