"""The commands that open the workbench in a browser, and say who may use it."""

import getpass
import importlib.util
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from goodoffices.cli.vaulting import PassphraseFile, given_passphrase
from goodoffices.errors import ExtraMissing, GoodOfficesError, UsageError
from goodoffices.words import _

if TYPE_CHECKING:
    from goodoffices.workbench.desk import Desk

__all__ = ["serve", "users"]

NEEDED = ("fastapi", "uvicorn", "argon2", "multipart", "filelock")

Users = Annotated[Path | None, typer.Option("--users", help=_("Everybody logs in; the file of passwords."))]


def _installed() -> None:
    if any(importlib.util.find_spec(name) is None for name in NEEDED):
        raise ExtraMissing("web", _("the workbench in the browser"))


def _login_name() -> str:
    """The name of who is at this machine, as it may stand in a history."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""
    return re.sub(r"[^\w.@-]", "-", name, flags=re.ASCII)[:60]


def serve(
    folder: Annotated[
        Path, typer.Argument(metavar="[FOLDER]", help=_("Holds your cases, or is one."))
    ] = Path(),
    host: Annotated[str, typer.Option("--host", help=_("Address to listen at."))] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help=_("Port to listen at; 0: a free one."))
    ] = 8765,
    no_browser: Annotated[bool, typer.Option("--no-browser", help=_("Print the link only."))] = False,
    who: Annotated[
        str | None, typer.Option("--who", help=_("Your name in histories (the one you log in by)."))
    ] = None,
    users: Users = None,
    trusted_proxy: Annotated[
        str, typer.Option("--trusted-proxy", metavar="ADDRESS", help=_("Believe this proxy who is asking."))
    ] = "",
    allow_host: Annotated[
        list[str] | None,
        typer.Option("--allow-host", metavar="NAME", help=_("A further name of this server.")),
    ] = None,
    certificate: Annotated[
        Path | None, typer.Option("--certificate", help=_("Serve https with this certificate (PEM)."))
    ] = None,
    key: Annotated[
        Path | None, typer.Option("--key", help=_("The certificate's key, if it lies apart."))
    ] = None,
    audit: Annotated[
        Path | None, typer.Option("--audit", help=_("Note in this file who did what: ids, never text."))
    ] = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Open the workbench in a browser; Ctrl-C stops it."""
    _installed()
    from goodoffices.web import serving  # noqa: PLC0415 - heavy
    from goodoffices.web.settings import Settings  # noqa: PLC0415 - as above
    from goodoffices.workbench.desk import Desk  # noqa: PLC0415 - as above

    if not folder.is_dir():
        raise UsageError(_("no folder {folder}: give the one that holds your cases").format(folder=folder))
    desk = Desk(folder)
    settings = Settings(
        host=host, port=port, hosts=tuple(allow_host or ()), users=users, trusted_proxy=trusted_proxy,
        who=_login_name() if who is None else _fit(who), audit=audit or desk.data / "audit.jsonl",
    )  # fmt: skip
    if passphrase_file is not None:
        _open_locked(desk, given_passphrase(passphrase_file, twice=False))
    proof = serving.Certificate(chain=certificate, key=key) if certificate else None
    serving.serve(desk, settings, say=typer.echo, browser=not no_browser, certificate=proof)


def _fit(who: str) -> str:
    if not re.fullmatch(r"[\w.@-]{0,60}", who, flags=re.ASCII):
        raise UsageError(
            _('"{name}" is no name: use letters, digits, ".", "@", "_" and "-"').format(name=who)
        )
    return who


def _open_locked(desk: "Desk", passphrase: str) -> None:
    """Open what the passphrase opens; the rest can be opened on its page."""
    for card in desk.cards():
        if card.locked:
            try:
                desk.unlock(card.ref, passphrase)
            except GoodOfficesError as error:
                typer.echo(f"{card.ref.name}: {error}", err=True)


def users(
    what: Annotated[str, typer.Argument(metavar="add|remove", help=_("What to do."))],
    name: Annotated[str, typer.Argument(metavar="NAME", help=_("Whom it is about."))],
    file: Annotated[Path, typer.Option("--users", help=_("The file of passwords; it is made if need be."))],
    role: Annotated[
        str, typer.Option("--role", help=_("reader (looks), analyst (also edits) or owner (also purges)."))
    ] = "reader",
) -> None:
    """Say who may use a workbench that is served to others: add somebody, or remove him."""
    _installed()
    from goodoffices.web import passwords  # noqa: PLC0415 - only here

    if what == "remove":
        passwords.remove_user(file, name)
        typer.echo(_("Removed {name} from {path}.").format(name=name, path=file))
    elif what == "add":
        password = typer.prompt(_("Password"), hide_input=True, confirmation_prompt=True)
        passwords.add_user(file, name, role, password)
        typer.echo(_("Added {name} as {role} to {path}.").format(name=name, role=role, path=file))
    else:
        raise UsageError(_('no "{what}": use add or remove').format(what=what))
