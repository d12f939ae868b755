"""Write or check the golden transcripts of the library's cases; fix the hash of a first coding.

python tools/transcripts.py            write tests/transcripts/*.txt
python tools/transcripts.py --check    fail if any differs
python tools/transcripts.py --first NAME ...   write first_coding into coding.toml, once
"""

import sys
from pathlib import Path

from goodoffices.cases.library import library_folder, library_names
from goodoffices.workbench import Workbench

ROOT = Path(__file__).resolve().parent.parent


def first(names: list[str]) -> int:
    """Fix the first coding of each named case by its hash."""
    bench = Workbench()
    for name in names:
        path = library_folder(name) / "coding.toml"
        text = path.read_text(encoding="utf-8")
        if "first_coding" in text:
            print(f"{name}: the first coding is fixed already")
            continue
        found = bench.check(name).content_hash
        path.write_text(f'first_coding = "{found}"\n{text}', encoding="utf-8")
        print(f"{name}: {found}")
    return 0


def main() -> int:
    """Run as the module says."""
    if "--first" in sys.argv:
        return first(sys.argv[sys.argv.index("--first") + 1 :])
    bench, stale = Workbench(), 0
    for name in library_names():
        path = ROOT / "tests" / "transcripts" / f"{name}.txt"
        told = bench.transcript(name)
        if path.exists() and path.read_text(encoding="utf-8") == told:
            continue
        stale += 1
        if "--check" in sys.argv:
            print(
                f"{path.relative_to(ROOT)} differs: run python tools/transcripts.py and read the difference"
            )
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(told, encoding="utf-8")
            print(f"wrote {path.relative_to(ROOT)}")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
