"""Which process started which: a tree over process creation events.

A process is found by its host, its id and the time it started, because ids are used again and again.
Where the log names the parent's own start time or a unique id that is used; otherwise the parent is the latest
process of that id on that host that had started by then.
A parent that the log does not hold becomes a row of its own, marked `inferred`, so its children stay together.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from dataclasses import fields as dataclass_fields
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from huntlens.analyze.garbage import no_collection
from huntlens.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

COLUMNS: Final = (
    "key", "parent_key", "host", "process_id", "parent_id", "time", "path", "name", "parent_path", "command_line",
    "user", "logon", "inferred", "row", "depth", "order", "label",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ProcessSchema:
    """Which columns of a log say what; a tuple is tried in order, an empty one is not logged.

    `only` keeps the rows in which a column has one of the values.
    """

    name: str
    process_id: tuple[str, ...]
    parent_id: tuple[str, ...]
    path: tuple[str, ...]
    time: tuple[str, ...]
    parent_path: tuple[str, ...] = ()
    command_line: tuple[str, ...] = ()
    user: tuple[str, ...] = ()
    logon: tuple[str, ...] = ()
    host: tuple[str, ...] = ()
    unique_id: tuple[str, ...] = ()
    parent_unique_id: tuple[str, ...] = ()
    parent_time: tuple[str, ...] = ()
    only: tuple[str, tuple[object, ...]] | None = None


_FIELDS: Final = {field.name for field in dataclass_fields(ProcessSchema)} - {"name", "only"}

SCHEMAS: Final = (
    ProcessSchema(
        "windows_security", ("NewProcessId",), ("ProcessId", "CreatorProcessId"), ("NewProcessName",),
        ("TimeGenerated", "TimeCreated", "TimeCreatedUtc"), ("ParentProcessName",),
        ("CommandLine", "ProcessCommandLine"), ("SubjectUserName", "Account"), ("SubjectLogonId",), ("Computer",),
        only=("EventID", (4688, "4688")),
    ),
    ProcessSchema(
        "defender", ("ProcessId",), ("InitiatingProcessId",), ("FolderPath", "FileName"),
        ("Timestamp", "TimeGenerated"),
        ("InitiatingProcessFolderPath", "InitiatingProcessFileName"), ("ProcessCommandLine",),
        ("AccountName", "InitiatingProcessAccountName"), ("LogonId",), ("DeviceName", "DeviceId"),
        ("ProcessUniqueId",), ("InitiatingProcessUniqueId",), ("InitiatingProcessCreationTime",),
        only=("ActionType", ("ProcessCreated",)),
    ),
    ProcessSchema(
        "sysmon", ("ProcessId",), ("ParentProcessId",), ("Image",), ("UtcTime", "TimeGenerated", "TimeCreated"),
        ("ParentImage",), ("CommandLine",), ("User",), ("LogonId", "LogonGuid"), ("Computer", "Hostname"),
        ("ProcessGuid",), ("ParentProcessGuid",), only=("EventID", (1, "1")),
    ),
    ProcessSchema(
        "auditd", ("pid",), ("ppid",), ("exe",), ("TimeGenerated", "Timestamp"), (), ("cmdline",), ("acct", "uid"),
        ("ses",), ("Computer", "host"), only=("EventType", ("EXECVE", "SYSCALL_EXECVE")),
    ),
    ProcessSchema(
        "osquery", ("pid",), ("parent",), ("path", "name"), ("calendarTime", "time"), (), ("cmdline",),
        ("username", "uid"), (), ("hostname", "hostIdentifier"),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class ProcessTree:
    """The processes of `build`, in the order of a printed tree (parents before children).

    `frame` has the columns `key` and `parent_key` (whole numbers, -1 for no parent), `host`, `process_id`,
    `parent_id`, `time`, `path`, `name`, `parent_path`, `command_line`, `user`, `logon`, `inferred`, `row` (index label
    of the log row, None for inferred ones), `depth`, `order` and `label`; its index is the key.
    """

    frame: pd.DataFrame
    schema: ProcessSchema

    def __len__(self) -> int:
        return len(self.frame)

    def roots(self) -> pd.DataFrame:
        """The processes without a parent."""
        return self.frame[self.frame["parent_key"] < 0]

    def parent(self, key: int) -> pd.DataFrame:
        """The process that started this one; no row for a root."""
        above = int(self._at(key, "parent_key"))
        return self.frame.loc[[above]] if above >= 0 else self.frame.iloc[:0]

    def children(self, key: int) -> pd.DataFrame:
        """The processes that this one started, by time."""
        self._at(key, "key")
        return self.frame[self.frame["parent_key"] == key].sort_values("time")

    def siblings(self, key: int) -> pd.DataFrame:
        """The other children of its parent."""
        above = self._at(key, "parent_key")
        return self.frame[(self.frame["parent_key"] == above) & (self.frame["key"] != key)]

    def path(self, key: int) -> pd.DataFrame:
        """From the root down to this process."""
        keys = [key]
        while (above := int(self._at(keys[-1], "parent_key"))) >= 0:
            keys.append(above)
        return self.frame.loc[keys[::-1]]

    def ancestors(self, key: int) -> pd.DataFrame:
        """From the root down to its parent."""
        return self.path(key).iloc[:-1]

    def subtree(self, key: int) -> pd.DataFrame:
        """This process and all below it, in tree order."""
        start = int(self._at(key, "order"))
        depths = self.frame["depth"].to_numpy()[start + 1 :]
        past = np.flatnonzero(depths <= depths.dtype.type(self._at(key, "depth")))
        return self.frame.iloc[start : start + 1 + (int(past[0]) if len(past) else len(depths))]

    def descendants(self, key: int) -> pd.DataFrame:
        """All below this process, in tree order."""
        return self.subtree(key).iloc[1:]

    def root_of(self, key: int) -> pd.DataFrame:
        """The root above this process."""
        return self.path(key).iloc[:1]

    def find(self, text: str) -> pd.DataFrame:
        """The processes whose path or command line contains a text, in any case."""
        lowered = text.lower()
        lines = self.frame["path"].fillna("") + "\0" + self.frame["command_line"].fillna("")
        return self.frame[lines.str.lower().str.contains(lowered, regex=False)]

    @cached_property
    def rarity(self) -> pd.Series[float]:
        """How rare each pair of parent and child names is here: 1 for one that stands alone, near 0 for the usual."""
        names = self.frame["name"].str.lower().fillna("")
        above = names.reindex(self.frame["parent_key"]).fillna("").to_numpy()
        pairs = pd.Series(above, index=self.frame.index) + "\0" + names
        return 1 / pairs.map(pairs.value_counts())

    def to_text(self, key: int | None = None, *, limit: int = 200) -> str:
        """The tree, or what is below a process, as indented lines."""
        shown = self.frame if key is None else self.subtree(key)
        top = 0 if shown.empty else int(shown["depth"].iloc[0])
        lines = [
            "  " * (depth - top) + label
            for depth, label in zip(shown["depth"][:limit], shown["label"][:limit], strict=True)
        ]
        return "\n".join(lines + ([f"... {len(shown) - limit} more"] if len(shown) > limit else []))

    def _at(self, key: int, column: str) -> int:
        if key not in self.frame.index:
            raise DataError(f"the tree has no process with key {key}; keys run from 0 to {len(self.frame) - 1}")
        return int(self.frame.at[key, column])  # type: ignore[arg-type]  # whole-number columns only


def infer_schema(data: pd.DataFrame) -> ProcessSchema:
    """The schema whose id, parent and path columns the frame has."""
    for schema in SCHEMAS:
        needed = (schema.process_id, schema.parent_id, schema.path, schema.time)
        if all(any(name in data.columns for name in names) for names in needed):
            return schema
    known = "; ".join(
        f"{schema.name}: {schema.process_id[0]}, {schema.parent_id[0]}, {schema.path[0]}" for schema in SCHEMAS
    )
    raise DataError(f"these are no process events that are known ({known}); pass schema=ProcessSchema(...)")


def build(data: pd.DataFrame, schema: ProcessSchema | str | Mapping[str, str] | None = None) -> ProcessTree:
    """The tree of the processes in a frame of creation events.

    `schema` is one of `SCHEMAS` or its name, or a mapping from the fields of `ProcessSchema` to columns; it is
    inferred where it is not given. Raises `DataError` if the columns do not fit.
    """
    chosen = _schema(data, schema)
    with no_collection():
        events = _events(data, chosen)
        events = _with_parents(events, _parents(events))
        return ProcessTree(_in_tree_order(events), chosen)


def _schema(data: pd.DataFrame, schema: ProcessSchema | str | Mapping[str, str] | None) -> ProcessSchema:
    if schema is None:
        return infer_schema(data)
    if isinstance(schema, ProcessSchema):
        return schema
    if isinstance(schema, str):
        found = next((known for known in SCHEMAS if known.name == schema), None)
        if found is None:
            raise DataError(f"no process schema '{schema}'; there are: {', '.join(known.name for known in SCHEMAS)}")
        return found
    fields = {name: (column,) for name, column in schema.items()}
    missing = [name for name in ("process_id", "parent_id", "path", "time") if name not in fields]
    if missing:
        raise DataError(f"a process schema needs {missing[0]}")
    own = ProcessSchema("own", fields["process_id"], fields["parent_id"], fields["path"], fields["time"])
    unknown = fields.keys() - _FIELDS
    if unknown:
        raise DataError(f"a process schema has no field '{min(unknown)}'; it has: {', '.join(sorted(_FIELDS))}")
    return replace(own, **fields)  # type: ignore[arg-type]  # all fields but the two left out are tuples of names


def _events(data: pd.DataFrame, schema: ProcessSchema) -> pd.DataFrame:
    """The creation events under the names of `COLUMNS`, by host and time."""
    if schema.only is not None and schema.only[0] in data.columns:
        data = data[data[schema.only[0]].isin(list(schema.only[1]))]
    frame = pd.DataFrame({
        "row": data.index,
        "host": _text(data, schema.host).str.lower(),
        "process_id": _ids(data, schema.process_id),
        "parent_id": _ids(data, schema.parent_id),
        "time": _times(data, schema.time),
        "path": _text(data, schema.path),
        "parent_path": _text(data, schema.parent_path),
        "command_line": _text(data, schema.command_line),
        "user": _text(data, schema.user),
        "logon": _text(data, schema.logon),
        "unique": _text(data, schema.unique_id),
        "parent_unique": _text(data, schema.parent_unique_id),
        "parent_time": _times(data, schema.parent_time),
    })  # fmt: skip
    frame = frame[frame["process_id"] >= 0].sort_values(["time", "host"], kind="stable", ignore_index=True)
    # The same start is often reported twice, by several collectors or by snapshots.
    frame = frame.drop_duplicates(["host", "process_id", "time", "path"], ignore_index=True)
    frame["inferred"] = False
    return frame


def _column(data: pd.DataFrame, names: tuple[str, ...]) -> pd.Series[Any]:
    for name in names:
        if name in data.columns:
            return data[name]
    return pd.Series(np.full(len(data), ""), index=data.index, dtype="str")


def _text(data: pd.DataFrame, names: tuple[str, ...]) -> pd.Series[str]:
    column = _column(data, names)
    if isinstance(column.dtype, pd.StringDtype):
        return column.fillna("").reset_index(drop=True)
    texts = column.astype("object").where(column.notna(), "").reset_index(drop=True)
    try:
        return texts.astype(str)
    except UnicodeEncodeError:
        # Half a character, which a cut UTF-16 text ends with, cannot be stored.
        return texts.map(lambda text: str(text).encode("utf-8", "backslashreplace").decode()).astype(str)


def _times(data: pd.DataFrame, names: tuple[str, ...]) -> pd.Series[pd.Timestamp]:
    column = _column(data, names)
    if not any(name in data.columns for name in names):
        return pd.Series(np.full(len(data), "NaT", dtype="datetime64[us]"))
    times = pd.to_datetime(column, utc=True, errors="coerce", format="mixed" if column.dtype == object else None)
    return times.dt.tz_localize(None).astype("datetime64[us]").reset_index(drop=True)


def _ids(data: pd.DataFrame, names: tuple[str, ...]) -> NDArray[np.int64]:
    values = _column(data, names).tolist()
    try:
        return np.array([int(value, 0) for value in values], dtype=np.int64)
    except (TypeError, ValueError, OverflowError):
        return np.array([_number(value) for value in values], dtype=np.int64)


def _number(value: object) -> int:
    """A process id, decimal or hexadecimal; -1 for none."""
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, float):
        return -1 if np.isnan(value) else int(value)
    try:
        return int(str(value).strip(), 0)
    except ValueError:
        return -1


def _parents(events: pd.DataFrame) -> NDArray[np.int64]:
    """The position of each event's parent, -1 where the log does not hold it."""
    found = _by_unique_id(events)
    rest = found < 0
    if rest.any():
        found = np.where(rest, _by_time(events), found)
    own = found == np.arange(len(events))
    return np.where(own, -1, found).astype(np.int64)


def _by_unique_id(events: pd.DataFrame) -> NDArray[np.int64]:
    known = events[events["unique"] != ""].drop_duplicates(["host", "unique"])
    if known.empty:
        return np.full(len(events), -1, dtype=np.int64)
    lookup = pd.Series(known.index, index=pd.MultiIndex.from_frame(known[["host", "unique"]]))
    wanted = pd.MultiIndex.from_frame(events[["host", "parent_unique"]])
    return lookup.reindex(wanted).fillna(-1).to_numpy().astype(np.int64)


def _by_time(events: pd.DataFrame) -> NDArray[np.int64]:
    """The latest process of the parent's id on the host that had started by then (or when the parent did)."""
    at = events["parent_time"].fillna(events["time"])
    timed = events["time"].notna()
    children = pd.DataFrame({"host": events["host"], "id": events["parent_id"], "time": at, "child": events.index})
    parents = pd.DataFrame(
        {"host": events["host"], "id": events["process_id"], "time": events["time"], "at": events.index}
    )
    children = children[at.notna() & (children["id"] >= 0)].sort_values("time", kind="stable")
    joined = pd.merge_asof(
        children,
        parents[timed].sort_values("time", kind="stable"),
        on="time",
        by=["host", "id"],
        allow_exact_matches=True,
    )
    found = np.full(len(events), -1, dtype=np.int64)
    hits = joined.dropna(subset=["at"])
    found[hits["child"].to_numpy()] = hits["at"].to_numpy().astype(np.int64)
    return _acyclic(found)


def _acyclic(parents: NDArray[np.int64]) -> NDArray[np.int64]:
    """Parents of the same instant may name each other; a parent must stand before its child in the sorted log."""
    later = parents >= np.arange(len(parents))
    return np.where(later, -1, parents)


def _with_parents(events: pd.DataFrame, parents: NDArray[np.int64]) -> pd.DataFrame:
    """The events and a row for each parent that the log does not hold."""
    events = events.assign(parent=parents)
    orphans = events[(parents < 0) & (events["parent_id"] > 0)]
    groups = orphans.groupby(["host", "parent_id", "parent_unique", "parent_path"], sort=False, dropna=False)
    inferred = groups.agg(time=("parent_time", "min")).reset_index()
    if inferred.empty:
        return events
    extra = pd.DataFrame(
        {
            "row": [None] * len(inferred),
            "host": inferred["host"],
            "process_id": inferred["parent_id"],
            "parent_id": -1,
            "time": inferred["time"],
            "path": inferred["parent_path"],
            "inferred": True,
            "parent": -1,
        }
    )
    events.loc[orphans.index, "parent"] = groups.ngroup() + len(events)
    texts = ["parent_path", "command_line", "user", "logon", "unique", "parent_unique"]
    whole = pd.concat([events.astype({"row": "object"}), extra.astype({"row": "object"})], ignore_index=True)
    whole[texts] = whole[texts].fillna("")
    return whole


def _in_tree_order(events: pd.DataFrame) -> pd.DataFrame:
    """The rows as a printed tree has them, with keys, depths and labels."""
    parents = events["parent"].to_numpy(dtype=np.int64)
    order, depths = _walk(parents, events["time"].to_numpy())
    place = np.empty(len(events), dtype=np.int64)
    place[order] = np.arange(len(order))
    above = parents[order]
    frame = events.iloc[order].reset_index(drop=True)
    frame["key"] = np.arange(len(frame))
    frame["parent_key"] = np.where(above >= 0, place[above], -1) if len(frame) else above
    frame["depth"] = depths
    frame["order"] = frame["key"]
    frame["name"] = frame["path"].str.replace(r"^.*[\\/]", "", regex=True)
    ids = frame["process_id"].astype(str)
    frame["label"] = frame["name"].where(frame["name"] != "", "process") + " [" + ids + "]"
    return frame[list(COLUMNS)].set_index("key", drop=False).rename_axis(None)


def _walk(parents: NDArray[np.int64], times: NDArray[np.datetime64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Depth-first order and depths, siblings by time."""
    by_time = np.argsort(times, kind="stable")
    children: dict[int, list[int]] = {}
    for index, above in zip(by_time[::-1].tolist(), parents[by_time[::-1]].tolist(), strict=True):
        if above in children:
            children[above].append(index)
        else:
            children[above] = [index]
    order: list[int] = []
    deep = [0] * len(parents)
    stack = children.get(-1, [])
    while stack:
        index = stack.pop()
        order.append(index)
        below = children.get(index)
        if below is not None:
            depth = deep[index] + 1
            for child in below:
                deep[child] = depth
            stack += below
    ordered = np.array(order, dtype=np.int64)
    return ordered, np.array(deep, dtype=np.int64)[ordered]
