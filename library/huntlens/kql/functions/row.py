"""The one record of a KQL function, operator, aggregate or plugin: what every reader needs to know of it.

Binder, hover, completion, signature help, type checks, both compilers, the docs and the tests read this row.
Rows stand in the modules beside this one, by topic, each a tuple named `ROWS`.

Signatures are written as the documentation writes them, `name: type`, with `?` behind a name that may be left
out and `...` in front of one that repeats (once or more; with `?` also not at all):

    "source: string, start: long, length?: long"
    "...value: scalar"

Parameter types: a type of `kql.types`, or `scalar` (any), `number` (int, long, real, decimal), `integer`
(int, long), `summable` (number, timespan, datetime), `orderable` (not dynamic), `column` (a column reference),
`table`, `lambda`, `type` (`typeof(...)`), `array` and `bag` (dynamic); several are joined by `|`.
A parameter may name its well-known values: `"part: string = year month day"`. `signature.py` reads all this.
A function that takes its arguments in two orders has the longer form as its signature, and says so in `doc`.

Return types: a type, `@0` (that of argument 0, `@1`, ...), `@common` (the widest of the arguments), `@type` (the
type that a `typeof` argument names, else string), `@columns` (the plugin's result, worked out in `kql.bind`), or a
callable of the argument types, one positional argument each (`returns.py`). `returns.return_type` answers for all.

A scalar function that makes several columns (`series_stats`) lists them in `columns`. Its own type is dynamic: the
values as one array, in that order, which the binder takes apart with `[]` and a conversion to the column's type. The
columns are called `<function>_<first argument>_<column>` where the query gives no names.

SQL templates name the parameters in braces: `"substr({source}, {start} + 1, {length})"`. `{name!}` is a string that
is never NULL, `{name|sql}` has a default for an argument that was left out, `{name...}` stands for all repeated
arguments. A dict picks by the number of arguments (an int), by the type of the first argument, or `"*"` for the rest.
`special("name", ...)` lowers by the function `name` in `compile/special`, which is given the further words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Kind = Literal["scalar", "operator", "aggregate", "window", "plugin", "tabular"]


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A target cannot do it, and why, in words for the user."""

    reason: str


@dataclass(frozen=True, slots=True)
class Special:
    """No template can say it: `compile/special` has a function of this name (default: the row's own)."""

    name: str = ""
    options: tuple[str, ...] = ()


Template: TypeAlias = (
    "str | Unsupported | Special | Mapping[str, Template] | Mapping[int, Template] | Mapping[str | int, Template]"
)
ReturnRule = str | Callable[..., str]


def unsupported(reason: str) -> Unsupported:
    """Mark a target as unable, with the reason."""
    return Unsupported(reason)


def special(name: str = "", *options: str) -> Special:
    """Mark a row as lowered by code rather than by a template."""
    return Special(name, options)


NOT_YET = Unsupported("not compiled yet")


@dataclass(frozen=True, slots=True)
class Function:
    """One function, operator, aggregate or plugin.

    `example` is a KQL expression (for plugins, aggregates and window functions a whole query) and `value` its result
    as text, as `tostring()` or the result table prints it (rows joined by `; `, cells by `, `); both are run as a
    test. A row whose example cannot have a fixed value says in `untested` why.
    `result_name` tells how `summarize`, `project` and `extend` name an unnamed result: `prefix_` for `prefix_column`,
    `@0` for the name of the first argument, "" for `Column1`.
    """

    name: str
    signature: str
    returns: ReturnRule
    doc: str
    example: str = ""
    value: object = None
    duckdb: Template = NOT_YET
    spark: Template = NOT_YET
    kind: Kind = "scalar"
    result_name: str = ""
    category: str = ""
    see: tuple[str, ...] = ()
    deprecated: str = ""
    """What to use instead; empty where the function is current."""
    constant_only: tuple[str, ...] = field(default=())
    """Parameters that must be constants."""
    untested: str = ""
    """Why the example has no fixed value."""
    together: Callable[..., bool] | None = None
    """Whether argument types go together, where the parameters alone cannot tell (`agreement.py`)."""
    columns: tuple[tuple[str, str], ...] = ()
    """Names and types of the columns, for a scalar function that makes several."""
    hidden: bool = False
    """An alias that completion does not offer."""
