"""Records that say how raw logs become tables, and the SQL that follows from them.

A `Family` of logs comes in `Shape`s (who wrote it) and goes to `Mapping`s (which table). A shape says where the
parts of an event are; a mapping is a table of rows, one a column. Texts in braces name JSON keys, dots go deeper:

    {Channel}, {winlog.channel}, {Event.System.Provider.#attributes.Name}

`{Hashes+}` reads a key and leaves it in `AdditionalFields` as well, because the column holds only a part of it.
Knows no engine: everything here is text in, SQL out.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from huntlens.providers.engine import literal, quote

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from collections.abc import Mapping as Lookup

SQL_TYPES: Final[dict[str, str]] = {
    "bool": "BOOLEAN", "int": "INTEGER", "long": "BIGINT", "real": "DOUBLE", "decimal": "DECIMAL(38,18)",
    "string": "VARCHAR", "datetime": "TIMESTAMP", "timespan": "BIGINT", "guid": "VARCHAR", "dynamic": "JSON",
}  # fmt: skip
PARTS: Final = (
    "time", "channel", "event_id", "provider", "computer", "level", "task", "opcode", "keywords", "record_id",
    "user_sid", "message",
)  # fmt: skip
"""What a shape tells about an event; mappings name them as they are."""

_KEY: Final = re.compile(r"\{(?!\d+(?:,\d*)?\})([^{}]+)\}")
"""A key in braces; `{2}` and `{1,3}` belong to regular expressions."""
_DOT: Final = re.compile(r"(?<!\\)\.")

MACROS: Final = {
    "hl_time(x)": r"try_cast(regexp_replace(x, '(\.\d{6})\d+', '\1') as timestamp)",
    "hl_file(x)": r"regexp_extract(x, '[^\\/]+$')",
    "hl_dash(x)": "nullif(nullif(x, '-'), '')",
    "hl_domain(x)": r"nullif(regexp_extract(x, '^(.*)\\', 1), '')",
    "hl_user(x)": r"regexp_extract(x, '[^\\]*$')",
    "hl_account(d, u)": r"case when hl_dash(u) is null then null when hl_dash(d) is null then u else d || '\' || u end",
    "hl_hash(x, kind)": "nullif(regexp_extract(x, '(?i)(?:^|,)\\s*' || kind || '=([0-9a-f]+)', 1), '')",
    "hl_long(x)": "coalesce(try_cast(x as bigint), case when x ilike '0x%' then try_cast(lower(x) as bigint) end)",
    "hl_hive(x)": r"case when x like 'HKLM\%' then 'HKEY_LOCAL_MACHINE' || x[5:] "
    r"when x like 'HKU\%' then 'HKEY_USERS' || x[4:] when x like 'HKCR\%' then 'HKEY_CLASSES_ROOT' || x[5:] "
    r"when x like 'HKCU\%' then 'HKEY_CURRENT_USER' || x[5:] else x end",
    "hl_parent(x)": r"regexp_replace(x, '\\[^\\]*$', '')",
    "hl_leaf(x)": r"regexp_extract(x, '[^\\]*$')",
    "hl_device(x)": "case when x <> '' then sha1(lower(x)) end",
    "hl_ip_type(x)": "case when x is null then null "
    r"when regexp_matches(x, '^(127\.|::1$|0:0:0:0:0:0:0:1$)') then 'Loopback' "
    r"when regexp_matches(x, '^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|f[cd][0-9a-f]{2}:)') then 'Private' "
    r"when regexp_matches(x, '^(169\.254\.|fe80:)') then 'LinkLocal' "
    r"when regexp_matches(x, '^(22[4-9]|23\d)\.|^ff[0-9a-f]{2}:') then 'Multicast' else 'Public' end",
    "hl_plain(x)": "replace(replace(replace(replace(replace(x, '&lt;', '<'), '&gt;', '>'), '&quot;', '\"'), "
    "'&apos;', ''''), '&amp;', '&')",
    "hl_object(names, texts)": "('{' || coalesce(array_to_string(list_transform(list_zip(names, texts), "
    "lambda p: to_json(p[1]) || ':' || to_json(p[2])), ','), '') || '}')::JSON",
}
"""Small SQL functions that mappings call; they are created in the engine once."""


@dataclass(frozen=True, slots=True)
class Row:
    """One column of a table: its name and type in KQL, and the SQL that makes it."""

    column: str
    type: str
    sql: str


def same(names: str, kind: str = "string") -> tuple[Row, ...]:
    """Rows for columns that are called as the key they come from.

    >>> same("Status")
    (Row(column='Status', type='string', sql='{Status}'),)
    """
    return tuple(Row(name, kind, "{" + name + "}") for name in names.split())


@dataclass(frozen=True, slots=True)
class Shape:
    """How one kind of log writer lays out an event.

    `when` decides over a document; `parts` are SQL for the names in `PARTS`; `data` is SQL for the JSON object with
    the fields of the event, and `inside` the keys of the document that hold it ("" where the document is the object).
    """

    name: str
    when: str
    parts: Lookup[str, str]
    data: str = "doc"
    inside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mapping:
    """Which events go to a table, and how; `when` is SQL over the parts.

    `lookup` names a table of the family's `prepare` that is joined as `p` on `p.key = <key>`.
    """

    table: str
    when: str
    rows: tuple[Row, ...]
    lookup: str = ""
    key: str = ""
    also: tuple[Mapping, ...] = ()
    """Further tables that the same events go to; their `when` is not asked."""
    shapes: tuple[str, ...] = ()
    """In `also`: only for events of these shapes."""
    whole: bool = False
    """The keys are those of the whole document, not of `data`."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A lookup table made from the events of a mapping before the tables are: one row for each key."""

    name: str
    table: str
    key: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Derived:
    """A table that is only another look at one of a mapping: SQL over `source`."""

    table: str
    source: str
    sql: str


@dataclass(frozen=True, slots=True)
class Family:
    """A family of logs."""

    name: str
    doc: str
    shapes: tuple[Shape, ...]
    mappings: tuple[Mapping, ...]
    """In the order in which they are asked; what none takes goes on to the next family."""
    prepare: tuple[Prepared, ...] = ()
    derived: tuple[Derived, ...] = ()


def split_key(key: str) -> list[str]:
    r"""The parts of a dotted key; a dot that belongs to a name is written with a backslash.

    >>> split_key(r"id\.orig_h"), split_key("winlog.channel")
    (['id.orig_h'], ['winlog', 'channel'])
    """
    return [part.replace("\\.", ".") for part in _DOT.split(key)]


def json_path(key: str) -> str:
    """The JSON pointer of a dotted key; paths with `$` cannot name every key.

    >>> json_path("winlog.event_data"), json_path("a/b")
    ('/winlog/event_data', '/a~1b')
    """
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in split_key(key))


def keys_of(*templates: str) -> list[str]:
    """The keys that SQL templates name, each once.

    >>> keys_of("{a} || {b+}", "{a}")
    ['a', 'b']
    """
    return list(dict.fromkeys(found.rstrip("+") for text in templates for found in _KEY.findall(text)))


def carried(*templates: str) -> set[str]:
    """The keys whose value a template carries away whole."""
    named = [found for text in templates for found in _KEY.findall(text)]
    kept = {found.rstrip("+") for found in named if found.endswith("+")}
    return {found for found in named if not found.endswith("+")} - kept


def fill(template: str, value: Callable[[str], str]) -> str:
    """A template with SQL in the place of its keys."""
    return _KEY.sub(lambda match: value(match[1].rstrip("+")), template)


def extracted(keys: Iterable[str], source: str = "doc") -> str:
    """SQL that reads many keys of a document in one pass, as a list of texts."""
    paths = ", ".join(literal(json_path(key)) for key in keys)
    return f"json_extract_string({source}, [{paths}])"


class Values:
    """The keys of a document as elements of the list that `extracted` made.

    >>> values = Values(["a", "b"], "v", present={"b"})
    >>> values("a"), values("b")
    ('NULL::VARCHAR', 'v[1]')
    """

    def __init__(self, keys: Iterable[str], name: str, present: Collection[str] | None = None) -> None:
        self.keys = [key for key in keys if present is None or split_key(key)[0] in present]
        self._places = {key: f"{name}[{place}]" for place, key in enumerate(self.keys, start=1)}

    def __call__(self, key: str) -> str:
        return self._places.get(key, "NULL::VARCHAR")


def without(source: str, keys: Collection[str]) -> str:
    """SQL for a JSON object less some of its keys; a merge patch of nulls deletes."""
    if not keys:
        return source
    patch: dict[str, Any] = {}
    for key in sorted(keys):
        *outer, last = split_key(key)
        inner = patch
        for part in outer:
            inner = inner.setdefault(part, {})
        inner[last] = None
    return f"json_merge_patch({source}, {literal(json.dumps(patch, ensure_ascii=False))})"


def typed(sql: str, kind: str) -> str:
    """SQL cast to the physical type of a KQL type; what does not fit becomes null."""
    if kind == "string":
        return f"({sql})::VARCHAR"
    if kind == "dynamic":
        return f"({sql})::JSON"
    return f"try_cast({sql} as {SQL_TYPES[kind]})"


def column_list(rows: Iterable[Row], value: Callable[[str], str]) -> str:
    """The select list of a mapping."""
    return ", ".join(f"{typed(fill(row.sql, value), row.type)} as {quote(row.column)}" for row in rows)
