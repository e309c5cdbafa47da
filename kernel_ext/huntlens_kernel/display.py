"""Results in a notebook: a chart where the query asks for one, the table, and one line that says where it is from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from huntlens.viz import table
from huntlens.viz.text import clip, escape, visible

if TYPE_CHECKING:
    import pandas as pd

    from huntlens.analyze.observations import Observations
    from huntlens.analyze.process_tree import ProcessTree
    from huntlens.entities.base import Entity
    from huntlens.providers import Result
    from huntlens.viz.figure import Figure

Bundle = dict[str, str]

_ROWS_UNDER_CHART = 200
_WIDTH = 80
_QUERY = 80
_NAMED = 12
"""How many indicators of a type the card names."""


class Table:
    """A frame that shows itself as the safe table; `df` is the frame."""

    def __init__(self, df: pd.DataFrame, caption: str = "", note: str = "") -> None:
        self.df, self.caption, self.note = df, caption, note

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        del include, exclude
        plain = "\n".join(
            filter(None, [visible(self.caption), table.to_text(self.df, width=_WIDTH), visible(self.note)])
        )
        return {"text/plain": plain, "text/html": table.to_html(self.df, caption=self.caption, note=self.note)}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.caption!r}: {len(self.df):,} rows>"


class Indicators(Table):
    """Indicators with their places: a card that names each once, defanged, above the table."""

    def __init__(self, df: pd.DataFrame) -> None:
        counts = df.groupby("type")["value"].nunique().sort_values(ascending=False)
        summary = ", ".join(f"{count:,} {kind}" for kind, count in counts.items())
        super().__init__(df, "Indicators", summary or "no indicators found")
        self._kinds = list(counts.items())

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        from huntlens.analyze.ioc import defang
        from huntlens.viz.card import facts

        bundle = super()._repr_mimebundle_(include, exclude)
        told = {}
        for kind, count in self._kinds:
            values = self.df.loc[self.df["type"] == kind, "value"].value_counts().index[:_NAMED]
            rest = f" … and {count - len(values):,} more" if count > len(values) else ""
            told[f"{count:,} {kind}"] = "  ·  ".join(clip(defang(str(one)), 120) for one in values) + rest
        card = facts("Indicators", told) if told else ""
        return {**bundle, "text/html": card + bundle["text/html"]}


def result_bundle(result: Result) -> Bundle:
    """A result, and the other results of its text before it, as a MIME bundle."""
    every = [(one, chart(one)) for one in [*result.more, result]]
    return {
        "text/plain": "\n\n".join(_plain(one, drawn) for one, drawn in every),
        "text/html": "".join(_html(one, drawn) for one, drawn in every),
    }


def tree_bundle(tree: ProcessTree) -> Bundle:
    """A process tree as its picture."""
    from huntlens.viz.plots.process_tree import process_tree

    bundle: Bundle = process_tree(tree)._repr_mimebundle_()
    return bundle


def findings_bundle(found: Observations) -> Bundle:
    """What a hunt has noted as a report."""
    if not found.items:
        return {"text/plain": "Observations(): nothing was noted yet"}
    from huntlens.viz.plots.observations import observations

    bundle: Bundle = observations(found)._repr_mimebundle_()
    return bundle


def entity_bundle(entity: Entity) -> Bundle:
    """An entity as a card: what is known of it, and what can be asked."""
    from huntlens.pivots.namespace import names
    from huntlens.viz.card import facts

    kind = type(entity)
    asked = ", ".join(names(kind))
    card = facts(f"{kind.__name__} {entity}", entity.to_dict(), note=f"pivots: {asked}" if asked else "")
    return {"text/plain": visible(repr(entity)), "text/html": card}


def provenance(result: Result) -> str:
    """One line: where the rows are from, how many, of what time, how long it took, what is left out, what was asked."""
    rows = f"{len(result):,} row{'' if len(result) == 1 else 's'}"
    parts = [
        result.connection,
        rows + (" (cut off: there are more)" if result.truncated else ""),
        str(result.timespan) if result.timespan is not None else "",
        ", ".join(f"{name} = {clip(str(value), 40)}" for name, value in result.parameters.items()),
        f"{result.elapsed_s:.2f} s",
        *result.notes,
        _squeezed(result.query),
    ]
    return " · ".join(part for part in parts if part)


def _squeezed(query: str) -> str:
    """The query on one line, as far as it has room."""
    line = " ".join(query.split())
    return line if len(line) <= _QUERY else f"{line[:_QUERY]}…"


def _plain(result: Result, drawn: Figure | str | None) -> str:
    words = f"{drawn.summary}\n" if drawn is not None and not isinstance(drawn, str) else ""
    return f"{words}{table.to_text(result.df, types=result.types)}\n{visible(provenance(result))}"


def _html(result: Result, figure: Figure | str | None) -> str:
    options: dict[str, Any] = {"types": result.types, "note": provenance(result)}
    if figure is None:
        return card(result) or table.to_html(result.df, **options)
    rows = table.to_html(result.df, limit=_ROWS_UNDER_CHART, **options)
    drawn = figure if isinstance(figure, str) else figure._repr_mimebundle_()["text/html"]
    return f"{drawn}<details><summary>the rows</summary>{rows}</details>"


def chart(result: Result) -> Figure | str | None:
    """The chart that the query asks for; a sentence where these rows cannot be drawn so."""
    if result.render is None or not len(result):
        return None
    from huntlens.errors import DataError
    from huntlens.viz.chart import render

    try:
        return render(result)
    except DataError as error:
        return f"<div>no chart: {escape(str(error))}</div>"


def card(result: Result) -> str:
    """The values of the first row in large type, where the query asks for a card."""
    if result.render is None or result.render[0] != "card" or not len(result):
        return ""
    from huntlens.viz.card import to_html

    return to_html(result.df, types=result.types, note=provenance(result))
