"""Plugins that count users and events over time.

The rows become a stage of fixed shape first: `id`, `t` (the timeline as a number, times in ticks), `d0`, `d1` ...
(the dimensions); each plugin is SQL over that stage.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from huntlens.kql.bind import plan
from huntlens.kql.compile.frame import Frame, Source, column, named, select, table
from huntlens.kql.compile.values import ready, value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from huntlens.kql.compile.lower import Lowering

__all__ = [
    "plugin_active_users_count", "plugin_activity_counts_metrics", "plugin_activity_engagement",
    "plugin_activity_metrics", "plugin_session_count", "plugin_sliding_window_counts",
]  # fmt: skip


@dataclass(slots=True)
class _Events:
    """The stage of a plugin, and how its SQL names what it is about."""

    node: plan.Plugin
    low: Lowering
    stage: str
    kind: str
    """The type of the timeline."""
    dimensions: list[str]
    numbers: dict[str, exp.Expr]

    def sql(self, text: str) -> exp.Expr:
        """SQL over the stage: `{dims}` are the dimensions followed by a comma, other holes the numbers by name."""
        dims = "".join(f"{name}, " for name in self.dimensions)
        filled = text.replace("{dims}", dims).replace("{by}", f"PARTITION BY {dims[:-2]}" if dims else "")
        same = "".join(f" AND a.{name} IS NOT DISTINCT FROM b.{name}" for name in self.dimensions)
        theirs = "".join(f"a.{name}, " for name in self.dimensions)
        filled = filled.replace("{same}", same).replace("{their}", theirs).replace("{events}", f'"{self.stage}"')
        return self.low.sql(filled, **{name: node for name, node in self.numbers.items() if f"{{{name}}}" in filled})

    def stages(self, *texts: tuple[str, str]) -> str:
        """Stages that read one another as `{name}`; gives the last."""
        taken: dict[str, str] = {}
        for name, text in texts:
            for known, stage in taken.items():
                text = text.replace(f"{{{known}}}", f'"{stage}"')
            taken[name] = self.low.stage(self.sql(text), name)
        return taken[texts[-1][0]]

    def result(self, stage: str, place: str | None, metrics: Sequence[str]) -> Frame:
        """The frame over the last stage: the time, the dimensions, the metrics."""
        sources = [*([place] if place else []), *self.dimensions, *metrics]
        values: dict[plan.Column, Source] = {}
        items: list[exp.Expr] = []
        for item, source in zip(self.node.columns, sources, strict=False):
            node: exp.Expr = column(source)
            if source == place and self.kind == "datetime":
                node = self.low.sql("make_timestamp({t} // 10)", t=node)
            elif item.type in ("long", "real"):
                node = self.low.cast(node, item.type)
            values[item] = f"c{len(items)}"
            items.append(named(node, f"c{len(items)}"))
        return self.low.over(select(items, table(stage)), self.node.name, values)


def _events(node: plan.Plugin, low: Lowering, names: Sequence[str], *, first: int = 0) -> _Events:
    """The stage for `plugin(id, timeline, numbers named by names ..., dimensions ...)`."""
    user, timeline = node.arguments[first], node.arguments[first + 1]
    rest = node.arguments[first + 2 :]
    if not isinstance(user, plan.Value) or not isinstance(timeline, plan.Value):
        low.refuse(node.syntax, f"{node.name} needs the column of users and the timeline")
    dimensions = [item for item in rest[len(names) :] if isinstance(item, plan.Value)]
    frame = ready(low.lower(node.input), [user, timeline, *dimensions], low)
    nothing = Frame(exp.null(), {})
    numbers: dict[str, exp.Expr] = {}
    for name, item in zip(names, rest, strict=False):
        if not isinstance(item, plan.Value):
            low.refuse(node.syntax, f"{node.name} needs a value for {name}")
        numbers[name] = exp.Paren(this=ticks(value(item, nothing, low), item.type, low))
    items = [
        named(low.key(value(user, frame, low), user.type), "id"),
        named(ticks(value(timeline, frame, low), timeline.type, low), "t"),
    ]
    labels = [f"d{index}" for index in range(len(dimensions))]
    items += [
        named(low.key(value(item, frame, low), item.type), label)
        for item, label in zip(dimensions, labels, strict=True)
    ]
    stage = low.stage(select(items, frame.source, where=frame.where), "events")
    return _Events(node, low, stage, timeline.type, labels, numbers)


def ticks(node: exp.Expr, kind: str, low: Lowering) -> exp.Expr:
    """A time as a number of ticks; other values are numbers already."""
    return low.sql("epoch_us({x}) * 10", x=node) if kind == "datetime" else node


_BINNED = """SELECT {dims}id, t, {start} + (t - {start}) // {step} * {step} AS place
FROM {events} WHERE t >= {start} AND t <= {end}"""


def plugin_activity_counts_metrics(node: plan.Plugin, low: Lowering) -> Frame:
    """`activity_counts_metrics`: all, distinct and new users of each period, and distinct ones since the start."""
    events = _events(node, low, ("start", "end", "step"))
    stage = events.stages(
        ("periods", _BINNED),
        ("firsts", "SELECT *, min(place) OVER (PARTITION BY {dims}id) AS begun FROM {periods}"),
        ("counts", """SELECT place, {dims}count(*) AS n, count(DISTINCT id) AS users,
            count(DISTINCT CASE WHEN place = begun THEN id END) AS fresh FROM {firsts} GROUP BY ALL"""),
        ("metrics", "SELECT *, sum(fresh) OVER ({by} ORDER BY place) AS total FROM {counts}"),
    )  # fmt: skip
    return events.result(stage, "place", ("n", "users", "fresh", "total"))


def plugin_active_users_count(node: plan.Plugin, low: Lowering) -> Frame:
    """`active_users_count`: users who were there in enough periods of the window that ends with an event."""
    events = _events(node, low, ("start", "end", "window", "period", "enough", "step"))
    stage = events.stages(
        ("days", "SELECT DISTINCT {dims}id, t, t // {period} AS day FROM {events}"),
        ("active", """SELECT a.t, a.id, {their}count(DISTINCT b.day) AS days
            FROM {days} AS a JOIN {days} AS b
            ON a.id = b.id AND b.t > a.t - {window} AND b.t <= a.t{same}
            WHERE a.t >= {start} AND a.t <= {end} GROUP BY ALL"""),
        ("metrics", """SELECT {start} + (t - {start}) // {step} * {step} AS place, {dims}count(DISTINCT id) AS users
            FROM {active} WHERE days >= {enough} GROUP BY ALL"""),
    )  # fmt: skip
    return events.result(stage, "place", ("users",))


def plugin_activity_metrics(node: plan.Plugin, low: Lowering) -> Frame:
    """`activity_metrics`: users of each period, new ones, and the shares that stayed and left since the last."""
    events = _events(node, low, ("start", "end", "step"))
    stage = events.stages(
        ("periods", _BINNED),
        ("users", "SELECT DISTINCT {dims}id, place FROM {periods}"),
        ("firsts", "SELECT *, min(place) OVER (PARTITION BY {dims}id) AS begun FROM {users}"),
        ("kept", """SELECT a.*, b.id IS NOT NULL AS stayed FROM {firsts} AS a LEFT JOIN {users} AS b
            ON a.id = b.id AND b.place = a.place - {step}{same}"""),
        ("counts", """SELECT place, {dims}count(*) AS users, count(*) FILTER (WHERE place = begun) AS fresh,
            count(*) FILTER (WHERE stayed) AS kept FROM {kept} GROUP BY ALL"""),
        ("metrics", """SELECT *, kept / lag(users) OVER ({by} ORDER BY place) AS retention,
            1 - kept / lag(users) OVER ({by} ORDER BY place) AS churn FROM {counts}"""),
    )  # fmt: skip
    return events.result(stage, "place", ("users", "fresh", "retention", "churn"))


def plugin_activity_engagement(node: plan.Plugin, low: Lowering) -> Frame:
    """`activity_engagement`: the users of each inner window beside those of the outer window that ends with it."""
    events = _events(node, low, ("start", "end", "step", "outer"))
    stage = events.stages(
        ("users", """SELECT DISTINCT {dims}id, {start} + (t - {start}) // {step} * {step} AS place FROM {events}
            WHERE t > {start} - {outer} AND t <= {end}"""),
        ("inside", "SELECT place, {dims}count(*) AS few FROM {users} WHERE place >= {start} GROUP BY ALL"),
        ("outside", """SELECT a.place, {their}count(DISTINCT b.id) AS many
            FROM {inside} AS a JOIN {users} AS b
            ON b.place > a.place - {outer} AND b.place <= a.place{same} GROUP BY ALL"""),
        ("metrics", """SELECT a.*, b.many, a.few / b.many AS share FROM {inside} AS a JOIN {outside} AS b
            ON a.place = b.place{same}"""),
    )  # fmt: skip
    return events.result(stage, "place", ("few", "many", "share"))


def plugin_sliding_window_counts(node: plan.Plugin, low: Lowering) -> Frame:
    """`sliding_window_counts`: events and distinct users of the window that ends with each bin."""
    events = _events(node, low, ("start", "end", "window", "step"))
    stage = events.stages(
        ("rows", """SELECT *, {start} + (t - {start}) // {step} * {step} AS place FROM {events}
            WHERE t > {start} - {window} AND t <= {end}"""),
        ("places", "SELECT unnest(range({start}, {end} + 1, {step})) AS place"),
        ("metrics", """SELECT b.place, {dims}count(*) AS n, count(DISTINCT id) AS users
            FROM {places} AS b JOIN {rows} AS a ON a.place <= b.place AND a.place > b.place - {window} GROUP BY ALL"""),
    )  # fmt: skip
    return events.result(stage, "place", ("n", "users"))


def plugin_session_count(node: plan.Plugin, low: Lowering) -> Frame:
    """`session_count`: sessions of each bin; a user's events belong together while no gap is longer than the window."""
    events = _events(node, low, ("start", "end", "step", "window"))
    stage = events.stages(
        ("gaps", """SELECT *, lag(t) OVER (PARTITION BY {dims}id ORDER BY t) AS before FROM {events}
            WHERE t >= {start} - {window} AND t <= {end}"""),
        ("begun", "SELECT *, before IS NULL OR t - before > {window} AS fresh FROM {gaps} WHERE t >= {start}"),
        ("sessions", """SELECT *, count_if(fresh) OVER (PARTITION BY {dims}id ORDER BY t) AS session,
            {start} + (t - {start}) // {step} * {step} AS place FROM {begun}"""),
        ("metrics", """SELECT place, {dims}count(DISTINCT (id, session)) AS n FROM {sessions} GROUP BY ALL"""),
    )  # fmt: skip
    return events.result(stage, "place", ("n",))
