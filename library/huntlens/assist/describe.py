"""Queries, parameters, pivots, entities and magics in Markdown, for hovers, completions and manual pages.

Texts of packs are anyone's: what has a meaning in Markdown is escaped.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from huntlens.assist.context import Attribute, EntityFacts
    from huntlens.assist.magic_line import MagicSpec
    from huntlens.catalog.model import Parameter, Pivot, Query

_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>#|~$&])")
_PIPE: Final = re.compile(r"(?<!\\)\|")
_TECHNIQUE: Final = re.compile(r"T\d{4}(?:\.\d{3})?")
_ATTACK: Final = "https://attack.mitre.org/techniques/"


def escape(text: str) -> str:
    r"""A text that Markdown shows as it is.

    >>> escape("a|b <i>")
    'a\\|b \\<i\\>'
    """
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def code(text: str, language: str = "") -> str:
    """A fenced block, with a fence that is longer than any in the text."""
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall(r"`+", text)), 3)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def inline(text: str) -> str:
    """A text as inline code."""
    return f"`{' '.join(text.replace('`', chr(39)).split())}`" if text.strip() else ""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; cells are Markdown already."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(_PIPE.sub(r"\|", cell) for cell in row) + " |" for row in rows)])


def query(found: Query, *, given: Iterable[str] = (), bound: str = "") -> str:
    """A query: what it answers, its parameters, what it gives, what it reads, where it stands.

    `given` are parameters that a call has set; `bound` is the parameter that an entity fills.
    """
    given = set(given)
    missing = [item.name for item in found.required if item.name not in given and item.name != bound]
    parts = [f"**{escape(found.id)}** {escape(found.summary)}".strip(), code(signature(found, bound=bound), "python")]
    if found.description:
        parts.append(escape(found.description))
    if found.parameters:
        parts.append(parameters(found, bound=bound))
    if given and missing:
        parts.append("Still missing: " + ", ".join(map(inline, missing)))
    if found.returns:
        parts.append(f"Returns: {escape(found.returns)}")
    if found.columns:
        parts.append("Columns: " + ", ".join(f"{inline(name)} {kind}" for name, kind in found.columns.items()))
    if found.tables:
        parts.append("Tables: " + ", ".join(map(inline, found.tables)))
    if found.techniques:
        parts.append("ATT&CK: " + ", ".join(map(technique, found.techniques)))
    if found.environments:
        parts.append("Runs on: " + ", ".join(map(escape, found.environments)))
    parts.append(code(example(found), "python"))
    if found.path:
        parts.append("Defined in " + source(found.path, found.line))
    return "\n\n".join(parts)


def parameters(found: Query, *, bound: str = "") -> str:
    """The parameters of a query as a table."""
    rows = [
        (
            inline(item.name),
            inline(item.type),
            "from the entity"
            if item.name == bound
            else "**required**"
            if item.required
            else inline(repr(item.default)),
            escape(str(item.entity)) if item.entity else "",
            escape(item.doc),
        )
        for item in found.parameters
    ]
    return table(("parameter", "type", "default", "entity", ""), rows)


def parameter(item: Parameter, owner: str) -> str:
    """One parameter of a query."""
    default = "required" if item.required else f"default {inline(repr(item.default))}"
    parts = [f"**{escape(item.name)}**: {inline(item.type)}, {default}, of {inline(owner)}"]
    if item.doc:
        parts.append(escape(item.doc))
    if item.entity:
        parts.append(f"Entity: {inline(str(item.entity))}")
    if item.values:
        parts.append("Well-known values: " + ", ".join(map(inline, item.values)))
    return "\n\n".join(parts)


def signature(found: Query, *, bound: str = "") -> str:
    """How a query is called, required parameters first, without the one that an entity fills."""
    return f"{found.id}({', '.join(text for _, text in signature_parts(found, bound=bound))})"


def signature_parts(found: Query, *, bound: str = "") -> list[tuple[Parameter, str]]:
    """The parameters of a call in order, each as it is written."""
    ordered = sorted(found.parameters, key=lambda item: not item.required)
    return [
        (item, f"{item.name}: {item.type}" if item.required else f"{item.name}: {item.type} = {item.default!r}")
        for item in ordered
        if item.name != bound
    ]


def example(found: Query) -> str:
    """How a query is called: the pack's own example, else one with the required parameters."""
    if found.example:
        return found.example
    return f"qp.{found.id}({', '.join(f'{item.name}={sample(item)}' for item in found.required)})"


def sample(item: Parameter) -> str:
    """A literal of a parameter's type."""
    if item.values:
        return repr(item.values[0])
    samples = {"bool": "True", "int": "1", "long": "1", "real": "1.0", "decimal": "1.0", "dynamic": "{}"}
    times = {"datetime": '"-1d"', "timespan": '"1h"'}
    value = samples.get(item.item_type) or times.get(item.item_type) or '"..."'
    return f"[{value}]" if item.is_list else value


def group(name: str, members: Sequence[str]) -> str:
    """A group of queries."""
    shown = ", ".join(map(inline, members[:40])) + (", ..." if len(members) > 40 else "")
    return f"**{escape(name)}** {len(members)} queries\n\n{shown}"


def pivot(found: Pivot, target: Query | None) -> str:
    """A pivot: what it asks about which attribute; the query or the function behind it."""
    head = f"**{escape(found.entity)}.{escape(found.name)}** {escape(found.summary)}".strip()
    takes = f"Takes {inline(f'{found.entity}.{found.attribute}')}"
    if target is not None:
        return f"{head}\n\n{takes} as {inline(found.parameter)}\n\n{query(target, bound=found.parameter)}"
    shape = {"value": "one value at a time", "list": "all values at once", "frame": "a data frame"}.get(found.shape, "")
    return "\n\n".join([head, f"{takes}, {shape}", f"Runs {inline(found.target.replace(':', '.'))}"])


def entity(facts: EntityFacts, pivots: Mapping[str, Pivot]) -> str:
    """An entity: what it stands for, its properties, its pivots."""
    parts = [f"**{facts.name}** {escape(facts.doc)}"]
    if facts.attributes:
        parts.append(table(("property", ""), [(inline(one.name), _property(one)) for one in facts.attributes]))
    if pivots:
        names = list(pivots)
        parts.append("Pivots: " + ", ".join(map(inline, names[:30])) + (", ..." if len(names) > 30 else ""))
    return "\n\n".join(parts)


def entity_property(entity_name: str, one: Attribute) -> str:
    """A property of an entity."""
    return f"**{entity_name}.{one.name}**\n\n{_property(one)}"


def magic(spec: MagicSpec) -> str:
    """A magic: its use, arguments, options and an example."""
    rows = [(inline(one.name), one.doc) for one in spec.arguments]
    rows += [(inline(one.usage), one.doc) for one in spec.options]
    sigil = "%" if spec.line else "%%"
    parts = [f"**{sigil}{spec.name}** {escape(spec.doc)}", table(("argument", ""), rows), code(spec.example, "python")]
    return "\n\n".join(parts)


def columns(name: str, found: Mapping[str, str], source_name: str = "") -> str:
    """A table's columns."""
    origin = f" ({escape(source_name)})" if source_name else ""
    rows = [(inline(column), inline(kind)) for column, kind in list(found.items())[:60]]
    return f"**{escape(name)}**{origin} {len(found)} columns\n\n{table(('column', 'type'), rows)}"


def technique(name: str) -> str:
    """An ATT&CK technique, linked."""
    if not _TECHNIQUE.fullmatch(name):
        return escape(name)
    return f"[{name}]({_ATTACK}{name.replace('.', '/')}/)"


def source(path: str, line: int) -> str:
    """A link to a line of a file."""
    place = Path(path)
    label = f"{escape(place.name)}:{line}"
    return f"[{label}]({place.as_uri()}#L{line})" if place.is_absolute() else label


def _property(one: Attribute) -> str:
    return f"{escape(one.doc)} ({inline(one.type)})" if one.type else escape(one.doc)
