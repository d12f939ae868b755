"""Ask the processor to fetch a piece of memory before it is needed (LLVM's `llvm.prefetch`).

A stream touches pairs in no order that a processor could guess; asking some rows ahead hides the
wait.  It changes no result.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

__all__ = ["prefetch"]


def _prefetch(_context: Any, array: Any, offset: Any) -> Any:
    """Fetch the cache line that holds element `offset` of a contiguous array, for writing."""
    signature = types.void(array, types.intp)

    def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        view = context.make_array(array)(context, builder, arguments[0])
        place = builder.gep(view.data, [arguments[1]])
        byte, word = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, word, word, word])
        insert: Any = cgutils.get_or_insert_function
        function = insert(builder.module, kind, "llvm.prefetch.p0")
        builder.call(function, [builder.bitcast(place, byte), word(1), word(3), word(1)])
        return context.get_dummy_value()

    del offset
    return signature, generate


prefetch: Any = intrinsic(_prefetch)
