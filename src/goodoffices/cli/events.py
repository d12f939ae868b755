"""The commands for event data: taking files into a store, and telling what a store holds."""

import contextlib
import json
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from goodoffices.errors import UsageError
from goodoffices.words import _, printable

__all__ = ["codes", "import_", "store"]

NOT_ALL = 3  # exit status: some lines or files were not taken in
SHOWN = 20

StorePath = Annotated[
    Path | None, typer.Option("--store", help=_("The store of event data, such as events.duckdb."))
]


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n")


@contextlib.contextmanager
def _progress(total: int, *, silent: bool) -> Iterator[Callable[[int, str], None]]:
    """Show bytes done, their rate and the time left, on the error stream."""
    from rich import progress as bars  # noqa: PLC0415 - heavy, and only wanted here
    from rich.console import Console  # noqa: PLC0415

    columns = (
        bars.TextColumn("{task.description}"), bars.BarColumn(), bars.DownloadColumn(),
        bars.TransferSpeedColumn(), bars.TimeRemainingColumn(),
    )  # fmt: skip
    with bars.Progress(*columns, console=Console(stderr=True), transient=True, disable=silent) as bar:
        task = bar.add_task(_("importing"), total=total)

        def tick(done: int, name: str) -> None:
            if done < 0:  # a file is read again: so are the rate and the time left
                bar.reset(task, completed=int(bar.tasks[0].completed) + done)
            else:
                bar.update(task, advance=done, description=name[-40:])

        yield tick


@contextlib.contextmanager
def _stoppable() -> Iterator[Callable[[], bool]]:
    """Let the first Ctrl-C take the file at hand back and end the import, the second end the program."""
    import signal  # noqa: PLC0415 - only wanted here

    asked = threading.Event()
    mine = threading.current_thread() is threading.main_thread()
    before = signal.getsignal(signal.SIGINT)

    def stop(_signal: int, _frame: Any) -> None:
        asked.set()
        signal.signal(signal.SIGINT, before)

    if mine:
        signal.signal(signal.SIGINT, stop)
    try:
        yield asked.is_set
    finally:
        if mine:
            signal.signal(signal.SIGINT, before)


def import_(
    what: Annotated[
        list[str],
        typer.Argument(
            metavar="FORMAT PATH...", help=_("A source (gdelt, icews, ...) and files or folders.")
        ),
    ],
    store: StorePath = None,
    known: Annotated[
        str,
        typer.Option("--known", help=_('Day from which all rows count as known, or "happened".')),
    ] = "",
    mapping: Annotated[
        Path | None, typer.Option("--mapping", help=_("What the columns of a table are called (TOML)."))
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help=_("Print one JSON document."))] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help=_("Print the answer only."))] = False,
) -> None:
    """Take event data into a store; without --store: DIR CASE takes tables back into a case folder.

    A file comes in whole or not at all, and one that is there already changes nothing. Exit status 3:
    some lines or files were not taken in; the store keeps the lines with the reason.
    """
    if store is None:
        _tables_back(what)
        return
    if len(what) < 2:
        raise UsageError(_("import: give a source, and then files or folders"))
    from goodoffices.workbench import feeds  # noqa: PLC0415 - heavy

    source, paths = feeds.source_named(what[0]), what[1:]
    declared = feeds.mapping_of(mapping, known)
    silent = quiet or as_json
    with _stoppable() as stop, _progress(feeds.sized(source, paths), silent=silent) as tick:
        run = feeds.import_events(source, paths, store, mapping=declared, tick=tick, stop=stop)
    if as_json:
        _print_json(run.to_dict())
    else:
        _show(run, quiet=quiet)
    if run.stopped:
        raise typer.Exit(130)
    if not run.faultless:
        raise typer.Exit(NOT_ALL)


def _tables_back(what: list[str]) -> None:
    if len(what) != 2:
        raise UsageError(_("import: give --store for event data, or DIR CASE for tables from a spreadsheet"))
    from goodoffices.workbench import Workbench  # noqa: PLC0415 - heavy

    written = Workbench().import_tables(Path(what[0]), what[1])
    typer.echo(_("Wrote {files}").format(files=", ".join(str(path) for path in written)))


def _show(run: Any, *, quiet: bool) -> None:
    faulty = [file for file in run.files if file.said]
    for file in faulty[:SHOWN]:
        typer.echo(printable(file.said), err=True)
    if len(faulty) > SHOWN:
        typer.echo(_("and {n} more").format(n=len(faulty) - SHOWN), err=True)
    if run.left_out and not quiet:
        said = _("left out, for they are no files of this source: {names}")
        typer.echo(said.format(names=", ".join(run.left_out[:SHOWN])), err=True)
    already = sum(file.already for file in run.files)
    said = _(
        "files {files}, there before {already}; "
        "received {received} = stored {stored} + duplicates {duplicates} + rejected {rejected}"
    )
    typer.echo(said.format(files=len(run.files), already=already, **run.counts()))
    if run.stopped:
        typer.echo(_("Stopped; the same command goes on from here."), err=True)


def store(
    what: Annotated[str, typer.Argument(metavar="info", help=_("info: what the store holds."))],
    path: Annotated[Path, typer.Argument(metavar="STORE", help=_("The store of event data."))],
    actor_map: Annotated[
        Path | None, typer.Option("--actors", help=_("Your own map of actors (CSV)."))
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help=_("Print one JSON document."))] = False,
) -> None:
    """Tell what a store holds: sources, counts, gaps, and actors that nobody could place."""
    if what != "info":
        raise UsageError(_('store: found "{what}"; use info').format(what=what))
    from goodoffices.workbench import feeds  # noqa: PLC0415 - heavy

    info = feeds.store_info(path, actor_map)
    if as_json:
        _print_json({"ok": True, **info.to_dict()})
    else:
        _tell(info)


def codes(
    what: Annotated[str, typer.Argument(metavar="import", help=_("import: take a list of codes in."))],
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_("A CSV with the columns code and label."))],
    store: StorePath = None,
    name: Annotated[
        str, typer.Option("--name", help=_("What a mapping calls these codes; else the name of the file."))
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help=_("Print one JSON document."))] = False,
) -> None:
    """Take your own list of codes into a store, so that reports coded in it count as kinds of conduct.

    Needed only for codes of which no list comes with the product, such as those of a feed of your own.
    """
    if what != "import":
        raise UsageError(_('codes: found "{what}"; use import').format(what=what))
    if store is None:
        raise UsageError(_("codes import: give the store whose reports are coded so, with --store"))
    from goodoffices.workbench import feeds  # noqa: PLC0415 - heavy

    listed, replaced = feeds.import_codes(file, store, name)
    counted = sum(bool(code.kind) for code in listed.codes.values())
    if as_json:
        about = {"system": listed.system, "file": listed.file, "sha256": listed.sha256}
        _print_json(
            {"ok": True, **about, "codes": len(listed.codes), "counted": counted, "replaced": replaced}
        )
        return
    typer.echo(printable(listed.sentence))
    said = _("{counted} of them count as a kind of conduct; the others are kept and count as nothing.")
    typer.echo(said.format(counted=counted))
    if replaced:
        typer.echo(_("It takes the place of the list of that name that the store had."))


def _tell(info: Any) -> None:
    for source in info.sources:
        counts = _(
            "{name}: {files} files, {first} to {last}; "
            "received {received} = stored {stored} + duplicates {duplicates} + rejected {rejected}"
        )
        names = ("name", "files", "first", "last", "received", "stored", "duplicates", "rejected")
        typer.echo(counts.format(**{name: getattr(source, name) for name in names}))
        typer.echo(f"  {source.known_rule}")
        typer.echo(_("  licence: {licence}").format(licence=source.licence))
    if not info.sources:
        typer.echo(_("The store is empty."))
    for gap in info.gaps[:SHOWN]:
        said = _("no reports of {source} from {first} to {last} ({days} days)")
        typer.echo(said.format(source=gap.source, first=gap.first, last=gap.last, days=gap.days))
    for listed in info.code_lists:
        said = _("codes of {system}: {codes}, from {file}, yours")
        typer.echo(said.format(system=listed.system, codes=listed.codes, file=printable(listed.file)))
    if info.unlisted:
        said = _("codes that no list explains: {names}; goodoffices codes import reads your list")
        typer.echo(said.format(names=printable(", ".join(info.unlisted))))
    if info.unresolved:
        listed = ", ".join(f"{name} ({rows})" for name, rows in info.unresolved[:SHOWN])
        typer.echo(_("actors that nobody could place: {names}").format(names=listed))
