"""Indicators in texts and frames: addresses, names, URLs, hashes, paths, keys and more.

Defanged text (`hxxps://evil[.]example`) is read as what it stands for.
Where kinds overlap the wider one wins: the host of a URL is part of the URL, not an indicator of its own.
Frames are searched by DuckDB, once for each distinct text; single texts by Python. Both read `ioc_patterns`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from huntlens.analyze.ioc_patterns import PATTERNS, REPORTS, Pattern, always, type_names
from huntlens.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pandas as pd

_CONTEXT: Final = 24
_DEFANGED: Final = r"(?i)\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)|\[:\]|\[:?//\]|\[@\]|\[at\]|h[xt][xt]ps?\[?:"
_REFANG: Final = re.compile(
    r"(?P<dot>\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\))|(?P<at>\[@\]|\[at\]|\(at\))|(?P<colon>\[:\])|(?P<slashes>\[:?//\])"
    r"|(?P<scheme>\bh(?:xx|xt|tx|tt)p(?P<s>s?)(?=\[?:))",
    re.IGNORECASE,
)
_COLUMNS: Final = ("row", "column", "type", "value", "start", "end", "text")


class Ioc(NamedTuple):
    """One indicator: its type, its value (refanged, in canonical case), and the span in the text as it was given."""

    type: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Refanged:
    """A text with its defanging undone, and for each changed place where it was."""

    text: str
    places: tuple[int, ...] = ()
    shifts: tuple[int, ...] = ()

    def origin(self, offset: int) -> int:
        """The offset in the given text of an offset in this one."""
        index = bisect_right(self.places, offset) - 1
        return offset if index < 0 else offset + self.shifts[index]


def refang(text: str) -> str:
    """A text with its defanging undone.

    >>> refang("hxxps://evil[.]example/a")
    'https://evil.example/a'
    """
    return _refanged(text).text


def defang(text: str) -> str:
    """A text in which no address or URL can be clicked.

    >>> defang("https://evil.example/a")
    'hxxps://evil[.]example/a'
    """
    pieces, last = [], 0
    for found in scan(text, types=("url", "dns", "ipv4", "email")):
        part = text[found.start : found.end]
        scheme, separator, rest = part.rpartition("://")
        host, slash, path = rest.partition("/")
        shown = scheme.replace("http", "hxxp").replace("HTTP", "HXXP") + separator
        pieces.append(text[last : found.start] + shown + host.replace(".", "[.]").replace("@", "[@]") + slash + path)
        last = found.end
    return "".join(pieces) + text[last:]


def scan(text: str, types: Iterable[str] | None = None, patterns: Mapping[str, str] | None = None) -> list[Ioc]:
    """The indicators of one text, in the order in which they stand.

    `types` limits the kinds (`type_names()` lists them); `patterns` adds kinds of your own, name to regular
    expression.

    >>> [tuple(found[:2]) for found in scan("curl hxxp://evil[.]com/x from 8.8.8.8")]
    [('url', 'http://evil.com/x'), ('ipv4', '8.8.8.8')]
    """
    read = _refanged(text)
    hits = [
        (pattern, match.start(), match.end())
        for pattern in _chosen(types, patterns)
        if not pattern.guard or any(part in read.text for part in pattern.guard)
        for match in pattern.finder.finditer(read.text)
    ]
    return list(_keep(_judged(read, hits), _wanted(types, patterns)))


def extract(
    data: object,
    columns: str | Sequence[str] | None = None,
    types: Iterable[str] | None = None,
    patterns: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """The indicators of a text, a list, a Series or columns of a frame, one row each.

    The frame has `row` (index label of the input row), `column`, `type`, `value`, `start` and `end` (span in
    the text), sorted by row, column and start. Missing values have none. Without `columns` all columns of text are
    searched. Raises `DataError` for an unknown column or type, or a pattern that is no regular expression.

    >>> extract(["ping 8.8.8.8", None]).value.tolist()
    ['8.8.8.8']
    """
    import numpy as np
    import pandas as pd

    frame = _as_frame(data, columns)
    wanted = _wanted(types, patterns)
    chosen = _chosen(types, patterns)
    stacked = [frame[name].astype("object") for name in frame.columns]
    if not stacked or frame.empty:
        return pd.DataFrame({name: [] for name in _COLUMNS[:-1]})
    cells = pd.concat(stacked, ignore_index=True)
    codes, distinct = pd.factorize(cells.where(cells.notna(), None), use_na_sentinel=True)
    # A pattern of the user's may cross lines, ours cannot.
    hits = _scan_texts([str(value) for value in distinct], chosen, wanted, by_line=not patterns)
    rows = pd.DataFrame(
        {
            "text": codes,
            "position": np.tile(np.arange(len(frame)), len(stacked)),
            "place": np.repeat(np.arange(len(stacked)), len(frame)),
        }
    )
    merged = rows.merge(hits, on="text").sort_values(["position", "place", "start"], kind="stable", ignore_index=True)
    merged.insert(0, "row", frame.index.take(merged.pop("position").to_numpy()))
    names = pd.Series([str(name) for name in frame.columns], dtype="str")
    merged.insert(1, "column", names.take(merged.pop("place").to_numpy()).to_numpy())
    return merged.drop(columns="text")


def _as_frame(data: object, columns: str | Sequence[str] | None) -> pd.DataFrame:
    import pandas as pd

    if isinstance(data, str):
        return pd.DataFrame({"": [data]})
    if isinstance(data, pd.Series):
        return data.to_frame(name=data.name if data.name is not None else "")
    if not isinstance(data, pd.DataFrame):
        if not hasattr(data, "__iter__"):
            raise DataError(f"indicators are read from text, a list, a Series or a frame, not {type(data).__name__}")
        return pd.DataFrame({"": pd.Series(list(data), dtype="object")})
    if columns is None:
        return data.select_dtypes(include=["object", "string", "category"])
    names = [columns] if isinstance(columns, str) else list(columns)
    missing = [name for name in names if name not in data.columns]
    if missing:
        raise DataError(f"the frame has no column {missing[0]!r}; it has: {', '.join(map(str, data.columns))}")
    return data[names]


def _chosen(types: Iterable[str] | None, patterns: Mapping[str, str] | None) -> list[Pattern]:
    """The patterns to run: the wider kinds run even when only the narrower are asked for, to tell parts from wholes."""
    own = []
    for name, core in (patterns or {}).items():
        try:
            re.compile(core)
        except re.error as error:
            raise DataError(f"pattern '{name}' is no regular expression: {error}") from None
        own.append(Pattern(name, f"(?:{core})", always(name), left="", right="", rank=-1))
    wanted = _wanted(types, patterns)
    last = max((p.rank for p in PATTERNS if wanted.intersection(REPORTS.get(p.name, (p.name,)))), default=0)
    return own + [pattern for pattern in PATTERNS if pattern.rank <= last]


def _wanted(types: Iterable[str] | None, patterns: Mapping[str, str] | None) -> frozenset[str]:
    own = frozenset(patterns or ())
    if types is None:
        return own | frozenset(type_names()) - {"version", "imphash"}
    asked = frozenset(types)
    unknown = asked - frozenset(type_names()) - own
    if unknown:
        raise DataError(f"no indicator type '{min(unknown)}'; there are: {', '.join(type_names())}")
    return asked | own


def _refanged(text: str) -> Refanged:
    pieces: list[str] = []
    places: list[int] = []
    shifts: list[int] = []
    last = shift = length = 0
    for match in _REFANG.finditer(text):
        new = _plain(match)
        if new == match[0]:
            continue
        pieces += (text[last : match.start()], new)
        length += match.start() - last + len(new)
        last = match.end()
        shift += len(match[0]) - len(new)
        places.append(length)
        shifts.append(shift)
    return Refanged("".join(pieces) + text[last:], tuple(places), tuple(shifts)) if pieces else Refanged(text)


def _plain(match: re.Match[str]) -> str:
    if match["scheme"]:
        return "http" + match["s"].lower()
    return {"dot": ".", "at": "@", "colon": ":", "slashes": "://" if ":" in match[0] else "//"}[str(match.lastgroup)]


def _judged(read: Refanged, hits: Iterable[tuple[Pattern, int, int]]) -> Iterator[tuple[int, Ioc]]:
    """The hits that are what they look like, with their rank."""
    text = read.text
    for pattern, start, end in hits:
        before = text[max(0, start - _CONTEXT) : start] if pattern.needs_context else ""
        kept = pattern.valid(text[start:end], before)
        if kept is not None:
            end = start + min(end - start, len(kept[1])) if pattern.rank <= 3 else end
            yield pattern.rank, Ioc(kept[0], kept[1], read.origin(start), read.origin(end - 1) + 1)


def _keep(ranked: Iterable[tuple[int, Ioc]], wanted: frozenset[str]) -> Iterator[Ioc]:
    """The indicators that no better one overlaps, in text order."""
    ordered = sorted(ranked, key=lambda item: (item[0], item[1].start, -item[1].end))
    taken: list[Ioc] = []
    for _rank, group in groupby(ordered, key=itemgetter(0)):
        starts = [found.start for found in taken]
        new: list[Ioc] = []
        for _, found in group:
            # What is taken does not overlap, so only the neighbours on both sides can.
            at = bisect_right(starts, found.start)
            free = (at == 0 or taken[at - 1].end <= found.start) and (at == len(taken) or found.end <= starts[at])
            if free and (not new or new[-1].end <= found.start):
                new.append(found)
        taken = sorted(taken + new, key=lambda found: found.start)
    return (found for found in taken if found.type in wanted)


def _scan_texts(
    texts: list[str], patterns: Sequence[Pattern], wanted: frozenset[str], *, by_line: bool
) -> pd.DataFrame:
    """The indicators of each text: `text` (its index), `type`, `value`, `start`, `end`.

    Messages of a log differ in a few of their lines only, so each distinct line is searched once.
    """
    import numpy as np
    import pandas as pd

    parts = [text.split("\n") for text in texts] if by_line else [[text] for text in texts]
    flat = [line for lines in parts for line in lines]
    counts = np.fromiter(map(len, parts), dtype=np.int64, count=len(parts))
    lengths = np.fromiter(map(len, flat), dtype=np.int64, count=len(flat)) + 1
    before = np.cumsum(lengths) - lengths
    first = np.cumsum(counts) - counts
    codes, distinct = pd.factorize(np.array(flat, dtype=object))
    lines = pd.DataFrame(
        {
            "line": codes,
            "text": np.repeat(np.arange(len(texts)), counts),
            "offset": before - np.repeat(before[first], counts),
        }
    )
    found = _scan_distinct(distinct.tolist(), patterns, wanted)
    hits = pd.DataFrame(found, columns=["line", "type", "value", "start", "end"])
    merged = lines[lines["line"].isin(hits["line"])].merge(hits, on="line")
    return pd.DataFrame(
        {
            "text": merged["text"],
            "type": merged["type"],
            "value": merged["value"],
            "start": merged["start"] + merged["offset"],
            "end": merged["end"] + merged["offset"],
        }
    )


def _scan_distinct(
    texts: list[str], patterns: Sequence[Pattern], wanted: frozenset[str]
) -> list[tuple[int, str, str, int, int]]:
    """The indicators of each text, as (index of the text, type, value, start, end)."""
    hits: dict[int, list[tuple[Pattern, int, int]]] = {}
    candidates, changed = _candidates(texts, patterns)
    for index, number, values in candidates:
        read = changed.get(index)
        places = _places(read.text if read else texts[index], patterns[number], values)
        hits.setdefault(index, []).extend((patterns[number], start, end) for start, end in places)
    return [
        (index, *found)
        for index, places in hits.items()
        for found in _keep(_judged(changed.get(index) or Refanged(texts[index]), places), wanted)
    ]


def _candidates(
    texts: list[str], patterns: Sequence[Pattern]
) -> tuple[Iterator[tuple[int, int, list[str]]], dict[int, Refanged]]:
    """What DuckDB finds, as (text, pattern, values in order), and the texts that were defanged."""
    import duckdb
    import pyarrow as pa

    connection = duckdb.connect(config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"})
    try:
        table = pa.table({"i": pa.array(range(len(texts)), pa.int32()), "t": pa.array(texts, pa.string())})
        connection.register("texts", table)
        marked = connection.sql("select i from texts where regexp_matches(t, $1)", params=[_DEFANGED]).fetchall()
        changed = {index: _refanged(texts[index]) for (index,) in marked}
        if changed:
            read = [changed[index].text if index in changed else text for index, text in enumerate(texts)]
            connection.register("texts", table.set_column(1, "t", pa.array(read, pa.string())))
        found = []
        for number, pattern in enumerate(patterns):
            guard = " or ".join("contains(t, ?)" for _part in pattern.guard) or "true"
            query = f"select i, regexp_extract_all(t, ?) v from texts where ({guard}) and len(v) > 0"
            try:
                values = connection.sql(query, params=[f"(?i){pattern.core}", *pattern.guard]).to_arrow_table()
            except duckdb.Error as error:
                reason = str(error).splitlines()[0]
                raise DataError(f"pattern '{pattern.name}' cannot be searched in a frame: {reason}") from None
            found.append((number, values))
    finally:
        connection.close()
    rows = (
        (index, number, value)
        for number, values in found
        for index, value in zip(values["i"].to_pylist(), values["v"].to_pylist(), strict=True)
    )
    return rows, changed


def _places(text: str, pattern: Pattern, values: list[str]) -> Iterator[tuple[int, int]]:
    """Where the values stand in the text, those with wrong neighbours left out."""
    match = pattern.finder.match
    position = 0
    for value in values:
        start = text.find(value, position)
        if start < 0:
            continue
        position = start + len(value)
        found = match(text, start)
        if found is not None and found.end() > start:
            yield start, found.end()
