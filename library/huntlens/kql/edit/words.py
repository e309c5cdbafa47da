"""The words that completion offers besides names: operators, keywords, prefixes, with one line about each."""

from __future__ import annotations

from typing import Final

OPERATORS: Final[dict[str, str]] = {
    "where": "Keep the rows for which a condition holds",
    "extend": "Add computed columns",
    "project": "Pick, compute and order columns",
    "summarize": "Aggregate rows by keys",
    "join": "Match rows with those of another table",
    "sort": "Order the rows",
    "order": "Order the rows",
    "take": "Any N rows",
    "top": "The first N rows by a column",
    "count": "The number of rows",
    "distinct": "The different rows of some columns",
    "mv-expand": "A row for each element of an array or a bag",
    "parse": "Columns from the parts of a text",
    "project-away": "Drop columns",
    "project-keep": "Keep columns",
    "project-rename": "Rename columns",
    "project-reorder": "Move columns to the front",
    "union": "Rows of several tables",
    "lookup": "Add columns of a small table",
    "make-series": "Aggregates over time as arrays",
    "mv-apply": "A subquery over the elements of each row",
    "render": "Draw the result",
    "evaluate": "Call a plugin",
    "as": "Name the table so far",
    "getschema": "The columns and their types",
    "graph-mark-components": "Number the parts of a graph that hang together",
    "graph-match": "Find a pattern in a graph",
    "graph-shortest-paths": "The shortest paths in a graph",
    "graph-to-table": "Nodes and edges as tables",
    "invoke": "Call a function with the table so far",
    "limit": "Any N rows",
    "make-graph": "A graph of the rows as edges",
    "parse-kv": "Columns from keys and values of a text",
    "parse-where": "As parse, without the rows that do not match",
    "partition": "A subquery over the rows of each key",
    "reduce": "Patterns that texts share",
    "sample": "N rows by chance",
    "sample-distinct": "N different values",
    "scan": "Match sequences of rows step by step",
    "search": "Rows that hold a term in any column",
    "serialize": "Fix the order of the rows",
    "top-hitters": "The most frequent values, estimated",
    "top-nested": "The top values level by level",
}
"""What may follow a `|`, the most used first."""

MORE_OPERATORS: Final[dict[str, str]] = {
    "assert-schema": "Fail unless the columns are these",
    "consume": "Read the rows and give none",
    "facet": "A table of values for each column",
    "fork": "Several subqueries over the same rows",
    "graph-where-edges": "Keep edges of a graph",
    "graph-where-nodes": "Keep nodes of a graph",
}

SOURCES: Final[dict[str, str]] = {
    "datatable": "A table written in the query",
    "evaluate": "A plugin that needs no input",
    "externaldata": "A table read from files",
    "find": "Rows that match in several tables",
    "inline_external_table": "An external table defined in the query",
    "macro-expand": "The same query over each member of an entity group",
    "print": "One row of computed values",
    "range": "A column of evenly spaced values",
    "search": "Rows of any table that hold a term",
    "union": "Rows of several tables",
}

STATEMENTS: Final[dict[str, str]] = {
    "let": "Name a value, a table or a function",
    "set": "Set an option of the query",
}

TABLE_FUNCTIONS: Final[dict[str, str]] = {
    "cluster": "A cluster by its name",
    "database": "A database by its name",
    "entity_group": "A stored group of entities",
    "external_table": "An external table by its name",
    "graph": "A stored graph by its name",
    "materialized_view": "A materialised view by its name",
    "stored_query_result": "A stored result by its name",
    "table": "A table by its name",
}

POPULAR: Final[dict[str, str]] = {
    name: f"!{number:02}"
    for number, name in enumerate((
        "count", "dcount", "make_set", "arg_max", "max", "min", "sum", "countif", "make_list", "avg", "arg_min",
        "tostring", "ago", "parse_json", "isnotempty", "tolower", "strcat", "split", "iff", "extract", "bin", "case",
        "isempty", "now", "todatetime", "tolong", "toint", "datetime_diff", "format_datetime", "replace_string",
        "array_length", "parse_url", "ipv4_is_private", "startofday", "coalesce", "has_any_ipv4", "strlen", "substring",
        "base64_decode_tostring", "bag_keys", "not", "trim", "geo_info_from_ip_address", "column_ifexists",
    ))
}  # fmt: skip
"""What hunts use most, in front of the rest."""

TYPE_LITERALS: Final = (
    "datetime()", "decimal()", "double()", "dynamic()", "guid()", "int()", "long()", "real()", "timespan()",
)  # fmt: skip

TEXT_OPERATORS: Final[dict[str, str]] = {
    "==": "equal, case counts",
    "=~": "equal, case does not count",
    "has": "has the word",
    "contains": "has the text anywhere",
    "startswith": "begins with",
    "endswith": "ends with",
    "in": "is one of",
    "in~": "is one of, case does not count",
    "has_any": "has one of the words",
    "has_all": "has all the words",
    "matches regex": "matches a regular expression",
    "!=": "differs, case counts",
    "!~": "differs, case does not count",
    "!has": "does not have the word",
    "!contains": "does not have the text",
    "!in": "is none of",
    "!in~": "is none of, case does not count",
    "!startswith": "does not begin with",
    "!endswith": "does not end with",
    "has_cs": "has the word, case counts",
    "contains_cs": "has the text, case counts",
    "startswith_cs": "begins with, case counts",
    "endswith_cs": "ends with, case counts",
    "hasprefix": "has a word that begins with",
    "hassuffix": "has a word that ends with",
    "hasprefix_cs": "has a word that begins with, case counts",
    "hassuffix_cs": "has a word that ends with, case counts",
    "!has_cs": "does not have the word, case counts",
    "!contains_cs": "does not have the text, case counts",
    "!startswith_cs": "does not begin with, case counts",
    "!endswith_cs": "does not end with, case counts",
    "!hasprefix": "has no word that begins with",
    "!hassuffix": "has no word that ends with",
    "!hasprefix_cs": "has no word that begins with, case counts",
    "!hassuffix_cs": "has no word that ends with, case counts",
}

NUMBER_OPERATORS: Final[dict[str, str]] = {
    ">": "greater",
    ">=": "greater or equal",
    "<": "less",
    "<=": "less or equal",
    "==": "equal",
    "!=": "differs",
    "between": "within a range",
    "!between": "outside a range",
    "in": "is one of",
    "!in": "is none of",
}

CONNECTIVES: Final[dict[str, str]] = {"and": "both hold", "or": "one of them holds"}
ARITHMETIC: Final[dict[str, str]] = {"+": "sum", "-": "difference", "*": "product", "/": "quotient", "%": "remainder"}

HINTS: Final[dict[str, str]] = {
    "hint.num_partitions": "How many parts to cut the data into",
    "hint.shufflekey": "The key to spread the work by",
    "hint.strategy": "How to spread the work",
}

NEXT_WORDS: Final[dict[str, dict[str, str]]] = {
    "Join": {"on": "the keys", "kind=": "which rows to keep"},
    "Lookup": {"on": "the keys"},
    "MakeSeries": {"on": "the axis", "in": "the range of the axis",
                   "from": "where it begins", "to": "where it ends", "step": "the bin", "by": "keys",
                   "default=": "for empty bins"},
    "MvApply": {"to": "the type of the elements", "on": "the subquery", "limit": "at most so many rows"},
    "MvExpand": {"to": "the type of the elements", "limit": "at most so many rows"},
    "Parse": {"with": "the pattern"},
    "ParseKv": {"as": "the columns", "with": "how the text is cut"},
    "SampleDistinct": {"of": "the column"},
    "Scan": {"declare": "columns of the state", "with": "the steps"},
    "Sort": {"asc": "lowest first", "desc": "highest first", "nulls": "where nulls go"},
    "Summarize": {"by": "the keys"},
    "Top": {"by": "the column", "asc": "lowest first", "desc": "highest first", "nulls": "where nulls go"},
    "TopHitters": {"of": "the column", "by": "what to sum"},
    "TopNested": {"of": "the column", "by": "the aggregate", "with": "what stands for the others"},
}  # fmt: skip
"""What an operator takes next, behind an operand."""

CHARTS: Final = (
    "table", "timechart", "columnchart", "barchart", "piechart", "linechart", "areachart", "scatterchart",
    "stackedareachart", "anomalychart", "card", "ladderchart", "pivotchart", "timepivot", "treemap", "plotly", "graph",
)  # fmt: skip

FOLLOWING: Final[dict[str, dict[str, str]]] = {
    "| sort": {"by": "the columns"},
    "| order": {"by": "the columns"},
    "| render": dict.fromkeys(CHARTS, ""),
    "render": {"with": "title, axes, kind"},
    "asc": {"nulls": "where nulls go"},
    "desc": {"nulls": "where nulls go"},
    "nulls": {"first": "nulls in front", "last": "nulls at the end"},
}
"""What may stand behind a word, or behind an operator's keyword or first word, where nothing else may."""

SETTINGS: Final[dict[str, dict[str, str]]] = {
    "Render": {
        "title": "Title of the chart", "kind": "Stacked, unstacked, stacked100", "xcolumn": "Column of the x axis",
        "ycolumns": "Columns of the y axis", "series": "Columns that make the series", "xtitle": "Title of the x axis",
        "ytitle": "Title of the y axis", "xaxis": "linear or log", "yaxis": "linear or log", "ymin": "Least y",
        "ymax": "Greatest y", "xmin": "Least x", "xmax": "Greatest x", "legend": "visible or hidden",
        "accumulate": "Add each value to those before", "ysplit": "none, axes or panels",
        "anomalycolumns": "Columns that mark anomalies",
    },
    "ExternalData": {
        "format": "csv, json, multijson, parquet ...", "ignoreFirstRecord": "Whether the first line is a heading",
        "ingestionMapping": "Which part of the data makes which column",
    },
    "ParseKv": {
        "pair_delimiter": "What is between pairs", "kv_delimiter": "What is between key and value",
        "quote": "What quotes a value", "escape": "What escapes a quote", "greedy": "Values run to the next known key",
        "regex": "A pattern of a pair",
    },
}  # fmt: skip
"""What may be set within `with (...)`."""

INVOKED: Final[dict[str, str]] = {
    "FileProfile": "What Defender knows of the files of a table: prevalence, signer, threat name",
    "SeenBy": "The devices that saw the devices of a table",
}
"""Functions of Defender that take a table."""

OPTION_VALUES: Final[dict[str, tuple[str, ...]]] = {
    "hint.remote": ("auto", "left", "local", "right"),
    "hint.strategy": ("broadcast", "centralized", "shuffle"),
    "isfuzzy": ("true", "false"),
    "bagexpansion": ("array", "bag"),
}

KINDS: Final[dict[str, tuple[str, ...]]] = {
    "Join": ("inner", "innerunique", "leftouter", "rightouter", "fullouter", "leftanti", "rightanti", "leftsemi",
             "rightsemi", "anti", "leftantisemi", "rightantisemi"),
    "Lookup": ("leftouter", "inner"),
    "MakeSeries": ("nonempty",),
    "MvExpand": ("array", "bag"),
    "Parse": ("simple", "regex", "relaxed"),
    "Search": ("case_insensitive", "case_sensitive"),
    "Union": ("inner", "outer"),
}  # fmt: skip

TYPES: Final = ("string", "long", "int", "real", "bool", "datetime", "timespan", "dynamic", "guid", "decimal")
