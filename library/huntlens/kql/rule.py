"""What a rule of `kql.rules` is: a way to look at a bound text, with a code and a severity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar, cast

from huntlens.kql import tree
from huntlens.kql.diagnostics import Diagnostic, Edit, Fix

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from huntlens.kql.bind.plan import Bound
    from huntlens.kql.diagnostics import Severity
    from huntlens.kql.parse import Tree

_Node = TypeVar("_Node", bound=tree.Node)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule says about `text[start:end]`."""

    start: int
    end: int
    message: str
    fixes: tuple[Fix, ...] = ()


class Subject:
    """A parsed and bound text, with its nodes by class."""

    def __init__(self, parsed: Tree, bound: Bound) -> None:
        self.text = parsed.text
        self.query = parsed.query
        self.bound = bound
        self._nodes: dict[type[tree.Node], list[tree.Node]] = {}
        for item in tree.walk(parsed.query):
            self._nodes.setdefault(type(item), []).append(item)

    def nodes(self, kind: type[_Node]) -> list[_Node]:
        """All nodes of exactly that class, in the order of the text."""
        return cast("list[_Node]", self._nodes.get(kind, []))

    def source(self, node: tree.Node) -> str:
        """The text of a node."""
        return self.text[node.start : node.end]

    def column_type(self, node: tree.Expr) -> str:
        """The type of the column or variable that a name stands for; empty for anything else."""
        if not isinstance(node, tree.NameRef):
            return ""
        meaning = self.bound.symbols.get(node.name)
        return str(getattr(meaning, "type", "") or getattr(getattr(meaning, "value", None), "type", ""))


@dataclass(frozen=True, slots=True)
class Rule:
    """A piece of advice: `name` is kebab-case, `doc` says why, with a bad and a good query."""

    code: str
    name: str
    severity: Severity
    doc: str
    find: Callable[[Subject], Iterator[Finding]]

    def __call__(self, subject: Subject) -> Iterator[Diagnostic]:
        for found in self.find(subject):
            yield Diagnostic(self.code, self.name, self.severity, found.start, found.end, found.message, found.fixes)

    def examples(self, heading: str) -> list[str]:
        """The queries under `Bad:` or `Good:` of the docstring."""
        lines = self.doc.splitlines()
        found: list[str] = []
        inside = False
        for line in lines:
            if line.strip().endswith(":") and not line.startswith(" " * 8):
                inside = line.strip() == f"{heading}:"
            elif inside and line.strip():
                found.append(line.strip())
        return found


def rule(code: str, severity: Severity = "information") -> Callable[[Callable[[Subject], Iterator[Finding]]], Rule]:
    """Makes a rule of a function: its name and docstring are the rule's."""

    def make(find: Callable[[Subject], Iterator[Finding]]) -> Rule:
        return Rule(code, find.__name__.replace("_", "-"), severity, find.__doc__ or "", find)

    return make


def replace(title: str, start: int, end: int, text: str) -> tuple[Fix, ...]:
    """A fix that is one edit."""
    return (Fix(title, (Edit(start, end, text),)),)
