"""Choice between values, tests for null and empty, and other tests."""

from __future__ import annotations

from typing import Final

from huntlens.kql.functions import agreement, returns
from huntlens.kql.functions.row import Function, special, unsupported


def _test(name: str, doc: str, example: str, value: str, *, deprecated: str = "", word: str = "") -> Function:
    lower = special("test", word or name)
    return Function(
        name, "value: scalar", "bool", doc, example, value, lower, lower, category="tests", deprecated=deprecated,
        hidden=bool(deprecated),
    )  # fmt: skip


_IFF = "if: bool, then: scalar, else: scalar"

ROWS: Final = (
    Function("iff", _IFF, returns.second, "The second argument if the first is true, else the third.",
             "iff(2 > 1, 'yes', 'no')", "yes", special("choose"), special("choose"), category="logic"),
    Function("iif", _IFF, returns.second, "The second argument if the first is true, else the third.",
             "iif(1 > 2, 1, 2.5)", "2.5", special("choose"), special("choose"), category="logic"),
    Function("case", "...branches: scalar, else: scalar", returns.branches,
             "The value behind the first true condition: pairs of condition and value, then what else.",
             "case(1 > 2, 'a', 2 > 1, 'b', 'c')", "b", special("choose"), special("choose"), category="logic"),
    Function("coalesce", "...value: scalar", "@common", "The first value that is not null, or for texts not empty.",
             "coalesce(tolong('x'), 7)", "7", special("coalesce"), special("coalesce"), category="logic"),
    Function("not", "value: bool", "bool", "True for false, false for true, null for null.", "not(true)", "False",
             special("negate"), special("negate"), category="logic"),
    _test("isnull", "True if the value is null; a text never is.", "isnull(tolong('x'))", "True"),
    _test("isnotnull", "True if the value is not null; a text always is.", "isnotnull('')", "True"),
    _test("notnull", "True if the value is not null.", "notnull(1)", "True", deprecated="isnotnull", word="isnotnull"),
    _test("isempty", "True if the value is null or the empty text.", "isempty('')", "True"),
    _test("isnotempty", "True if the value is neither null nor the empty text.", "isnotempty('a')", "True"),
    _test("notempty", "True if the value is neither null nor the empty text.", "notempty('')", "False",
          deprecated="isnotempty", word="isnotempty"),
    Function("isascii", "value: scalar", "bool", "True if the text holds ASCII characters only.", "isascii('é')",
             "False",
             "regexp_full_match(coalesce(CAST({value} AS TEXT), ''), '[\\x00-\\x7F]*')",
             "{value!} RLIKE '^[\\\\x00-\\\\x7F]*$'",
             category="tests"),
    Function("isutf8", "value: scalar", "bool", "True if the text is valid UTF-8, as every text here is.",
             "isutf8('é')", "True", "coalesce({value} = {value}, true)", "coalesce({value} = {value}, true)",
             category="tests"),
    Function("isnan", "number: real", "bool", "True if the number is not a number.", "isnan(real(nan))", "True",
             "isnan(CAST({number} AS DOUBLE))", "isnan(CAST({number} AS DOUBLE))", category="tests"),
    Function("isinf", "number: real", "bool", "True if the number is infinite.", "isinf(1.0 / 0.0)", "True",
             "isinf(CAST({number} AS DOUBLE))", "abs(CAST({number} AS DOUBLE)) = CAST('Infinity' AS DOUBLE)",
             category="tests"),
    Function("isfinite", "number: real", "bool", "True if the number is neither infinite nor not a number.",
             "isfinite(1.5)", "True", "isfinite(CAST({number} AS DOUBLE))",
             "NOT isnan(CAST({number} AS DOUBLE)) AND abs(CAST({number} AS DOUBLE)) < CAST('Infinity' AS DOUBLE)",
             category="tests"),
    Function("around", "value: summable, center: summable, delta: summable", "bool",
             "True if the value is at most delta away from the center.", "around(12.5, 13.0, 1.0)", "True",
             special("around"), special("around"), category="tests", together=agreement.moved),
    Function("assert", "predicate: bool, message: string", "bool",
             "True; a false predicate stops the query with the message.", "assert(1 < 2, 'math is broken')", "True",
             special("assert_"), special("assert_"), category="logic", constant_only=("message",)),
    Function("max_of", "...value: scalar", "@common", "The greatest of the values, nulls aside.", "max_of(10, 1, 17)",
             "17", special("extreme", "greatest"), special("extreme", "greatest"), category="math"),
    Function("min_of", "...value: scalar", "@common", "The smallest of the values, nulls aside.", "min_of(10, 1, 17)",
             "1", special("extreme", "least"), special("extreme", "least"), category="math"),
    Function("column_ifexists", "column_name: string, default_value: scalar", "@1",
             "The column of that name, or the default value where the table has none; resolved before it runs.",
             "column_ifexists('NoSuchColumn', 5)", "5", "{default_value}", "{default_value}", category="schema",
             constant_only=("column_name",)),
    Function("columnifexists", "column_name: string, default_value: scalar", "@1",
             "The column of that name, or the default value.", "columnifexists('NoSuchColumn', 5)", "5",
             "{default_value}", "{default_value}", category="schema", deprecated="column_ifexists", hidden=True,
             constant_only=("column_name",)),
    Function("iscolumnexists", "column_name: string", "bool", "True if the input has a column of that name.",
             "iscolumnexists('NoSuchColumn')",
             duckdb=unsupported("is resolved before the query runs"), spark=unsupported("is resolved before it runs"),
             category="schema", hidden=True, untested="depends on the input table"),
)  # fmt: skip
