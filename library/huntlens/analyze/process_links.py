"""Who started whom, out of the rows of a log: parents, those that the log does not hold, and the order of a tree.

A process is found by its host, its id and the time it started, because ids are used again and again.
Where the log names a unique id or the parent's own start time that is used; otherwise the parent is the latest process
of that id on that host that stands before it.
A parent that the log does not hold becomes a row of its own, marked `inferred`, so its children stay together.

All of this is done with numbers; the texts of the rows are gathered once, in the order of the tree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from huntlens.analyze.process_schema import ProcessSchema

    Whole = NDArray[np.int64]

COLUMNS: Final = (
    "key", "parent_key", "host", "process_id", "parent_id", "time", "path", "name", "parent_path", "command_line",
    "user", "logon", "inferred", "row", "depth", "order", "label",
)  # fmt: skip
_NONE: Final = np.iinfo(np.int64).min
"""No time, as `NaT` is stored."""
_NEVER: Final = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class _Texts:
    """Texts by number: `codes` of several columns, one after the other, into `known`."""

    known: pa.LargeStringArray
    codes: tuple[Whole, ...]

    @classmethod
    def of(cls, *columns: pa.LargeStringArray) -> _Texts:
        coded = pa.concat_arrays(columns).dictionary_encode()
        codes = coded.indices.to_numpy().astype(np.int64)
        return cls(coded.dictionary, tuple(np.split(codes, len(columns))))


@dataclass(frozen=True, slots=True)
class _Events:
    """Process starts as numbers, by time; `at` is the row of the log (-1 for an inferred one, whose child is `child`).

    Texts are numbers that are equal where the texts are; times are microseconds.
    """

    at: Whole
    child: Whole
    host: Whole
    process_id: Whole
    parent_id: Whole
    time: Whole
    path: Whole
    parent_path: Whole
    unique: Whole
    parent_unique: Whole
    parent_time: Whole

    def __len__(self) -> int:
        return len(self.at)

    def take(self, places: Whole) -> _Events:
        return _Events(*(getattr(self, name)[places] for name in self.__slots__))

    def then(self, more: _Events) -> _Events:
        return _Events(*(np.concatenate([getattr(self, name), getattr(more, name)]) for name in self.__slots__))


def linked(data: pd.DataFrame, schema: ProcessSchema) -> pd.DataFrame:
    """The processes of a log and the parents it does not hold, as a printed tree has them; columns are `COLUMNS`."""
    if schema.only is not None and schema.only[0] in data.columns:
        data = data[data[schema.only[0]].isin(list(schema.only[1]))]
    hosts = _Texts.of(pc.utf8_lower(_text(data, schema.host)))
    paths = _Texts.of(_text(data, schema.path), _text(data, schema.parent_path))
    uniques = _Texts.of(_text(data, schema.unique_id), _text(data, schema.parent_unique_id))
    rows = np.arange(len(data))
    (host,), (path, parent_path), (unique, parent_unique) = hosts.codes, paths.codes, uniques.codes
    events = _Events(
        rows, rows, host, _ids(data, schema.process_id), _ids(data, schema.parent_id), _times(data, schema.time),
        path, parent_path, _given(uniques, unique), _given(uniques, parent_unique), _times(data, schema.parent_time),
    )  # fmt: skip
    events = _distinct(events)
    whole, parents = _with_parents(events, _parents(events))
    order, depths = _walk(parents, whole.time)
    place = np.empty(len(whole) + 1, dtype=np.int64)
    place[order], place[-1] = np.arange(len(order)), -1
    frame = _frame(data, schema, whole.take(order), hosts.known, paths.known)
    return frame.assign(parent_key=place[parents[order]], depth=depths)[list(COLUMNS)]


def _given(texts: _Texts, codes: Whole) -> Whole:
    """The codes of texts, -1 for the empty one."""
    empty = pc.index(texts.known, pa.scalar("", pa.large_string())).as_py()
    return np.where(codes == empty, -1, codes)


def _distinct(events: _Events) -> _Events:
    """The starts of processes by time, each once: several collectors and snapshots report the same one."""
    moments = np.where(events.time == _NONE, _NEVER, events.time)
    order = np.lexsort((events.host, moments))
    known = (events.process_id >= 0) | (events.unique >= 0)
    events = events.take(order[known[order]])
    same = _table(events.host, events.process_id, events.unique, events.time, events.path).duplicated().to_numpy()
    return events.take(np.flatnonzero(~same))


def _table(*columns: Whole) -> pd.DataFrame:
    return pd.DataFrame(dict(enumerate(columns)))


# --- columns of the log ----------------------------------------------------------------------------------------


def _column(data: pd.DataFrame, names: tuple[str, ...]) -> pd.Series[Any] | None:
    return next((data[name] for name in names if name in data.columns), None)


def _text(data: pd.DataFrame, names: tuple[str, ...]) -> pa.LargeStringArray:
    column = _column(data, names)
    if column is None:
        return pa.repeat(pa.scalar("", pa.large_string()), len(data))
    values: Any = column
    if not isinstance(column.dtype, pd.StringDtype):
        gone = column.isna()
        values = ["" if missing else str(value) for value, missing in zip(column, gone, strict=True)]
    try:
        array = pa.array(values, pa.large_string(), from_pandas=True)
    except UnicodeEncodeError:
        # Half a character, which a cut UTF-16 text ends with, cannot be stored.
        whole = [value.encode("utf-8", "backslashreplace").decode() for value in values]
        array = pa.array(whole, pa.large_string())
    array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    return array.fill_null("")


def _times(data: pd.DataFrame, names: tuple[str, ...]) -> Whole:
    column = _column(data, names)
    if column is None:
        return np.full(len(data), _NONE)
    times = pd.to_datetime(column, utc=True, errors="coerce", format="mixed" if column.dtype == object else None)
    return times.dt.tz_localize(None).astype("datetime64[us]").to_numpy().astype(np.int64)


def _ids(data: pd.DataFrame, names: tuple[str, ...]) -> Whole:
    column = _column(data, names)
    if column is None:
        return np.full(len(data), -1)
    if pd.api.types.is_integer_dtype(column) and not column.hasnans:
        return column.to_numpy().astype(np.int64)
    values = column.tolist()
    try:
        return np.array([int(value, 0) for value in values], dtype=np.int64)
    except (TypeError, ValueError, OverflowError):
        return np.array([_number(value) for value in values], dtype=np.int64)


def _number(value: object) -> int:
    """A process id, decimal or hexadecimal; -1 for none."""
    try:
        number = int(str(value).strip(), 0) if isinstance(value, str) else int(value)  # type: ignore[call-overload]
    except (TypeError, ValueError, OverflowError):
        return -1
    return number if abs(number) < _NEVER else -1


# --- parents ---------------------------------------------------------------------------------------------------


def _parents(events: _Events) -> Whole:
    """The position of each event's parent, -1 where the log does not hold it."""
    found = _by_unique_id(events)
    found = np.where(found < 0, _by_time(events), found)
    found[found == np.arange(len(events))] = -1
    return _acyclic(found)


def _by_unique_id(events: _Events) -> Whole:
    known = np.flatnonzero(events.unique >= 0)
    if not len(known):
        return np.full(len(events), -1)
    base = int(max(events.unique.max(), events.parent_unique.max())) + 1
    keys, first = np.unique(events.host[known] * base + events.unique[known], return_index=True)
    wanted = events.host * base + events.parent_unique
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    hit = (keys[at] == wanted) & (events.parent_unique >= 0)
    return np.where(hit, known[first[at]], -1)


def _by_time(events: _Events) -> Whole:
    """The latest process of the parent's id on the host that stands before it (or had started when the parent did).

    Starts and questions for a parent stand in one row, by id and time; the last start before a question answers it.
    """
    count = len(events)
    ids, _ = pd.factorize(np.concatenate([events.process_id, events.parent_id]))
    told = events.parent_time != _NONE
    asked = np.flatnonzero(((events.time != _NONE) | told) & (events.parent_id >= 0))
    able = np.flatnonzero(events.time != _NONE)
    key = np.tile(events.host, 2) * (int(ids.max(initial=0)) + 1) + ids
    moment = np.concatenate([events.time[able], np.where(told, events.parent_time, events.time)[asked]])
    # A question without the parent's start stands just before the start of its own process.
    rank = np.concatenate([2 * able, np.where(told[asked], 2 * count, 2 * asked - 1)])
    owner = np.concatenate([able, asked])
    group = np.concatenate([key[:count][able], key[count:][asked]])
    order = np.lexsort((rank, moment, group))
    start = order < len(able)
    last = np.maximum.accumulate(np.where(start, np.arange(len(order)), -1))
    question = np.flatnonzero(~start & (last >= 0))
    answer = order[last[question]]
    question = order[question]
    same = group[answer] == group[question]
    found = np.full(count, -1)
    found[owner[question[same]]] = owner[answer[same]]
    return found


def _acyclic(parents: Whole) -> Whole:
    """A log that is wrong, or was made to be, may close a circle; it is cut where it points at what came later."""
    later = parents >= np.arange(len(parents))
    if not later.any():
        return parents
    above = parents.copy()
    for _ in range(len(parents).bit_length()):
        above = np.where(above >= 0, above[above], -1)
    return np.where(later & (above >= 0), -1, parents)


def _with_parents(events: _Events, parents: Whole) -> tuple[_Events, Whole]:
    """The events, a row for each parent that the log does not hold, and the parents of both."""
    orphans = np.flatnonzero((parents < 0) & ((events.parent_id > 0) | (events.parent_unique >= 0)))
    if not len(orphans):
        return events, parents
    alone = events.take(orphans)
    keys = _table(alone.host, alone.parent_id, alone.parent_unique, alone.parent_path)
    group = keys.groupby([0, 1, 2, 3], sort=False).ngroup().to_numpy()
    first = np.flatnonzero(~pd.Series(group).duplicated().to_numpy())
    moments = pd.Series(np.where(alone.parent_time == _NONE, _NEVER, alone.parent_time)).groupby(group).min()
    one = alone.take(first)
    nothing = np.full(len(one), -1)
    missing = _Events(
        nothing, one.at, one.host, one.parent_id, nothing, np.where(moments == _NEVER, _NONE, moments),
        one.parent_path, nothing, one.parent_unique, nothing, np.full(len(one), _NONE),
    )  # fmt: skip
    parents = parents.copy()
    parents[orphans] = group + len(events)
    return events.then(missing), np.concatenate([parents, nothing])


# --- the tree --------------------------------------------------------------------------------------------------


def _walk(parents: Whole, times: Whole) -> tuple[Whole, Whole]:
    """Depth-first order and depths, siblings by time, those without one last."""
    by_parent = np.lexsort((np.where(times == _NONE, _NEVER, times), parents))
    above = parents[by_parent]
    new = np.flatnonzero(np.diff(above, prepend=-2))
    after = np.append(by_parent[1:], -1)
    after[new[1:] - 1] = -1
    # The place behind the last holds the first root, for parent -1.
    first, following = np.full(len(parents) + 1, -1), np.empty_like(parents)
    first[above[new]] = by_parent[new]
    following[by_parent] = after
    order: list[int] = []
    depths: list[int] = []
    open_ends: list[int] = []
    below, beside = first.tolist(), following.tolist()
    at = below[-1]
    while at >= 0:
        order.append(at)
        depths.append(len(open_ends))
        if below[at] >= 0:
            open_ends.append(beside[at])
            at = below[at]
            continue
        at = beside[at]
        while at < 0 and open_ends:
            at = open_ends.pop()
    return np.array(order, dtype=np.int64), np.array(depths, dtype=np.int64)


def _frame(
    data: pd.DataFrame,
    schema: ProcessSchema,
    events: _Events,
    hosts: pa.LargeStringArray,
    paths: pa.LargeStringArray,
) -> pd.DataFrame:
    """The columns of the events, but for `parent_key` and `depth`."""
    inferred = events.at < 0
    names = pc.replace_substring_regex(paths, r"^.*[\\/]", "")
    name, ids = names.take(pa.array(events.path)), pa.array(events.process_id).cast(pa.large_string())
    left, right, nothing, process = (pa.scalar(text, pa.large_string()) for text in (" [", "]", "", "process"))
    shown = pc.if_else(pc.equal(name, nothing), process, name)
    keys = np.arange(len(events))
    frame = pd.DataFrame({
        "key": keys, "order": keys, "process_id": events.process_id, "parent_id": events.parent_id,
        "time": events.time.view("datetime64[us]"), "inferred": inferred,
    })  # fmt: skip
    frame["row"] = pd.Index([*data.index, None], dtype=object).take(events.at)
    at = pa.array(events.at, mask=inferred)
    texts = {
        "host": hosts.take(pa.array(events.host)),
        "path": paths.take(pa.array(events.path)),
        "parent_path": paths.take(pa.array(events.parent_path, mask=events.parent_path < 0)),
        "name": name,
        "label": pc.if_else(
            pa.array(events.process_id >= 0), pc.binary_join_element_wise(shown, left, ids, right, nothing), shown
        ),
    }
    for column in ("command_line", "user", "logon"):
        texts[column] = _text(data, getattr(schema, column)).take(at)
    for column, values in texts.items():
        frame[column] = pd.Series(values.fill_null(""), dtype="str")
    return frame
