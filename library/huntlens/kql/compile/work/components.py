"""Which nodes of a graph hang together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence


def components(tables: Sequence[pa.Table]) -> pa.Table:
    """The number of the part that each node belongs to, by first appearance; `tables` are node ids, then edges.

    >>> nodes = pa.table({"id": ["a", "b", "c"]})
    >>> components([nodes, pa.table({"a": ["a"], "b": ["c"]})])["component"].to_pylist()
    [0, 1, 0]
    """
    nodes, edges = tables
    ids = nodes.column(0).to_pylist()
    parent: dict[Hashable, Hashable] = {item: item for item in ids}
    for one, two in zip(edges.column(0).to_pylist(), edges.column(1).to_pylist(), strict=True):
        parent.setdefault(one, one)
        parent.setdefault(two, two)
        parent[_root(parent, one)] = _root(parent, two)
    numbers: dict[Hashable, int] = {}
    found = [numbers.setdefault(_root(parent, item), len(numbers)) for item in ids]
    return pa.table({"id": nodes.column(0), "component": pa.array(found, pa.int64())})


def _root(parent: dict[Hashable, Hashable], item: Hashable) -> Hashable:
    while parent[item] != item:
        parent[item] = parent[parent[item]]
        item = parent[item]
    return item
