"""The command that fetches the files of a source, with its progress on the error stream."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from goodoffices.words import _

if TYPE_CHECKING:
    from goodoffices.workbench.fetching import Fetched, Progress, Wanted

__all__ = ["fetch"]

NOT_ALL = 3  # exit status where something did not come in
SHOWN = 20  # files that failed, on the screen; all stand in the JSON


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def _size(n: float) -> str:
    for unit in ("B", "kB", "MB"):
        if n < 1000:
            return f"{n:.0f} {unit}"
        n /= 1000
    return f"{n:.1f} GB"


def _sources(*, as_json: bool) -> None:
    from goodoffices.workbench import fetching  # noqa: PLC0415 - heavy

    names = ("name", "title", "licence", "url", "variable")
    rows = [{name: getattr(one, name) for name in names} for one in fetching.offers()]
    if as_json:
        _print_json({"ok": True, "sources": rows})
        return
    for row in rows:
        typer.echo(f"{row['name']:10} {row['title']}; {row['licence']}; {row['url']}")


def _listing(files: "list[Wanted]", *, as_json: bool) -> None:
    if as_json:
        rows = [{"name": file.name, "url": file.url, "bytes": file.size} for file in files]
        _print_json({"ok": True, "files": rows})
        return
    for file in files:
        typer.echo(f"{file.name}  {'' if file.size is None else _size(file.size)}".rstrip())
    sizes = [file.size for file in files if file.size is not None]
    told = _("{n} files, {size} as far as the source says").format(n=len(files), size=_size(sum(sizes)))
    typer.echo(told, err=True)


def _said(got: "Fetched") -> None:
    counts = {
        state: [file for file in got.files if file.state == state] for state in ("fetched", "there", "failed")
    }
    for file in counts["failed"][:SHOWN]:
        typer.echo(f"{file.name}: {file.said}", err=True)
    if len(counts["failed"]) > SHOWN:
        typer.echo(_("and {n} more").format(n=len(counts["failed"]) - SHOWN), err=True)
    told = _("{folder}: {fetched} fetched ({size}), {there} there before, {failed} failed. Terms: {licence}.")
    typer.echo(
        told.format(
            folder=got.folder,
            size=_size(sum(file.bytes for file in counts["fetched"])),
            licence=got.licence,
            **{state: len(files) for state, files in counts.items()},
        )
    )
    if got.stopped:
        typer.echo(_("Stopped: {why}. The same command goes on from here.").format(why=got.stopped), err=True)
    if not got.files and not got.stopped:
        typer.echo(_("Nothing of the source matches what was asked for."), err=True)


@contextmanager
def _progress(*, silent: bool) -> "Iterator[Callable[[Progress], None]]":
    """Show file, bytes, rate and time left."""
    from rich import progress  # noqa: PLC0415 - heavy, and only wanted here
    from rich.console import Console  # noqa: PLC0415

    columns = (
        progress.TextColumn("{task.description}", markup=False),
        progress.BarColumn(),
        progress.DownloadColumn(),
        progress.TransferSpeedColumn(),
        progress.TimeRemainingColumn(),
    )
    with progress.Progress(*columns, console=Console(stderr=True), transient=True, disable=silent) as bar:
        shown = bar.add_task(_("asking"), total=None)

        def tick(now: "Progress") -> None:
            number = f"{now.file}/{now.files}" if now.files else f"{now.file}"
            bar.update(shown, description=f"{number} {now.name[:50]}", completed=now.done, total=now.total)

        yield tick


def fetch(
    source: Annotated[
        str | None, typer.Argument(metavar="[SOURCE]", help=_("Of which source; none: list them."))
    ] = None,
    into: Annotated[
        Path | None, typer.Option("--into", help=_("Folder for the files (data/SOURCE)."))
    ] = None,
    start: Annotated[str | None, typer.Option("--from", help=_("From this day on."))] = None,
    end: Annotated[str | None, typer.Option("--until", help=_("Up to this day."))] = None,
    release: Annotated[str, typer.Option("--release", help=_("Release, such as 25.1 (UCDP)."))] = "",
    only: Annotated[str, typer.Option("--only", help=_('Names of this form only, such as "*2018*".'))] = "",
    url: Annotated[str, typer.Option("--url", help=_("One file by its address."))] = "",
    again: Annotated[
        bool, typer.Option("--again", help=_("Ask whether files that are here changed."))
    ] = False,
    dry: Annotated[bool, typer.Option("--list", help=_("List what would be fetched."))] = False,
    as_json: Annotated[bool, typer.Option("--json", help=_("Print one JSON document."))] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help=_("No progress."))] = False,
) -> int:
    """Download the files of a source of event data, politely; broken off, it goes on where it stopped."""
    if source is None:
        _sources(as_json=as_json)
        return 0
    from goodoffices.workbench import fetching  # noqa: PLC0415 - heavy

    folder = into or Path("data") / source
    asked = {"start": start, "end": end, "release": release, "only": only, "url": url}
    if dry:
        _listing(fetching.would_fetch(source, folder, **asked), as_json=as_json)  # type: ignore[arg-type]
        return 0
    with _progress(silent=quiet or as_json) as tick:
        got = fetching.fetch(source, folder, again=again, tick=tick, **asked)  # type: ignore[arg-type]
    if as_json:
        _print_json(got.to_dict())
    else:
        _said(got)
    return 0 if got.faultless else NOT_ALL
