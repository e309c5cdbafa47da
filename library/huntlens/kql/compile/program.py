"""What compilation gives: the statements to run, and what has to happen before them.

Values only; knows no engine and no plan.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pyarrow as pa

    from huntlens.kql.compile.udf import Udf
    from huntlens.kql.diagnostics import Edit
    from huntlens.kql.types import KqlType


@dataclass(frozen=True, slots=True)
class Chart:
    """How to draw a result: what `render` said."""

    kind: str
    options: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Statement:
    """One SQL statement and how to read its result.

    `columns` are the result columns as KQL names them, `physical` the SQL names, unique ignoring case, in the same
    order; `tables` are the tables of the source that it reads.
    """

    sql: str
    columns: Mapping[str, KqlType]
    physical: Sequence[str]
    render: Chart | None = None
    tables: tuple[str, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Work:
    """A table that Python makes from the rows of a statement, for what SQL cannot say.

    The runner runs `inputs`, hands their results to `make`, and registers what it gives as the table `name`.
    """

    name: str
    inputs: tuple[str, ...]
    make: Callable[[Sequence[pa.Table]], pa.Table]


@dataclass(frozen=True, slots=True)
class Look:
    """A question to the data that has to be answered before the query can be compiled.

    `evaluate bag_unpack` without a schema has as many columns as the data has keys. The runner runs `program`, hands
    its rows to `edits`, applies them to the text, which writes the missing schema down, and begins anew.
    """

    program: Program
    edits: Callable[[Sequence[tuple[object, ...]]], tuple[Edit, ...]]


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled query.

    Where `look` is set, `statements` are empty: see `Look`. `works` are done in order before the statements.
    `functions` are the Python functions that the
    statements call.
    """

    statements: tuple[Statement, ...]
    works: tuple[Work, ...] = ()
    look: Look | None = None
    functions: tuple[Udf, ...] = ()

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables of the source that the program reads."""
        return tuple(dict.fromkeys(table for statement in self.statements for table in statement.tables))
