"""Where queries, their parameters and pivots are named, in code, on magic lines and in packs."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, NamedTuple

from huntlens.assist import magics
from huntlens.assist.bound_names import Where
from huntlens.assist.meaning import Accessor, Code, Pivots, Queries, code_of
from huntlens.assist.offers import target_of
from huntlens.assist.task_file import commands

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huntlens.assist.context import Context
    from huntlens.assist.meaning import Meaning
    from huntlens.assist.packs import PackText
    from huntlens.assist.python_lex import Magic
    from huntlens.catalog.model import Pivot

_PARAMETER = re.compile(r"[A-Za-z_]\w*")


class Use(NamedTuple):
    """A name and where it stands, of a `query`, a `parameter` (`query:parameter`) or a function's `pivot`."""

    kind: str
    id: str
    start: int
    end: int
    defines: bool = False
    whole: bool = False
    """Whether the span holds the dotted id, not its last part only."""


def in_code(code: Code, cell: int, context: Context) -> Iterator[Use]:
    """The uses in one cell."""
    read = code.cells[cell]
    for start, block in read.blocks:
        inner = {id(node.value) for node in ast.walk(block.tree) if isinstance(node, ast.Attribute)}
        for node in ast.walk(block.tree):
            if isinstance(node, ast.Attribute) and id(node) not in inner:
                span = block.span(node)
                named = _named(code.meaning(node, Where(cell, start + span.start)), context)
                if named:
                    yield Use(*named, start + span.end - len(node.attr), start + span.end)
        for call in block.calls:
            at = Where(cell, start + block.span(call).start)
            meaning = code.meaning(call.func, at)
            target = target_of(meaning, context)
            for keyword in call.keywords if target else ():
                if target and keyword.arg and target.query.parameter(keyword.arg):
                    begin = start + block.span(keyword).start
                    yield Use("parameter", f"{target.query.id}:{keyword.arg}", begin, begin + len(keyword.arg))
            if isinstance(meaning, Accessor):
                yield from _pivot_strings(call, start, block.span, context)
    for magic in (*([read.magic] if read.magic else []), *read.magics):
        yield from _in_magic(magic, read.text, context)


def in_pack(pack: PackText) -> Iterator[Use]:
    """The queries that a pack defines, their parameters, and the uses of those in the KQL."""
    index = pack.index
    blocks = dict(pack.blocks)
    for query in pack.queries().values():
        line = index.line_span(query.line - 1)
        start = pack.text.find(query.id, line.start, line.end)
        if start >= 0:
            yield Use("query", query.id, start, start + len(query.id), defines=True, whole=True)
        for item in query.parameters:
            line = index.line_span(item.line - 1)
            match = re.compile(rf"\s*({re.escape(item.name)})\s*:").match(pack.text, line.start, line.end)
            if match and item.line > query.line:
                yield Use("parameter", f"{query.id}:{item.name}", *match.span(1), defines=True)
        embedded = blocks.get(query.id)
        names = {item.name for item in query.parameters}
        for word in _PARAMETER.finditer(embedded.text) if embedded else ():
            if embedded and word[0] in names and not _quoted(embedded.text, word.start()):
                begin = embedded.outer(word.start())
                yield Use("parameter", f"{query.id}:{word[0]}", begin, begin + len(word[0]))


def in_tasks(text: str, context: Context) -> Iterator[Use]:
    """The uses in a file of tasks."""
    for one in commands(text):
        code = code_of([one.text if one.named else ""], lambda _name: False, context.session)
        for use in in_code(code, 0, context):
            yield use._replace(start=one.embedded.outer(use.start), end=one.embedded.outer(use.end))


def _named(meaning: Meaning | None, context: Context) -> tuple[str, str] | None:
    """The kind and id of what a name means, where it is a query or a pivot."""
    target = target_of(meaning, context)
    if target is not None:
        return "query", target.query.id
    if isinstance(meaning, Pivots):
        pivot = context.pivots(meaning.entity).get(meaning.id)
        return _thing(pivot) if pivot else None
    return ("query", meaning.id) if isinstance(meaning, Queries) and meaning.id in context.catalog else None


def _thing(pivot: Pivot) -> tuple[str, str]:
    """What a pivot is a name of: a query, or itself where it is a function."""
    return ("query", pivot.target) if pivot.kind == "query" else ("pivot", f"{pivot.entity}.{pivot.name}")


def _pivot_strings(call: ast.Call, start: int, span: object, context: Context) -> Iterator[Use]:
    assert callable(span)
    known = context.pivot_names
    for value in [*call.args[:1], *(one.value for one in call.keywords if one.arg == "pivot")]:
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            pivot = known.get(value.value)
            if pivot:
                end = start + span(value).end - 1
                kind, id_ = _thing(pivot)
                yield Use(kind, id_, end - len(id_.rpartition(".")[2]), end)


def _in_magic(magic: Magic, text: str, context: Context) -> Iterator[Use]:
    if magic.name not in {"hunt", "pivot"}:
        return
    line = magics.read(magic, text, context)
    target = magics.target(line, context)
    if target is None:
        for word in line.words.get("pivot", ()):
            pivot = context.pivot_names.get(word.value)
            if pivot:
                end = magic.arguments.start + word.end
                yield Use(*_thing(pivot), end - len(pivot.name.rpartition(".")[2]), end)
        return
    base = magic.arguments.start
    word = magics.query_word(line) or line.words["pivot"][0]
    end = base + word.end
    yield Use("query", target.query.id, end - len(target.query.name), end)
    for pair in magics.pair_words(line):
        name, equals, _ = pair.value.partition("=")
        if equals and target.query.parameter(name):
            yield Use("parameter", f"{target.query.id}:{name}", base + pair.start, base + pair.start + len(name))


def _quoted(text: str, offset: int) -> bool:
    line = text[text.rfind("\n", 0, offset) + 1 : offset]
    return line.count('"') % 2 == 1 or line.count("'") % 2 == 1 or "//" in line


def renamed(use: Use, new_name: str) -> str:
    """What stands in the place of a use once its thing has another name (a last part, without dots)."""
    return f"{use.id.rpartition('.')[0]}.{new_name}" if use.whole else new_name
