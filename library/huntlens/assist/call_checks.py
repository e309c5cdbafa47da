"""What is wrong with the query calls and pivots of Python code, and what would mend it.

HL101 unknown-query, HL102 unknown-parameter, HL103 missing-parameter, HL104 wrong-type, HL105 unknown-pivot,
HL106 value-in-query, HL107 unknown-environment, HL108 other-environment.
"""

from __future__ import annotations

import ast
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from huntlens.assist.bound_names import Where
from huntlens.assist.context import RUN_OPTIONS, entity_facts
from huntlens.assist.meaning import Accessor, Pivots, ProviderClass, ProviderMethod, Queries
from huntlens.assist.offers import target_of
from huntlens.catalog.collection import near, within
from huntlens.catalog.values import coerce
from huntlens.errors import ParameterError
from huntlens.kql.diagnostics import Diagnostic, Edit, Fix
from huntlens.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from huntlens.assist.context import Context
    from huntlens.assist.meaning import Code, Meaning
    from huntlens.assist.offers import Target
    from huntlens.assist.python_code import Block
    from huntlens.kql.diagnostics import Severity

_OF_INTEREST: Final = (Queries, Pivots, ProviderClass, ProviderMethod, Accessor)
_EXTRA: Final = frozenset({*RUN_OPTIONS, "connection", "provider", "join", "add_query_items"})


def check(code: Code, cell: int, context: Context) -> list[Diagnostic]:
    """Findings about the calls of one cell, in order of place."""
    found: list[Diagnostic] = []
    for start, block in code.cells[cell].blocks:
        checker = _Checker(code, cell, start, block, context)
        found += checker.run()
    return sorted(found, key=lambda one: one.start)


class _Checker:
    """One block of a cell."""

    def __init__(self, code: Code, cell: int, start: int, block: Block, context: Context) -> None:
        self.code, self.cell, self.start, self.block, self.context = code, cell, start, block, context

    def run(self) -> Iterator[Diagnostic]:
        inner = {id(node.value) for node in ast.walk(self.block.tree) if isinstance(node, ast.Attribute)}
        called = {id(call.func) for call in self.block.calls}
        for call in self.block.calls:
            meaning = self._meaning(call.func)
            if isinstance(meaning, _OF_INTEREST):
                yield from self._call(call, meaning)
        for node in ast.walk(self.block.tree):
            if isinstance(node, ast.Attribute) and id(node) not in inner and id(node) not in called:
                meaning = self._meaning(node)
                if isinstance(meaning, Queries | Pivots):
                    yield from self._name(node, meaning, called=False)

    def _meaning(self, node: ast.expr) -> Meaning | None:
        at = self.start + self.block.span(node).start
        return self.code.meaning(node, Where(self.cell, at))

    def _call(self, call: ast.Call, meaning: Meaning) -> Iterator[Diagnostic]:
        match meaning:
            case Queries() | Pivots():
                yield from self._name(call.func, meaning, called=True)
                target = target_of(meaning, self.context)
                if target:
                    yield from self._arguments(call, target)
            case ProviderClass():
                yield from self._environment(call)
            case ProviderMethod(name="exec_query"):
                yield from self._formatted(call)
            case Accessor(member="pivot"):
                yield from self._pivot_name(call)
            case _:
                return

    def _name(self, node: ast.expr, meaning: Queries | Pivots, *, called: bool) -> Iterator[Diagnostic]:
        if not isinstance(node, ast.Attribute) or node.attr == "__hl__" or not len(self.context.catalog):
            return
        catalog = self.context.catalog
        if isinstance(meaning, Queries):
            if meaning.id in catalog or (not called and meaning.id in self.context.groups):
                yield from self._elsewhere(node, meaning)
                return
            close = catalog.near(meaning.id, meaning.environment)
            what = f"no query is named '{meaning.id}'"
            if meaning.id in self.context.groups:
                what = f"'{meaning.id}' is a group of queries; name one of them"
                close = []
            yield self._report("HL101", "unknown-query", "warning", node, what, self._dotted(node, meaning.path), close)
            return
        known = self.context.pivots(meaning.entity)
        facts = entity_facts().get(meaning.entity)
        names = [one.name for one in facts.attributes] if facts else []
        members = facts.members if facts else frozenset()
        if meaning.id in known or meaning.path[0] in names or meaning.path[0] in members or meaning.path[0][0] == "_":
            return
        named = self.context.sorted_pivots(meaning.entity)
        if within(named, meaning.id):
            if not called:
                return
            message = f"'{meaning.entity}.{meaning.id}' is a group of pivots; name one of them"
            yield self._report("HL105", "unknown-pivot", "warning", node, message, None, [])
            return
        close = near(meaning.id, named) or get_close_matches(meaning.id, names, 3)
        message = f"{meaning.entity} has no pivot or property '{meaning.id}'"
        yield self._report("HL105", "unknown-pivot", "warning", node, message, self._dotted(node, meaning.path), close)

    def _elsewhere(self, node: ast.Attribute, meaning: Queries) -> Iterator[Diagnostic]:
        found = self.context.catalog.find(meaning.id) if meaning.environment else None
        if found and found.environments and meaning.environment not in found.environments:
            message = f"{meaning.id} runs on {', '.join(found.environments)}, this provider on {meaning.environment}"
            span = self._dotted(node, meaning.path)
            yield self._report("HL108", "other-environment", "warning", node, message, span)

    def _dotted(self, node: ast.Attribute, path: tuple[str, ...]) -> Span:
        """The span of the last `len(path)` names of a dotted expression."""
        whole = self.block.span(node)
        owner: ast.expr = node
        for _ in path:
            owner = owner.value if isinstance(owner, ast.Attribute) else owner
        begin = self.block.span(owner).end + 1
        text = self.block.text
        while begin < whole.end and not (text[begin].isalnum() or text[begin] == "_"):
            begin += 1
        return Span(begin, whole.end)

    def _arguments(self, call: ast.Call, target: Target) -> Iterator[Diagnostic]:
        query = target.query
        names = [item.name for item in query.parameters if item.name != target.bound]
        given = {one.arg for one in call.keywords if one.arg}
        meant: set[str] = set()
        for keyword in call.keywords:
            item = query.parameter(keyword.arg) if keyword.arg else None
            if keyword.arg and item is None and keyword.arg not in _EXTRA:
                free = [name for name in names if name not in given]
                meant.update(get_close_matches(keyword.arg, free, 2))
                yield self._unknown_parameter(keyword, query.id, free)
            if item is not None:
                yield from self._type(keyword.value, target, item.name)
        starred = any(keyword.arg is None for keyword in call.keywords)
        filled = {*given, *meant, target.bound}
        missing = [item.name for item in query.required if item.name not in filled]
        if missing and not starred and not call.args:
            end = self.block.span(call).end - 1
            text = ", ".join(f"{name}=" for name in missing)
            before = self.block.text[:end].rstrip()
            joint = "" if before.endswith(("(", ",")) else ", "
            fix = Fix(f"Add {', '.join(missing)}", (Edit(self.start + end, self.start + end, joint + text),))
            message = f"{query.id} needs a value for: {', '.join(missing)}"
            yield self._report("HL103", "missing-parameter", "error", call.func, message, fixes=(fix,))

    def _unknown_parameter(self, keyword: ast.keyword, query: str, names: list[str]) -> Diagnostic:
        start = self.block.span(keyword).start
        span = Span(start, start + len(keyword.arg or ""))
        near = get_close_matches(keyword.arg or "", names, 2)
        message = f"{query} has no parameter '{keyword.arg}'; it takes: {', '.join(names)}"
        return self._report("HL102", "unknown-parameter", "error", keyword.value, message, span, near)

    def _type(self, value: ast.expr, target: Target, name: str) -> Iterator[Diagnostic]:
        item = target.query.parameter(name)
        try:
            literal = ast.literal_eval(value)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            return
        if item is None or literal is None:
            return
        try:
            coerce(item, literal)
        except ParameterError as error:
            yield self._report("HL104", "wrong-type", "error", value, str(error))

    def _environment(self, call: ast.Call) -> Iterator[Diagnostic]:
        values = [*call.args[:1], *(one.value for one in call.keywords if one.arg == "environment")]
        for value in values:
            if not isinstance(value, ast.Constant) or not isinstance(value.value, str):
                continue
            known = self.context.environments
            if value.value.lower() in {name.lower() for name in known} or len(known) < 2:
                continue
            close = get_close_matches(value.value, known, 2)
            span = self.block.span(value)
            inside = Span(span.start + 1, span.end - 1)
            message = f"no query pack knows the environment '{value.value}'"
            yield self._report("HL107", "unknown-environment", "information", value, message, inside, close)

    def _formatted(self, call: ast.Call) -> Iterator[Diagnostic]:
        for value in call.args[:1]:
            text = self.code.meaning(value, Where(self.cell, self.start + self.block.span(value).start))
            node = getattr(text, "node", None)
            if isinstance(node, ast.JoinedStr) and any(isinstance(one, ast.FormattedValue) for one in node.values):
                message = (
                    "a value becomes part of the query's text here; declare it as a parameter and pass it by name, "
                    "so that it stays a value"
                )
                yield self._report("HL106", "value-in-query", "warning", value, message)

    def _pivot_name(self, call: ast.Call) -> Iterator[Diagnostic]:
        values = [*call.args[:1], *(one.value for one in call.keywords if one.arg == "pivot")]
        known = self.context.pivot_names
        for value in values:
            if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value not in known and known:
                span = self.block.span(value)
                close = self.context.near_pivots(value.value)
                message = f"no pivot is named '{value.value}'"
                inside = Span(span.start + 1, span.end - 1)
                yield self._report("HL105", "unknown-pivot", "error", value, message, inside, close)

    def _report(
        self,
        code: str,
        name: str,
        severity: Severity,
        node: ast.expr,
        message: str,
        span: Span | None = None,
        near: Iterable[str] = (),
        fixes: tuple[Fix, ...] = (),
    ) -> Diagnostic:
        where = span or self.block.span(node)
        start, end = self.start + where.start, self.start + where.end
        near = list(near)
        fixes += tuple(Fix(f"Change to {one}", (Edit(start, end, one),)) for one in near)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        return Diagnostic(code, name, severity, start, end, message + hint, fixes)
