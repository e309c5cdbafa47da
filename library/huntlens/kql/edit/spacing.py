"""Which tokens of a query touch each other: what the formatter needs to know of the tree.

Places are offsets. Whatever the tree does not tell follows from the tokens themselves.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final

from huntlens.kql import tree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from huntlens.kql.tokens import Token

_NONE_BEFORE: Final = frozenset({",", ";", ")", "]", ".", ":"})
_NONE_AFTER: Final = frozenset({"(", "[", ".", "@"})
_BEFORE_CALL: Final = frozenset({
    "datatable", "externaldata", "external_data", "dynamic", "typeof", "toscalar", "totable", "materialize",
})  # fmt: skip
_BEFORE_SIGN: Final = frozenset({"(", "[", ",", ":", "..", "=", "==", "!=", "<", "<=", ">", ">=", "*", "/", "%"})


class Spacing:
    """What touches what in one text."""

    def __init__(self, root: tree.Node) -> None:
        self._behind: set[int] = set()
        """Ends of tokens that the next one touches."""
        self._before: set[int] = set()
        """Starts of tokens that touch the one before."""
        self._solid: dict[int, int] = {}
        """Places within names and patterns that stay as they are, with the start of the whole."""
        self._data: list[tuple[int, int]] = []
        """Spans of dynamic literals."""
        for node in tree.walk(root):
            self._note(node)
        self._data.sort()

    def _note(self, node: tree.Node) -> None:
        match node:
            case tree.Call():
                self._behind.add(node.name.end)
            case tree.Index():
                self._behind.add(node.target.end)
            case tree.Unary():
                self._behind.add(node.start + 1)
            case tree.Wildcard() | tree.GraphPart():
                self._keep(node.start, node.end)
            case tree.GraphPattern():
                self._behind.update(part.end for part in node.parts[:-1])
            case tree.MakeGraph():
                self._keep(node.source.end, node.target.start)
            case tree.Name() if node.quoted or "*" in node.text:
                self._keep(node.start, node.end)
            case tree.Option():
                self._behind.add(node.name.end)
                self._before.add(node.value.start)
            case tree.SeriesAggregate() if node.default is not None:
                self._before.add(node.default.start)
            case tree.Binary() if node.op == ":":
                self._behind.add(node.op_start + 1)
            case tree.Literal() if node.type == "dynamic":
                self._data.append((node.start, node.end))
            case tree.Literal() if node.type in ("long", "real", "timespan"):
                self._behind.add(node.start + 1)

    def _is_data(self, token: Token) -> bool:
        at = bisect_right(self._data, (token.start, token.start)) - 1
        return at >= 0 and token.end <= self._data[at][1]

    def _keep(self, start: int, end: int) -> None:
        self._solid.update(dict.fromkeys(range(start, end), start))

    def touches(self, tokens: Sequence[Token], at: int) -> bool:
        """Whether no space stands between the token `at` and the one before it."""
        left, right = tokens[at - 1], tokens[at]
        whole = self._solid.get(right.start)
        if whole is not None and self._solid.get(left.start) == whole:
            return left.end == right.start
        if right.key in _NONE_BEFORE or left.key in _NONE_AFTER:
            return True
        if left.end in self._behind and (right.key in "([-=<" or left.key in "-+:"):
            return True
        if right.start in self._before or (left.key == "default" and right.key == "="):
            return True
        if right.key == "(" and left.key in _BEFORE_CALL:
            return True
        if left.key == "{" or right.key == "}":
            return (left.key == "{" and right.key == "}") or self._is_data(left)
        return left.key in ("-", "+") and at > 1 and tokens[at - 2].key in _BEFORE_SIGN
