"""Which process started which, as a tree to open, search and read."""

from __future__ import annotations

import base64
import gzip
import json
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from huntlens.errors import DataError
from huntlens.viz import text as texts
from huntlens.viz import theme
from huntlens.viz.data import frame_of
from huntlens.viz.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["process_tree"]

STATIC_ROWS: Final = 40
MAX_BYTES: Final = 2_600_000
_PACKED_FROM: Final = 150_000
_CELL: Final = 400
_TEXTS: Final = ("name", "command_line", "user", "host", "path", "logon", "risk")
_NEEDED: Final = ("key", "parent_key", "depth")
_HEIGHT: Final = 500
_OPEN_ROWS: Final = 400
_SHORT: Final = 120
_RISKS: Final = ("", "low", "medium", "high")


def process_tree(
    data: Any, *, title: str = "", risk: pd.Series[Any] | Sequence[str] | None = None, open_levels: int | None = None
) -> Figure:
    """A process tree with a row for each process; rows open and close, and can be searched.

    `data` is a `ProcessTree` of `analyze.process_tree`, a frame like its `frame`, or process events to build it from.
    `risk` is `high`, `medium`, `low` or empty for each row, and colours it; `open_levels` is how deep it is open.
    """
    frame = _tree_frame(data)
    if risk is not None:
        frame = frame.assign(risk=np.asarray(risk, dtype=object))
    if frame.empty:
        raise DataError("there are no processes to draw")
    title = title or "Processes"
    hosts = frame["host"].nunique() if "host" in frame else 1
    roots = int((frame["parent_key"] < 0).sum())
    summary = f"{_count(len(frame), 'process', 'es')} below {_count(roots, 'root')} on {_count(hosts, 'host')}"
    packed, left_out = _packed(_columns(frame))
    note = f" · the last {left_out:,} are left out" if left_out else ""
    levels = open_levels if open_levels is not None else _levels(frame["depth"])
    fragment = "".join(
        [
            f'<div class="huntlens-tree" data-huntlens-tree="{int(levels)}" role="figure" style="font-size:12px">',
            f"<style>{_css()}</style><div class='hl-bar' style='padding:3px 0'><b>{texts.escape(title)}</b> ",
            f"<span class='hl-count'>{texts.escape(summary + note)}</span></div>",
            f'<div class="hl-rows" style="overflow:auto;max-height:{_HEIGHT - 60}px">{_static(frame)}</div>',
            packed,
            f"</div><script>{_script()}</script>",
        ]
    )
    return Figure({}, title, summary, min(_HEIGHT, 90 + 22 * len(frame)), fragment)


def _count(number: int, word: str, plural: str = "s") -> str:
    return f"{number:,} {word}{'' if number == 1 else plural}"


def _levels(depth: pd.Series[Any]) -> int:
    """As many levels as keep the open rows to a few hundred, one below the roots at least."""
    rows = np.bincount(depth.to_numpy().astype(int)).cumsum()
    return max(2, int(np.searchsorted(rows, _OPEN_ROWS, side="right")))


def _tree_frame(data: Any) -> pd.DataFrame:
    """The frame in tree order."""
    frame = getattr(data, "frame", None)
    if not isinstance(frame, pd.DataFrame):
        frame = getattr(data, "df", data)
    if not isinstance(frame, pd.DataFrame):
        message = f"{type(data).__name__} is no process tree; pass analyze.process_tree.build(events)"
        raise DataError(message)
    if not set(_NEEDED) <= set(frame.columns):
        from huntlens.analyze.process_tree import build

        frame = build(frame_of(frame).reset_index(drop=True)).frame
    # Trees of several hosts in one frame are each in order, one after the other.
    return frame.sort_values("order") if "order" in frame and frame["order"].is_unique else frame


def _columns(frame: pd.DataFrame) -> dict[str, Any]:
    """The columns for the page: texts once each and numbers that point at them."""
    depth = frame["depth"].to_numpy()
    columns: dict[str, Any] = {"depth": depth.astype(int).tolist()}
    for name in _TEXTS:
        if name in frame:
            columns[name] = _coded(frame[name])
    if "process_id" in frame:
        columns["pid"] = _coded(frame["process_id"])
    if "inferred" in frame:
        columns["inferred"] = frame["inferred"].astype(bool).astype(int).tolist()
    if "time" in frame:
        moments = pd.to_datetime(frame["time"], errors="coerce").astype("datetime64[ms]").astype("int64")
        known = np.where(moments < -(2**60), np.nan, moments)
        columns["time"] = [None if value != value else int(value) for value in known.tolist()]  # noqa: PLR0124  (NaN)
    return columns


def _coded(series: pd.Series[Any]) -> dict[str, Any]:
    codes, uniques = pd.factorize(series, use_na_sentinel=True)
    return {"values": [texts.show(value, _CELL) or "" for value in uniques], "codes": codes.tolist()}


def _packed(columns: dict[str, Any]) -> tuple[str, int]:
    """The data of the page, compressed if it is much; what is too much loses ends of command lines, then rows."""
    total = kept = len(columns["depth"])
    plain = texts.page_json(columns)
    if len(plain) <= _PACKED_FROM:
        return f'<script type="application/json">{plain}</script>', 0
    packed = _compressed(columns)
    if len(packed) > MAX_BYTES and "command_line" in columns:
        lines = columns["command_line"]
        columns = {**columns, "command_line": {**lines, "values": [texts.clip(one, _SHORT) for one in lines["values"]]}}
        packed = _compressed(columns)
    while len(packed) > MAX_BYTES:
        kept = int(kept * MAX_BYTES / len(packed) * 0.95)
        packed = _compressed(_first(columns, kept))
    return f'<script type="text/plain">{packed}</script>', total - kept


def _compressed(columns: dict[str, Any]) -> str:
    data = json.dumps({**columns, **({"time": _steps(columns["time"])} if "time" in columns else {})})
    return base64.b64encode(gzip.compress(data.encode(), 6, mtime=0)).decode()


def _steps(moments: Sequence[int | None]) -> dict[str, Any]:
    """Times as steps from one row to the next, which are small numbers and compress well."""
    steps: list[int | None] = []
    before = 0
    for moment in moments:
        steps.append(None if moment is None else moment - before)
        before = before if moment is None else moment
    return {"steps": steps}


def _first(columns: dict[str, Any], rows: int) -> dict[str, Any]:
    if rows >= len(columns["depth"]):
        return columns
    found: dict[str, Any] = {}
    for name, column in columns.items():
        if isinstance(column, list):
            found[name] = column[:rows]
            continue
        codes = np.asarray(column["codes"][:rows])
        used, shorter = np.unique(codes[codes >= 0], return_inverse=True)
        new = np.full(len(codes), -1)
        new[codes >= 0] = shorter
        found[name] = {"values": [column["values"][index] for index in used], "codes": new.tolist()}
    return found


def _static(frame: pd.DataFrame) -> str:
    """The first rows, for where no script runs."""
    rows = []
    for row in frame.head(STATIC_ROWS).to_dict("records"):
        indent = min(int(row["depth"]), 40) * 18
        name = texts.escape(texts.show(row.get("name"), 80) or "")
        line = texts.escape(texts.show(row.get("command_line"), 160) or "")
        rows.append(f'<div style="padding-left:{indent}px;white-space:nowrap"><b>{name}</b> <code>{line}</code></div>')
    return "".join(rows)


@cache
def _css() -> str:
    risks = {f"risk{level}": theme.RISK[name] for level, name in enumerate(_RISKS) if name}
    return texts.asset("tree.css", **risks)


@cache
def _script() -> str:
    return texts.asset("tree.js")
