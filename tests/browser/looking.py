"""What is looked for on a page: what runs out of it, who cannot use it, which words never were translated."""

import csv
import json
import re
from collections.abc import Iterable
from pathlib import Path

from filelock import FileLock

from goodoffices.words import MONTHS
from goodoffices.workbench import Workbench

OVERFLOW = """() => {
  const wide = document.documentElement.clientWidth, found = [];
  const called = (e) => `${e.tagName.toLowerCase()}${e.id ? "#" + e.id : ""}${[...e.classList].map((c) => "." + c).join("")} "${e.textContent.trim().slice(0, 40)}"`;
  const whole = document.scrollingElement.scrollWidth;
  if (whole > wide + 1) found.push(`the page is ${whole} wide on ${wide}`);
  for (const e of document.querySelectorAll("body *")) {
    if (e.closest(".hidden, .skip, defs, title, desc, option, optgroup, details:not([open]) > :not(summary)") || e.parentElement.closest(".box")) continue;
    const { left, right, width, height } = e.getBoundingClientRect();
    if (!width || !height) continue;
    if (right > wide + 1 || left < -1) found.push(`${called(e)} from ${Math.round(left)} to ${Math.round(right)} of ${wide}`);
    const style = getComputedStyle(e);
    if (e instanceof SVGElement || e.matches(".box, input, select, textarea, pre, table, iframe") || style.textOverflow === "ellipsis") continue;
    if (e.clientWidth && e.scrollWidth > e.clientWidth + 1 && style.display !== "inline") found.push(`${called(e)}: ${e.scrollWidth} in ${e.clientWidth}`);
  }
  return [...new Set(found)].slice(0, 12);
}"""

WORDS = """(where) => {
  const root = document.querySelector(where), lots = new Map(), said = [];
  const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode, around = node.parentElement;
    if (!node.data.trim() || around.closest("script, style, [lang=en], .languages, .brand, textarea, .code")) continue;
    let block = around;
    while (block.parentElement && getComputedStyle(block).display === "inline" && !block.matches("title, desc, text, a, button")) block = block.parentElement;
    lots.set(block, (lots.get(block) ?? "") + node.data);
  }
  for (const [block, text] of lots) said.push([block.tagName.toLowerCase(), text]);
  for (const e of root.querySelectorAll("*")) {
    if (e.closest("[lang=en], .languages, .code")) continue;
    for (const name of ["aria-label", "title", "placeholder", "alt", "aria-valuetext", "aria-description"])
      if (e.getAttribute(name)) said.push([`${e.tagName.toLowerCase()}@${name}`, e.getAttribute(name)]);
  }
  return said;
}"""

CALM = "() => !document.querySelector('[data-later], [aria-busy=true]')"

# Text that is nothing but what somebody typed in another script, and where it lacks a direction of its own.
ALONE = """() => {
  const all = [], wrong = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const { data, parentElement: around } = walk.currentNode;
    if (!/[\\u0400-\\u04ff\\u0600-\\u06ff]/.test(data)) continue;
    all.push(data.trim());
    if (/[A-Za-z]/.test(data) || around.closest("svg, [dir=auto], bdi, script")) continue;
    wrong.push(`${around.tagName.toLowerCase()} in ${around.parentElement.tagName.toLowerCase()}: ${data.trim().slice(0, 60)}`);
  }
  return { all: all.length, wrong: [...new Set(wrong)].slice(0, 8) };
}"""

# Names of things, which are the same in every language.
NAMES = {
    *(
        "goodoffices",
        "JSON",
        "HTML",
        "CSV",
        "GraphML",
        "Parquet",
        "ZIP",
        "zip",
        "EN",
        "FR",
        "jsonl",
        "history",
    ),
    *("rania", "ledger-1", *MONTHS),
    *(f"P{k:02}" for k in range(12)),  # parties of the made-up reports
}
HASH = re.compile(r"\b(?=\w*\d)[0-9a-f]{7,}\b|\b\d[\d.]+\+\w*")
TOKEN = re.compile(r"[^\W\d_][\w.'-]*")
ADDRESS = re.compile(r"https?://\S*|\b[\w-]+(\.[\w-]+)+\b")


def without_messages(text: str) -> str:
    """Leave of a text what never passed through the catalogue: what stands outside all brackets."""
    kept, deep = [], 0
    for sign in text:
        deep += sign == "⟦"
        if not deep:
            kept.append(sign)
        deep -= sign == "⟧" and deep > 0
    return "".join(kept)


def left_over(text: str, data: set[str]) -> list[str]:
    """Give the words of a text that are neither a message nor data of the case."""
    plain = HASH.sub(" ", ADDRESS.sub(" ", without_messages(text)))
    words = [word.strip(".'-") for word in TOKEN.findall(plain)]
    return [word for word in words if len(word) > 1 and word.isascii() and word not in data | NAMES]


def data_of(folder: Path) -> set[str]:
    """Give the words that stand in the files of a case: ids and what they are made of, codes, hosts."""
    found: set[str] = {folder.name}
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                found |= {row.get(name, "") for name in ("id", "key", "about", "actor", "towards", "truster")}
    written = (folder / "case.toml").read_text(encoding="utf-8")
    found |= set(re.findall(r'^(?:id|key|office|iso3|wikidata) = "([^"]+)"', written, re.MULTILINE))
    return {part for one in found for name in one.split() for part in (name, *name.split("-"))}


def titles_of(folders: Iterable[Path]) -> set[str]:
    """Give the words of titles and names in cases."""
    found = set()
    for folder in folders:
        written = (folder / "case.toml").read_text(encoding="utf-8")
        for said in re.findall(r'^(?:title|name) = "([^"]+)"', written, re.MULTILINE):
            found |= {word.strip(".'-") for word in TOKEN.findall(said)}
    return found


def sources_of(bench: Workbench) -> set[str]:
    """Give the keys of the bibliography that numbers and moves rest on."""
    tables = bench.tables()
    rows = [*tables.defaults.values(), *tables.classes, *bench.moves().values(), *tables.kinds.values()]
    return {key for row in rows for key in re.split(r"[;,\s]+", getattr(row, "source", "") or "") if key}


def grave(results: dict) -> list[str]:
    """Give what of the findings keeps somebody out."""
    return [
        f"{one['impact']}: {one['id']} – {one['help']}: {one['nodes'][0]['html'][:160]} ({len(one['nodes'])} times)"
        for one in results["violations"]
        if one["impact"] in ("serious", "critical")
    ]


def noted(folder: Path, page: str, found: dict[str, dict]) -> None:
    """Write into axe.json what was found on a page in each guise: how many of which weight."""
    path = folder / "axe.json"
    with FileLock(str(folder / ".axe.lock")):
        known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        known[page] = {
            guise: {
                one["id"]: {"impact": one["impact"], "times": len(one["nodes"])}
                for one in results["violations"]
            }
            for guise, results in found.items()
        }
        path.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def shrunk(path: Path) -> None:
    """Make a picture smaller, where Pillow is there to do it."""
    try:
        from PIL import Image
    except ImportError:
        return
    with Image.open(path) as picture:
        few = picture.convert("RGB").quantize(colors=128)
    few.save(path, optimize=True)
