"""Indicators in many texts at once: each distinct line is searched once by DuckDB, parts are told from wholes by numpy.

Messages of a log differ in a few of their lines only, so lines are searched rather than texts. Rows are read in
blocks, so that memory follows the block and what was found, not the log.
"""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from huntlens.analyze.defang import MARKS, Refanged, refanged
from huntlens.analyze.ioc_patterns import CONTEXT, scope
from huntlens.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from huntlens.analyze.ioc_patterns import Pattern

    Whole = NDArray[np.int64]
    # Each type and value that was found, and its number.
    Names = dict[tuple[str, str], int]

_BLOCK: Final = 20_000
"""Cells that are searched together."""
_SLICE: Final = 1_000
"""Lines that Python looks at together."""
_NEVER: Final = np.iinfo(np.int64).max
_LONG_WORD: Final = "[0-9A-Za-z]{26}"
_HALF: Final = re.compile("[\ud800-\udfff]")
_SETTINGS: Final[dict[str, str | bool | int | float | list[str]]] = {
    "autoinstall_known_extensions": False, "autoload_known_extensions": False, "threads": 1,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Hits:
    """Indicators as parallel arrays: the line, text or cell that holds each, its span, the number of its name."""

    owner: Whole
    start: Whole
    end: Whole
    name: Whole

    def take(self, places: Whole) -> _Hits:
        return _Hits(self.owner[places], self.start[places], self.end[places], self.name[places])


@dataclass(frozen=True, slots=True)
class _Search:
    """What is searched for, and with what."""

    connection: duckdb.DuckDBPyConnection
    patterns: Sequence[Pattern]
    wanted: frozenset[str]
    by_line: bool


def search(
    frame: pd.DataFrame, patterns: Sequence[Pattern], wanted: frozenset[str], *, by_line: bool
) -> Iterator[tuple[Whole, pd.DataFrame]]:
    """The cell of each indicator (row times columns plus column), and its `type`, `value`, `scope` and span.

    They come block by block, by cell and place.
    """
    size = max(1, _BLOCK // max(1, frame.shape[1]))
    with closing(duckdb.connect(config=_SETTINGS)) as connection:
        _check(connection, patterns)
        setting = _Search(connection, patterns, wanted, by_line)
        for at in range(0, len(frame), size):
            names: Names = {}
            hits = _in_cells(setting, _cells(frame.iloc[at : at + size]), names)
            types, values = zip(*names, strict=True) if names else ((), ())
            told = {"type": types, "value": values, "scope": [scope(*name) for name in names]}
            found: dict[str, Any] = {column: _taken(texts, hits.name) for column, texts in told.items()}
            found |= {"start": hits.start, "end": hits.end}
            yield hits.owner + at * frame.shape[1], pd.DataFrame(found)


def _taken(texts: Sequence[str], places: Whole) -> pd.Series[str]:
    return pd.Series(pa.array(texts, pa.large_string()).take(pa.array(places)), dtype="str")


def _check(connection: duckdb.DuckDBPyConnection, patterns: Sequence[Pattern]) -> None:
    """Raise `DataError` for a pattern that only Python can read; those of this project are known to be fit."""
    for pattern in patterns:
        if pattern.rank >= 0:
            continue
        try:
            connection.sql("select regexp_matches('', ?)", params=[pattern.core]).fetchall()
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            raise DataError(f"pattern '{pattern.name}' cannot be searched in a frame: {reason}") from None


# --- cells, texts, lines ---------------------------------------------------------------------------------------


def _cells(frame: pd.DataFrame) -> pa.LargeStringArray:
    """The texts of a frame, row by row."""
    columns = [_texts(frame.iloc[:, at]) for at in range(frame.shape[1])]
    if len(columns) == 1:
        return columns[0]
    order = np.arange(frame.size).reshape(len(columns), len(frame)).T.ravel()
    return pa.concat_arrays(columns).take(pa.array(order))


def _texts(column: pd.Series[Any]) -> pa.LargeStringArray:
    values: Any = column
    if not isinstance(column.dtype, pd.StringDtype):
        values = column.to_numpy(dtype=object)
        if pd.api.types.infer_dtype(values, skipna=True) not in ("string", "empty"):
            gone = column.isna()
            values = [None if missing else str(value) for value, missing in zip(values, gone, strict=True)]
    try:
        array = pa.array(values, type=pa.large_string(), from_pandas=True)
    except UnicodeEncodeError:
        # Half a character, which a cut UTF-16 text ends with, cannot be stored.
        whole = [_HALF.sub("\ufffd", value) if isinstance(value, str) else None for value in values]
        array = pa.array(whole, type=pa.large_string())
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def _lines(texts: pa.LargeStringArray) -> tuple[pa.LargeStringArray, Whole]:
    """The lines of texts, each with the break at its end, as views of the same bytes; how many each text has."""
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, dtype=np.int64)[texts.offset : texts.offset + len(texts) + 1]
    if data is None or ends[0] == ends[-1]:
        return texts.slice(0, 0), np.zeros(len(texts), dtype=np.int64)
    breaks = np.flatnonzero(np.frombuffer(data, dtype=np.uint8)[ends[0] : ends[-1]] == ord("\n")) + ends[0] + 1
    cuts = np.sort(np.concatenate([ends, breaks]), kind="stable")
    cuts = cuts[np.diff(cuts, prepend=-1) > 0]
    lines = pa.LargeStringArray.from_buffers(len(cuts) - 1, pa.py_buffer(cuts), data)
    return lines, np.diff(np.searchsorted(cuts, ends))


def _in_cells(setting: _Search, cells: pa.LargeStringArray, names: Names) -> _Hits:
    """The indicators of each cell: found in distinct lines, spread to distinct texts, then to cells."""
    coded = cells.dictionary_encode()
    texts = coded.dictionary
    lines, counts = _lines(texts) if setting.by_line else (texts, np.ones(len(texts), dtype=np.int64))
    lengths = pc.utf8_length(lines).to_numpy()
    before = np.cumsum(lengths) - lengths
    text_of = np.repeat(np.arange(len(texts)), counts)
    before -= before[(np.cumsum(counts) - counts)[text_of]]
    codes = coded.indices.fill_null(-1).to_numpy()
    line_codes: NDArray[Any] = np.arange(len(lines))
    # Distinct texts of one line each are distinct lines.
    if len(lines) != len(texts):
        coded_lines = lines.dictionary_encode()
        lines, line_codes = coded_lines.dictionary, coded_lines.indices.to_numpy()
    # From here on the distinct lines are the only copy.
    del coded, texts
    at, spread = _spread(line_codes, _in_lines(setting, lines, names))
    in_texts = _Hits(text_of[at], spread.start + before[at], spread.end + before[at], spread.name)
    present = np.flatnonzero(codes >= 0)
    at, spread = _spread(codes[present], in_texts)
    return _Hits(present[at], spread.start, spread.end, spread.name)


def _spread(codes: NDArray[Any], hits: _Hits) -> tuple[Whole, _Hits]:
    """For each place that holds a code the hits of that code: the place, and the hit."""
    have = np.bincount(hits.owner, minlength=int(codes.max(initial=-1)) + 1)
    first = np.cumsum(have) - have
    counts = have[codes]
    places = np.repeat(np.arange(len(codes)), counts)
    within = np.arange(len(places)) - np.repeat(np.cumsum(counts) - counts, counts)
    return places, hits.take(first[codes[places]] + within)


# --- hits ------------------------------------------------------------------------------------------------------


def _in_lines(setting: _Search, lines: pa.LargeStringArray, names: Names) -> _Hits:
    """The indicators of distinct lines, by line and place."""
    lines, changed = _plain(setting.connection, lines)
    setting.connection.register("lines", pa.table({"i": pa.array(np.arange(len(lines))), "t": lines}))
    found = [_placed(pattern, lines, at, texts, names) for pattern, at, texts in _candidates(setting)]
    ranks = np.repeat([rank for rank, _ in found], [len(hits.owner) for _, hits in found])
    parts = [(hits.owner, hits.start, hits.end, hits.name) for _, hits in found]
    whole = _Hits(*(np.concatenate(part) for part in zip(*parts, strict=True)))
    kept = _wholes(whole, ranks)
    asked = np.array([kind in setting.wanted for kind, _ in names], dtype=bool)
    kept = kept[asked[whole.name[kept]]]
    hits = whole.take(kept[np.lexsort((whole.start[kept], whole.owner[kept]))])
    for at in np.flatnonzero(np.isin(hits.owner, list(changed))).tolist() if changed else ():
        read = changed[int(hits.owner[at])]
        hits.start[at], hits.end[at] = read.origin(int(hits.start[at])), read.origin(int(hits.end[at]) - 1) + 1
    return hits


def _plain(
    connection: duckdb.DuckDBPyConnection, lines: pa.LargeStringArray
) -> tuple[pa.LargeStringArray, dict[int, Refanged]]:
    """The lines with defanging undone, and those that changed."""
    connection.register("lines", pa.table({"t": lines}))
    marked = connection.sql("select regexp_matches(t, $1) from lines", params=[MARKS]).to_arrow_table()
    mask = marked.column(0).combine_chunks()
    places = np.flatnonzero(mask.to_numpy(zero_copy_only=False)).tolist()
    if not places:
        return lines, {}
    changed = {at: refanged(text) for at, text in zip(places, lines.filter(mask).to_pylist(), strict=True)}
    new = pa.array([read.text for read in changed.values()], pa.large_string())
    return pc.replace_with_mask(lines, mask, new), changed


def _candidates(setting: _Search) -> Iterator[tuple[Pattern, Whole, list[str]]]:
    """What fits a pattern, its borders left out of account: the lines and the texts, in order."""
    for long in (False, True):
        chosen = [pattern for pattern in setting.patterns if pattern.long_word is long]
        if not chosen:
            continue
        columns, parameters = [], []
        for pattern in chosen:
            guard = " or ".join("contains(t, ?)" for _ in pattern.guard) or "true"
            columns.append(f"case when {guard} then regexp_extract_all(t, ?) end")
            parameters += [*pattern.guard, f"(?i){pattern.core}"]
        where = f"where regexp_matches(t, '{_LONG_WORD}')" if long else ""
        query = f"select i, {', '.join(columns)} from lines {where}"
        table = setting.connection.sql(query, params=parameters).to_arrow_table()
        lines = table.column(0).combine_chunks().to_numpy()
        for at, pattern in enumerate(chosen, start=1):
            lists = table.column(at).combine_chunks()
            yield pattern, lines[pc.list_parent_indices(lists).to_numpy()], lists.flatten().to_pylist()


def _placed(
    pattern: Pattern, lines: pa.LargeStringArray, owners: Whole, values: list[str], names: Names
) -> tuple[int, _Hits]:
    """The rank and the hits of a pattern: candidates with the right neighbours that are what they look like."""
    if not values:
        return pattern.rank, _Hits(*(np.empty(0, dtype=np.int64) for _ in _Hits.__slots__))
    match = pattern.finder.match
    kept: list[int] = []
    starts: list[int] = []
    shown: list[str] = []
    fronts: list[str] = []
    last, at, text = -1, 0, ""
    texts = _told(lines, np.unique(owners))
    for owner, value in zip(owners.data, values, strict=True):
        if owner != last:
            last, at, text = owner, 0, next(texts)
        start = text.find(value, at)
        at = start + len(value)
        found = match(text, start)
        if found is not None and (candidate := found[0]):
            kept.append(owner)
            starts.append(start)
            shown.append(candidate)
            if pattern.context is not None:
                fronts.append(text[max(0, start - CONTEXT) : start])
    number, length = _judged(pattern, shown, names)
    good = np.flatnonzero(number >= 0)
    line, begin, name = np.array(kept, dtype=np.int64)[good], np.array(starts, dtype=np.int64)[good], number[good]
    if pattern.context is not None:
        known = list(names)
        for index, (at, one) in enumerate(zip(good.tolist(), name.tolist(), strict=True)):
            kind, value = known[one]
            now = pattern.context(kind, fronts[at])
            if now != kind:
                name[index] = names.setdefault((now, value), len(names))
    return pattern.rank, _Hits(line, begin, begin + length[good], name)


def _told(lines: pa.LargeStringArray, places: Whole) -> Iterator[str]:
    """The lines at these places, few of them at a time as Python's texts."""
    for at in range(0, len(places), _SLICE):
        yield from lines.take(pa.array(places[at : at + _SLICE])).to_pylist()


def _judged(pattern: Pattern, shown: list[str], names: Names) -> tuple[Whole, Whole]:
    """The number of the name of each candidate (-1: not what it looks like), and its length."""
    codes, distinct = pd.factorize(np.array(shown, dtype=object))
    numbers = np.full(len(distinct) + 1, -1, dtype=np.int64)
    lengths = np.zeros(len(distinct) + 1, dtype=np.int64)
    for at, text in enumerate(distinct):
        judged = pattern.valid(text)
        if judged is not None:
            numbers[at] = names.setdefault(judged, len(names))
            lengths[at] = pattern.length(text, judged[1])
    return numbers[codes], lengths[codes]


# --- parts and wholes ------------------------------------------------------------------------------------------


def _wholes(hits: _Hits, ranks: Whole) -> Whole:
    """The hits that no better one overlaps: by rank, then from left to right, the longer first."""
    width = int(hits.end.max(initial=0)) + 1
    low, high = hits.owner * width + hits.start, hits.owner * width + hits.end
    taken = np.empty(0, dtype=np.int64)
    for rank in sorted(set(ranks.tolist())):
        new = np.flatnonzero(ranks == rank)
        new = new[np.lexsort((-high[new], low[new]))]
        # What is taken does not overlap, so only the neighbours on both sides can.
        at = np.searchsorted(low[taken], low[new], side="right")
        free = (np.append(-1, high[taken])[at] <= low[new]) & (high[new] <= np.append(low[taken], _NEVER)[at])
        new = new[free]
        taken = np.concatenate([taken, new[_apart(low[new], high[new])]])
        taken = taken[np.argsort(low[taken], kind="stable")]
    return taken


def _apart(low: Whole, high: Whole) -> NDArray[np.bool_]:
    """Of spans by their start those that do not reach into one that was kept before them."""
    kept = np.ones(len(low), dtype=bool)
    if len(low) > 1 and (low[1:] < np.maximum.accumulate(high)[:-1]).any():
        end = -1
        for at, (start, stop) in enumerate(zip(low.tolist(), high.tolist(), strict=True)):
            kept[at] = start >= end
            end = stop if start >= end else end
    return kept
