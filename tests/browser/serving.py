"""A server as people start it: `goodoffices serve`, in a process of its own that can be killed."""

import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

from goodoffices.compute.kernels import cache_folder

PATIENCE = 60  # seconds until a server that says nothing is given up


class Server:
    """One server over one folder; what it keeps for its user goes into `home`."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder, self.home = folder, home
        self.port, self.link = 0, ""
        self._child: subprocess.Popen[str] | None = None
        cache = home / "cache" / "goodoffices"
        cache.mkdir(parents=True, exist_ok=True)
        kernels = cache_folder()
        if kernels and not (cache / kernels.name).exists():
            # What is compiled once for this machine is not compiled for every run of the tests.
            (cache / kernels.name).symlink_to(kernels, target_is_directory=True)

    @property
    def url(self) -> str:
        """The address, without a slash at its end."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, at the same port as before if it was running before."""
        command = [sys.executable, "-m", "goodoffices", "serve", str(self.folder), "--no-browser"]
        command += ["--port", str(self.port), "--who", "rania"]
        kept = {"XDG_DATA_HOME": str(self.home / "data"), "XDG_CACHE_HOME": str(self.home / "cache")}
        self._child = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=(self.home / "stderr.txt").open("a"),
            text=True,
            env={**os.environ, **kept, "GOODOFFICES_LANG": "en", "PYTHONUNBUFFERED": "1"},
        )
        self.link = self._told(self._child)
        self.port = int(re.search(r":(\d+)/", self.link)[1])

    def _told(self, child: "subprocess.Popen[str]") -> str:
        late = threading.Timer(PATIENCE, child.kill)
        late.start()
        line = child.stdout.readline()
        late.cancel()
        found = re.search(r"http://\S+", line)
        assert found, f"the server gave no link but: {line}{self.said()}"
        return found[0]

    def said(self) -> str:
        """What it complained of so far."""
        path = self.home / "stderr.txt"
        return path.read_text() if path.exists() else ""

    def end(self, how: int = signal.SIGINT) -> int:
        """Stop it as Ctrl-C does, or kill it; give its status."""
        child, self._child = self._child, None
        if child is None:
            return 0
        child.send_signal(how)
        try:
            status = child.wait(20)
        except subprocess.TimeoutExpired:
            child.kill()
            status = child.wait()
        child.stdout.close()
        return status
