"""Take the README's picture: the top of a report, in a browser (Debian's chromium, Playwright)."""

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from goodoffices.workbench import Workbench

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Write docs/screens/report.png."""
    target = ROOT / "docs" / "screens" / "report.png"
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        page = Workbench().save_report("camp-david", "1979-03-20", Path(folder) / "report.html")
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        tab = browser.new_page(viewport={"width": 900, "height": 1120})
        tab.goto(page.as_uri())
        tab.locator("section[id^=deal-]").first.scroll_into_view_if_needed()
        tab.screenshot(path=str(target))
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
