"""Function pivots: the rows of pivots.yaml."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from huntlens.catalog.model import Pack, Pivot
from huntlens.catalog.nodes import Reader, line_of

if TYPE_CHECKING:
    from pathlib import Path

SHAPES: Final = ("value", "list", "frame")
_TARGET: Final = re.compile(r"[a-z_][\w.]*:[a-z_]\w*")


def load_pivots(path: Path) -> tuple[list[Pivot], Pack]:
    """The pivots of a file, and a pack without queries that carries the errors.

    A row reads `- {on: [Process.CommandLine], name: ioc.extract, call: "module:function", takes: list, summary: ...}`;
    one with `query: id` asks that query, with the parameters of `with`, and gives what `call` makes of the answer.
    """
    reader = Reader(str(path))
    pivots = []
    root = reader.root(path.read_text(encoding="utf-8"))
    for node in reader.items(root, "the file"):
        row = reader.mapping(node, "a pivot")
        target = reader.text(row.get("call"), "call")
        shape = reader.text(row.get("takes"), "takes", "list")
        if not _TARGET.fullmatch(target) or shape not in SHAPES:
            reader.fail(f"a pivot needs call: 'module:function' and takes: one of {', '.join(SHAPES)}", node)
            continue
        query = reader.text(row.get("query"), "query")
        fixed = reader.value(row["with"]) if "with" in row else {}
        for place in reader.texts(row.get("on"), "on"):
            entity, _, attribute = place.partition(".")
            pivots.append(
                Pivot(
                    entity,
                    attribute,
                    reader.text(row.get("name"), "name"),
                    "query" if query else "function",
                    query or target,
                    reader.text(row.get("parameter"), "parameter"),
                    shape,
                    reader.text(row.get("summary"), "summary"),
                    reader.texts(row.get("environments"), "environments"),
                    str(path),
                    line_of(node),
                    then=target if query else "",
                    fixed=tuple(fixed.items()) if isinstance(fixed, dict) else (),
                )
            )
    return pivots, Pack("pivots", path=str(path), errors=tuple(reader.errors))
