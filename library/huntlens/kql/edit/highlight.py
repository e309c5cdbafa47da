"""The colours of a text: what each word is, as far as the tree tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from huntlens.kql import tokens as t
from huntlens.kql import tree
from huntlens.kql.edit.values import SemanticToken
from huntlens.kql.parse import parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from huntlens.kql.parse import Tree
    from huntlens.kql.schema import Schema

_LITERALS: Final = {
    t.STRING: "string", t.LONG: "number", t.INT: "number", t.REAL: "number", t.DECIMAL: "number",
    t.TIMESPAN: "timespan", t.DATETIME: "datetime", t.GUID: "number", t.RAW_GUID: "number", t.BOOL: "bool",
    t.COMMENT: "comment", t.HINT: "option", t.DIRECTIVE: "macro",
}  # fmt: skip
_SILENT: Final = frozenset({"(", ")", "[", "]", "{", "}", ",", ";", ".", ":", "=", t.SPACE, t.BAD})
_WORD_OPERATORS: Final = frozenset(
    {"and", "or", "matches regex", *t.STRING_OPERATORS, *t.LIST_OPERATORS, *t.RANGE_OPERATORS}
)


def highlight(text: str, schema: Schema | None = None) -> list[SemanticToken]:
    """Every word of a text with its kind, in text order.

    >>> [(token.kind, "T | where a has 'x'"[token.start : token.end]) for token in highlight("T | where a has 'x'")]
    [('table', 'T'), ('operator', '|'), ('keyword', 'where'), ('column', 'a'), ('operator', 'has'), ('string', "'x'")]
    """
    parsed = parse(text)
    kinds = _Names(parsed, schema).kinds
    found = []
    skipped = 0
    for token in parsed.tokens:
        if token.start < skipped:
            continue
        named = kinds.get(token.start)
        if named is not None:
            end, kind, modifiers = named
            skipped = end
            found.append(SemanticToken(token.start, end, kind, modifiers))
            continue
        plain = _plain(token)
        if plain:
            found.append(SemanticToken(token.start, token.end, plain))
    return found


def _plain(token: t.Token) -> str:
    key = token.key
    if key in _LITERALS:
        return _LITERALS[key]
    if key in _SILENT or key is t.NAME:
        return ""
    if key in _WORD_OPERATORS or not (key[0].isalpha() or key[0] == "_"):
        return "operator"
    return "type" if key in t.TYPES and key != "dynamic" else "keyword"


class _Names:
    """What each name of a tree is: `kinds` maps its start to its end, kind and modifiers."""

    def __init__(self, parsed: Tree, schema: Schema | None) -> None:
        self.kinds: dict[int, tuple[int, str, tuple[str, ...]]] = {}
        self._schema = schema
        self._lets: dict[str, str] = {}
        for node in tree.walk(parsed.query):
            if isinstance(node, tree.Let):
                self._lets[node.name.text] = "function" if isinstance(node.value, tree.Lambda) else "let"
            elif isinstance(node, tree.Parameter):
                self._lets[node.name.text] = "parameter"
        for node in tree.walk(parsed.query):
            self._visit(node)

    def _mark(self, node: tree.Node, kind: str, *modifiers: str) -> None:
        if node.end > node.start:
            self.kinds.setdefault(node.start, (node.end, kind, modifiers))

    def _visit(self, node: tree.Node) -> None:
        mark = _MARKS.get(type(node))
        if mark is not None:
            mark(self, node)

    def declared(self, node: tree.NamedArgument | tree.ColumnDeclaration) -> None:
        self._mark(node.name, "column", "declaration")

    def let(self, node: tree.Let) -> None:
        self._mark(node.name, self._lets[node.name.text], "declaration")
        value = node.value
        if isinstance(value, tree.NameRef) and self._schema is not None and self._schema.table(value.name.text):
            self._table(value)

    def parameter(self, node: tree.Parameter) -> None:
        self._mark(node.name, "parameter", "declaration")

    def as_(self, node: tree.As) -> None:
        self._mark(node.name, "let", "declaration")

    def pipeline(self, node: tree.Pipeline) -> None:
        self._table(node.source)

    def statement(self, node: tree.ExpressionStatement) -> None:
        self._table(node.expr)

    def tables(self, node: tree.Union | tree.Search | tree.Find) -> None:
        for table in node.tables:
            self._table(table)

    def join(self, node: tree.Join | tree.Lookup) -> None:
        self._table(node.right)
        for key in node.on:
            self._join_key(key)

    def option(self, node: tree.Option) -> None:
        self._mark(node.name, "option")
        if isinstance(node.value, tree.NameRef):
            self._mark(node.value, "option")

    def call(self, node: tree.Call) -> None:
        self._mark(node.name, "function", *(("local",) if node.name.text in self._lets else ()))

    def evaluate(self, node: tree.Evaluate) -> None:
        self._mark(node.call.name, "plugin")

    def member(self, node: tree.Member) -> None:
        self._mark(node.name, "table" if _is_place(node.target) else "column")

    def render(self, node: tree.Render) -> None:
        self._mark(node.kind, "option")

    def type_name(self, node: tree.TypeName) -> None:
        self._mark(node, "type")

    def unknown(self, node: tree.UnknownOperator) -> None:
        self._mark(node.name, "keyword")

    def name(self, node: tree.NameRef) -> None:
        self._mark(node, self._lets.get(node.name.text, "column"))

    def wildcard(self, node: tree.Wildcard) -> None:
        self._mark(node, "column")

    def _join_key(self, key: tree.Expr) -> None:
        for node in tree.walk(key):
            if isinstance(node, tree.NameRef) and node.name.text in ("$left", "$right"):
                self._mark(node, "keyword")

    def _table(self, expr: tree.Expr) -> None:
        while isinstance(expr, tree.Paren):
            expr = expr.inner
        if isinstance(expr, tree.NameRef):
            self._mark(expr, self._lets.get(expr.name.text, "table"))
        elif isinstance(expr, tree.Wildcard):
            self._mark(expr, "table")


def _is_place(target: tree.Expr) -> bool:
    call = target.call if isinstance(target, tree.MethodCall) else target
    return isinstance(call, tree.Call) and call.name.text in ("database", "cluster", "workspace", "app")


_MARKS: Final[dict[type[tree.Node], Callable[[_Names, Any], None]]] = {
    tree.Let: _Names.let,
    tree.Parameter: _Names.parameter,
    tree.As: _Names.as_,
    tree.NamedArgument: _Names.declared,
    tree.ColumnDeclaration: _Names.declared,
    tree.Pipeline: _Names.pipeline,
    tree.ExpressionStatement: _Names.statement,
    tree.Union: _Names.tables,
    tree.Search: _Names.tables,
    tree.Find: _Names.tables,
    tree.Join: _Names.join,
    tree.Lookup: _Names.join,
    tree.Option: _Names.option,
    tree.Call: _Names.call,
    tree.Evaluate: _Names.evaluate,
    tree.Member: _Names.member,
    tree.Render: _Names.render,
    tree.TypeName: _Names.type_name,
    tree.UnknownOperator: _Names.unknown,
    tree.NameRef: _Names.name,
    tree.Wildcard: _Names.wildcard,
}
