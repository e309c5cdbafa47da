"""What the binder may find wrong: one row a code, its wording included.

Band 1 is about names, band 2 about types. A row's text is a format string; `{near}` ends up as a question
(`; did you mean 'X'?`) or as nothing.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from huntlens.kql.diagnostics import Diagnostic, Fix, Severity


class Problem(NamedTuple):
    """A kind of finding: its code and how it is worded."""

    code: str
    text: str
    severity: Severity = "error"


PROBLEMS: Final[dict[str, Problem]] = {
    # names
    "unknown-table": Problem("KQL101", "no table, view or function is named '{name}'{near}"),
    "unknown-name": Problem("KQL102", "'{name}' is no column here, no variable and no table{near}"),
    "unknown-function": Problem("KQL103", "no function is named '{name}'{near}"),
    "unknown-column": Problem("KQL104", "the input has no column '{name}'{near}"),
    "doubtful-column": Problem("KQL105", "'{name}' is not among the known columns{near}", "warning"),
    "doubtful-function": Problem("KQL106", "'{name}' is not among the known functions{near}", "warning"),
    "name-taken": Problem("KQL107", "'{name}' is declared already; give this one another name"),
    "column-taken": Problem("KQL108", "a column '{name}' is there already; give this one another name"),
    "column-expected": Problem("KQL109", "only the name of a column can stand here"),
    "not-in-both": Problem("KQL110", "the column '{name}' is missing on the {side} side; write $left.a == $right.b"),
    "unknown-plugin": Problem("KQL111", "no plugin is named '{name}'{near}"),
    "unknown-operator": Problem("KQL112", "no operator is named '{name}'{near}"),
    "unknown-type": Problem("KQL113", "no type is named '{name}'{near}"),
    "unknown-argument": Problem("KQL114", "{function} has no parameter '{name}'{near}"),
    "missing-columns": Problem("KQL115", "the table lacks the column '{name}' that the parameter asks for"),
    "bad-condition": Problem("KQL116", "a key is a column of both sides or $left.a == $right.b"),
    "unknown-value": Problem("KQL117", "'{name}' is not one of: {known}"),
    "doubtful-table": Problem("KQL118", "'{name}' is not among the known tables{near}", "warning"),
    "profile-table": Problem("KQL119", "{name}() of Defender is answered from a table {name} with a column {key}"),
    # types
    "wrong-type": Problem("KQL201", "{function} takes a {expected} here, not a {found}"),
    "argument-count": Problem("KQL202", "{function} takes {expected}, not {found}"),
    "operator-types": Problem("KQL203", "'{operator}' is not defined for {left} and {right}{remedy}"),
    "not-dynamic": Problem("KQL204", "a dynamic value cannot be used here; convert it: tostring(...)"),
    "aggregate-here": Problem("KQL205", "{name}() is an aggregate: it belongs in summarize"),
    "aggregate-expected": Problem("KQL206", "an aggregate is needed here, such as count() or max(...)"),
    "table-expected": Problem("KQL207", "a table is needed here"),
    "scalar-expected": Problem("KQL208", "a single value is needed here; wrap the query: toscalar(...)"),
    "condition-expected": Problem("KQL209", "a condition is needed here, not a {found}"),
    "no-columns": Problem("KQL210", "there is no table here whose column '{name}' could be"),
    "too-deep": Problem("KQL211", "this is nested too deeply to be analysed"),
    "key-types": Problem("KQL212", "the keys have different types, {left} and {right}; convert one of them"),
    "value-count": Problem("KQL213", "the number of values, {found}, is no multiple of the {expected} columns"),
    "literal-expected": Problem("KQL214", "a constant is needed here"),
    "not-expandable": Problem("KQL215", "only a dynamic value can be expanded, not a {found}"),
    "types-together": Problem("KQL217", "{function} is not defined for {found}"),
    "graph-expected": Problem("KQL216", "a graph is needed here: put make-graph in front"),
}


def problem(kind: str, start: int, end: int, fixes: tuple[Fix, ...] = (), /, **words: str) -> Diagnostic:
    """The finding of that name, worded.

    >>> problem("unknown-table", 0, 1, name="T", near="").message
    "no table, view or function is named 'T'"
    """
    row = PROBLEMS[kind]
    return Diagnostic(row.code, kind, row.severity, start, end, row.text.format(**words), fixes)
