"""Typed literals: how each language writes a value so that it can be nothing but a value.

Every writer takes what `values.coerce` gives: one Python type for each KQL type.
Sources: Kusto "Scalar data types", "The string data type", "The dynamic data type"; Splunk "Search Reference,
Understanding SPL syntax"; OData 4.01 URL conventions section 5.1.1.14; SQL-92 section 5.3.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any, Final

from huntlens.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from huntlens.catalog.model import Parameter

_ESCAPED: Final = re.compile(r'["\\\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]')
_SHORT: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def kql_string(value: str) -> str:
    r"""A KQL string literal, which is also a JSON string.

    >>> print(kql_string('a "b" \\ c'))
    "a \"b\" \\ c"
    """
    return '"' + _ESCAPED.sub(lambda match: _SHORT.get(match[0]) or f"\\u{ord(match[0]):04x}", value) + '"'


def _json(value: Any) -> str:
    if isinstance(value, str):
        return kql_string(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{kql_string(key)}: {_json(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_json(item) for item in value) + "]"
    return repr(value)


def _iso(value: datetime) -> str:
    return value.isoformat(timespec="microseconds") + "Z"


def _kql_real(value: float) -> str:
    if math.isnan(value):
        return "real(nan)"
    if math.isinf(value):
        return "real(+inf)" if value > 0 else "real(-inf)"
    return f"real({value!r})"


def _kql_timespan(value: timedelta) -> str:
    sign, length = ("-", -value) if value < timedelta() else ("", value)
    minutes, seconds = divmod(length.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"timespan({sign}{length.days}.{hours:02}:{minutes:02}:{seconds:02}.{length.microseconds:06})"


_KQL: Final[dict[str, Callable[[Any], str]]] = {
    "bool": lambda value: "true" if value else "false",
    "int": lambda value: f"int({value})",
    "long": lambda value: f"long({value})",
    "real": _kql_real,
    "decimal": lambda value: f"decimal({value:f})",
    "string": kql_string,
    "datetime": lambda value: f"datetime({_iso(value)})",
    "timespan": _kql_timespan,
    "guid": lambda value: f"guid({value})",
    "dynamic": lambda value: f"dynamic({_json(value)})",
}


def kql(parameter: Parameter, value: Any) -> str:
    """The KQL literal of a value."""
    if not parameter.is_list:
        return _KQL[parameter.type](value)
    items = [_iso(item) if parameter.item_type == "datetime" else item for item in value]
    if parameter.item_type in ("timespan", "decimal"):
        items = [str(item) for item in items]
    return _KQL["dynamic"](items)


def _doubled(value: str) -> str:
    if "\x00" in value:
        raise ValueError("the language cannot write a NUL character")
    return "'" + value.replace("'", "''") + "'"


def _sql_item(kind: str, value: Any) -> str:
    if kind == "bool":
        return "TRUE" if value else "FALSE"
    if kind in ("int", "long", "decimal"):
        return f"{value}"
    if kind == "real":
        return repr(value) if math.isfinite(value) else f"CAST('{value}' AS DOUBLE)"
    if kind == "datetime":
        return f"TIMESTAMP '{value.isoformat(sep=' ', timespec='microseconds')}'"
    if kind == "timespan":
        return f"INTERVAL '{value.total_seconds():.6f}' SECOND"
    return _doubled(_json(value) if kind == "dynamic" else value)


_ODATA_REALS: Final = {"nan": "NaN", "inf": "INF", "-inf": "-INF"}


def _odata_item(kind: str, value: Any) -> str:
    if kind == "bool":
        return "true" if value else "false"
    if kind in ("int", "long", "decimal"):
        return f"{value}"
    if kind == "real":
        return repr(value) if math.isfinite(value) else _ODATA_REALS[str(value)]
    if kind == "datetime":
        return _iso(value)
    if kind == "timespan":
        return f"duration'PT{value.total_seconds():.6f}S'"
    if kind == "guid":
        return str(value)
    return _doubled(_json(value) if kind == "dynamic" else value)


def _backslashed(value: str) -> str:
    if "\x00" in value:
        raise ValueError("the language cannot write a NUL character")
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _search_item(kind: str, value: Any) -> str:
    """A literal of SPL or Sumo Logic, which know texts and numbers; times are seconds since 1970."""
    if kind == "bool":
        return "true" if value else "false"
    if kind in ("int", "long", "decimal"):
        return f"{value}"
    if kind == "real":
        return repr(value)
    if kind == "timespan":
        return f"{value.total_seconds():.6f}"
    if kind == "datetime":
        return f"{value.replace(tzinfo=UTC).timestamp():.6f}"
    return _backslashed(_json(value) if kind == "dynamic" else value)


def _of(item: Callable[[str, Any], str]) -> Callable[[Parameter, Any], str]:
    def write(parameter: Parameter, value: Any) -> str:
        try:
            if not parameter.is_list:
                return item(parameter.type, value)
            return "(" + ", ".join(item(parameter.item_type, part) for part in value) + ")"
        except ValueError as error:
            raise ParameterError(f"parameter '{parameter.name}': {error}") from None

    return write


def _search(parameter: Parameter, value: Any) -> str:
    texts = value if parameter.is_list else [value]
    if not parameter.wildcards and any(isinstance(text, str) and "*" in text for text in texts):
        raise ParameterError(f"parameter '{parameter.name}': '*' is a wildcard in this language and cannot be escaped")
    return _of(_search_item)(parameter, value)


WRITERS: Final[dict[str, Callable[[Parameter, Any], str]]] = {
    "kql": kql,
    "sql": _of(_sql_item),
    "odata": _of(_odata_item),
    "spl": _search,
    "sumo": _search,
}
