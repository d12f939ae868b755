"""Fifty readers at once, start-up, and a thousand edits: what the workbench needs in time and memory.

Run with `.venv/bin/python benchmarks/web_readers.py [readers|start|edits] ...`; all three without a
name.  Nothing here fails for being slow: figures are for people to read.

readers: each of 50 opens one of 20 days or views every 5 seconds for a minute, first with nothing kept.
start:   from the command to the first page.
edits:   1,000 changes of facts through the server, with its memory before, between and after.
"""

import asyncio
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import httpx2 as httpx

ROOT = Path(__file__).resolve().parents[1]
READERS, EVERY, LONG, DAYS = 50, 5.0, 60.0, 20
CASE = "/library/camp-david"
PAGES = ("answer", "trust", "facts", "answer", "method")


class Served:
    """A server as people start it."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp())
        shutil.copytree(ROOT / "tests" / "made", self.home / "cases" / "made")
        kept = {"XDG_DATA_HOME": str(self.home / "data")}
        command = [sys.executable, "-m", "goodoffices", "serve", str(self.home / "cases"), "--no-browser"]
        self.begun = time.perf_counter()
        self.child = subprocess.Popen(
            [*command, "--port", "0"], stdout=subprocess.PIPE, text=True, env={**os.environ, **kept}
        )
        found = re.search(r"http://\S+", self.child.stdout.readline())
        self.link = found[0] if found else sys.exit("no server")
        self.base = self.link.split("/open")[0]

    def memory(self) -> float:
        """Its resident memory in MB."""
        status = Path(f"/proc/{self.child.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024

    def stop(self) -> None:
        self.child.terminate()
        self.child.wait()
        shutil.rmtree(self.home, ignore_errors=True)


def opened(served: Served) -> dict[str, str]:
    """Open the link, and give the cookie."""
    with httpx.Client(follow_redirects=False) as client:
        client.get(served.link)
        return dict(client.cookies)


def views() -> list[str]:
    days = [f"1978-{month:02d}-{day:02d}" for month in range(1, 11) for day in (5, 20)][:DAYS]
    return [f"{CASE}/{PAGES[k % len(PAGES)]}?at={day}" for k, day in enumerate(days)]


async def reader(
    client: httpx.AsyncClient, number: int, until: float, found: list[tuple[float, int]]
) -> None:
    chance = random.Random(number)
    await asyncio.sleep(chance.random() * EVERY)
    while time.perf_counter() < until:
        begun = time.perf_counter()
        answer = await client.get(chance.choice(views()))
        took = time.perf_counter() - begun
        found.append((took, answer.status_code))
        await asyncio.sleep(max(0.0, EVERY - took))


async def crowd(served: Served, cookie: dict[str, str], long: float) -> list[tuple[float, int]]:
    found: list[tuple[float, int]] = []
    limits = httpx.Limits(max_connections=READERS)
    async with httpx.AsyncClient(base_url=served.base, cookies=cookie, limits=limits, timeout=60) as client:
        until = time.perf_counter() + long
        await asyncio.gather(*(reader(client, k, until, found) for k in range(READERS)))
    return found


def told(name: str, found: list[tuple[float, int]]) -> None:
    times = sorted(1000 * took for took, _status in found)
    p95 = times[int(0.95 * (len(times) - 1))]
    said = Counter(status for _took, status in found)
    half = statistics.median(times)
    print(f"{name}: {len(times)} answers {dict(said)}")
    print(f"  median {half:.0f} ms, p95 {p95:.0f} ms, most {times[-1]:.0f} ms")


def readers() -> None:
    served = Served()
    cookie = opened(served)
    with httpx.Client(base_url=served.base, cookies=cookie, timeout=60) as client:
        cold = []
        for view in views():
            begun = time.perf_counter()
            status = client.get(view).status_code
            cold.append((time.perf_counter() - begun, status))
    told("each view once, nothing kept", cold)
    told(f"{READERS} readers, views kept", asyncio.run(crowd(served, cookie, LONG)))
    served.stop()
    served = Served()
    told(f"{READERS} readers, nothing kept at first", asyncio.run(crowd(served, opened(served), LONG)))
    served.stop()


def start() -> None:
    found = []
    for _n in range(5):
        served = Served()
        with httpx.Client(base_url=served.base, follow_redirects=True) as client:
            client.get(served.link)
            client.get("/")
        found.append(time.perf_counter() - served.begun)
        served.stop()
    half = statistics.median(found)
    print(f"from the command to the first page: {half:.2f} s, {min(found):.2f} to {max(found):.2f}")


def edits(count: int = 1000) -> None:
    served = Served()
    cookie = opened(served)
    headers = {"Origin": served.base}
    with httpx.Client(base_url=served.base, cookies=cookie, headers=headers, timeout=60) as client:
        fact = (ROOT / "tests" / "made" / "evidence.csv").read_text().splitlines()[1].split(",")[0]
        for number in range(count + 1):
            if number in (0, 100, count // 2, count):
                print(f"after {number} edits: {served.memory():.0f} MB")
            row = {"op": "replace_fact", "target": fact, "value": {"note": f"edit {number}"}}
            client.post("/api/v1/own/made/changes", json={"changes": [row]}).raise_for_status()
            if number % 10 == 0:
                client.get("/own/made/answer").raise_for_status()
    served.stop()


if __name__ == "__main__":
    for name in sys.argv[1:] or ["start", "readers", "edits"]:
        {"start": start, "readers": readers, "edits": edits}[name]()
