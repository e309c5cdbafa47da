"""Windows logons into sessions: each 4624 with the 4634 or 4647 that ends it, and what is usual among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from huntlens.analyze.columns import as_list, need, times
from huntlens.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

COLUMNS: Final = (
    "host", "account", "domain", "logon_id", "logon_type", "type_name", "address", "process", "start", "end",
    "duration", "row",
)  # fmt: skip
TYPES: Final = {
    0: "System", 2: "Interactive", 3: "Network", 4: "Batch", 5: "Service", 7: "Unlock", 8: "NetworkCleartext",
    9: "NewCredentials", 10: "RemoteInteractive", 11: "CachedInteractive", 12: "CachedRemoteInteractive",
    13: "CachedUnlock",
}  # fmt: skip
"""Logon types as Windows names them."""
_HOSTS: Final = ("Computer", "Hostname", "host")
_ENDS: Final = (4634, 4647)


def sessions(data: pd.DataFrame, *, time: str = "") -> pd.DataFrame:
    """The sessions of a frame of SecurityEvent rows, one row for each logon, by start.

    A session ends with the first 4634 or 4647 of its host and logon id before the next logon of that id; one whose end
    is not in the frame has no `end`. Columns: `host`, `account`, `domain`, `logon_id`, `logon_type`, `type_name`,
    `address`, `process`, `start`, `end`, `duration`, `row` (index label of the 4624). Raises `DataError` if the
    frame has no `EventID` or `TargetLogonId`.

    >>> log = pd.DataFrame({"EventID": [4624, 4634], "TargetLogonId": "0xf00", "Computer": "web01",
    ...     "TimeGenerated": ["2026-03-01 10:00", "2026-03-01 10:07"], "TargetUserName": "bob", "LogonType": 10})
    >>> sessions(log)[["account", "type_name", "duration"]].values.tolist()
    [['bob', 'RemoteInteractive', Timedelta('0 days 00:07:00')]]
    """
    need(data, "EventID", "TargetLogonId")
    kinds = pd.to_numeric(data["EventID"], errors="coerce")
    frame = pd.DataFrame({
        "host": _texts(data, *_HOSTS).str.lower(),
        "logon_id": _texts(data, "TargetLogonId").str.lower(),
        "time": times(data, time),
        "kind": kinds,
    })  # fmt: skip
    frame["account"], frame["domain"] = _texts(data, "TargetUserName", "Account"), _texts(data, "TargetDomainName")
    frame["logon_type"] = pd.to_numeric(_column(data, "LogonType"), errors="coerce").astype("Int64")
    frame["type_name"] = frame["logon_type"].map(TYPES).astype(object).where(frame["logon_type"].notna(), "")
    frame["address"] = _texts(data, "IpAddress").where(lambda text: text != "-", "")
    frame["process"] = _texts(data, "ProcessName", "LogonProcessName").str.strip()
    frame["row"] = pd.Series(list(data.index), index=data.index, dtype=object)
    frame = frame[frame["time"].notna()].sort_values("time", kind="stable", ignore_index=True)
    starts = frame[frame["kind"] == 4624].rename(columns={"time": "start"})
    ends = frame.loc[frame["kind"].isin(_ENDS), ["host", "logon_id", "time"]].assign(end=lambda f: f["time"])
    paired = pd.merge_asof(
        starts, ends, left_on="start", right_on="time", by=["host", "logon_id"], direction="forward"
    )  # fmt: skip
    following = paired.groupby(["host", "logon_id"], sort=False)["start"].shift(-1)
    paired["end"] = paired["end"].where(following.isna() | (paired["end"] <= following))
    paired["duration"] = paired["end"] - paired["start"]
    return paired[list(COLUMNS)]


def clusters(
    found: pd.DataFrame, by: str | Sequence[str] = ("account", "type_name", "address"), *, time: str = "start"
) -> pd.DataFrame:
    """Logons that are alike in `by`, the rarest first.

    `found` is what `sessions` or `syslog.logons` gave, or any frame. One row a group, with the columns of `by` and
    `logons`, `hosts` (how many, where there is a `host`), `first`, `last`, and `share` of all logons.

    >>> found = pd.DataFrame({"account": ["a", "a", "b"], "host": "h", "start": pd.Timestamp("2026-03-01")})
    >>> clusters(found, "account")[["account", "logons"]].values.tolist()
    [['b', 1], ['a', 2]]
    """
    keys = as_list(by)
    need(found, *keys)
    if "start" in keys or not keys:
        raise DataError("name one column or more that make logons alike")
    frame = found[keys].assign(**{"\0time": times(found, time), "\0host": _texts(found, "host", *_HOSTS)})
    grouped = frame.groupby(keys, sort=True, dropna=False)
    result = grouped.agg(
        logons=("\0host", "size"), hosts=("\0host", "nunique"), first=("\0time", "min"), last=("\0time", "max")
    ).reset_index()
    result["share"] = result["logons"] / max(1, len(frame))
    return result.sort_values("logons", kind="stable", ignore_index=True)


def _column(data: pd.DataFrame, *names: str) -> pd.Series[Any]:
    found = next((name for name in names if name in data.columns), "")
    return data[found] if found else pd.Series([None] * len(data), index=data.index, dtype=object)


def _texts(data: pd.DataFrame, *names: str) -> pd.Series[Any]:
    column = _column(data, *names)
    return column.astype(object).where(column.notna(), "").map(str)
