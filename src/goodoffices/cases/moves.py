"""Read the library of moves, and what a case adds to it or takes from it."""

import tomllib
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from goodoffices.cases.files import read_text
from goodoffices.cases.folder import sentence
from goodoffices.cases.places import Place
from goodoffices.cases.tables import codebook, scales
from goodoffices.domain.moves import EFFECTS, NEEDS, ROLES, Effect, Move
from goodoffices.errors import CaseError, Fault
from goodoffices.words import _

__all__ = ["case_moves", "moves"]

FILE = "moves.toml"
_RANGE = 3
_CONSENT = ("by", "towards", "all_bound")


class EffectRow(BaseModel):
    """One effect of a move."""

    model_config = ConfigDict(extra="allow")
    kind: str

    @model_validator(mode="after")
    def _fits(self) -> "EffectRow":
        if self.kind not in EFFECTS:
            raise ValueError(_("use a kind of effect: ") + ", ".join(EFFECTS))
        given = self.model_extra or {}
        missing = [name for name in EFFECTS[self.kind] if name not in given]
        if missing:
            raise ValueError(_("an effect of kind {kind} needs ").format(kind=self.kind) + ", ".join(missing))
        for name, value in given.items():
            _fit(name, value)
        return self


def _fit(name: str, value: Any) -> None:
    if isinstance(value, list) and (len(value) != _RANGE or sorted(value) != value):
        raise ValueError(_("{name}: give low, likeliest and high, in this order").format(name=name))
    if name == "conduct" and value not in {kind.kind for kind in codebook()}:
        raise ValueError(_("{name}: use a kind of the codebook").format(name=name))
    words = ("exposure", "gesture", "detection", "recoverable", "worth", "loss", "size")
    if name in words and value not in scales()["share"]:
        raise ValueError(
            _("{name}: use a word of the scale: ").format(name=name) + ", ".join(scales()["share"])
        )


class MoveRow(BaseModel):
    """One move."""

    model_config = ConfigDict(extra="forbid")
    label: str
    family: str
    says: str
    by: str
    towards: str
    weeks: Annotated[int, Field(ge=0, le=520)]
    reversible: Literal["yes", "partly", "no"]
    basis: Literal["cited", "judged"]
    source: str = ""
    needs: list[Literal[NEEDS]] = []  # type: ignore[valid-type]
    consent: list[Literal["by", "towards", "all_bound"]] = []
    cost: dict[str, Annotated[int, Field(ge=0, le=5)]] = {}
    fails: list[str] = []
    effects: list[EffectRow] = []

    @model_validator(mode="after")
    def _roles(self) -> "MoveRow":
        if self.by not in ROLES or self.towards not in ROLES:
            raise ValueError(_("by and towards: use one of ") + ", ".join(filter(None, ROLES)))
        if set(self.cost) - set(_CONSENT):
            raise ValueError(_("cost: name by, towards or all_bound"))
        if self.basis == "cited" and not self.source:
            raise ValueError(_("source: name it, or say that the move is judged"))
        return self


class MovesFile(BaseModel):
    """What a case says of moves."""

    model_config = ConfigDict(extra="forbid")
    only: list[str] = []
    without: list[str] = []
    moves: dict[str, MoveRow] = {}


def _move(name: str, row: MoveRow) -> Move:
    plain = row.model_dump(exclude={"effects", "needs", "consent", "fails"})
    return Move(
        id=name,
        **plain,
        needs=tuple(row.needs),
        consent=tuple(row.consent),
        fails=tuple(row.fails),
        effects=tuple(Effect(kind=one.kind, given=dict(one.model_extra or {})) for one in row.effects),
    )


@lru_cache(maxsize=1)
def moves() -> dict[str, Move]:
    """Give the moves of the package, by id, in the order of their file."""
    text = files("goodoffices.data").joinpath("moves", FILE).read_text(encoding="utf-8")
    rows = {name: MoveRow.model_validate(row) for name, row in tomllib.loads(text).items()}
    return {name: _move(name, row) for name, row in rows.items()}


def _fault(field: str, found: str, fix: str) -> CaseError:
    return CaseError([Fault(file=FILE, field=field, found=found, fix=fix)])


def case_moves(folder: Path | Place | None) -> dict[str, Move]:
    """Give the moves that a case allows: the package's, less what it leaves out, with what it adds.

    Raises
    ------
    CaseError
        If the case's `moves.toml` does not fit; nothing is then known of its moves.
    """
    text = read_text(folder, FILE, needed=False) if folder is not None else None
    if not text:
        return moves()
    try:
        given = MovesFile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise _fault("", str(error), _("write it as TOML")) from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise _fault(".".join(map(str, first["loc"])), repr(first["input"])[:60], sentence(first)) from None
    known = moves() | {name: _move(name, row) for name, row in given.moves.items()}
    for name in (*given.only, *given.without):
        if name not in known:
            raise _fault("only" if name in given.only else "without", name, _("use a move of the library"))
    wanted = [name for name in known if not given.only or name in given.only or name in given.moves]
    return {name: known[name] for name in wanted if name not in given.without or name == "nothing"}
