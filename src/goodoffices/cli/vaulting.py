"""The commands that lock and unlock a case, and how a passphrase is given to them."""

import os
from pathlib import Path
from typing import Annotated

import typer

from goodoffices.errors import UsageError
from goodoffices.words import _

__all__ = ["given_passphrase", "lock", "unlock"]

VARIABLE = "GOODOFFICES_PASSPHRASE"

CasePath = Annotated[Path, typer.Argument(metavar="CASE", help=_("A case folder of your own."))]
LockedName = Annotated[
    Path, typer.Argument(metavar="CASE", help=_("Its encrypted file, with or without its ending."))
]
PassphraseFile = Annotated[
    Path | None, typer.Option("--passphrase-file", help=_("Take the first line of this file."))
]


def given_passphrase(file: Path | None, *, twice: bool) -> str:
    """Give the passphrase: of the file, of the environment, or asked for without showing it.

    It is never an option of its own, because other users of a machine can list what was typed.
    """
    if file is not None:
        try:
            return file.read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(_("no passphrase in {path} ({error})").format(path=file, error=error)) from None
    if VARIABLE in os.environ:
        return os.environ[VARIABLE]
    return str(typer.prompt(_("Passphrase"), hide_input=True, confirmation_prompt=twice))


def lock(case: CasePath, passphrase_file: PassphraseFile = None) -> None:
    """Encrypt a case into one file, and remove its folder."""
    from goodoffices.workbench import keeping  # noqa: PLC0415 - heavy

    path = keeping.lock(case, given_passphrase(passphrase_file, twice=True))
    typer.echo(_("Locked: {path}. Without the passphrase nobody opens it again.").format(path=path))


def unlock(case: LockedName, passphrase_file: PassphraseFile = None) -> None:
    """Turn an encrypted case into a folder again, and remove the encrypted file."""
    from goodoffices.workbench import keeping  # noqa: PLC0415 - heavy

    folder = keeping.unlock(case, given_passphrase(passphrase_file, twice=False))
    typer.echo(_("Unlocked: {path}. It lies there in clear now.").format(path=folder))
