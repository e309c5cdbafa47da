"""Hosts, accounts, addresses and what ties them together: the entities of alerts or rows as a graph."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from huntlens.entities.base import Entity
from huntlens.entities.read import from_alert, from_row
from huntlens.errors import DataError
from huntlens.viz import axes, graph, theme
from huntlens.viz import text as texts
from huntlens.viz.data import frame_of
from huntlens.viz.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

__all__ = ["entity_graph"]

_ALERT: Final = "Alert"
_ALERT_NAMES: Final = ("AlertName", "DisplayName", "AlertDisplayName", "Title")
_IN_ALERTS: Final = ("Entities", "entities")
_MOST_ROWS: Final = 20_000
_MOST_PAIRS: Final = 12
_KINDS: Final = ("Account", _ALERT, "Host", "Process", "IpAddress", "File", "Url")
"""Each has its colour in every picture."""

Key = tuple[str, str]


@dataclass(slots=True)
class _Graph:
    """Nodes by kind and name with what is known of them, and how often pairs of them meet, as what."""

    nodes: dict[Key, str] = field(default_factory=dict)
    edges: Counter[tuple[Key, Key, str]] = field(default_factory=Counter)

    def add(self, entity: Entity) -> Key:
        """The node of an entity, made with those that it links to."""
        shown = texts.show(str(entity), 80) or texts.show(repr(entity), 80) or ""
        key = (type(entity).__name__, shown)
        if key not in self.nodes:
            self.nodes[key] = texts.visible(texts.clip(repr(entity), 300))
            for name, linked in entity.links:
                self.join(key, self.add(linked), name)
        return key

    def join(self, one: Key, other: Key, relation: str) -> None:
        """Count that two nodes meet."""
        if one != other:
            self.edges[(*sorted((one, other)), relation)] += 1  # type: ignore[index]  # two keys and a text


def entity_graph(data: Any, *, title: str = "", most: int = 150) -> Figure:
    """A node for each entity, in the colour of its kind, and an edge for each tie between two.

    `data` is an entity (an incident, an alert) or a list of them, whose links are the ties; alerts with their column
    `Entities`, each tied to its entities; or rows of logs, in which the entities of a row are tied to each other.
    Beyond `most` nodes those with the fewest ties are left out.
    """
    if not 2 <= most <= 1_000:
        raise DataError(f"most={most} is not between 2 and 1,000 nodes, which is what a picture can hold")
    found = _graph(data)
    if not found.nodes:
        raise DataError("no entities are in these rows; they need columns such as Computer, TargetUserName or Entities")
    ties = Counter(end for one, other, _ in found.edges for end in (one, other))
    kept = sorted(found.nodes, key=lambda key: -ties[key])[:most]
    number = {key: index for index, key in enumerate(kept)}
    edges = {pair: count for pair, count in found.edges.items() if pair[0] in number and pair[1] in number}
    first = np.asarray([number[one] for one, _, _ in edges], dtype=np.intp)
    second = np.asarray([number[other] for _, other, _ in edges], dtype=np.intp)
    weights = np.asarray(list(edges.values()), dtype=float)
    place = graph.layout(len(kept), first, second, weights)
    title = title or "Entities"
    plot = graph.canvas(title)
    if edges:
        pairs = {"a": [one[1] for one, _, _ in edges], "b": [other[1] for _, other, _ in edges]}
        lines = graph.edges(plot, place, first, second, weights, **pairs, tie=[texts.visible(tie) for *_, tie in edges])
        axes.hover(plot, [lines], {"from": "@a", "to": "@b", "tie": "@tie", "times": "@n{0,0}"}, line_policy="interp")
    _nodes(plot, place, kept, found, np.asarray([ties[key] for key in kept]))
    summary = f"{title}: {len(kept):,} entities, {len(edges):,} ties"
    left_out = len(found.nodes) - len(kept)
    summary += f"; {left_out:,} further entities are left out" if left_out else ""
    return Figure.of(plot, title=title, summary=summary, height=plot.height)


def _graph(data: Any) -> _Graph:
    found = _Graph()
    given = [data] if isinstance(data, Entity) else data
    if isinstance(given, list | tuple) and given and all(isinstance(one, Entity) for one in given):
        for entity in given:
            found.add(entity)
        return found
    frame = frame_of(data).head(_MOST_ROWS)
    records = (
        {str(name): value for name, value in row.items()}
        for row in frame.astype(object).where(frame.notna(), None).to_dict("records")
    )
    if any(name in frame.columns for name in _IN_ALERTS):
        _alerts(found, frame, records)
    else:
        _rows(found, records)
    return found


def _alerts(found: _Graph, frame: pd.DataFrame, records: Iterable[dict[str, Any]]) -> None:
    named = next((name for name in _ALERT_NAMES if name in frame.columns), "")
    for row in records:
        shown = texts.show(row.get(named), 80) or "(no name)"
        alert = (_ALERT, shown)
        found.nodes.setdefault(alert, shown)
        for entity in from_alert(row):
            found.join(alert, found.add(entity), "is in")


def _rows(found: _Graph, records: Iterable[dict[str, Any]]) -> None:
    for row in records:
        keys = [found.add(entity) for entity in from_row(row)[:_MOST_PAIRS]]
        for one, other in combinations(dict.fromkeys(keys), 2):
            found.join(one, other, "in a row")


def _nodes(plot: Any, place: Any, keys: list[Key], found: _Graph, ties: Any) -> None:
    """The nodes of each kind in its colour and shape; what is none of the usual kinds shares one."""
    usual = np.asarray([_KINDS.index(kind) if kind in _KINDS else len(_KINDS) for kind, _ in keys])
    entries = []
    for index in np.unique(usual).tolist():
        mine = usual == index
        own = [key for key, is_mine in zip(keys, mine, strict=True) if is_mine]
        data = axes.source(
            x=place[mine, 0], y=place[mine, 1], kind=[kind for kind, _ in own], name=[name for _, name in own],
            known=[found.nodes[key] for key in own], n=ties[mine], size=graph.sizes(ties[mine]),
        )  # fmt: skip
        style = {"fill_color": theme.colour(index), "line_color": None, "fill_alpha": 0.9}
        mark = plot.scatter("x", "y", size="size", marker=theme.marker(index), source=data, **style)
        axes.hover(plot, [mark], {"kind": "@kind", "name": "@name", "known": "@known", "ties": "@n"})
        entries.append((f"{[*_KINDS, 'others'][index]} ({len(own):,})", [mark]))
    graph.captions(plot, place, [name for _, name in keys], ties)
    axes.legend(plot, entries)
