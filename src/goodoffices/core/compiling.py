"""Compile functions that stand in plain Python, so that each rule stands once.

A compiler resolves the names in a function by its globals.  Each function is compiled from a copy
whose globals lead to what was compiled before it, under the same names; the plain names of
`core/elementary.py` lead to its fast forms.
"""

from collections.abc import Callable, Iterable
from types import FunctionType
from typing import Any

from goodoffices.core import deal, durability, elementary, ledger

__all__ = ["RULES", "compiled", "with_fast"]

RULES = (
    ledger.fade,
    ledger.trust,
    ledger.ceiling,
    ledger.discount,
    ledger.credit,
    ledger.blame,
    ledger.attack,
    deal.motive,
    deal.keep,
    deal.block,
    durability.monthly,
)
_FAST = (
    elementary.fast_exp2,
    elementary.fast_exp,
    elementary.fast_logistic,
    elementary.fast_log,
    elementary.fast_cos_turn,
    elementary.fast_minimum,
    elementary.fast_maximum,
)


def compiled(
    functions: Iterable[Callable[..., Any]], decorate: Callable[..., Any], known: dict[str, Any]
) -> dict[str, Any]:
    """Compile functions in order; each sees those before it, and `known`, under their own names."""
    space = dict(known)
    for function in functions:
        assert isinstance(function, FunctionType)
        twin = FunctionType(function.__code__, function.__globals__ | space, function.__name__)
        twin.__qualname__, twin.__module__ = function.__qualname__, function.__module__
        twin.__defaults__ = function.__defaults__
        space[function.__name__] = decorate(twin)
    return space


def with_fast(decorate: Callable[..., Any]) -> dict[str, Any]:
    """Compile the elementary functions in their fast forms, and the rules of the model on top of them."""
    fast = compiled(_FAST, decorate, {})
    plain = {name.removeprefix("fast_"): function for name, function in fast.items()}
    return compiled(RULES, decorate, fast | plain)
