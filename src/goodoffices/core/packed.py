"""Eight float32 numbers that a processor takes at once, with the arithmetic of one number (LLVM vectors).

A compiler packs a loop only where it can prove that nothing it reads lies where it writes, and a loop
over records that are picked by number proves nothing.  A kernel that takes eight cells out of a flat
array, reckons with them as with one number and puts them back is packed whatever it reads; a machine
without registers of that width does the same in pieces.  Rules that stand once for numbers hold for
eight of them as they are.
"""

import operator
from typing import Any

from llvmlite import ir
from numba import types
from numba.core.datamodel import models
from numba.extending import intrinsic, overload, register_model

__all__ = ["EIGHT", "eight", "mixing", "none", "putting", "reading", "setting"]

EIGHT = 8
_NUMBERS = ir.VectorType(ir.FloatType(), EIGHT)
_WORD = ir.IntType(32)
_intrinsic: Any = intrinsic


class _Packed(types.Type):
    """The type of eight numbers."""


_PACKED: Any = _Packed(name="Packed")


@register_model(_Packed)
class _Model(models.PrimitiveModel):
    """Eight numbers lie in one register."""

    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _NUMBERS)  # type: ignore[no-untyped-call]


def _order(*lanes: int) -> Any:
    return ir.Constant(ir.VectorType(_WORD, len(lanes)), list(lanes))


def _place(context: Any, builder: Any, signature: Any, given: Any, kind: Any) -> Any:
    """Where the cells lie that an array and the first of them name."""
    view = context.make_array(signature.args[0])(context, builder, given[0])
    return builder.bitcast(builder.gep(view.data, [given[1]]), kind.as_pointer())


def _eight(_context: Any, array: Any, first: Any) -> Any:
    """Take eight cells of a contiguous array of one axis, from `first` on."""

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        return builder.load(_place(context, builder, signature, given, _NUMBERS), align=4)

    del first
    return _PACKED(array, types.intp), generate


def _none(_context: Any) -> Any:
    """Give eight zeros."""

    def generate(_target: Any, _builder: Any, _signature: Any, _given: Any) -> Any:
        return ir.Constant(_NUMBERS, [0.0] * EIGHT)

    return _PACKED(), generate


eight, none = _intrinsic(_eight), _intrinsic(_none)


def putting(count: int) -> Any:
    """Give a function that puts the first `count` of eight numbers into an array, from a cell on."""

    def put(_context: Any, array: Any, first: Any, packed: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
            some = builder.shuffle_vector(given[2], given[2], _order(*range(count)))
            builder.store(some, _place(context, builder, signature, given, some.type), align=4)
            return context.get_dummy_value()

        del first
        return types.void(array, types.intp, packed), generate

    return _intrinsic(put)


def mixing(*lanes: int) -> Any:
    """Give a function that picks eight out of twice eight numbers, those of the second from 8 on."""

    def mix(_context: Any, one: Any, other: Any) -> Any:
        def generate(_target: Any, builder: Any, _signature: Any, given: Any) -> Any:
            return builder.shuffle_vector(*given, _order(*lanes))

        return _PACKED(one, other), generate

    return _intrinsic(mix)


def reading(lane: int) -> Any:
    """Give a function that reads one of eight numbers."""

    def read(_context: Any, packed: Any) -> Any:
        def generate(_target: Any, builder: Any, _signature: Any, given: Any) -> Any:
            return builder.extract_element(given[0], _WORD(lane))

        return types.float32(packed), generate

    return _intrinsic(read)


def setting(lane: int) -> Any:
    """Give a function that gives eight numbers with another one in their midst."""

    def put(_context: Any, packed: Any, number: Any) -> Any:
        def generate(_target: Any, builder: Any, _signature: Any, given: Any) -> Any:
            return builder.insert_element(*given, _WORD(lane))

        del number
        return _PACKED(packed, types.float32), generate

    return _intrinsic(put)


# -- arithmetic ------------------------------------------------------------------------------------


def _spread(context: Any, builder: Any, value: Any, kind: Any) -> Any:
    """Give one number eight times, and eight numbers as they are."""
    if kind == _PACKED:
        return value
    number = context.cast(builder, value, kind, types.float32)
    one = builder.insert_element(ir.Constant(_NUMBERS, ir.Undefined), number, _WORD(0))
    return builder.shuffle_vector(one, one, _order(*[0] * EIGHT))


def _operation(name: str) -> Any:
    """Give the arithmetic of LLVM's instruction of this name."""

    def work(_context: Any, one: Any, other: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
            both = zip(given, signature.args, strict=True)
            return getattr(builder, name)(*(_spread(context, builder, *each) for each in both))

        return _PACKED(one, other), generate

    return _intrinsic(work)


def _teach(sign: Any, name: str) -> None:
    """Let a sign of Python stand for an instruction wherever eight numbers take part."""
    work = _operation(name)

    def taught(one, other):  # type: ignore[no-untyped-def]  # Numba compares the names with those of what it gives
        if _PACKED in (one, other) and {one, other} <= {_PACKED, types.float32}:
            return lambda one, other: work(one, other)  # noqa: PLW0108 - Numba wants a plain function
        return None

    overload(sign)(taught)


for _sign, _name in (
    (operator.add, "fadd"),
    (operator.sub, "fsub"),
    (operator.mul, "fmul"),
    (operator.truediv, "fdiv"),
):
    _teach(_sign, _name)
