"""Write or check the two pages of the docs that are written from rankings.

python tools/pages.py            write docs/discussion/essay.md and hindsight.md (two minutes)
python tools/pages.py --check    fail if either differs
"""

import sys
from pathlib import Path

from goodoffices.workbench import Workbench
from goodoffices.workbench.pages import essay_page, hindsight_page

ROOT = Path(__file__).resolve().parent.parent
PAGES = {"essay": essay_page, "hindsight": hindsight_page}


def main() -> int:
    """Run as the module says."""
    bench, stale = Workbench(), 0
    for name, write in PAGES.items():
        path = ROOT / "docs" / "discussion" / f"{name}.md"
        told = write(bench)
        if path.exists() and path.read_text(encoding="utf-8") == told:
            continue
        stale += 1
        if "--check" in sys.argv:
            print(f"{path.relative_to(ROOT)} differs: run python tools/pages.py and read the difference")
        else:
            path.write_text(told, encoding="utf-8")
            print(f"wrote {path.relative_to(ROOT)}")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
