"""What Python code binds: names and dotted names, the expression each is bound to, and where it can be seen."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from huntlens.text import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Offset = Callable[[int, int], int]


@dataclass(frozen=True, slots=True)
class Imported:
    """A name that an import binds: a module, or a member of one."""

    module: str
    member: str = ""


@dataclass(frozen=True, slots=True)
class Annotated:
    """A name that is said to be an instance of a class."""

    annotation: ast.expr


@dataclass(frozen=True, slots=True)
class Returned:
    """A function, by the expression that it returns, and where that expression is evaluated."""

    value: ast.expr
    offset: int


@dataclass(frozen=True, slots=True)
class Given:
    """A name that something other than Python fills: the result of a magic."""

    what: Literal["result"]


Value = ast.expr | Imported | Annotated | Returned | Given


@dataclass(frozen=True, slots=True)
class Bind:
    """A name and its value from `offset` on; `scope` is the function or class that it is local to."""

    name: str
    offset: int
    scope: Span | None
    value: Value

    def shifted(self, by: int) -> Bind:
        """The same in a text that has `by` characters in front."""
        if not by:
            return self
        scope = Span(self.scope.start + by, self.scope.end + by) if self.scope else None
        value = replace(self.value, offset=self.value.offset + by) if isinstance(self.value, Returned) else self.value
        return Bind(self.name, self.offset + by, scope, value)


def binds(tree: ast.Module, offset: Offset) -> Iterator[Bind]:
    """All that a module's code binds, functions and classes within included."""
    for statement in tree.body:
        yield from _statement(statement, None, offset)


def dotted(node: ast.expr) -> str:
    """`a.b.c` where the expression is a dotted name, else empty."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join(reversed([*parts, node.id])) if isinstance(node, ast.Name) else ""


def _statement(node: ast.stmt, scope: Span | None, offset: Offset) -> Iterator[Bind]:
    start = offset(node.lineno, node.col_offset)
    end = offset(node.end_lineno or node.lineno, node.end_col_offset or 0)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        yield from _function(node, Span(start, end), scope, offset)
    elif isinstance(node, ast.ClassDef):
        for inner in node.body:
            yield from _statement(inner, Span(start, end), offset)
    else:
        for target, value in _assignments(node):
            yield from _target(target, value, end if isinstance(node, ast.Assign) else start, scope)
        for name, given in _declared(node):
            yield Bind(name, end, scope, given)
        yield from _walrus(node, end, scope)
        for inner in _inner(node):
            yield from _statement(inner, scope, offset)


def _assignments(node: ast.stmt) -> Iterator[tuple[ast.expr, ast.expr]]:
    match node:
        case ast.Assign(targets=targets, value=value):
            yield from ((target, value) for target in targets)
        case ast.With(items=items) | ast.AsyncWith(items=items):
            yield from ((item.optional_vars, item.context_expr) for item in items if item.optional_vars is not None)
        case ast.For(target=target, iter=iterable) | ast.AsyncFor(target=target, iter=iterable):
            if isinstance(iterable, ast.List | ast.Tuple) and iterable.elts:
                yield target, iterable.elts[0]


def _declared(node: ast.stmt) -> Iterator[tuple[str, Value]]:
    match node:
        case ast.Import(names=names):
            for alias in names:
                name = alias.asname or alias.name.partition(".")[0]
                yield name, Imported(alias.name if alias.asname else name)
        case ast.ImportFrom(module=module, names=names, level=level):
            for alias in names:
                yield alias.asname or alias.name, Imported("." * level + (module or ""), alias.name)
        case ast.AnnAssign(target=target, annotation=annotation, value=value):
            name = dotted(target)
            if name:
                yield name, value if value is not None else Annotated(annotation)


def _inner(node: ast.stmt) -> Iterator[ast.stmt]:
    for name in ("body", "orelse", "finalbody"):
        yield from getattr(node, name, ())
    for holder in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        yield from holder.body


def _function(
    node: ast.FunctionDef | ast.AsyncFunctionDef, span: Span, scope: Span | None, offset: Offset
) -> Iterator[Bind]:
    arguments = node.args
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        if argument.annotation is not None:
            yield Bind(argument.arg, span.start, span, Annotated(argument.annotation))
    for inner in node.body:
        for bind in _statement(inner, span, offset):
            # `self.qp = ...` is seen by the other methods of the class too.
            yield replace(bind, scope=scope) if bind.name.startswith("self.") and bind.scope == span else bind
    for inner in reversed(node.body):
        if isinstance(inner, ast.Return) and inner.value is not None:
            yield Bind(node.name, span.end, scope, Returned(inner.value, offset(inner.lineno, inner.col_offset)))
            break


def _target(target: ast.expr, value: ast.expr, at: int, scope: Span | None) -> Iterator[Bind]:
    if isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List):
        for one, of in zip(target.elts, value.elts, strict=False):
            yield from _target(one, of, at, scope)
        return
    name = dotted(target)
    if name:
        yield Bind(name, at, scope, value)


def _walrus(node: ast.stmt, end: int, scope: Span | None) -> Iterator[Bind]:
    heads = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
    for head in heads:
        for inner in ast.walk(head):
            if isinstance(inner, ast.NamedExpr):
                yield Bind(inner.target.id, end, scope, inner.value)
