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
_SIZE: Final = "abs(greatest({v}, -9223372036854775807))"
_TICKS_TEXT: Final = {
    "duckdb": f"""concat(
        CASE WHEN {{v}} < 0 THEN '-' ELSE '' END,
        CASE WHEN {_SIZE} >= 864000000000 THEN concat({_SIZE} // 864000000000, '.') ELSE '' END,
        strftime(make_timestamp({_SIZE} // 10), '%H:%M:%S'),
        CASE WHEN {{v}} % 10000000 <> 0 THEN concat('.', lpad(CAST({_SIZE} % 10000000 AS VARCHAR), 7, '0')) ELSE '' END
    )""",
    "spark": """concat(
        CASE WHEN {v} < 0 THEN '-' ELSE '' END,
        CASE WHEN abs({v}) >= 864000000000 THEN concat(abs({v}) div 864000000000, '.') ELSE '' END,
        date_format(timestamp_micros(abs({v}) div 10), 'HH:mm:ss'),
        CASE WHEN {v} % 10000000 <> 0 THEN concat('.', lpad(CAST(abs({v}) % 10000000 AS STRING), 7, '0')) ELSE '' END
    )""",
}

# (from, to) -> template over {v}; "*" is any type. Text is never NULL when it comes in here.
_DUCKDB: Final[dict[tuple[str, str], str]] = {
    ("bool", "string"): "CAST({v} AS VARCHAR)",
    ("int", "string"): "CAST({v} AS VARCHAR)",
    ("long", "string"): "CAST({v} AS VARCHAR)",
    ("real", "string"): "CAST({v} AS VARCHAR)",
    ("decimal", "string"): "rtrim(rtrim(CAST({v} AS VARCHAR), '0'), '.')",
    ("datetime", "string"): "strftime({v}, '%Y-%m-%dT%H:%M:%S.%f0Z')",
    ("timespan", "string"): _TICKS_TEXT["duckdb"],
    ("dynamic", "string"): "json_extract_string({v}, '$')",
    ("string", "long"): "CASE WHEN regexp_full_match({v}, '\\s*([+-]?\\d+|0[xX][0-9a-fA-F]+)\\s*') "
                        "THEN TRY_CAST({v} AS BIGINT) END",
    ("real", "long"): "TRY_CAST(trunc({v}) AS BIGINT)",
    ("decimal", "long"): "TRY_CAST(trunc({v}) AS BIGINT)",
    ("datetime", "long"): f"(epoch_us({{v}}) + {_EPOCH}) * 10",
    ("dynamic", "long"): "CASE json_type({v}) WHEN 'DOUBLE' THEN TRY_CAST(trunc(TRY_CAST({v} AS DOUBLE)) AS BIGINT) "
                         "WHEN 'VARCHAR' THEN CASE WHEN regexp_full_match(json_extract_string({v}, '$'), "
                         "'\\s*([+-]?\\d+|0[xX][0-9a-fA-F]+)\\s*') "
                         "THEN TRY_CAST(json_extract_string({v}, '$') AS BIGINT) END "
                         "ELSE TRY_CAST({v} AS BIGINT) END",
    ("string", "real"): "CASE WHEN regexp_full_match({v}, "
                        "'(?i)\\s*[+-]?(\\d+\\.?\\d*|\\.\\d+|inf|nan)(e[+-]?\\d+)?\\s*') "
                        "THEN TRY_CAST({v} AS DOUBLE) END",
    ("dynamic", "real"): "TRY_CAST(json_extract_string({v}, '$') AS DOUBLE)",
    ("timespan", "real"): "CAST({v} AS DOUBLE)",
    ("string", "decimal"): "CASE WHEN regexp_full_match({v}, '\\s*[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?\\s*') "
                           "THEN TRY_CAST({v} AS DECIMAL(38, 18)) END",
    ("dynamic", "decimal"): "TRY_CAST(json_extract_string({v}, '$') AS DECIMAL(38, 18))",
    ("string", "bool"): "CASE lower(trim({v})) WHEN 'true' THEN TRUE WHEN '1' THEN TRUE WHEN 'false' THEN FALSE "
                        "WHEN '0' THEN FALSE END",
    ("dynamic", "bool"): "CASE lower(json_extract_string({v}, '$')) WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE "
                         "ELSE TRY_CAST(json_extract_string({v}, '$') AS DOUBLE) <> 0 END",
    ("string", "datetime"): "coalesce(CAST(TRY_CAST({v} AS TIMESTAMPTZ) AS TIMESTAMP), kql_datetime({v}))",
    ("long", "datetime"): f"make_timestamp({{v}} // 10 - {_EPOCH})",
    ("dynamic", "datetime"): "coalesce(CAST(TRY_CAST(json_extract_string({v}, '$') AS TIMESTAMPTZ) AS TIMESTAMP), "
                             "kql_datetime(json_extract_string({v}, '$')))",
    ("string", "timespan"): "kql_timespan({v})",
    ("dynamic", "timespan"): "kql_timespan(json_extract_string({v}, '$'))",
    ("real", "timespan"): "TRY_CAST(trunc({v}) AS BIGINT)",
    ("datetime", "timespan"): f"(epoch_us({{v}}) + {_EPOCH}) * 10",
    ("string", "guid"): "kql_guid({v})",
    ("dynamic", "guid"): "kql_guid(json_extract_string({v}, '$'))",
    ("string", "dynamic"): "coalesce(TRY_CAST({v} AS JSON), to_json(nullif({v}, '')))",
}  # fmt: skip
_SPARK: Final[dict[tuple[str, str], str]] = {
    ("bool", "string"): "CAST({v} AS STRING)",
    ("int", "string"): "CAST({v} AS STRING)",
    ("long", "string"): "CAST({v} AS STRING)",
    ("real", "string"): "CAST({v} AS STRING)",
    ("decimal", "string"): "rtrim('.', rtrim('0', CAST({v} AS STRING)))",
    ("datetime", "string"): "date_format({v}, \"yyyy-MM-dd'T'HH:mm:ss.SSSSSS'0Z'\")",
    ("timespan", "string"): _TICKS_TEXT["spark"],
    ("dynamic", "string"): "coalesce(get_json_object({v}, '$'), kql_json_text({v}))",
    ("string", "long"): "CASE WHEN trim({v}) RLIKE '^[+-]?[0-9]+$' THEN TRY_CAST(trim({v}) AS BIGINT) END",
    ("real", "long"): "CAST({v} AS BIGINT)",
    ("decimal", "long"): "CAST({v} AS BIGINT)",
    ("datetime", "long"): f"(unix_micros({{v}}) + {_EPOCH}) * 10",
    ("dynamic", "long"): "TRY_CAST(TRY_CAST(kql_json_text({v}) AS DECIMAL(38, 18)) AS BIGINT)",
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
    ("real", "timespan"): "CAST({v} AS BIGINT)",
    ("datetime", "timespan"): f"(unix_micros({{v}}) + {_EPOCH}) * 10",
    ("string", "guid"): "kql_guid({v})",
    ("dynamic", "guid"): "kql_guid(kql_json_text({v}))",
    ("string", "dynamic"): "kql_parse_json({v})",
}  # fmt: skip
_JSON: Final[dict[str, dict[str, str]]] = {
    "duckdb": {"*": "to_json({v})"},
    "spark": {
        "bool": "CAST({v} AS STRING)", "int": "CAST({v} AS STRING)", "long": "CAST({v} AS STRING)",
        "real": "CAST({v} AS STRING)", "decimal": "CAST({v} AS STRING)", "*": "kql_json_quote({v})",
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
    if source == "string":
        node = template.never_null(node)
    if rule is not None:
        return template.build(rule, target, {"v": node})
    if {source, to} <= {"guid", "string"} or {source, to} <= {"long", "timespan"}:
        return node
    if to == "bool":
        return exp.NEQ(this=template.grouped(node), expression=exp.Literal.number("0"))
    if {source, to} <= {"int", "long", "real", "decimal", "bool", "timespan"}:
        return exp.TryCast(this=node, to=cast_to(node.copy(), to, target).to.copy())
    return literal(None, to, target)


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
        return call.sql("kql_gettype({v})", v=call.node(0))
    return call.sql(_JSON_KINDS, v=call.node(0))


def tohex(call: Call) -> exp.Expr:
    """`tohex(value, minLength)`: negative numbers by their two's complement of 32 or 64 bits."""
    value = call.node(0)
    if call.type(0) == "int":
        value = call.sql("CAST({v} AS BIGINT) & 4294967295", v=value)
    digits = call.sql("lower(to_hex({v}))" if call.target == "duckdb" else "lower(hex({v}))", v=value)
    if not call.given(1):
        return digits
    sql = "lpad({d}, CAST(greatest(length({d}), {n}) AS INTEGER), '0')"
    return call.sql(sql, d=digits, n=call.node(1))
