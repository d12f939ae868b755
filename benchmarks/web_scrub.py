"""How long it takes to drag the day: what the server needs for a preview, and what the browser paints.

Run with `.venv/bin/python benchmarks/web_scrub.py [CASE ...]`.  Nothing here fails for being slow:
figures are for people to read.  Every day is asked for once, so that nothing comes from what is kept.
"""

import statistics
import sys
import tempfile
import threading
import time
from datetime import date
from pathlib import Path
from urllib.request import urlopen

import uvicorn
from playwright.sync_api import Page, sync_playwright

from goodoffices.web.app import create_app
from goodoffices.web.settings import Settings
from goodoffices.workbench import Workbench
from goodoffices.workbench.desk import Desk

DAYS, PREVIEW = 60, 200
CHROMIUM = "/usr/bin/chromium"
DRAG = """place => {
  const slider = document.getElementById("scrub");
  slider.value = place;
  slider.dispatchEvent(new Event("input", { bubbles: true }));
}"""
PAINTED = "performance.getEntriesByName('painted').map(entry => entry.duration)"


def served(folder: Path) -> tuple[uvicorn.Server, str]:
    app = create_app(Desk(folder, data=folder / "data"), Settings(token=""))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.05)
    return server, f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"


def spread(start: date, end: date, shift: float) -> list[date]:
    span = (end - start).days
    return [date.fromordinal(start.toordinal() + round(span * (k + shift) / DAYS)) for k in range(DAYS)]


def server_times(base: str, name: str, days: list[date]) -> list[float]:
    found = []
    for day in days:
        begun = time.perf_counter()
        with urlopen(f"{base}/library/{name}/answer?at={day}&draws={PREVIEW}") as answer:
            answer.read()
        found.append((time.perf_counter() - begun) * 1000)
    return found


def painted_times(page: Page, base: str, name: str) -> list[float]:
    page.goto(f"{base}/library/{name}/answer")
    most = int(page.get_attribute("#scrub", "max") or 0)
    for k in range(DAYS):
        before = len(page.evaluate(PAINTED))
        page.evaluate(DRAG, round(most * (k + 0.25) / DAYS))
        while len(page.evaluate(PAINTED)) == before:
            page.wait_for_timeout(10)
    return [float(value) for value in page.evaluate(PAINTED)]


def told(what: str, times: list[float]) -> str:
    ordered = sorted(times)
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return f"  {what:34} n {len(times):3}  median {statistics.median(times):6.1f} ms  p95 {p95:6.1f} ms"


def main(names: list[str]) -> None:
    bench = Workbench()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        server, base = served(Path(folder))
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name in names:
            case = bench.load_case(name)
            server_times(base, name, [case.end])  # the case is read and its timeline placed
            print(f"{name}, {len(case.facts)} facts")
            print(
                told(
                    "server, preview of 200 draws",
                    server_times(base, name, spread(case.start, case.end, 0.5)),
                )
            )
            print(
                told(
                    "server, the same again (kept)",
                    server_times(base, name, spread(case.start, case.end, 0.5)),
                )
            )
            print(told("from answer to painted change", painted_times(browser.new_page(), base, name)))
        browser.close()
        server.should_exit = True


if __name__ == "__main__":
    main(sys.argv[1:] or ["camp-david", "ukraine-2025"])
