"""Conversions between the types of KQL, and the text and the JSON of a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlglot import exp

from huntlens.kql.compile import template
from huntlens.kql.compile.literal import cast_to, constant, literal
from huntlens.kql.compile.udf.timespans import parse_timespan
from huntlens.kql.types import canonical

if TYPE_CHECKING:
    from huntlens.kql.compile.template import Call, Target
    from huntlens.kql.types import KqlType

__all__ = ("convert", "gettype", "to_dynamic", "to_json_text", "to_type", "tohex")

# The 62,135,596,800 seconds from year 1 to 1970 in microseconds.
_EPOCH: Final = 62135596800000000

# The size of a length of time; the lowest one has no positive counterpart, and the next stands for it.
_SIZE: Final = "CASE WHEN {v} < -9223372036854775807 THEN 9223372036854775807 ELSE abs({v}) END"
_TICKS_TEXT: Final = {
    "duckdb": f"""concat(
        CASE WHEN {{v}} < 0 THEN '-' ELSE '' END,
        CASE WHEN {_SIZE} >= 864000000000 THEN concat(({_SIZE}) // 864000000000, '.') ELSE '' END,
        strftime(make_timestamp(({_SIZE}) // 10), '%H:%M:%S'),
        CASE WHEN {{v}} % 10000000 <> 0
            THEN concat('.', lpad(CAST(({_SIZE}) % 10000000 AS VARCHAR), 7, '0')) ELSE '' END
    )""",
    "spark": f"""concat(
        CASE WHEN {{v}} < 0 THEN '-' ELSE '' END,
        CASE WHEN {_SIZE} >= 864000000000 THEN concat(({_SIZE}) div 864000000000, '.') ELSE '' END,
        date_format(timestamp_micros(({_SIZE}) div 10), 'HH:mm:ss'),
        CASE WHEN {{v}} % 10000000 <> 0
            THEN concat('.', lpad(CAST(({_SIZE}) % 10000000 AS STRING), 7, '0')) ELSE '' END
    )""",
}

# The cast takes '1e3', '1.9' and '1_0' as well, which Kusto does not.
_WHOLE_TEXT: Final = (
    "CASE WHEN regexp_full_match({v}, '\\s*([+-]?\\d+|0[xX][0-9a-fA-F]+)\\s*') THEN TRY_CAST({v} AS BIGINT) END"
)
_DIGITS: Final = "CASE WHEN CAST(TRY_CAST({v} AS BIGINT) AS VARCHAR) = {v} THEN TRY_CAST({v} AS BIGINT) ELSE {rare} END"
"""There and back tells a plain whole number at half the cost of the regular expression; `rare` answers for the rest."""

# To what -> template over {t}, the text of a JSON value (of a string that without quotes), and {k}, its kind.
_FROM_JSON: Final[dict[str, str]] = {
    "long": "CASE {k} WHEN 'DOUBLE' THEN TRY_CAST(trunc(TRY_CAST({t} AS DOUBLE)) AS BIGINT) "
            f"WHEN 'VARCHAR' THEN {_WHOLE_TEXT.replace('{v}', '{t}')} "
            "WHEN 'BOOLEAN' THEN CAST({t} = 'true' AS BIGINT) ELSE TRY_CAST({t} AS BIGINT) END",
    "string": "{t}",
    "real": "TRY_CAST({t} AS DOUBLE)",
    "decimal": "TRY_CAST({t} AS DECIMAL(38, 18))",
    "bool": "CASE lower({t}) WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE ELSE TRY_CAST({t} AS DOUBLE) <> 0 END",
    "datetime": "coalesce(CAST(TRY_CAST({t} AS TIMESTAMPTZ) AS TIMESTAMP), kql_datetime({t}))",
    "timespan": "kql_timespan({t})",
    "guid": "kql_guid({t})",
}  # fmt: skip

# (from, to) -> template over {v}; "*" is any type. Text is never NULL when it comes in here.
_DUCKDB: Final[dict[tuple[str, str], str]] = {
    ("bool", "string"): "CAST({v} AS VARCHAR)",
    ("int", "string"): "CAST({v} AS VARCHAR)",
    ("long", "string"): "CAST({v} AS VARCHAR)",
    ("real", "string"): "CAST({v} AS VARCHAR)",
    ("decimal", "string"): "rtrim(rtrim(CAST({v} AS VARCHAR), '0'), '.')",
    ("datetime", "string"): "strftime({v}, '%Y-%m-%dT%H:%M:%S.%f0Z')",
    ("timespan", "string"): _TICKS_TEXT["duckdb"],
    ("string", "long"): _WHOLE_TEXT,
    ("real", "long"): "TRY_CAST(trunc({v}) AS BIGINT)",
    ("decimal", "long"): "TRY_CAST(trunc({v}) AS BIGINT)",
    ("datetime", "long"): f"(epoch_us({{v}}) + {_EPOCH}) * 10",
    ("string", "real"): "CASE WHEN regexp_full_match({v}, "
                        "'(?i)\\s*[+-]?(\\d+\\.?\\d*|\\.\\d+|inf|nan)(e[+-]?\\d+)?\\s*') "
                        "THEN TRY_CAST({v} AS DOUBLE) END",
    ("timespan", "real"): "CAST({v} AS DOUBLE)",
    ("string", "decimal"): "CASE WHEN regexp_full_match({v}, '\\s*[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?\\s*') "
                           "THEN TRY_CAST({v} AS DECIMAL(38, 18)) END",
    ("string", "bool"): "CASE lower(trim({v})) WHEN 'true' THEN TRUE WHEN '1' THEN TRUE WHEN 'false' THEN FALSE "
                        "WHEN '0' THEN FALSE END",
    ("string", "datetime"): "coalesce(CAST(TRY_CAST({v} AS TIMESTAMPTZ) AS TIMESTAMP), kql_datetime({v}))",
    ("long", "datetime"): f"make_timestamp({{v}} // 10 - {_EPOCH})",
    ("string", "timespan"): "kql_timespan({v})",
    ("real", "timespan"): "TRY_CAST(trunc({v}) AS BIGINT)",
    ("datetime", "timespan"): f"(epoch_us({{v}}) + {_EPOCH}) * 10",
    ("string", "guid"): "kql_guid({v})",
    ("string", "dynamic"): "coalesce(TRY_CAST({v} AS JSON), to_json(nullif({v}, '')))",
    **{("dynamic", to): rule.replace("{t}", "json_extract_string({v}, '$')").replace("{k}", "json_type({v})")
       for to, rule in _FROM_JSON.items()},
}  # fmt: skip
_SPARK_LONG: Final = (
    "CASE WHEN {v} RLIKE '^[ \\t\\r\\n]*[+-]?[0-9]+[ \\t\\r\\n]*$' THEN TRY_CAST({v} AS BIGINT) "
    "WHEN trim({v}) RLIKE '^0[xX][0-9a-fA-F]+$' THEN TRY_CAST(conv(substr(trim({v}), 3), 16, 10) AS BIGINT) END"
)
_SPARK_TEXT: Final = "get_json_object({v}, '$')"
_SPARK_REAL_TEXT: Final = """element_at(transform(array(CAST({v} AS STRING)), s -> CASE
WHEN s = 'NaN' THEN 'nan' WHEN s LIKE '%Infinity' THEN replace(s, 'Infinity', 'inf') WHEN NOT contains(s, 'E') THEN s
WHEN CAST(split_part(s, 'E', -1) AS INT) BETWEEN -4 AND 15
    THEN regexp_replace(rtrim('0', CAST(CAST(s AS DECIMAL(38, 21)) AS STRING)), '[.]$', '.0')
ELSE concat(regexp_replace(split_part(s, 'E', 1), '[.]0$', ''), 'e',
    CASE WHEN contains(s, 'E-') THEN '-' ELSE '+' END,
    regexp_replace(replace(split_part(s, 'E', -1), '-', ''), '^([0-9])$', '0$1'))
END), 1)"""
"""A real as DuckDB and Python write it; Spark has an exponent from ten million on."""
_SPARK_REAL_JSON: Final = (
    "CASE WHEN isnan({v}) OR abs({v}) = CAST('Infinity' AS DOUBLE) THEN CAST({v} AS STRING) "
    f"ELSE {_SPARK_REAL_TEXT} END"
)
_SPARK: Final[dict[tuple[str, str], str]] = {
    ("bool", "string"): "CAST({v} AS STRING)",
    ("int", "string"): "CAST({v} AS STRING)",
    ("long", "string"): "CAST({v} AS STRING)",
    ("real", "string"): _SPARK_REAL_TEXT,
    ("decimal", "string"): "rtrim('.', rtrim('0', CAST({v} AS STRING)))",
    ("datetime", "string"): "date_format({v}, \"yyyy-MM-dd'T'HH:mm:ss.SSSSSS'0Z'\")",
    ("timespan", "string"): _TICKS_TEXT["spark"],
    ("dynamic", "string"): f"CASE WHEN startswith({{v}}, '\"') THEN {_SPARK_TEXT} WHEN {{v}} = 'null' THEN NULL "
                           "WHEN {v} RLIKE '[ \\t\\r\\n]' THEN kql_json_text({v}) ELSE {v} END",
    ("string", "long"): _SPARK_LONG,
    ("real", "long"): "TRY_CAST({v} AS BIGINT)",
    ("decimal", "long"): "TRY_CAST({v} AS BIGINT)",
    ("datetime", "long"): f"(unix_micros({{v}}) + {_EPOCH}) * 10",
    ("dynamic", "long"): f"CASE WHEN startswith({{v}}, '\"') THEN {_SPARK_LONG.replace('{v}', _SPARK_TEXT)} "
                         "WHEN {v} RLIKE '^-?[0-9]' THEN TRY_CAST(TRY_CAST({v} AS DECIMAL(38, 18)) AS BIGINT) "
                         "WHEN {v} = 'true' THEN 1 WHEN {v} = 'false' THEN 0 END",
    ("string", "real"): "CASE WHEN trim({v}) RLIKE '(?i)^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+|inf|nan)(e[+-]?[0-9]+)?$' "
                        "THEN TRY_CAST({v} AS DOUBLE) END",
    ("dynamic", "real"): "TRY_CAST(kql_json_text({v}) AS DOUBLE)",
    ("timespan", "real"): "CAST({v} AS DOUBLE)",
    ("string", "decimal"): "TRY_CAST({v} AS DECIMAL(38, 18))",
    ("dynamic", "decimal"): "TRY_CAST(kql_json_text({v}) AS DECIMAL(38, 18))",
    ("string", "bool"): "CASE lower(trim({v})) WHEN 'true' THEN TRUE WHEN '1' THEN TRUE WHEN 'false' THEN FALSE "
                        "WHEN '0' THEN FALSE END",
    ("dynamic", "bool"): "CASE lower(kql_json_text({v})) WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE "
                         "ELSE TRY_CAST(kql_json_text({v}) AS DOUBLE) <> 0 END",
    ("string", "datetime"): "kql_datetime({v})",
    ("long", "datetime"): f"timestamp_micros({{v}} div 10 - {_EPOCH})",
    ("dynamic", "datetime"): "kql_datetime(kql_json_text({v}))",
    ("string", "timespan"): "kql_timespan({v})",
    ("dynamic", "timespan"): "kql_timespan(kql_json_text({v}))",
    ("real", "timespan"): "TRY_CAST({v} AS BIGINT)",
    ("datetime", "timespan"): f"(unix_micros({{v}}) + {_EPOCH}) * 10",
    ("string", "guid"): "kql_guid({v})",
    ("dynamic", "guid"): "kql_guid(kql_json_text({v}))",
    ("string", "dynamic"): "kql_parse_json({v})",
}  # fmt: skip
_JSON: Final[dict[str, dict[str, str]]] = {
    "duckdb": {"*": "to_json({v})"},
    "spark": {
        "bool": "CAST({v} AS STRING)", "int": "CAST({v} AS STRING)", "long": "CAST({v} AS STRING)",
        "real": _SPARK_REAL_JSON, "decimal": "CAST({v} AS STRING)", "*": "kql_json_quote({v})",
    },
}  # fmt: skip


def to_type(node: exp.Expr, source: KqlType, to: KqlType, target: Target) -> exp.Expr:
    """A value of one type as another; NULL where it cannot be."""
    source = "dynamic" if source == "unknown" else source
    if source == to:
        return node
    if to == "dynamic" and source != "string":
        return to_dynamic(node, source, target)
    value = constant(node)
    if value is None:
        return literal(None, to, target)
    if source == "string" and to == "timespan" and isinstance(value, str):
        return literal(parse_timespan(value), to, target)
    if to == "int":
        return exp.TryCast(this=to_type(node, source, "long", target), to=exp.DataType.build("INT"))
    if source == "int":
        if to == "long":
            return cast_to(node, to, target)
        source = "long" if to in ("datetime", "timespan") else source
    if source == "guid":
        source = "string" if to != "string" else source
    rules = _DUCKDB if target == "duckdb" else _SPARK
    rule = rules.get((source, to))
    if to == "long" and rule is not None and _is_cheap_text(node, source, target):
        text = node if source == "string" else exp.Cast(this=node, to=exp.DataType.build("TEXT"))
        return _whole(text, template.build(rule, target, {"v": node}))
    if source == "string":
        node = template.never_null(node)
    if rule is not None:
        return template.build(rule, target, {"v": node})
    if {source, to} <= {"guid", "string"} or {source, to} <= {"long", "timespan"}:
        return node
    if to == "bool" and source in ("int", "long", "real", "decimal", "timespan"):
        return exp.NEQ(this=template.grouped(node), expression=exp.Literal.number("0"))
    if {source, to} <= {"int", "long", "real", "decimal", "bool", "timespan"}:
        return exp.TryCast(this=node, to=cast_to(node.copy(), to, target).to.copy())
    return literal(None, to, target)


def from_json_text(text: exp.Expr, kind: exp.Expr, to: KqlType) -> exp.Expr:
    """A JSON value as a scalar, from its text that DuckDB has read already.

    `kind` asks for its `json_type`, which only a number that is not whole needs.
    """
    if to == "int":
        return exp.TryCast(this=from_json_text(text, kind, "long"), to=exp.DataType.build("INT"))
    if to == "long":
        return _whole(text, template.build(_FROM_JSON[to], "duckdb", {"t": text, "k": kind}))
    return template.build(_FROM_JSON[to], "duckdb", {"t": text})


def _is_cheap_text(node: exp.Expr, source: KqlType, target: Target) -> bool:
    """Whether a text, or the text of a JSON value, may be read several times."""
    return target == "duckdb" and source in ("string", "dynamic") and isinstance(node, exp.Column | exp.Bracket)


def _whole(text: exp.Expr, rare: exp.Expr) -> exp.Expr:
    """The whole number that a text is; `rare` is asked where the text is not just its digits."""
    return template.build(_DIGITS, "duckdb", {"v": text, "rare": rare})


def to_dynamic(node: exp.Expr, source: KqlType, target: Target) -> exp.Expr:
    """A scalar as a dynamic value: a text becomes a JSON string, a time its ISO text; it is not parsed."""
    if source in ("dynamic", "unknown"):
        return node
    if isinstance(node, exp.Null):
        return literal(None, "dynamic", target)
    if source in ("datetime", "timespan"):
        node, source = to_type(node, source, "string", target), "string"
        if target == "duckdb":
            node = exp.Anonymous(this="NULLIF", expressions=[node, exp.Literal.string("")])
    elif source == "string":
        node = template.never_null(node)
    rules = _JSON[target]
    return template.build(rules.get(source, rules["*"]), target, {"v": node})


def to_json_text(node: exp.Expr, target: Target) -> exp.Expr:
    """The JSON of a dynamic value as a string."""
    return exp.Cast(this=node, to=exp.DataType.build("TEXT")) if target == "duckdb" else node


def convert(call: Call) -> exp.Expr:
    """`to...(value)`: to the type that the row's option names."""
    to = canonical(call.options[0])
    return to_type(call.node(0), call.type(0), to, call.target)


_JSON_KINDS: Final = (
    "CASE json_type({v}) WHEN 'ARRAY' THEN 'array' WHEN 'OBJECT' THEN 'dictionary' WHEN 'VARCHAR' THEN 'string' "
    "WHEN 'DOUBLE' THEN 'double' WHEN 'BOOLEAN' THEN 'bool' WHEN 'BIGINT' THEN 'long' WHEN 'UBIGINT' THEN 'long' "
    "ELSE 'null' END"
)


def gettype(call: Call) -> exp.Expr:
    """`gettype(value)`: known from the type, but for dynamic values."""
    kind = call.type(0)
    if kind not in ("dynamic", "unknown"):
        return exp.Literal.string("double" if kind == "real" else kind)
    if call.target == "spark":
        return call.sql("coalesce(kql_gettype({v}), 'null')", v=call.node(0))
    return call.sql(_JSON_KINDS, v=call.node(0))


def tohex(call: Call) -> exp.Expr:
    """`tohex(value, minLength)`: negative numbers by their two's complement of 32 or 64 bits."""
    value = call.node(0)
    if call.type(0) == "int":
        value = call.sql("CAST({v} AS BIGINT) & 4294967295", v=value)
    digits = call.sql("lower(to_hex({v}))" if call.target == "duckdb" else "lower(hex({v}))", v=value)
    if not call.given(1):
        return digits
    sql = "lpad({d}, CAST(greatest(length({d}), least({n}, 1024)) AS INTEGER), '0')"
    return call.sql(sql, d=digits, n=call.node(1))
