"""A live grid over millions of rows: the page shows some, sorting and searching run in DuckDB in the kernel.

Below it stands the static table, hidden while the grid is alive: exported, or without a kernel, it is what remains.
"""

from __future__ import annotations

import secrets
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from huntlens.errors import MissingExtraError
from huntlens.frames import to_arrow, to_frame
from huntlens.providers.engine import Engine, quote
from huntlens.viz import text as texts
from huntlens.viz.table import take, to_html

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    import pyarrow as pa

PAGE: Final = 50
MOST: Final = 500
_STATIC: Final = 200
_TABLE: Final = "rows"


class Pages:
    """Pages of a table: what part of it is asked for, as texts."""

    def __init__(self, frame: pd.DataFrame, types: Mapping[str, str] | None = None) -> None:
        known = to_arrow(frame)
        self._data: pa.Table = known.data
        self._columns = list(known.physical.items()) or [(name, name) for name in self._data.column_names]
        self._types = {**known.types, **(types or {})}
        self._engine = Engine()

    def page(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The rows that a request asks for; whatever it holds that is no such request is left aside.

        >>> import pandas as pd
        >>> Pages(pd.DataFrame({"a": [1, 3, 2]})).page({"sort": 0, "descending": True, "limit": 2})["rows"]
        [['3'], ['2']]
        """
        offset, limit = _whole(request.get("offset"), 0), min(_whole(request.get("limit"), PAGE), MOST)
        where, values = self._condition(str(request.get("search") or ""))
        (total,) = self._fetch(f"select count(*) as n from {quote(_TABLE)}{where}", values)["n"].to_pylist()
        order = self._order(request.get("sort"), descending=request.get("descending") is True)
        rows = self._fetch(f"select * from {quote(_TABLE)}{where}{order} limit {limit} offset {offset}", values)
        cells = take(
            to_frame(rows), types={physical: self._types[name] for name, physical in self._columns}, limit=limit
        )
        return {
            "columns": [texts.clip(texts.visible(name), 200) for name, _ in self._columns][: len(cells.columns)],
            "types": list(cells.types),
            "rows": [list(row) for row in cells.rows],
            "total": total,
            "offset": offset,
        }

    def _fetch(self, sql: str, values: list[str]) -> pa.Table:
        return self._engine.fetch(sql, frames={_TABLE: self._data}, parameters=values or None)

    def _condition(self, search: str) -> tuple[str, list[str]]:
        if not search:
            return "", []
        parts = [f"contains(lower(cast({quote(physical)} as varchar)), lower(?))" for _, physical in self._columns]
        return f" where {' or '.join(parts)}", [search] * len(parts)

    def _order(self, sort: object, *, descending: bool) -> str:
        if not isinstance(sort, int) or isinstance(sort, bool) or not 0 <= sort < len(self._columns):
            return ""
        return f" order by {quote(self._columns[sort][1])}{' desc' if descending else ''} nulls last"


def grid(data: Any, *, types: Mapping[str, str] | None = None) -> Any:
    """A grid that shows itself; needs the extra `widgets` and a live kernel. `grid.df` is the frame."""
    held = getattr(data, "df", None)
    frame = held if held is not None else to_frame(data)
    known = types or getattr(data, "types", None)
    made = _widget_class()(Pages(frame, known))
    made.df, made.static = frame, to_html(frame, types=known, limit=_STATIC)
    return made


def _whole(value: object, default: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else default


@cache
def script() -> str:
    """The grid's script, an ES module."""
    return (resources.files("huntlens.widgets") / "assets" / "grid.js").read_text("utf-8")


@cache
def _widget_class() -> Any:
    """The widget; made when it is first used, since its packages are an extra."""
    try:
        import anywidget
        import traitlets
        from IPython.display import display
    except ImportError:
        raise MissingExtraError("widgets", "the live grid") from None

    class Grid(anywidget.AnyWidget):  # type: ignore[misc]  # the package has no types
        """Carries requests to `Pages` and pages back."""

        _esm = script()
        css = traitlets.Unicode(texts.asset("table.css")).tag(sync=True)
        request = traitlets.Dict({"offset": 0, "limit": PAGE, "search": "", "sort": None}).tag(sync=True)
        page = traitlets.Dict().tag(sync=True)
        key = traitlets.Unicode().tag(sync=True)

        def __init__(self, pages: Pages) -> None:
            self._pages, self.static = pages, ""
            super().__init__(page=pages.page({}), key=secrets.token_hex(8))
            self.observe(self._answer, "request")

        def _ipython_display_(self) -> None:
            """The grid, and what remains of it as an output of its own: front ends show one kind of each output."""
            data, metadata = self._repr_mimebundle_()
            display(data, metadata=metadata, raw=True)
            html = f'<div data-huntlens-behind="{self.key}">{self.static}</div>'
            display({"text/plain": repr(self), "text/html": html}, raw=True)

        def _answer(self, change: Any) -> None:
            self.page = self._pages.page(change["new"])

    return Grid
