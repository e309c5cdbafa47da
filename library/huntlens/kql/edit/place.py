"""Where in a query a cursor stands: what may come there, and what is in reach.

The text in front of the cursor is parsed with a made-up name at its end. The tree then says what that name would be,
and the binder says which columns and variables it could have meant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from huntlens.kql import tokens as t
from huntlens.kql import tree
from huntlens.kql.bind import look
from huntlens.kql.edit.words import FOLLOWING
from huntlens.kql.parse import parse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from huntlens.kql.bind.context import Frame
    from huntlens.kql.bind.plan import Bound
    from huntlens.kql.schema import Schema

MARK: Final = "__cursor__"

Kind = Literal[
    "statement", "table", "operator", "row", "aggregate", "columns", "infix", "key", "side", "member", "type", "option",
    "pipe", "plugin", "invoke", "render", "value", "argument", "following", "setting", "nothing",
]  # fmt: skip

_WORD: Final = re.compile(r"[\w$]*\Z")
_DASHED: Final = re.compile(r"\|\s*([A-Za-z_][\w-]*)\Z")
_REST: Final = re.compile(r"\w*")
_ESCAPED: Final = re.compile(r"\\.")
_HINT: Final = re.compile(r"hint\.\w*\Z")
_OPERANDS: Final = t.NAMES | {
    t.STRING, t.LONG, t.INT, t.REAL, t.DECIMAL, t.BOOL, t.DATETIME, t.TIMESPAN, t.GUID, ")", "]",
}  # fmt: skip


@dataclass(slots=True)
class Place:
    """What may come at a cursor; `text[start:end]` is the word there that a choice replaces."""

    kind: Kind
    start: int
    end: int
    operator: tree.Node | None = None
    """The operator, statement or expression that the word is part of."""
    node: tree.Node | None = None
    """The node that holds the word, or the operand in front of it."""
    frame: Frame | None = None
    bound: Bound | None = None
    path: Sequence[tree.Node] = field(default=())
    previous: str = ""
    """The word in front, where that alone tells what may follow; a key of `words.FOLLOWING`."""


def locate(text: str, offset: int, schema: Schema | None, parameters: Mapping[str, str] | None = None) -> Place:
    """What may come at an offset of a text."""
    before = text[:offset]
    start = _word_start(before)
    end = _REST.match(text, offset).end()  # type: ignore[union-attr]  # the pattern takes nothing too
    found = parse(before)
    last = found.tokens[-1] if found.tokens else None
    if last is not None and last.key == t.COMMENT:
        return Place("nothing", offset, offset)
    opened = _open_text(last)
    if opened is not None:
        return _in_text(text, opened, offset, schema, parameters)
    if last is not None and start == offset == last.end and last.key in _OPERANDS - t.NAMES:
        return Place("nothing", start, end)
    previous = _leading_word(before, start)
    if previous:
        return Place("following", start, end, previous=previous)
    operand = _operand_before(before, start)
    if operand is not None:
        place = _behind_operand(before[: operand.end], start, end, schema, parameters)
        if place is not None:
            return place
    return _at_mark(before[:start], start, end, schema, parameters)


def _word_start(before: str) -> int:
    """Where the word at the end of a text begins; names of operators may hold dashes, hints a dot."""
    for pattern in (_DASHED, _HINT):
        match = pattern.search(before)
        if match:
            return match.start(1) if pattern is _DASHED else match.start()
    match = _WORD.search(before)
    start = match.start() if match else len(before)
    if start < len(before) and before[start].isdigit():
        return len(before)
    if start and before[start - 1] == "!":
        start -= 1
    return start


def _open_text(token: t.Token | None) -> t.Token | None:
    """The last token, if it is a string that is not closed."""
    if token is None or token.key not in (t.STRING, t.BAD):
        return None
    body = token.text.lstrip("hH@")
    quote = body[:1]
    if quote not in ('"', "'"):
        return None
    verbatim = "@" in token.text[: len(token.text) - len(body)]
    inner = body[1:] if verbatim else _ESCAPED.sub("", body[1:])
    return None if inner.endswith(quote) else token


def _in_text(
    text: str, token: t.Token, offset: int, schema: Schema | None, parameters: Mapping[str, str] | None
) -> Place:
    """Within a string: what it is compared with may have known values."""
    quote = token.text.lstrip("hH@")[0]
    start = token.start + token.text.index(quote) + 1
    end = offset
    while end < len(text) and text[end] not in f"{quote}\n":
        end += 1
    place = _at_mark(text[: token.start], start, end, schema, parameters)
    place.kind = "value"
    return place


def _leading_word(before: str, start: int) -> str:
    """The word in front of the cursor's, if only a few others may follow it."""
    tokens = [token for token in parse(before[:start]).tokens if token.key not in (t.SPACE, t.COMMENT)][-3:]
    if not tokens or tokens[-1].end == start:
        return ""
    texts = [token.text for token in tokens]
    for words in (" ".join(texts[-2:]), texts[-1] if len(texts) > 2 and texts[-2] != "|" else ""):
        if words in FOLLOWING:
            return words
    return "render" if len(texts) > 2 and texts[-2] == "render" and texts[-3] == "|" else ""


def _operand_before(before: str, start: int) -> t.Token | None:
    """The token in front of the word, if an operand may end with it."""
    tokens = [token for token in parse(before[:start]).tokens if token.key not in (t.SPACE, t.COMMENT)]
    if not tokens or tokens[-1].key not in _OPERANDS or tokens[-1].end == start:
        return None
    return tokens[-1]


def _behind_operand(
    before: str, start: int, end: int, schema: Schema | None, parameters: Mapping[str, str] | None
) -> Place | None:
    """Behind a complete operand: an operator, or the next word of the operator that it is in."""
    parsed = parse(before)
    path = _path_to_end(parsed.query, len(before))
    if any(isinstance(node, tree.Option) for node in path[-3:]):
        return None
    owner = next((node for node in reversed(path) if isinstance(node, tree.Operator)), None)
    operands = [node for node in path if isinstance(node, tree.Expr)]
    if owner is None and operands and start == end:
        return Place("pipe", start, end, None, operands[-1], None, None, path)
    if owner is None or not operands or path.index(owner) > path.index(operands[-1]):
        return None
    bound, _ = look(parsed, "", schema, parameters)
    operand = operands[-1]
    kind: Kind = "key" if isinstance(owner, tree.Join | tree.Lookup | tree.Union) else "infix"
    return Place(kind, start, end, owner, operand, None, bound, path)


def _path_to_end(node: tree.Node, end: int) -> list[tree.Node]:
    """The nodes that end at an offset, outermost first."""
    path = [node]
    while True:
        inner = [child for child in tree.children(path[-1]) if child.end == end and child.start < end]
        if not inner:
            return path
        path.append(inner[-1])


def _at_mark(before: str, start: int, end: int, schema: Schema | None, parameters: Mapping[str, str] | None) -> Place:
    parsed = parse(before + MARK)
    path = _path_to_mark(parsed.query, len(before))
    bound, frame = look(parsed, MARK, schema, parameters)
    if not path:
        return Place("nothing", start, end, frame=frame, bound=bound)
    owner = next((node for node in reversed(path) if isinstance(node, tree.Operator | tree.Statement)), None)
    node = path[-2] if isinstance(path[-1], tree.Name) and len(path) > 1 else path[-1]
    if isinstance(node, tree.Option):
        node = path[-3]
    return Place(_kind(path, frame), start, end, owner, node, frame, bound, path)


def _path_to_mark(query: tree.Query, start: int) -> list[tree.Node]:
    """The nodes around the made-up name, outermost first."""
    path: list[tree.Node] = [query]
    while True:
        inner = [child for child in tree.children(path[-1]) if child.start <= start and child.end > start]
        if not inner:
            return path if MARK in str(getattr(path[-1], "text", "")) else []
        path.append(inner[-1])


_TABLE_OWNERS: Final = (tree.Join, tree.Lookup, tree.Union, tree.Search, tree.Find, tree.GraphNodes)
_TABLE_CALLS: Final = frozenset({"materialize", "toscalar", "view"})


def _kind(path: Sequence[tree.Node], frame: Frame | None) -> Kind:
    """What the made-up name would be, from the nodes around it."""
    leaf = path[-1]
    node = path[-2] if isinstance(leaf, tree.Name) else leaf
    around = path[: path.index(node)]
    if isinstance(leaf, tree.TypeName) or any(isinstance(item, tree.TypeOf) for item in path):
        return "type"
    if isinstance(node, tree.UnknownOperator):
        return "operator"
    if isinstance(node, tree.Render):
        return "render"
    if isinstance(node, tree.Member):
        return "member"
    if isinstance(node, tree.Call) and around and isinstance(around[-1], tree.Evaluate | tree.Invoke):
        return "plugin" if isinstance(around[-1], tree.Evaluate) else "invoke"
    if isinstance(node, tree.Option):
        return "setting"
    if around and isinstance(around[-1], tree.Option):
        return "option"
    if not isinstance(node, tree.NameRef):
        return "nothing"
    return _name_kind(node, around, frame)


def _name_kind(node: tree.NameRef, around: Sequence[tree.Node], frame: Frame | None) -> Kind:
    """Whether a name is a table, a column or a variable, from what it stands in."""
    child: tree.Node = node
    for parent in reversed(around):
        if isinstance(parent, tree.Pipeline) and parent.source is not child:
            break
        if isinstance(parent, tree.Join | tree.Lookup) and child in parent.on:
            return "side"
        if isinstance(parent, _TABLE_OWNERS):
            in_predicate = isinstance(parent, tree.Search | tree.Find) and child is parent.predicate
            return "row" if in_predicate else "table"
        if isinstance(parent, tree.Call) and parent.name.text in _TABLE_CALLS:
            return "table"
        if isinstance(parent, tree.Call) and parent is around[-1] and isinstance(around[-2], tree.Statement):
            return "argument"
        if isinstance(parent, tree.Let):
            return "statement"
        if isinstance(parent, tree.ExpressionStatement | tree.Lambda | tree.Query):
            return "statement"
        if isinstance(parent, tree.Operator):
            return _in_operator(parent, child, frame)
        child = parent
    return "row"


def _in_operator(operator: tree.Operator, child: tree.Node, frame: Frame | None) -> Kind:
    if isinstance(operator, _COLUMN_LISTS):
        return "columns"
    if frame is not None and frame.place == "aggregate" and not isinstance(child, tree.Call):
        return "aggregate"
    return "row"


_COLUMN_LISTS: Final = (
    tree.ProjectAway, tree.ProjectKeep, tree.ProjectReorder, tree.ProjectRename, tree.ProjectByNames,
)  # fmt: skip
