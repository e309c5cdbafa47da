"""What only the service can answer, and the functions that give tables.

They are known for completion, hover and checks; local engines answer what has a plain answer and refuse the rest.
"""

from __future__ import annotations

from typing import Final

from huntlens.kql.functions.row import Function, unsupported

_CLOUD: Final = unsupported("only a cluster knows it; run the query on the service")
_TABULAR: Final = unsupported("gives a table, which the operators read")


def _cloud(name: str, signature: str, returns: str, doc: str, *, prefix: str = "", deprecated: str = "") -> Function:
    return Function(
        name, signature, returns, doc, f"{name}({', '.join([chr(39) + 'x' + chr(39)] * bool(signature))})", None,
        _CLOUD,
        _CLOUD, category="service", result_name=prefix, deprecated=deprecated, hidden=bool(deprecated),
        untested="only a cluster answers",
    )  # fmt: skip


def _table(name: str, signature: str, doc: str, example: str) -> Function:
    return Function(
        name, signature, "@columns", doc, example, None, _TABULAR, _TABULAR, "tabular", category="tables",
        untested="depends on the tables of the source",
    )  # fmt: skip


ROWS: Final = (
    Function("ingestion_time", "", "datetime", "When the row came in; null here, since files do not tell.",
             "isnull(ingestion_time())", "True", "CAST(NULL AS TIMESTAMP)", "CAST(NULL AS TIMESTAMP)",
             category="service",
             result_name="$IngestionTime"),
    Function("estimate_data_size", "...column: scalar", "long", "About how many bytes the values take.",
             "estimate_data_size('abcd') > 0", "True", "strlen(concat({column...})) + 8",
             "octet_length(concat({column...})) + 8", category="service"),
    Function("current_database", "", "string", "The name of the database of the query.", "current_database()", "local",
             "'local'", "'local'", category="service"),
    _cloud("current_cluster_endpoint", "", "string", "The endpoint of the cluster."),
    _cloud("current_principal", "", "string", "The name of whoever runs the query."),
    _cloud("current_principal_details", "", "dynamic", "What is known of whoever runs the query."),
    _cloud("current_principal_is_member_of", "...group: string|dynamic", "bool",
           "True if the caller is in one of the groups."),
    _cloud("current_node_id", "", "string", "The node that answers."),
    _cloud("extent_id", "", "guid", "The extent that holds the row."),
    _cloud("extentid", "", "guid", "The extent that holds the row.", deprecated="extent_id"),
    _cloud("extent_tags", "", "dynamic", "The tags of the extent that holds the row."),
    _cloud("rowstore_ordinal_range", "", "dynamic", "The range of the row in the row store."),
    _cloud("cursor_after", "cursor: string", "bool", "True for rows that came in behind a cursor."),
    _cloud("cursor_before_or_at", "cursor: string", "bool", "True for rows that came in up to a cursor."),
    _cloud("cursor_current", "", "string", "The cursor of now."),
    _cloud("current_cursor", "", "string", "The cursor of now.", deprecated="cursor_current"),
    _table("cluster", "name: string", "A cluster, for a table or database of it.",
           "cluster('help').database('Samples').T"),
    _table("workspace", "name: string", "A Log Analytics workspace, for a table of it.",
           "workspace('name').SecurityEvent"),
    _table("app", "name: string", "An Application Insights app, for a table of it.", "app('name').requests"),
    _table("database", "name: string", "A database, for a table of it.", "database('Samples').StormEvents"),
    _table("table", "name: string, query_data_scope?: string = all hotcache", "A table by its name as text.",
           "table('SecurityEvent')"),
    _table("external_table", "name: string, mapping?: string", "An external table by its name.",
           "external_table('Files')"),
    _table("materialized_view", "name: string, max_age?: timespan", "A materialised view by its name.",
           "materialized_view('Daily')"),
    _table("stored_query_result", "name: string", "A stored result by its name.", "stored_query_result('Yesterday')"),
    _table("materialize", "expression: table", "The rows of a tabular expression, computed once.",
           "let T = materialize(SecurityEvent | take 5); T"),
    _table("_GetWatchlist", "watchlistAlias: string", "The rows of a watchlist; here a table of that name.",
           "_GetWatchlist('HighValueAssets')"),
    _table("_GetWatchlistAlias", "", "The names of the watchlists.", "_GetWatchlistAlias()"),
    Function("toscalar", "expression: table", "@columns", "The first value of a tabular expression, computed once.",
             "toscalar(range x from 5 to 9 step 1)", "5", _TABULAR, _TABULAR, category="tables"),
    Function("typeof", "type: type", "type", "A type, as an argument.", "typeof(long)", None,
             unsupported("is an argument only"), unsupported("is an argument only"), category="conversion",
             untested="is an argument of other functions"),
    Function("column_names_of", "expression: table", "dynamic", "The names of the columns of a tabular expression.",
             "column_names_of(SecurityEvent)", None, _TABULAR, _TABULAR, category="schema",
             untested="depends on the table"),
)  # fmt: skip
