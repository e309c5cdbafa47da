"""Functions of Python values as functions of Arrow arrays, for engines to call; knows no engine."""

from __future__ import annotations

import inspect
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from huntlens.kql.compile import udf

if TYPE_CHECKING:
    from collections.abc import Callable

    from huntlens.kql.compile.udf import Udf

_ARROW_TYPES: Final = {
    "BIGINT": pa.int64(), "DOUBLE": pa.float64(), "VARCHAR": pa.string(), "BOOLEAN": pa.bool_(),
    "INTEGER": pa.int32(), "TIMESTAMP": pa.timestamp("us"), "JSON": pa.string(),
}  # fmt: skip


class OverArrow:
    """A function over Arrow arrays; equal arguments are computed once a batch.

    Another process is sent its name, so what the function is made of need not be sendable.
    """

    def __init__(self, function: Udf) -> None:
        self.function = function
        kind = inspect.Parameter.POSITIONAL_ONLY
        names = [inspect.Parameter(f"p{index}", kind) for index in range(len(function.parameters))]
        self.__signature__ = inspect.Signature(names)
        """DuckDB counts the parameters by it."""

    def __call__(self, *columns: Any) -> pa.Array:
        """The values of the function for each row of the columns."""
        function, volatile = self.function.function, self.function.volatile
        known: dict[tuple[object, ...], object] = {}
        values = []
        for row in zip(*(column.to_pylist() for column in columns), strict=True):
            if volatile or row not in known:
                known[row] = function(*row)
            values.append(known[row])
        return pa.array(values, _ARROW_TYPES[self.function.returns])

    def __reduce__(self) -> tuple[Callable[[str], OverArrow], tuple[str]]:
        return by_name, (self.function.name,)


@cache
def by_name(name: str) -> OverArrow:
    """The function that SQL calls by that name."""
    found = udf.find(name)
    if found is None:
        raise LookupError(f"{name}: the workers have another version of huntlens")
    return OverArrow(found)
