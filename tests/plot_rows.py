"""Rows that no plot may break on, and a call of every plot for them."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

import hostile
from huntlens.registry import load_members, public_object
from huntlens.viz import accessor, chart

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

COUNT = len(hostile.VALUES)
ROWS = 6
TITLE, LABEL = hostile.VALUES[0], hostile.VALUES[1]
PLOTS = {name: public_object(module) for name, module in load_members(accessor.PLOTS).items()}
MIXED = [
    1, "a", None, 3.5, b"x", [1], {"a": 1}, pd.Timestamp("2026-01-01"), np.nan, True, (1, 2), {1}, object,
    datetime(2026, 1, 1), pd.NaT, pd.NA, 10**30, "",
]  # fmt: skip


def usual() -> pd.DataFrame:
    """Hostile texts, and columns of all that plots ask for."""
    frame = hostile.frame()
    texts = pd.Series(hostile.VALUES[::-1], dtype=object)
    lists = pd.Series([[value[:300], "open"] for value in hostile.VALUES], dtype=object)
    names = {"Computer": texts, "IpAddress": texts, "TargetUserName": frame["Text"], "NewProcessName": texts}
    process = {"NewProcessId": range(16, 16 + COUNT), "ProcessId": range(15, 15 + COUNT), "CommandLine": texts}
    return frame.assign(
        End=frame["TimeGenerated"] + pd.Timedelta("1h"), Other=texts, latitude=1.0, longitude=2.0, Country="Germany",
        events=lists, caption=texts, score=5.0, tags=lists, description=texts, link=texts, EventID=4688,
        **names, **process,
    )  # fmt: skip


NUMBERS = (
    "anomaly", "bar, lying", "clusters, known", "matrix", "network", "observations", "pie", "scatter", "line",
    "timeline of values", "world_map", "world_map of countries",
)  # fmt: skip
TIMES = (
    "anomaly", "durations", "durations of groups", "line", "process_tree", "scatter", "sequences", "timeline",
    "timeline of values", "observations",
)  # fmt: skip


def unusual() -> Iterator[tuple[str, tuple[str, ...], pd.DataFrame]]:
    """What else a frame may be: its name, the calls that meet it (all where empty), and the frame."""
    frame = usual().iloc[[0, 1, 8, 11, 14, 17]].reset_index(drop=True)
    yield "empty", (), frame.iloc[:0]
    yield "no columns", (), pd.DataFrame()
    yield "one row", (), frame.iloc[:1]
    mixed = {name: pd.Series(MIXED, dtype=object) for name in frame.columns}
    yield "mixed values", (), pd.DataFrame(mixed)
    yield "equal names and labels", (), pd.concat([frame, frame], axis=1).set_axis([0] * len(frame), axis=0)
    yield "odd names", (), frame.rename(columns={"Bag": ("a", 1), "Count": 5, "Ratio": None, "Other": pd.NA})  # type: ignore[dict-item]
    gaps = frame["Count"].astype("Int64").mask(frame["Count"] == 1)
    yield "extension types", (), frame.assign(Country=frame["Country"].astype("category"), Count=gaps)
    yield "no numbers", NUMBERS, frame.assign(Ratio=np.nan, Count=np.nan, latitude=np.nan, score=np.nan)
    endless = {"Ratio": _cycle(np.inf, -np.inf, np.nan), "Count": _cycle(np.inf, 1.0), "latitude": np.inf}
    yield "endless numbers", NUMBERS, frame.assign(**endless)  # type: ignore[arg-type]
    huge = {"Count": _cycle(10**300, -(10**300)), "Ratio": _cycle(1e308, -1e308)}
    yield "huge numbers", NUMBERS, frame.assign(**huge)  # type: ignore[arg-type]
    for name, moments in _moments(frame):
        yield name, TIMES, frame.assign(TimeGenerated=moments, End=moments)


def _moments(frame: pd.DataFrame) -> Iterator[tuple[str, pd.Series]]:
    yield "no times", pd.Series(_cycle(pd.NaT))
    yield "one time", pd.Series([pd.NaT] * (ROWS - 1) + [pd.Timestamp("2026-01-01")])
    ends = [datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59)]
    yield "first and last years", pd.Series(_cycle(*ends), dtype=object)
    yield "the same as texts", pd.Series(_cycle("0001-01-01", "9999-12-31T23:59:59.999Z"), dtype=object)
    yield "the same as times", pd.Series(np.array(_cycle(*ends), dtype="datetime64[us]"))
    yield "years far apart", pd.Series(np.array(_cycle("1700-01-01", "2900-01-01"), dtype="datetime64[us]"))
    yield "time zones", frame["TimeGenerated"].dt.tz_localize("Asia/Tokyo")
    both = pd.Timestamp("2026-01-01", tz="UTC"), pd.Timestamp("2026-01-01")
    yield "time zones here and there", pd.Series(_cycle(*both), dtype=object)


def _cycle(*values: Any) -> list[Any]:
    return [values[index % len(values)] for index in range(ROWS)]


CALLS: dict[str, Callable[[pd.DataFrame], Any]] = {
    "anomaly": partial(PLOTS["anomaly"], time="TimeGenerated", value="Ratio", flag="Count", title=TITLE),
    "area": partial(PLOTS["area"], x="TimeGenerated", y=["Count"], series=["Text"], title=TITLE, x_title=LABEL),
    "bar": partial(PLOTS["bar"], x="Text", y=["Count"], title=TITLE, y_title=LABEL),
    "bar, shares": partial(PLOTS["bar"], x="Other", y=["Count", "Ratio"], series=["Text"], layout="stacked100"),
    "bar, lying": partial(PLOTS["bar"], x="Text", y=["Count"], lying=True, log=True),
    "clusters": partial(PLOTS["clusters"], columns=["Text", "Count"], show=["Other"], title=TITLE),
    "clusters, known": partial(PLOTS["clusters"], columns=["Text", "Count"], cluster="Ratio"),
    "durations": partial(PLOTS["durations"], start="TimeGenerated", end="End", group="Text", title=TITLE),
    "durations of groups": partial(PLOTS["durations"], time="TimeGenerated", group="Text"),
    "entity_graph": partial(PLOTS["entity_graph"], title=TITLE),
    "line": partial(PLOTS["line"], x="TimeGenerated", y=["Count"], series=["Text"], title=TITLE),
    "line, unnamed": PLOTS["line"],
    "matrix": partial(PLOTS["matrix"], x="Text", y="Other", value="Ratio", title=TITLE),
    "network": partial(PLOTS["network"], source="Text", target="Other", value="Ratio", title=TITLE),
    "observations": partial(PLOTS["observations"], title=TITLE),
    "pie": partial(PLOTS["pie"], x="Text", y=["Count"], title=TITLE),
    "process_tree": partial(PLOTS["process_tree"], title=TITLE),
    "scatter": partial(PLOTS["scatter"], x="TimeGenerated", y="Ratio", series="Text", title=TITLE),
    "scatter, unnamed": PLOTS["scatter"],
    "sequences": partial(PLOTS["sequences"], column="events", time="TimeGenerated", group="Text", title=TITLE),
    "timeline": partial(
        PLOTS["timeline"], time="TimeGenerated", group="Text", columns=["Other"], title=TITLE,
        marker={LABEL: "2026-03-02", hostile.VALUES[7]: "0001-01-01"},
    ),
    "timeline, unnamed": PLOTS["timeline"],
    "timeline of values": partial(PLOTS["timeline"], time="TimeGenerated", value="Ratio", group="Text", kind="bars"),
    "world_map": partial(PLOTS["world_map"], value="Ratio", columns=["Text"], title=TITLE),
    "world_map of countries": partial(PLOTS["world_map"], country="Country", value="Count", title=TITLE),
    **{f"render {kind}": partial(chart.draw, kind, options={"title": TITLE, "xtitle": LABEL}) for kind in chart.KINDS},
}  # fmt: skip
