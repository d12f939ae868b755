"""Small files in the formats of the feeds; every row is made up."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from goodoffices.sources import gdelt, icews, polecat

PAIRS = (("AAA", "BBB", "043"), ("BBB", "AAA", "036"), ("AAAMIL", "CCC", "190"), ("CCC", "AAAGOV", "057"))
DAY = date(2015, 3, 1)
SAMPLES = Path(__file__).parent / "samples"


def gdelt_row(n: int, names: Sequence[str] = gdelt.SECOND_VERSION, **cells: str) -> str:
    actor, target, code = PAIRS[n % len(PAIRS)]
    day = DAY + timedelta(days=n // 4)
    stamp = f"{day:%Y%m%d}" + ("120000" if len(names) == 61 else "")
    told = {
        "GLOBALEVENTID": str(1000 + n), "SQLDATE": f"{day:%Y%m%d}", "Actor1Code": actor, "Actor2Code": target,
        "EventCode": code, "EventBaseCode": code, "EventRootCode": code[:2], "GoldsteinScale": "2.8",
        "NumMentions": "4", "ActionGeo_ADM1Code": "XX01", "DATEADDED": stamp, "SOURCEURL": "https://example.org/a",
    }  # fmt: skip
    return "\t".join({**told, **cells}.get(name, "") for name in names)


def gdelt_text(rows: int, first: int = 0) -> str:
    return "".join(gdelt_row(n) + "\n" for n in range(first, first + rows))


def _table(names: Sequence[str], rows: Sequence[Sequence[object]], delimiter: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows([names, *rows])
    return out.getvalue()


def icews_raw(rows: int = 6) -> str:
    lines = ["\t".join(icews.RAW)]
    for n in range(rows):
        day = DAY + timedelta(days=n)
        told = {
            "Event ID": str(500 + n), "Event Date": str(day), "Source Name": "Government (Aland)",
            "Source Sectors": "Government", "Source Country": "Aland", "Event Text": "Host a visit",
            "CAMEO Code": "043", "Intensity": "2.8", "Target Name": f'Citizen "{n}" (Beland)',
            "Target Country": "Beland", "Publisher": "The Example", "Country": "Aland",
        }  # fmt: skip
        lines.append("\t".join(told.get(name, "") for name in icews.RAW))
    return "\n".join(lines) + "\n"


def icews_table() -> str:
    rows = [(DAY + timedelta(days=n), "Aland", "Make a visit", f"Beland {n}") for n in range(5)]
    return _table(("date", "source", "relation", "target"), rows, ",")


def keds() -> str:
    rows = [(DAY + timedelta(days=n), *PAIRS[n % 4][:2], PAIRS[n % 4][2]) for n in range(7)]
    return _table(("date", "source", "target", "code"), rows, ",")


def polecat_table() -> str:
    names = [*polecat.NEEDED, "Story People", "Version"]
    rows = []
    for n in range(5):
        told = {
            "Event ID": f"E{n}", "Event Date": str(DAY), "Event Type": "CONSULT", "Event Mode": "visit" if n else "",
            "Intensity": "4.0", "Actor Name": "AAA", "Actor Country": "AAA", "Primary Actor Sector": "GOV",
            "Recipient Name": "BBB", "Recipient Country": "BBB", "Source": "example",
            "Publication Date": str(DAY + timedelta(days=n)), "Placename": 'The "Hall"', "Country": "AAA",
        }  # fmt: skip
        rows.append([told.get(name, "") for name in names])
    return _table(names, rows, "\t")


GED = ("id", "type_of_violence", "conflict_name", "dyad_name", "side_a", "side_b", "country", "adm_1",
       "date_start", "number_of_sources")  # fmt: skip


def _ged(n: int) -> tuple[object, ...]:
    start = f"{DAY + timedelta(days=n)} 00:00:00.000"
    return (
        n, 1, "Aland: Government", "Aland - Front", "Government of Aland", "Front", "Aland",
        "North, \nupper", start, 2,
    )  # fmt: skip


def ged() -> str:
    return _table(GED, [_ged(n) for n in range(6)], ",")


def ged_page() -> str:
    rows = [dict(zip(GED, _ged(n), strict=True)) for n in range(4)]
    return json.dumps({"TotalCount": 4, "TotalPages": 1, "NextPageUrl": "", "Result": rows})


def acled() -> str:
    names = ("event_id_cnty", "event_date", "event_type", "sub_event_type", "actor1", "inter1", "actor2",
             "inter2", "country", "location", "source", "notes", "timestamp")  # fmt: skip
    rows = [
        (f"AAA{n}", f"{DAY + timedelta(days=n)}", "Battles", "Armed clash", "Army of Aland", "1", "Front", "2",
         "Aland", "North", "Example", "said so,\non two lines", 1_426_000_000 + n * 86_400)
        for n in range(5)
    ]  # fmt: skip
    return _table(names, rows, ",")


def ucdp_agreements() -> str:
    names = ("paid", "actor_name", "pa_name", "pa_date", "pa_type", "conflict_name", "")
    rows = [
        (n, "Government of Aland, Front", f"Accord {n}", DAY + timedelta(days=n), 1, "Aland: Government", "")
        for n in range(4)
    ]
    return _table(names, rows, ",")


def pax() -> str:
    names = ("Con", "AgtId", "Agt", "Dat", "Agtp", "Stage", "Loc1ISO", "Loc2ISO")
    rows = [("Aland/Beland", n, f"Accord {n}", DAY, "Inter", "Cea", "AAA", "BBB") for n in range(3)]
    return _table(names, rows, ",")


def plain() -> str:
    rows = [(DAY + timedelta(days=n), "AAA", "BBB", "043", DAY + timedelta(days=n + 2)) for n in range(5)]
    return _table(("happened_on", "actor", "target", "code", "known_on"), rows, ",")


FILES = {
    "20150301120000.export.CSV": lambda: gdelt_text(8),
    "20150301.export.gdelt1.CSV": lambda: "".join(gdelt_row(n, gdelt.FIRST_VERSION) + "\n" for n in range(5)),
    "20150310-icews-events.tab": icews_raw,
    "icews-table.csv": icews_table,
    "keds.csv": keds,
    "polecat.txt": polecat_table,
    "GEDEvent_v23_1.csv": ged,
    "gedevents_v23_1_page1.json": ged_page,
    "acled.csv": acled,
    "ucdp-peace-agreements-221.csv": ucdp_agreements,
    "pax.csv": pax,
    "plain.csv": plain,
}

if __name__ == "__main__":
    SAMPLES.mkdir(exist_ok=True)
    for name, write in FILES.items():
        (SAMPLES / name).write_text(write(), encoding="utf-8")
