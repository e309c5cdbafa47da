"""Another name for what a query declares: variables, functions, parameters, columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.errors import KqlError
from huntlens.kql import tree
from huntlens.kql.bind import plan
from huntlens.kql.diagnostics import Edit
from huntlens.kql.edit.meaning import Meanings
from huntlens.kql.edit.values import Location
from huntlens.kql.literals import name_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from huntlens.kql.schema import Schema


def can_rename(
    text: str, offset: int, schema: Schema | None = None, parameters: Mapping[str, str] | None = None
) -> Location | None:
    """The name at an offset, if the text itself declares it.

    >>> can_rename("T | where a == 1", 11) is None
    True
    """
    meanings = Meanings(text, schema, parameters)
    found = meanings.at(offset)
    if found is None or meanings.declaration(found[1]) is None:
        return None
    return Location(found[0].start, found[0].end)


def rename(
    text: str, offset: int, name: str, schema: Schema | None = None, parameters: Mapping[str, str] | None = None
) -> list[Edit]:
    """The edits that give what stands at an offset another name.

    Raises KqlError where the text does not declare it, or where the text would mean something else afterwards.

    >>> rename("let a = 1; print a", 4, "b")
    [Edit(start=4, end=5, text='b'), Edit(start=17, end=18, text='b')]
    """
    meanings = Meanings(text, schema, parameters)
    found = meanings.at(offset)
    if found is None or meanings.declaration(found[1]) is None:
        message = "only what the query itself declares can be renamed: let names, parameters, computed columns"
        raise KqlError(message, text)
    old = meanings.text[found[0].start : found[0].end]
    keys = _join_keys(meanings)
    edits = [
        Edit(node.start, node.end, _key(node, keys, found[1], name) or name_text(name))
        for node in meanings.uses(found[1])
    ]
    _same_meaning(meanings, edits, old, name, schema, parameters)
    return edits


def _join_keys(meanings: Meanings) -> set[tree.Node]:
    """The names that stand alone in `on`, and so mean a column of either side."""
    joins = (node for node in tree.walk(meanings.parsed.query) if isinstance(node, tree.Join | tree.Lookup))
    return {key.name for join in joins for key in join.on if isinstance(key, tree.NameRef)}


def _key(node: tree.Node, keys: set[tree.Node], meaning: object, name: str) -> str:
    """A key of both sides, of which only the left one gets the new name."""
    if node not in keys or not isinstance(meaning, plan.Column):
        return ""
    return f"$left.{name_text(name)} == $right.{name_text(meaning.name)}"


def _same_meaning(
    before: Meanings,
    edits: list[Edit],
    old: str,
    name: str,
    schema: Schema | None,
    parameters: Mapping[str, str] | None,
) -> None:
    """Refuses a name that makes the text wrong or that something else has already."""
    text = before.text
    for edit in reversed(edits):
        text = text[: edit.start] + edit.text + text[edit.end :]
    after = Meanings(text, schema, parameters)
    wrong = sum(item.severity == "error" for item in after.bound.diagnostics)
    if wrong > sum(item.severity == "error" for item in before.bound.diagnostics):
        message = f"'{old}' cannot be called '{name}': {after.bound.diagnostics[0].message}"
        raise KqlError(message, text, after.bound.diagnostics)
    shift, at = 0, edits[0]
    moved = after.at(at.start + shift)
    if moved is None or len(after.uses(moved[1])) != len(edits):
        message = f"'{old}' cannot be called '{name}': something else is called so already"
        raise KqlError(message, text)
