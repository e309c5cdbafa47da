"""How results without a name are called: `sum_x`, `count_`, `Column1`.

Which functions lend their name or that of their argument stands in their rows (`result_name`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from huntlens.kql import tree
from huntlens.kql.functions import find

if TYPE_CHECKING:
    from collections.abc import Iterable


_WITH_NUMBER: Final = frozenset({"percentile", "percentilew"})


class Namer:
    """Names of one result, each used once.

    >>> names = Namer()
    >>> [names.unique("x"), names.unique("x"), names.unnamed()]
    ['x', 'x1', 'Column1']
    """

    def __init__(self, taken: Iterable[str] = (), avoided: Iterable[str] = ()) -> None:
        self.taken = set(taken)
        self.avoided = set(avoided)
        """Names of the input, which no result gets without being asked."""

    def unique(self, name: str) -> str:
        """The name, with a number behind it if it is taken."""
        made, number = name, 0
        while made in self.taken:
            number += 1
            made = f"{name}{number}"
        self.taken.add(made)
        return made

    def unnamed(self) -> str:
        """The name of a result that nothing names."""
        number = 1
        while f"Column{number}" in self.taken or f"Column{number}" in self.avoided:
            number += 1
        self.taken.add(f"Column{number}")
        return f"Column{number}"


def result_name(node: tree.Expr) -> str:
    """The name that an expression lends to its column; empty where it lends none.

    >>> result_name(tree.NameRef(0, 1, tree.Name(0, 1, "x")))
    'x'
    """
    match node:
        case tree.NameRef():
            return node.name.text
        case tree.Paren() | tree.Ordered():
            return result_name(node.inner if isinstance(node, tree.Paren) else node.expr)
        case tree.Member():
            return _joined(result_name(node.target), node.name.text)
        case tree.Index() if isinstance(node.index, tree.Literal):
            return _joined(result_name(node.target), str(node.index.value))
        case tree.Call():
            return _call_name(node)
    return ""


def _joined(left: str, right: str) -> str:
    return f"{left}_{right}" if left else ""


def _call_name(node: tree.Call) -> str:
    row = find(node.name.text)
    if row is None or not row.result_name:
        return ""
    first = result_name(node.arguments[0]) if node.arguments else ""
    if row.result_name == "@0":
        return first
    if node.name.text in _WITH_NUMBER and isinstance(node.arguments[-1] if node.arguments else None, tree.Literal):
        return f"percentile_{first}_{number_text(getattr(node.arguments[-1], 'value', None))}"
    return row.result_name + first


def number_text(value: object) -> str:
    """A number as part of a name.

    >>> number_text(50), number_text(99.9)
    ('50', '99_9')
    """
    return f"{value:g}".replace(".", "_") if isinstance(value, int | float) else ""
