"""Plugins of `evaluate`: their arguments follow the table that is piped in."""

from __future__ import annotations

from typing import Final

from huntlens.kql.functions.row import Function, Unsupported, special, unsupported

_PLAN: Final = special("by_operator")
_REMOTE: Final = unsupported("it calls a service; nothing leaves this machine")
_CODE: Final = unsupported("it runs code within the cluster's sandbox; use the data frame in the notebook")
_SPARK: Final = unsupported("this plugin has no SQL on Spark")
_ON_SPARK: Final = ("bag_unpack", "pivot", "ipv4_lookup", "ipv6_lookup")
_LOCAL: Final = unsupported("this plugin is not answered locally; run the query on the service")


def _row(
    name: str, signature: str, doc: str, example: str, value: str | None = None, duckdb: object = _LOCAL, *,
    untested: str = "",
) -> Function:  # fmt: skip
    lower = duckdb if isinstance(duckdb, Unsupported) else _PLAN
    spark = _PLAN if name in _ON_SPARK else _SPARK
    why = untested or ("" if value is not None else "it is not answered locally")
    return Function(name, signature, "@columns", doc, example, value, lower, spark, "plugin", category="plugins",
                    untested=why)  # fmt: skip


_USERS: Final = "id: column, timeline: column, start: datetime, end: datetime"

ROWS: Final = (
    _row("bag_unpack", "column: column, OutputColumnPrefix?: string, columnsConflict?: string = error replace_source "
         "keep_source, ignoredProperties?: dynamic", "A column for each key of a bag.",
         "print d = dynamic({'a': 1, 'b': 'x'}) | evaluate bag_unpack(d) | project a, b", "1, x", _PLAN),
    _row("pivot", "pivotColumn: column, aggregation?: scalar, ...column?: column",
         "Turns the values of a column into columns.",
         "datatable(k: string, v: long)['a', 1, 'b', 2] | evaluate pivot(k, sum(v)) | project a, b", "1, 2", _PLAN),
    _row("narrow", "", "A row for each cell: row number, column name, value as text.",
         "print a = 1 | evaluate narrow() | project Column, Value", "a, 1", _PLAN),
    _row("ipv4_lookup", "LookupTable: table, SourceIPv4Key: column, IPv4LookupKey: column, ...ExtraKey?: column, "
         "return_unmatched?: bool", "Joins rows to the IPv4 range of a lookup table that holds their address.",
         "datatable(ip: string)['10.1.2.3'] | evaluate ipv4_lookup((datatable(net: string, name: string)"
         "['10.0.0.0/8', 'home']), ip, net) | project ip, name", "10.1.2.3, home", _PLAN),
    _row("ipv6_lookup", "LookupTable: table, SourceIPv6Key: column, IPv6LookupKey: column, return_unmatched?: bool",
         "Joins rows to the IP range of a lookup table that holds their address.",
         "datatable(ip: string)['fe80::1'] | evaluate ipv6_lookup((datatable(net: string, name: string)"
         "['fe80::/10', 'link']), ip, net) | project ip, name", "fe80::1, link", _PLAN),
    _row("autocluster", "SizeWeight?: real, WeightColumn?: column, NumSeeds?: long, CustomWildcard?: scalar, "
         "...more?: scalar", "Finds common patterns of discrete columns.", "T | evaluate autocluster()", duckdb=_PLAN,
         untested="its clusters are a heuristic"),
    _row("basket", "Threshold?: real, WeightColumn?: column, MaxDimensions?: long, CustomWildcard?: scalar, "
         "...more?: scalar", "Finds all frequent patterns of discrete columns.", "T | evaluate basket(0.2)",
         duckdb=_PLAN, untested="its patterns are shown in the plugin's own tests"),
    _row("diffpatterns", "SplitColumn: column, SplitValueA: string, SplitValueB: string, WeightColumn?: column, "
         "Threshold?: real, MaxDimensions?: long, ...more?: scalar",
         "Finds patterns that tell two sets of rows apart.", "T | evaluate diffpatterns(Result, 'ok', 'failed')",
         duckdb=_PLAN, untested="its patterns are a heuristic"),
    _row("diffpatterns_text", "TextColumn: column, BooleanCondition: bool, MinTokens?: long, Threshold?: real, "
         "MaxTokens?: long", "Finds text patterns that tell two sets of rows apart.",
         "T | evaluate diffpatterns_text(Message, Failed)"),
    _row("rolling_percentile", "ValueColumn: column, Percentile: real, IndexColumn: column, BinSize: scalar, "
         "BinsPerWindow: long, ...dimension?: column", "A percentile over a moving window of bins.",
         "T | evaluate rolling_percentile(v, 50, t, 1d, 3)", duckdb=_PLAN, untested="shown in the plugin's own tests"),
    _row("sequence_detect", "TimelineColumn: column, MaxSequenceStepWindow: timespan, MaxSequenceSpan: timespan, "
         "...expr: scalar", "Finds sequences of conditions over time.",
         "T | evaluate sequence_detect(t, 5m, 1h, a = e == 'open', b = e == 'close', user)", duckdb=_PLAN,
         untested="shown in the plugin's own tests"),
    _row("session_count",
         "id: column, timeline: column, start: scalar, end: scalar, bin: scalar, LookBackWindow: scalar, "
         "...dimension?: column", "Counts sessions over a timeline.",
         "T | evaluate session_count(id, t, 1, 100, 10, 5)", duckdb=_PLAN, untested="shown in the plugin's own tests"),
    _row("activity_counts_metrics", f"{_USERS}, step: scalar, ...dimension?: column",
         "Counts users: all, distinct, new, since the start, for each period.",
         "T | evaluate activity_counts_metrics(id, t, start, end, 1d)", duckdb=_PLAN,
         untested="shown in the plugin's own tests"),
    _row("active_users_count", "id: column, timeline: column, start: datetime, end: datetime, LookbackWindow: scalar, "
         "Period: scalar, ActivePeriodsCount: scalar, Bin: scalar, ...dimension?: column",
         "Counts users who were active in enough periods of a look-back window.",
         "T | evaluate active_users_count(id, t, start, end, 8d, 1d, 3, 7d)", duckdb=_PLAN,
         untested="shown in the plugin's own tests"),
    _row("activity_engagement",
         "id: column, timeline: column, start: datetime, end: datetime, InnerActivityWindow: scalar, "
         "OuterActivityWindow: scalar, ...dimension?: column",
         "Relates users of a short window to those of a long one.",
         "T | evaluate activity_engagement(id, t, start, end, 1d, 7d)", duckdb=_PLAN,
         untested="shown in the plugin's own tests"),
    _row("activity_metrics", "id: column, timeline: column, start?: datetime, end?: datetime, window: scalar, "
         "...dimension?: column", "Counts distinct and new users, retention and churn for each period.",
         "T | evaluate activity_metrics(id, t, start, end, 7d)", duckdb=_PLAN,
         untested="shown in the plugin's own tests"),
    _row("new_activity_metrics", f"{_USERS}, window: scalar, ...more?: scalar",
         "Retention and churn of cohorts of new users.", "T | evaluate new_activity_metrics(id, t, start, end, 1d)"),
    _row("sliding_window_counts", f"{_USERS}, LookbackWindow: scalar, bin: scalar, ...dimension?: column",
         "Counts users over a sliding window.", "T | evaluate sliding_window_counts(id, t, start, end, 3d, 1d)",
         duckdb=_PLAN, untested="shown in the plugin's own tests"),
    _row("funnel_sequence",
         "id: column, timeline: column, start: datetime, end: datetime, MaxSequenceStepWindow: scalar, "
         "Step: scalar, StateColumn: column, Sequence: dynamic", "Counts users who went through a sequence of states.",
         "T | evaluate funnel_sequence(id, t, start, end, 7d, 1d, state, dynamic(['a']))"),
    _row("funnel_sequence_completion", "id: column, timeline: column, start: datetime, end: datetime, BinSize: scalar, "
         "StateColumn: column, Sequence: dynamic, MaxSequenceStepWindows: dynamic",
         "Counts users who completed a sequence of states within windows.",
         "T | evaluate funnel_sequence_completion(id, t, start, end, 1d, state, dynamic(['a', 'b']), dynamic([1d]))"),
    _row("dcount_intersect", "...hll: column", "Sizes of intersections of sets given as sketches.",
         "range x from 1 to 6 step 1 | summarize a = hll(x), b = hll_if(x, x % 2 == 0) "
         "| evaluate dcount_intersect(a, b)", "6, 3", _PLAN),
    _row("preview", "NumberOfRows: long", "The first rows and the number of all.", "T | evaluate preview(5)"),
    _row("schema_merge", "PreserveOrder?: bool", "Merges table schemas.", "T | evaluate schema_merge()"),
    _row("infer_storage_schema", "Options: dynamic", "The schema of files in a storage.",
         "evaluate infer_storage_schema(dynamic({}))", duckdb=_REMOTE),
    _row("identity", "", "The rows as they are.", "print a = 1 | evaluate identity()", "1", _PLAN),
    _row("geo_line_lookup",
         "LookupTable: table, LookupLineKey: column, SourceLongitude: column, SourceLatitude: column, "
         "Radius: real, ...more?: scalar", "Joins points to lines that are near.",
         "T | evaluate geo_line_lookup(Roads, road, lng, lat, 100)", duckdb=_PLAN,
         untested="its geometry is tested with geo_distance_point_to_line"),
    _row("geo_polygon_lookup", "LookupTable: table, LookupPolygonKey: column, SourceLongitude: column, "
         "SourceLatitude: column, ...more?: scalar", "Joins points to polygons that hold them.",
         "T | evaluate geo_polygon_lookup(Areas, area, lng, lat)", duckdb=_PLAN,
         untested="its geometry is tested with geo_point_in_polygon"),
    _row("python", "output_schema: type, script: string, ...more?: scalar", "Runs Python in the cluster.",
         "T | evaluate python(typeof(*), 'result = df')", duckdb=_CODE),
    _row("r", "output_schema: type, script: string, ...more?: scalar", "Runs R in the cluster.",
         "T | evaluate r(typeof(*), 'result <- df')", duckdb=_CODE),
    _row("sql_request", "ConnectionString: string, SqlQuery: string, ...more?: scalar", "Asks a SQL server.",
         "evaluate sql_request('...', 'select 1')", duckdb=_REMOTE),
    _row("mysql_request", "ConnectionString: string, SqlQuery: string, ...more?: scalar", "Asks a MySQL server.",
         "evaluate mysql_request('...', 'select 1')", duckdb=_REMOTE),
    _row("postgresql_request", "ConnectionString: string, SqlQuery: string, ...more?: scalar",
         "Asks a PostgreSQL server.",
         "evaluate postgresql_request('...', 'select 1')", duckdb=_REMOTE),
    _row("cosmosdb_sql_request", "ConnectionString: string, SqlQuery: string, ...more?: scalar", "Asks Cosmos DB.",
         "evaluate cosmosdb_sql_request('...', 'select 1')", duckdb=_REMOTE),
    _row("http_request", "Uri: string, RequestHeaders?: dynamic, Options?: dynamic", "Sends an HTTP GET.",
         "evaluate http_request('https://example.com')", duckdb=_REMOTE),
    _row("http_request_post", "Uri: string, RequestHeaders?: dynamic, Options?: dynamic, Content?: string",
         "Sends an HTTP POST.", "evaluate http_request_post('https://example.com')", duckdb=_REMOTE),
    _row("azure_digital_twins_query_request", "AdtInstanceEndpoint: string, AdtQuery: string",
         "Asks Azure Digital Twins.",
         "evaluate azure_digital_twins_query_request('...', '...')", duckdb=_REMOTE),
    _row("ai_embeddings", "text: string, connectionString: string, ...more?: scalar",
         "Embeds texts by a language model.",
         "evaluate ai_embeddings('text', '...')", duckdb=_REMOTE),
    _row("ai_embed_text", "text: string, connectionString: string, ...more?: scalar",
         "Embeds texts by a language model.",
         "evaluate ai_embed_text('text', '...')", duckdb=_REMOTE),
    _row("ai_chat_completion", "Chat: dynamic, ConnectionString: string, ...more?: scalar", "Asks a language model.",
         "evaluate ai_chat_completion(dynamic([]), '...')", duckdb=_REMOTE),
    _row("ai_chat_completion_prompt", "Prompt: string, ConnectionString: string, ...more?: scalar",
         "Asks a language model.", "evaluate ai_chat_completion_prompt('...', '...')", duckdb=_REMOTE),
)  # fmt: skip
