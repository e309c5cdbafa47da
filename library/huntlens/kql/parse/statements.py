"""Statements, and the text as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from huntlens.kql import tokens as t
from huntlens.kql import tree
from huntlens.kql.parse import messages as say
from huntlens.kql.parse import names
from huntlens.kql.parse.cursor import CLOSERS, TooDeepError
from huntlens.kql.parse.expressions import constant, expression, pipeline, required
from huntlens.kql.parse.parameters import parameters
from huntlens.kql.parse.relations import entity

if TYPE_CHECKING:
    from collections.abc import Callable

    from huntlens.kql.parse.cursor import Cursor

_ENDS: Final = frozenset({")", "]", "}"})
_NOT_BEHIND_STATEMENT: Final = frozenset({"|", ".", "("})
_TO_STATEMENT: Final = frozenset({";", t.END})


def query(p: Cursor) -> tree.Query:
    """Every statement of the text; never fails."""
    found: list[tree.Statement] = []
    if p.keys[0] == "." and p.keys[1] in t.WORDS:
        found.append(_command(p))
    while p.keys[p.at] is not t.END:
        start = p.at
        try:
            found.extend(statements(p))
            if p.keys[p.at] is not t.END:
                found.append(_junk(p))
        except (TooDeepError, RecursionError):
            found.append(_too_deep(p, start))
    return tree.Query(0, len(p.text), found)


def _junk(p: Cursor) -> tree.Statement:
    """What no statement takes, up to the next `|`, `;` or line that could go on."""
    start = p.starts[p.at]
    if p.keys[p.at] in t.WORDS:
        p.say(say.UNEXPECTED_TEXT, *p.missing_span(), text=p.texts[p.at])
        p.skip()
    else:
        p.junk()
    while p.keys[p.at] in _ENDS or p.keys[p.at] == "|":
        p.at += 1
        p.skip()
    end = max(start, p.behind)
    if p.keys[p.at] == ";":
        p.at += 1
    return tree.ExpressionStatement(start, end, tree.Junk(start, end))


def _too_deep(p: Cursor, first: int) -> tree.Statement:
    """Give up on a statement that nests too deeply, and go on behind its `;`."""
    start, place = p.starts[first], p.starts[p.at]
    p.say(say.TOO_DEEP, place, p.ends[p.at])
    p.depth = 0
    while p.keys[p.at] not in _TO_STATEMENT:
        p.at += 1
    end = p.behind
    if p.keys[p.at] == ";":
        p.at += 1
    return tree.ExpressionStatement(start, end, tree.Junk(start, end))


def statements(p: Cursor) -> list[tree.Statement]:
    """Statements up to what begins none."""
    found: list[tree.Statement] = []
    keys = p.keys
    while True:
        while keys[p.at] is t.DIRECTIVE:
            p.at += 1
        if keys[p.at] == ";" and found:
            p.say(say.UNEXPECTED_TEXT, p.starts[p.at], p.ends[p.at], text=";")
            p.at += 1
            continue
        begun, place = p.at, p.missing_span() if found and keys[p.at - 1] != ";" else None
        said = len(p.diagnostics)
        one = statement(p)
        if one is None:
            return found
        if place is not None:
            what = "an operator, | or ;" if place[1] > place[0] else ";"
            p.diagnostics.insert(said, say.MISSING_TOKEN.at(*place, what=what))
        found.append(one)
        if keys[p.at] == ";":
            p.at += 1
        elif p.at == begun:
            return found


def statement(p: Cursor) -> tree.Statement | None:
    """One statement, without its `;`."""
    handler = _STATEMENTS.get(p.keys[p.at])
    if handler is not None and p.keys[p.at + 1] not in _NOT_BEHIND_STATEMENT:
        return handler(p)
    found = pipeline(p)
    return None if found is None else tree.ExpressionStatement(found.start, found.end, found)


def _begin(p: Cursor) -> int:
    start = p.starts[p.at]
    p.at += 1
    return start


def _let(p: Cursor) -> tree.Statement:
    start = _begin(p)
    name = names.required_name(p)
    p.expect("=")
    is_materialized = p.keys[p.at] == "materialize"
    value = function(p) if _begins_function(p) else pipeline(p) or p.missing()
    if is_materialized and isinstance(value, tree.Pipeline):
        p.say(say.MISSING_TOKEN, value.pipes[0], value.pipes[0] + 1, what="; behind materialize(...)")
    return tree.Let(start, p.behind, name, value)


def _begins_function(p: Cursor) -> bool:
    at, keys = p.at, p.keys
    if keys[at] == "view" and keys[at + 1] == "(":
        at += 1
    if keys[at] != "(":
        return False
    if keys[at + 1] in (")", "*"):
        return True
    end = names.declared_end(p, at + 1)
    return bool(end) and keys[end] == ":"


def function(p: Cursor) -> tree.Expr:
    """`view (parameters) { body }`."""
    start = p.starts[p.at]
    view = p.keys[p.at] == "view"
    p.at += view
    declared = parameters(p)
    return _body(p, start, declared, view=view)


def _body(p: Cursor, start: int, declared: list[tree.Parameter], *, view: bool) -> tree.Lambda:
    p.expect("{")
    start = min(start, p.behind)
    found: list[tree.Statement] = []
    with p.nested():
        while p.keys[p.at] in ("let", "declare") and p.keys[p.at + 1] not in _NOT_BEHIND_STATEMENT:
            found.append(_STATEMENTS[p.keys[p.at]](p))
            p.expect(";")
        body = pipeline(p) or tree.Missing(p.behind, p.behind)
    if p.keys[p.at] == ";":
        p.at += 1
    p.close("}")
    return tree.Lambda(start, p.behind, declared, found, body, view)


def _set(p: Cursor) -> tree.Statement:
    start = _begin(p)
    name = names.required_name(p)
    value = None
    if p.keys[p.at] == "=":
        p.at += 1
        value = required(p)
    return tree.SetOption(start, p.behind, name, value)


def _alias(p: Cursor) -> tree.Statement:
    start = _begin(p)
    p.expect("database")
    name = names.required_name(p)
    p.expect("=")
    value = required(p)
    return tree.AliasDatabase(start, p.behind, name, value)


def _declare(p: Cursor) -> tree.Statement:
    start = _begin(p)
    if p.keys[p.at] == "pattern":
        p.at += 1
        return _pattern(p, start)
    p.expect("query_parameters")
    declared = parameters(p, at_least_one=True)
    return tree.DeclareParameters(start, p.behind, declared)


def _pattern(p: Cursor, start: int) -> tree.Statement:
    name = names.required_name(p)
    declared: list[tree.Parameter] = []
    path, cases = None, []
    if p.keys[p.at] == "=":
        p.at += 1
        declared = parameters(p)
        if p.keys[p.at] == "[":
            p.at += 1
            path = names.column(p)
            p.close("]")
        p.expect("{")
        with p.nested():
            while p.keys[p.at] == "(":
                cases.append(_case(p))
        p.close("}")
    return tree.DeclarePattern(start, p.behind, name, declared, path, cases)


def _case(p: Cursor) -> tree.PatternCase:
    start = _begin(p)
    arguments = names.items(p, expression, p.missing, required=True)
    p.close(")")
    path: tree.Expr | None = None
    if p.keys[p.at] == ".":
        p.at += 1
        p.expect("[")
        path = constant(p) or p.missing()
        p.close("]")
    p.expect("=")
    body = _body(p, p.starts[p.at], [], view=False)
    p.expect(";")
    return tree.PatternCase(start, p.behind, arguments, path, body)


def _restrict(p: Cursor) -> tree.Statement:
    start = _begin(p)
    p.expect("access")
    p.expect("to")
    p.expect("(")
    found = names.items(p, entity, p.missing, required=True)
    p.close(")")
    if p.keys[p.at] == "with":
        p.at += 1
        names.settings(p)
    return tree.Restrict(start, p.behind, found)


def _command(p: Cursor) -> tree.Statement:
    """A management command; what stands behind `<|` is a query."""
    start = p.starts[0]
    while p.keys[p.at] not in ("<|", t.END):
        p.at += 1
    if p.keys[p.at] is t.END:
        end = p.behind
        return tree.Command(start, end, p.text[start:end])
    p.at += 1
    found = pipeline(p) if p.keys[p.at] not in CLOSERS else None
    end = p.behind
    if p.keys[p.at] == ";":
        p.at += 1
    return tree.Command(start, end, p.text[start:end], found)


_STATEMENTS: Final[dict[str, Callable[[Cursor], tree.Statement]]] = {
    "let": _let,
    "set": _set,
    "alias": _alias,
    "declare": _declare,
    "restrict": _restrict,
}
