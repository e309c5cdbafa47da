"""The outline of a text: its statements, with the operators of each pipeline below them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from huntlens.kql import tree
from huntlens.kql.edit.values import Symbol
from huntlens.kql.parse import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_WIDTH: Final = 60


def symbols(text: str) -> list[Symbol]:
    """The statements of a text, each with what is in it.

    >>> [(item.name, item.kind, [part.name for part in item.children]) for item in symbols("let a = T | take 1; a")]
    [('a', 'let', ['take']), ('a', 'statement', [])]
    """
    return list(_statements(parse(text).query.statements, text))


def _statements(found: Sequence[tree.Statement], text: str) -> Iterator[Symbol]:
    for item in found:
        match item:
            case tree.Let():
                yield _let(item, text)
            case tree.DeclareParameters():
                yield from (
                    Symbol(one.name.text, "parameter", one.type.text if one.type else "", one.start, one.end)
                    for one in item.parameters
                    if one.name.text
                )
            case tree.ExpressionStatement():
                source = _source(item.expr)
                name = _first_line(text, source.start, source.end) or "?"
                yield Symbol(name, "statement", "", item.start, item.end, _operators(item.expr, text))
            case tree.SetOption() | tree.AliasDatabase() | tree.DeclarePattern():
                name = item.name.text or "?"
                yield Symbol(name, "variable", _detail(item), item.start, item.end)
            case tree.Command() | tree.Restrict():
                yield Symbol(_first_line(text, item.start, item.end), "statement", "", item.start, item.end)


def _let(item: tree.Let, text: str) -> Symbol:
    name = item.name.text or "?"
    value = item.value
    if not isinstance(value, tree.Lambda):
        return Symbol(
            name, "let", _first_line(text, value.start, value.end), item.start, item.end, _operators(value, text)
        )
    declared = ", ".join(_first_line(text, one.start, one.end) for one in value.parameters)
    parts = (*_statements(value.statements, text), *_operators(value.body, text))
    return Symbol(name, "function", f"({declared})", item.start, item.end, parts)


def _detail(item: tree.Statement) -> str:
    return {tree.SetOption: "set", tree.AliasDatabase: "alias", tree.DeclarePattern: "pattern"}.get(type(item), "")


def _source(expr: tree.Expr) -> tree.Expr:
    return expr.source if isinstance(expr, tree.Pipeline) else expr


def _operators(expr: tree.Expr, text: str) -> tuple[Symbol, ...]:
    if isinstance(expr, tree.Call) and len(expr.arguments) == 1 and isinstance(expr.arguments[0], tree.Pipeline):
        expr = expr.arguments[0]
    if isinstance(expr, tree.Paren):
        expr = expr.inner
    if not isinstance(expr, tree.Pipeline):
        return ()
    return tuple(_operator(item, text) for item in expr.operators if item.end > item.start)


def _operator(item: tree.Operator, text: str) -> Symbol:
    word, _, rest = _first_line(text, item.start, item.end).partition(" ")
    inner: tuple[Symbol, ...] = ()
    if isinstance(item, tree.Join | tree.Lookup):
        inner = _operators(item.right, text)
    return Symbol(word, "operator", rest, item.start, item.end, inner)


def _first_line(text: str, start: int, end: int) -> str:
    line = " ".join(text[start : min(end, start + 4 * _WIDTH)].split())
    return line if len(line) <= _WIDTH else line[: _WIDTH - 1] + "…"
