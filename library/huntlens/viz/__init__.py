"""Pictures and tables of rows; nothing here fetches, and no value from data becomes mark-up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens._lazy import lazy

if TYPE_CHECKING:
    from huntlens.viz.chart import render
    from huntlens.viz.figure import Figure
    from huntlens.viz.plots.anomaly import anomaly
    from huntlens.viz.plots.area import area
    from huntlens.viz.plots.bar import bar
    from huntlens.viz.plots.clusters import clusters
    from huntlens.viz.plots.durations import durations
    from huntlens.viz.plots.entity_graph import entity_graph
    from huntlens.viz.plots.line import line
    from huntlens.viz.plots.matrix import matrix
    from huntlens.viz.plots.network import network
    from huntlens.viz.plots.observations import observations
    from huntlens.viz.plots.pie import pie
    from huntlens.viz.plots.process_tree import process_tree
    from huntlens.viz.plots.scatter import scatter
    from huntlens.viz.plots.sequences import sequences
    from huntlens.viz.plots.timeline import timeline
    from huntlens.viz.plots.world_map import world_map
    from huntlens.viz.table import to_html

PUBLIC = {
    "clusters": "huntlens.viz.plots.clusters:clusters",
    "entity_graph": "huntlens.viz.plots.entity_graph:entity_graph",
    "observations": "huntlens.viz.plots.observations:observations",
    "sequences": "huntlens.viz.plots.sequences:sequences",
    "world_map": "huntlens.viz.plots.world_map:world_map",
    "network": "huntlens.viz.plots.network:network",
    "matrix": "huntlens.viz.plots.matrix:matrix",
    "durations": "huntlens.viz.plots.durations:durations",
    "anomaly": "huntlens.viz.plots.anomaly:anomaly",
    "Figure": "huntlens.viz.figure:Figure",
    "area": "huntlens.viz.plots.area:area",
    "bar": "huntlens.viz.plots.bar:bar",
    "line": "huntlens.viz.plots.line:line",
    "pie": "huntlens.viz.plots.pie:pie",
    "process_tree": "huntlens.viz.plots.process_tree:process_tree",
    "render": "huntlens.viz.chart:render",
    "scatter": "huntlens.viz.plots.scatter:scatter",
    "timeline": "huntlens.viz.plots.timeline:timeline",
    "to_html": "huntlens.viz.table:to_html",
}

__getattr__, __dir__ = lazy(__name__, PUBLIC)

__all__ = [
    "Figure",
    "anomaly",
    "area",
    "bar",
    "clusters",
    "durations",
    "entity_graph",
    "line",
    "matrix",
    "network",
    "observations",
    "pie",
    "process_tree",
    "render",
    "scatter",
    "sequences",
    "timeline",
    "to_html",
    "world_map",
]
