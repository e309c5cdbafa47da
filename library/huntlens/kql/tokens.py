"""The words of KQL: kinds of tokens, reserved words, and the parameters that operators know.

A token is classed by a key: reserved words and punctuation by their own text, everything else by a class in angle
brackets. Reserved words are case-sensitive, as in Kusto. A soft word is reserved only where the grammar asks for it
and a name everywhere else; a hard word is no name in an expression, though many may still be declared, as in
`extend by = 1`.
"""

from __future__ import annotations

from typing import Final, NamedTuple

NAME: Final = "<name>"
STRING: Final = "<string>"
LONG: Final = "<long>"
INT: Final = "<int>"
REAL: Final = "<real>"
DECIMAL: Final = "<decimal>"
BOOL: Final = "<bool>"
DATETIME: Final = "<datetime>"
TIMESPAN: Final = "<timespan>"
GUID: Final = "<guid>"
RAW_GUID: Final = "<raw guid>"
HINT: Final = "<hint>"
DIRECTIVE: Final = "<directive>"
BAD: Final = "<bad>"
END: Final = "<end>"
SPACE: Final = "<space>"
COMMENT: Final = "<comment>"


class Token(NamedTuple):
    """One token; `key` is the word itself for reserved words and punctuation, else a class such as `NAME`."""

    key: str
    text: str
    start: int
    end: int


DASHED: Final = (
    "project-away", "project-keep", "project-rename", "project-reorder", "project-by-names", "project-smart",
    "mv-expand", "mv-apply", "make-series", "make-graph", "parse-where", "parse-kv", "sample-distinct",
    "top-nested", "top-hitters", "macro-expand", "assert-schema", "granny-asc", "granny-desc", "partitioned-by",
    "graph-match", "graph-merge", "graph-to-table", "graph-shortest-paths", "graph-mark-components",
    "graph-where-nodes", "graph-where-edges", "materialized-view-combine",
)  # fmt: skip

TYPES: Final = frozenset({
    "bool", "boolean", "byte", "char", "date", "datetime", "decimal", "double", "dynamic", "float", "guid", "int",
    "int16", "int32", "int64", "int8", "long", "real", "single", "string", "time", "timespan", "uint", "uint16",
    "uint32", "uint64", "uint8", "ulong", "uniqueid", "uuid",
})  # fmt: skip

COLUMN_TYPES: Final = frozenset({
    "bool", "boolean", "date", "datetime", "decimal", "double", "dynamic", "guid", "int", "int64", "int8", "long",
    "real", "string", "time", "timespan", "uniqueid",
})  # fmt: skip
"""Types that a column or a parameter may be declared with."""

RENDER_SETTINGS: Final = frozenset({
    "accumulate", "anomalycolumns", "kind", "legend", "series", "title", "xaxis", "xcolumn", "xmax", "xmin", "xtitle",
    "yaxis", "ycolumns", "ymax", "ymin", "ysplit", "ytitle",
})  # fmt: skip
PARSE_KV_SETTINGS: Final = frozenset({"escape", "greedy", "kv_delimiter", "pair_delimiter", "quote", "regex"})

STRING_OPERATORS: Final = (
    "contains", "containscs", "contains_cs", "endswith", "endswith_cs", "has", "has_cs", "hasprefix", "hasprefix_cs",
    "hassuffix", "hassuffix_cs", "like", "likecs", "startswith", "startswith_cs",
    "notcontains", "notcontainscs", "notlike", "notlikecs",
    "!contains", "!contains_cs", "!endswith", "!endswith_cs", "!has", "!has_cs", "!hasprefix", "!hasprefix_cs",
    "!hassuffix", "!hassuffix_cs", "!startswith", "!startswith_cs",
)  # fmt: skip

LIST_OPERATORS: Final = ("in", "in~", "!in", "!in~", "has_any", "has_all")
RANGE_OPERATORS: Final = ("between", "!between")

DECLARABLE: Final = frozenset({
    "accumulate", "as", "by", "contains", "datatable", "earliest", "externaldata", "find", "has", "in", "invoke",
    "latest", "materialize", "mdm", "of", "print", "sample", "sample-distinct", "search", "set", "sql", "title", "to",
    "top-hitters", "top-nested", "toscalar", "totable", "verbose", "viewers", "where",
})  # fmt: skip
"""Hard words that may be declared as names, and named before a `=` or a `:`."""

HARD: Final = frozenset({
    "and", "asc", "bagexpansion", "bin_legacy", "cachingpolicy", "callout", "cancel", "desc", "expandoutput",
    "external_data", "first", "flags", "hardretention", "journal", "last", "matches regex", "missing", "or", "others",
    "project", "relaxed", "rowstore", "simple", "softdelete", "tablepurge", "union", "__projectAway",
    "__executeAndCache", "__contextual_datatable", "__partitionby", "datascope",
    *(TYPES - {"bool", "guid", "single", "uuid"}),
    *STRING_OPERATORS, *LIST_OPERATORS, *RANGE_OPERATORS, *DECLARABLE, *DASHED,
})  # fmt: skip

SOFT_OPERATORS: Final = frozenset({
    "consume", "count", "distinct", "evaluate", "extend", "facet", "filter", "fork", "getschema", "join", "limit",
    "lookup", "mvapply", "mvexpand", "order", "parse", "partition", "range", "reduce", "render", "scan", "serialize",
    "sort", "summarize", "take", "top",
})  # fmt: skip
"""Words that are operators behind a `|` and may be names elsewhere."""

SOFT: Final = SOFT_OPERATORS | {
    "access", "alias", "bin", "bool", "database", "declare", "default", "edges", "entity_group", "from", "guid", "id",
    "inline_external_table", "let", "nodes", "null", "nulls", "on", "optional", "output", "pack", "pattern",
    "query_parameters", "restrict", "single", "step", "typeof", "uuid", "view", "with", "with_node_id",
}  # fmt: skip

PUNCTUATION: Final = (
    "(", ")", "[", "]", "{", "}", "|", "<|", "+", "-", "*", "/", "%", ".", "..", "<", "<=", ">", ">=", "=", "==", "!=",
    "<>", ":", ";", ",", "=~", "!~", "@", "?", "=>",
)  # fmt: skip

NAMES: Final = frozenset({NAME}) | SOFT
"""Keys of tokens that are names in an expression."""

DECLARED: Final = NAMES | DECLARABLE
"""Keys of tokens that are names where one is declared."""

WORDS: Final = frozenset({NAME, HINT}) | SOFT | {word for word in HARD if word[0] != "!" and not word.endswith("~")}
"""Keys of tokens that are written like words."""

TIME_UNITS: Final[dict[str, int]] = {
    **dict.fromkeys(("d", "day", "days"), 864_000_000_000),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 36_000_000_000),
    **dict.fromkeys(("m", "min", "minute", "minutes"), 600_000_000),
    **dict.fromkeys(("s", "sec", "second", "seconds"), 10_000_000),
    **dict.fromkeys(("ms", "milli", "millis", "millisec", "millisecond", "milliseconds"), 10_000),
    **dict.fromkeys(("micro", "micros", "microsec", "microsecond", "microseconds"), 10),
    **dict.fromkeys(("tick", "ticks"), 1),
    **dict.fromkeys(("nano", "nanos", "nanosec", "nanosecond", "nanoseconds"), 0),
}
"""Ticks of 100 ns in each unit of a timespan; a nanosecond is less than one and counted apart."""

HINTS: Final = frozenset({
    "hint.concurrency", "hint.distribution", "hint.materialized", "hint.num_partitions", "hint.pass_filters",
    "hint.pass_filters_column", "hint.progressive_top", "hint.remote", "hint.shufflekey", "hint.spread",
    "hint.strategy",
})  # fmt: skip

PARAMETERS: Final = HINTS | {
    "bagexpansion", "best_effort", "bin_legacy", "cycles", "decodeblocks", "expandoutput", "flags", "force_remote",
    "isfuzzy", "kind", "output", "with_component_id", "with_itemindex", "with_match_id", "with_source",
    "with_source_id", "with_step_name", "with_target_id", "with_node_id", "withsource", "threshold", "characters",
    "__crossCluster", "__crossDB", "__id", "__isFuzzy", "__noWithSource", "__packedColumn", "__sourceColumnIndex",
}  # fmt: skip
"""Names that an operator takes as `name=value` right behind its keyword."""
