"""Every page of the workbench, the guises in which it is looked at, and the cases that are looked at."""

from dataclasses import dataclass

PAGES = {
    "cases": "/",
    "new": "/?new=1#new",
    "story": "/library/camp-david/answer?at=1977-11-08&story=1",
    "answer": "{case}/answer?at={day}",
    "trust": "{case}/trust?at={day}",
    "pair": "{case}/trust?at={day}&pair={pair}",
    "facts": "{case}/facts?at={day}",
    "fact": "{case}/facts?at={day}&fact={fact}",
    "people": "{case}/facts?at={day}&tab=people",
    "texts": "{case}/facts?at={day}&tab=texts",
    "stakes": "{case}/facts?at={day}&tab=stakes",
    "ratings": "{case}/facts?at={day}&tab=ratings",
    "plan": "{case}/plan?at={day}",
    "whatif": "{case}/whatif?at={day}&one=&other={branch}",
    "conduct": "{case}/conduct?at={day}",
    "forecast": "{case}/conduct?at={day}&store={store}&actor={actor}&target={target}",
    "run": "{case}/conduct?at={day}&run={run}",
    "method": "{case}/method?at={day}",
    "report": "{case}/report?at={day}",
}
WIDE, PHONE, LARGE = (1280, 800), (390, 844), (640, 400)
GUISES = {"light": WIDE, "dark": WIDE, "phone": PHONE, "200pct": LARGE, "fr": WIDE, "ar": WIDE}
ALWAYS = ("cases", "new", "story")  # the same whatever case is looked at


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A case as the pages show it."""

    case: str
    day: str
    pair: str
    fact: str
    title: str
    branch: str = "try"
    store: str = "events.duckdb"
    actor: str = "P03"
    target: str = "P08"
    run: str = "0123456789ab"

    def at(self, page: str) -> str:
        """Give the address of a page of it."""
        return PAGES[page].format_map(self.__dict__)


CAMP = Shown(
    case="/library/camp-david",
    day="1978-09-12",
    pair="begin,sadat",
    fact="cd0012",
    title="Had the talks gone on",
)
MADE = Shown(case="/own/made", day="2003-02-01", pair="anna,basil", fact="mf009", title="Without the release")
ARABIC = Shown(
    case="/own/arabic", day="2003-02-01", pair="anna,basil", fact="mf009", title="بدون تبادل الأسرى"
)
CYRILLIC = Shown(
    case="/own/cyrillic", day="2003-02-01", pair="anna,basil", fact="mf009", title="Без обмена пленными"
)
