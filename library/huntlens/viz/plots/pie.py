"""Shares of a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from huntlens.errors import DataError
from huntlens.viz import axes, theme
from huntlens.viz.data import OTHERS
from huntlens.viz.figure import Figure
from huntlens.viz.series import arrange

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["pie"]

_MOST: Final = 8


def pie(data: Any, *, x: str = "", y: Sequence[str] = (), title: str = "", legend: bool = True) -> Figure:
    """A slice for each value of `x`, the seven largest by name and the others together."""
    drawn = arrange(data, x, y)
    sizes = np.nansum([np.nan_to_num(values) for values in drawn.values.values()], axis=0)
    if (sizes < 0).any() or sizes.sum() <= 0:
        raise DataError("a pie needs numbers that are not negative and not all zero")
    names, sizes = _largest([str(value) for value in drawn.x], sizes)
    turns = np.concatenate([[0.0], np.cumsum(sizes / sizes.sum())]) * 2 * np.pi
    plot = axes.canvas(title, height=320, match_aspect=True)
    plot.axis.visible = False
    plot.grid.visible = False
    plot.outline_line_color = None
    entries = []
    for index, name in enumerate(names):
        share = sizes[index] / sizes.sum()
        source = axes.source(
            start=[np.pi / 2 - turns[index + 1]],
            end=[np.pi / 2 - turns[index]],
            name=[name],
            y=[sizes[index]],
            share=[share],
        )
        mark = plot.annular_wedge(
            x=0, y=0, inner_radius=0.55, outer_radius=1.0, start_angle="start", end_angle="end", source=source,
            fill_color=theme.colour(index), line_color=theme.QUIET, line_width=0.5,
        )  # fmt: skip
        axes.hover(
            plot, [mark], {drawn.x_name: "@name", drawn.y_name or "value": "@y{0,0.[000]}", "share": "@share{0.0%}"}
        )
        entries.append((f"{share:.1%}  {name}", [mark]))
    if legend:
        axes.legend(plot, entries, title=drawn.x_name)
    shares = ", ".join(f"{name} {size / sizes.sum():.1%}" for name, size in zip(names, sizes, strict=True))
    return Figure.of(plot, title=title or "Shares", summary=f"{title or 'Shares'}: {shares}", height=plot.height)


def _largest(names: list[str], sizes: Any) -> tuple[list[str], Any]:
    order = np.argsort(-sizes, kind="stable")
    if len(order) <= _MOST:
        return [names[index] for index in order], sizes[order]
    kept, rest = order[: _MOST - 1], order[_MOST - 1 :]
    return [*(names[index] for index in kept), f"{OTHERS}: {len(rest):,} more"], np.append(
        sizes[kept], sizes[rest].sum()
    )
