"""The commands, in the order of a case's life."""

import contextlib
import gc
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from goodoffices.cli import backtest, conduct, events, fetching, forecast, gap, index, serving, vaulting
from goodoffices.domain.readings import plain
from goodoffices.errors import CaseError, GoodOfficesError, UsageError
from goodoffices.words import _, printable

__all__ = ["app", "run"]

BEGIN = """goodoffices reads trust in peace negotiations from dated evidence. Where to begin:
  goodoffices demo                         the six cases of the library, read one after the other
  goodoffices read camp-david --at 1977-11-25
  goodoffices why camp-david begin sadat --at 1977-11-25
  goodoffices new my-case                  a small case of your own; then: goodoffices check my-case"""

app = typer.Typer(
    help=_("Who trusts whom, is it enough for this deal, and why."),
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

CaseName = Annotated[
    str, typer.Argument(metavar="CASE", help=_("A case folder or the name of a library case."))
]
At = Annotated[str | None, typer.Option("--at", help=_("Read as of this day (1977-11-25, 1977-11 or 1977)."))]
Json = Annotated[bool, typer.Option("--json", help=_("Print one JSON document."))]
Seed = Annotated[int | None, typer.Option("--seed", help=_("Seed of the draws."))]
Draws = Annotated[int | None, typer.Option("--draws", help=_("Number of draws."))]
Quiet = Annotated[bool, typer.Option("--quiet", help=_("Print the answer only."))]
Audience = Annotated[
    str | None,
    typer.Option("--audience", help=_("Leave out facts above clear, green, amber or red.")),
]
Changes = Annotated[
    Path | None, typer.Option("--changes", help=_("Read with these changes, one JSON line each."))
]


class Answered(Exception):  # noqa: N818 - it is how a command ends, not a mistake
    """Ends a command with an exit status other than 0."""

    def __init__(self, status: int) -> None:
        self.status = status


def _bench() -> Any:
    from goodoffices.workbench import Workbench  # noqa: PLC0415 - heavy

    return Workbench()


def _given(**options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n")


def _screen() -> Any:
    from goodoffices.cli import screen  # noqa: PLC0415 - rich is heavy

    return screen


def _audience_for_files(audience: str | None) -> str:
    return audience or "amber"


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help=_("Print the version."))] = False,
) -> None:
    if version:
        from goodoffices.workbench.bench import code_stamp  # noqa: PLC0415 - heavy

        typer.echo(code_stamp())
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(_(BEGIN))


@app.command()
def demo(
    out: Annotated[Path, typer.Option("--out", "-o", help=_("Folder for the reports."))] = Path("out"),
    quiet: Quiet = False,
) -> None:
    """Read the six library cases and write a report of each."""
    bench = _bench()
    cards = bench.cases()
    readings = []
    for card in cards:
        day = bench.reading_day(card.id)
        reading = bench.read(card.id, day)
        _screen().short(reading)
        bench.save_report(card.id, day, out / f"{card.id}.html", reading=reading)
        readings.append(reading)
    page = bench.save_index(out / "index.html", readings)
    if not quiet:
        typer.echo(_("\nReports: {page} (opens offline)").format(page=page.resolve()))


@app.command()
def cases(as_json: Json = False) -> None:
    """List the cases of the library."""
    cards = _bench().cases()
    if as_json:
        _print_json({"ok": True, "cases": [card.to_dict() for card in cards]})
    else:
        _screen().cards(cards)


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help=_("A folder that is not there yet."))],
    as_json: Json = False,
) -> None:
    """Write a commented, valid, tiny case to begin from."""
    written = _bench().new(folder)
    if as_json:
        _print_json({"ok": True, "files": [path.name for path in written]})
    else:
        typer.echo(
            _("Wrote {files} into {folder}. Next: goodoffices check {folder}").format(
                files=", ".join(p.name for p in written), folder=folder
            )
        )


@app.command()
def check(case: CaseName, as_json: Json = False) -> None:
    """List every fault of a case at once, and what it covers."""
    found = _bench().check(case)
    if as_json:
        _print_json(found.to_dict())
    else:
        _screen().checked(found)
    if not found.ok:
        raise Answered(1)


@app.command()
def read(
    case: CaseName,
    at: At = None,
    as_json: Json = False,
    seed: Seed = None,
    draws: Draws = None,
    changes: Changes = None,
    audience: Audience = None,
    calibration: Annotated[
        Path | None,
        typer.Option("--calibration", help=_("A file of forecast calibrate: K becomes a chance.")),
    ] = None,
    save: Annotated[Path | None, typer.Option("--save", help=_("Save the result as JSON."))] = None,
    quiet: Quiet = False,
) -> None:
    """Read a case: who trusts whom, what each deal asks for, who stands in the way, would it last."""
    bench = _bench()
    shown = _audience_for_files(audience) if as_json or save else audience
    given = _given(seed=seed, draws=draws, changes=changes, audience=shown, calibration=calibration)
    reading = bench.read(case, at, **given)
    if save:
        bench.save_json(reading, save)
    if as_json:
        _print_json(reading.to_dict())
    elif quiet:
        typer.echo(reading.sentence)
    else:
        _screen().reading(reading)


@app.command()
def trust(
    case: Annotated[
        str | None, typer.Argument(metavar="[CASE]", help=_("A case folder or the name of a library case."))
    ] = None,
    at: At = None,
    as_json: Json = False,
    seed: Seed = None,
    draws: Draws = None,
    audience: Audience = None,
    store: Annotated[
        Path | None, typer.Option("--store", help=_("A store of reports, in the place of a case."))
    ] = None,
    truster: Annotated[str | None, typer.Option("--truster", help=_("Who trusts, such as UKR."))] = None,
    trustee: Annotated[str | None, typer.Option("--trustee", help=_("Whom, such as RUS."))] = None,
    everybody: Annotated[bool, typer.Option("--all", help=_("All ordered pairs, into a file."))] = False,
    start: Annotated[str | None, typer.Option("--from", help=_("Show from this day on."))] = None,
    end: Annotated[str | None, typer.Option("--to", help=_("Read what was known by this day."))] = None,
    every: Annotated[
        str | None, typer.Option("--every", help=_("Show each day, week, month, quarter or year."))
    ] = None,
    source: Annotated[str | None, typer.Option("--source", help=_("Which source of the store."))] = None,
    scale: Annotated[
        float | None, typer.Option("--scale", help=_("Evidence scale, in the place of that by the rule."))
    ] = None,
    rates: Annotated[
        Path | None, typer.Option("--false-positives", help=_("A table of codes: code,rate or code,right."))
    ] = None,
    actors: Annotated[Path | None, typer.Option("--actors", help=_("Your own map of actors."))] = None,
    whole: Annotated[
        bool, typer.Option("--actors-apart", help=_("Keep actors within a country apart."))
    ] = False,
    asymmetry: Annotated[
        str | None,
        typer.Option(
            "--asymmetry",
            help=_("What an act tells about intention: judged, or conduct, as fitted to this store."),
        ),
    ] = None,
    on: Annotated[
        str | None, typer.Option("--on", help=_("Follow all pairs on ray or ray://address; else here."))
    ] = None,
    partitions: Annotated[
        str | None,
        typer.Option(
            "--partitions",
            help=_("Folder or URL of evidence by pair: laid down from --store, without it read."),
        ),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(
            "--out",
            "-o",
            help=_(
                "Write to this file: .parquet, .csv, .graphml; one pair: .html; --all also folder/ or URL."
            ),
        ),
    ] = None,
) -> None:
    """Show who trusts whom, in what: in a case, or as reports in a store add up."""
    if store is not None or partitions is not None:
        if case is not None:
            raise UsageError(_("give a case or --store, not both"))
        index.store_trust(
            store, truster, trustee, start=start, end=end, out=out, everybody=everybody, as_json=as_json,
            on=on, partitions=partitions, asymmetry=asymmetry, rates=rates, every=every, source=source,
            scale=scale, actors=actors, whole=whole, draws=draws, seed=seed,
        )  # fmt: skip
        return
    index.judged_only(asymmetry)
    if case is None:
        raise UsageError(_("give a case, or a store of reports with --store"))
    reading = _bench().trust(case, at, **_given(seed=seed, draws=draws, audience=audience))
    if as_json:
        keys = (
            "ok",
            "case",
            "as_of",
            "interval",
            "trust",
            "keep",
            "warnings",
            "code",
            "case_hash",
            "seed",
            "draws",
        )
        _print_json({name: reading.to_dict()[name] for name in keys})
    else:
        _screen().trust(reading)


@app.command()
def why(
    case: CaseName,
    truster: Annotated[str, typer.Argument(help=_("Who trusts."))],
    trustee: Annotated[str, typer.Argument(help=_("Whom."))],
    facet: Annotated[
        str | None,
        typer.Option("--facet", help=_("capacity, intention, integrity or predictability.")),
    ] = None,
    at: At = None,
    start: Annotated[str | None, typer.Option("--from", help=_("Only facts known after this day."))] = None,
    end: Annotated[str | None, typer.Option("--to", help=_("Read as of this day."))] = None,
    changes: Changes = None,
    audience: Audience = None,
    as_json: Json = False,
) -> None:
    """Tell every fact behind one belief, in a table that adds up."""
    told = _bench().why(
        case,
        truster,
        trustee,
        start=start,
        **_given(facet=facet, at=end or at, changes=changes, audience=audience),
    )
    if as_json:
        _print_json({"ok": True, "why": [one.to_dict() for one in told]})
    else:
        for one in told:
            _screen().why(one)


@app.command()
def diff(
    case: CaseName,
    start: Annotated[str, typer.Option("--from", help=_("The earlier day."))],
    end: Annotated[str, typer.Option("--to", help=_("The later day."))],
    as_json: Json = False,
    draws: Draws = None,
) -> None:
    """Say what changed in the answer between two days, and which facts did it."""
    moved = _bench().diff(case, start, end, **_given(draws=draws))
    if as_json:
        from goodoffices.domain.readings import plain  # noqa: PLC0415 - light, but wanted only here

        _print_json({"ok": True, "moved": [plain(one) for one in moved]})
    else:
        _screen().diff(moved, start, end)


@app.command()
def report(
    case: CaseName,
    out: Annotated[Path, typer.Option("--out", "-o", help=_("The HTML file to write."))] = Path(
        "report.html"
    ),
    at: At = None,
    brief: Annotated[bool, typer.Option("--brief", help=_("One page in words."))] = False,
    plans: Annotated[
        bool, typer.Option("--plans", help=_("Also rank what could be done; this takes minutes."))
    ] = False,
    audience: Audience = None,
    changes: Changes = None,
    seed: Seed = None,
    draws: Draws = None,
) -> None:
    """Write a reading as one HTML page that opens offline."""
    bench, found = _bench(), None
    given = _given(seed=seed, draws=draws, changes=changes, audience=_audience_for_files(audience))
    if plans:
        asked = _given(seed=seed, changes=changes)
        with _stoppable() as stop, _screen().progress(silent=False) as tick:
            found = bench.plan(case, at, trace=0, tick=tick, stop=stop, **asked)
    path = bench.save_report(case, at, out, brief=brief, plans=found or False, **given)
    typer.echo(_("Wrote {path}").format(path=path))
    if found is not None and found.partial:
        raise Answered(130)


@app.command()
def rerun(
    result: Annotated[Path, typer.Argument(metavar="RESULT.json")],
    case: Annotated[str | None, typer.Option("--case", help=_("Where the case lies now."))] = None,
    quiet: Quiet = False,
) -> None:
    """Compute a saved result again and print it: the same bytes on the same machine and versions."""
    del quiet
    bench = _bench()
    _print_json(bench.rerun(bench.saved(result), case).to_dict())


@app.command()
def export(
    case: CaseName,
    target: Annotated[Path, typer.Argument(metavar="DIR")],
    for_spreadsheet: Annotated[
        bool,
        typer.Option("--for-spreadsheet", help=_("Escape cells that a spreadsheet would run.")),
    ] = False,
    audience: Audience = None,
) -> None:
    """Write the tables of a case into another folder."""
    written = _bench().export_tables(
        case, target, spreadsheet=for_spreadsheet, audience=_audience_for_files(audience)
    )
    typer.echo(_("Wrote {files}").format(files=", ".join(str(path) for path in written)))


@app.command()
def moves(
    move: Annotated[str | None, typer.Argument(metavar="[MOVE]", help=_("Tell all of this one."))] = None,
    case: Annotated[str | None, typer.Option("--case", help=_("Only those that this case allows."))] = None,
    as_json: Json = False,
) -> None:
    """List what could be done next, with what each move needs, costs and may go wrong by."""
    found = _bench().moves(case)
    if move is not None and move not in found:
        raise UsageError(_('no move "{move}": use one of ').format(move=move) + ", ".join(found))
    chosen = list(found.values()) if move is None else [found[move]]
    if as_json:
        _print_json({"ok": True, "moves": [plain(one) for one in chosen]})
    elif move is None:
        _screen().moves(chosen)
    else:
        _screen().move(chosen[0])


@app.command()
def plan(
    case: CaseName,
    at: At = None,
    text: Annotated[str | None, typer.Option("--text", help=_("The text in question, by id."))] = None,
    only: Annotated[
        str | None, typer.Option("--moves", help=_("Only these moves, joined by commas."))
    ] = None,
    budget: Annotated[
        int | None, typer.Option("--budget", help=_("Most political cost to any one actor (8)."))
    ] = None,
    horizon: Annotated[
        int | None, typer.Option("--horizon", help=_("Months within which moves and signing fall (36)."))
    ] = None,
    longest: Annotated[
        int | None, typer.Option("--longest", help=_("Most moves of one plan (6); 1: single moves only."))
    ] = None,
    rollouts: Annotated[
        int | None, typer.Option("--rollouts", help=_("Histories for each of the first plans."))
    ] = None,
    objective: Annotated[
        str | None, typer.Option("--objective", help=_("in_force_m60, in_force_m12 or sign."))
    ] = None,
    trace: Annotated[
        int | None, typer.Option("--trace", help=_("Tell this history of the best plan month by month."))
    ] = None,
    threads: Annotated[int | None, typer.Option("--threads", help=_("Threads to run on (all)."))] = None,
    on: Annotated[
        str | None, typer.Option("--on", help=_("compiled, numpy, ray or ray://address; else the best here."))
    ] = None,
    device: Annotated[str | None, typer.Option("--device", help=_("cpu or cuda."))] = None,
    no_flips: Annotated[
        bool, typer.Option("--no-flips", help=_("Do not look for what would change the ranking."))
    ] = False,
    changes: Changes = None,
    seed: Seed = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Rank what could be done next, in moves and sequences, and say what cannot be told apart.

    Ctrl-C gives the ranking so far; asked again with the same seed it goes on from there.
    """
    named = None if only is None else [name.strip() for name in only.split(",") if name.strip()]
    asked = _given(
        at=at, text=text, moves=named, budget=budget, horizon=horizon, longest=longest, rollouts=rollouts,
        objective=objective, trace=trace, threads=threads, on=on, device=device, changes=changes, seed=seed,
        look_for_flips=not no_flips,
    )  # fmt: skip
    with _stoppable() as stop, _screen().progress(silent=quiet or as_json) as tick:
        found = _bench().plan(case, tick=tick, stop=stop, **asked)
    if as_json:
        _print_json(found.to_dict())
    else:
        _screen().ranking(found)
    if found.partial:
        raise Answered(130)


@contextlib.contextmanager
def _stoppable() -> Iterator[Callable[[], bool]]:
    """Let the first Ctrl-C ask for the answer so far, and the second end the program."""
    asked = []

    def stop(_signal: int, _frame: Any) -> None:
        asked.append(True)
        signal.signal(signal.SIGINT, before)

    before = signal.getsignal(signal.SIGINT)
    mine = threading.current_thread() is threading.main_thread()
    if mine:
        signal.signal(signal.SIGINT, stop)
    try:
        yield lambda: bool(asked)
    finally:
        if mine:
            signal.signal(signal.SIGINT, before)


@app.command()
def plugins(as_json: Json = False) -> None:
    """List sources, kinds, reference classes and scorers, the built-in ones too."""
    rows = _bench().plugins()
    if as_json:
        _print_json({"ok": True, "plugins": rows})
    else:
        for row in rows:
            typer.echo(f"{row['group']:10} {row['name']:14} {row['value']}")


app.command("import")(events.import_)
app.command()(events.store)
app.command()(events.codes)
app.command()(vaulting.lock)
app.command()(vaulting.unlock)
app.command()(fetching.fetch)
app.add_typer(forecast.app, name="forecast")
app.add_typer(backtest.app, name="backtest")
app.command()(serving.serve)
app.command()(serving.users)
app.command()(gap.gap)

app.add_typer(conduct.app, name="conduct")


def _fail(error: GoodOfficesError, *, as_json: bool) -> int:
    if as_json:
        _print_json(error.to_dict())
        return error.status
    faults = error.faults if isinstance(error, CaseError) else [error]
    for fault in faults[:50]:
        typer.echo(printable(str(fault)), err=True)
    if len(faults) > 50:
        typer.echo(_("and {n} more").format(n=len(faults) - 50), err=True)
    return error.status


@contextlib.contextmanager
def _plain_stdout() -> Iterator[None]:
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(encoding="utf-8", errors="replace")
    yield


def run(arguments: list[str] | None = None) -> int:
    """Run the command line; give the exit status (0, 1 input, 2 usage, 4 extra, 130 interrupted)."""
    gc.set_threshold(100_000, 20, 20)  # a reading makes many small objects, and hardly any cycles
    given = sys.argv[1:] if arguments is None else arguments
    command: Callable[..., Any] = typer.main.get_command(app)
    try:
        with _plain_stdout():
            result = command(args=given, prog_name="goodoffices", standalone_mode=False)
            return result if isinstance(result, int) else 0
    except Answered as answered:
        return answered.status
    except GoodOfficesError as error:
        return _fail(error, as_json="--json" in given)
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        show = getattr(error, "show", None)
        if show is None:
            raise
        show()
        return 2
