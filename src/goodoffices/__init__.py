"""goodoffices: who trusts whom, is it enough for this deal, and why.

>>> import goodoffices
>>> case = goodoffices.load_case("camp-david")  # doctest: +SKIP
>>> reading = goodoffices.read(case, at="1977-11-25")  # doctest: +SKIP

The names below are loaded when they are first used (PEP 562), so that importing the package costs
nothing.
"""

from typing import Any

__all__ = [
    "ConductModel",
    "Workbench",
    "cases",
    "check",
    "diff",
    "load_case",
    "moves",
    "plan",
    "read",
    "report",
    "rerun",
    "trust",
    "why",
]

_BENCH = ("cases", "check", "diff", "load_case", "moves", "plan", "read", "report", "rerun", "trust", "why")


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from goodoffices.workbench import version  # noqa: PLC0415 - lazy on purpose

        return version()
    if name == "ConductModel":
        from goodoffices.workbench.conduct_model import ConductModel  # noqa: PLC0415 - lazy on purpose

        return ConductModel
    if name in __all__:
        from goodoffices import workbench  # noqa: PLC0415 - lazy on purpose

        return workbench.Workbench if name == "Workbench" else getattr(workbench.Workbench(), name)
    raise AttributeError(f"module 'goodoffices' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
