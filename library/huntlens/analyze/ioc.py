"""Indicators in texts and frames: addresses, names, URLs, hashes, paths, keys and more.

Defanged text (`hxxps://evil[.]example`) is read as what it stands for.
Where kinds overlap the wider one wins: the host of a URL is part of the URL, not an indicator of its own.
Frames are searched by DuckDB (`ioc_frame`), single texts by Python. Both read `ioc_patterns`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from huntlens.analyze.defang import Refanged, refanged
from huntlens.analyze.ioc_patterns import CONTEXT, PATTERNS, REPORTS, Pattern, always, scope, type_names
from huntlens.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pandas as pd

COLUMNS: Final = ("row", "column", "type", "value", "start", "end", "scope")


class Ioc(NamedTuple):
    """One indicator: its type, its value (refanged, in canonical case), and the span in the text as it was given."""

    type: str
    value: str
    start: int
    end: int

    @property
    def scope(self) -> str:
        """Of an address whether it is public, private, reserved ...; empty for other types."""
        return scope(self.type, self.value)


def refang(text: str) -> str:
    """A text with its defanging undone.

    >>> refang("hxxps://evil[.]example/a")
    'https://evil.example/a'
    """
    return refanged(text).text


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
    read = refanged(text)
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
    the text) and `scope` (of an address: public, private, reserved ...), sorted by row, column and start. Missing
    values have none. Without `columns` all columns of text are searched. Raises `DataError` for an unknown column or
    type, or a pattern that is no regular expression.

    >>> extract(["ping 8.8.8.8", None]).value.tolist()
    ['8.8.8.8']
    """
    import pandas as pd

    from huntlens.analyze.ioc_frame import search
    from huntlens.frames import lean_arrow

    frame = _as_frame(data, columns)
    wanted = _wanted(types, patterns)
    chosen = _chosen(types, patterns)
    # A pattern of the user's may cross lines, ours cannot.
    blocks = search(frame, chosen, wanted, by_line=not patterns) if frame.size else iter(())
    names = pd.Series([str(name) for name in frame.columns], dtype="str")
    parts = []
    with lean_arrow():
        for cells, hits in blocks:
            hits.insert(0, "row", frame.index.take(cells // len(names)))
            hits.insert(1, "column", names.take(cells % len(names)).set_axis(hits.index))
            parts.append(hits)
        found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({name: [] for name in COLUMNS})
        return found[list(COLUMNS)]


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


def _judged(read: Refanged, hits: Iterable[tuple[Pattern, int, int]]) -> Iterator[tuple[int, Ioc]]:
    """The hits that are what they look like, with their rank."""
    text = read.text
    for pattern, start, end in hits:
        kept = pattern.valid(text[start:end])
        if kept is not None:
            kind, value = kept
            if pattern.context is not None:
                kind = pattern.context(kind, text[max(0, start - CONTEXT) : start])
            end = start + pattern.length(text[start:end], value)
            yield pattern.rank, Ioc(kind, value, read.origin(start), read.origin(end - 1) + 1)


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
