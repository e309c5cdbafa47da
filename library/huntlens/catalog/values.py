"""Values of parameters, read as the declared type.

Whatever comes in, what goes out has exactly one Python type for each KQL type, so the literal writers of the
languages never see anything else.
"""

from __future__ import annotations

import math
import re
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from huntlens.errors import ParameterError
from huntlens.timespan import parse_length, parse_moment

if TYPE_CHECKING:
    from collections.abc import Callable

    from huntlens.catalog.model import Parameter

_LONG: Final = range(-(2**63), 2**63)
_INT: Final = range(-(2**31), 2**31)
_MAX_DEPTH: Final = 32


def coerce(parameter: Parameter, value: object) -> Any:
    """The value as the parameter's type; `ParameterError` where it is none.

    >>> from huntlens.catalog.model import Parameter
    >>> coerce(Parameter("ids", "long[]"), ["4624", 4625])
    [4624, 4625]
    """
    value = _plain(value)
    if not parameter.is_list:
        return _item(parameter, parameter.type, value)
    if isinstance(value, str | bytes) or not hasattr(value, "__iter__"):
        value = [value]
    if hasattr(value, "keys"):
        raise ParameterError.wrong_type(parameter.name, f"list of {parameter.item_type}", value)
    return [_item(parameter, parameter.item_type, _plain(item)) for item in value]


def parse(parameter: Parameter, text: str) -> Any:
    """The value that a text on a command line stands for; lists are separated by commas.

    >>> from huntlens.catalog.model import Parameter
    >>> parse(Parameter("ids", "long[]"), "4624, 4625")
    [4624, 4625]
    """
    if parameter.is_list:
        return coerce(parameter, [part.strip() for part in text.split(",") if part.strip()])
    return coerce(parameter, text)


def _plain(value: object) -> Any:
    """A value without the wrappers of array libraries: numpy scalars have `item`, Timestamps `to_pydatetime`."""
    for unwrap in ("to_pydatetime", "to_pytimedelta"):
        if hasattr(value, unwrap):
            return getattr(value, unwrap)()
    if hasattr(value, "tolist") and type(value).__module__.partition(".")[0] in ("numpy", "pandas"):
        return value.tolist()
    return value


def _item(parameter: Parameter, kind: str, value: Any) -> Any:
    try:
        found = _READERS[kind](value)
    except (TypeError, ValueError, OverflowError, InvalidOperation, RecursionError):
        found = None
    if found is None:
        raise ParameterError.wrong_type(parameter.name, kind, value)
    return found


def _bool(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False, "1": True, "0": False}.get(str(value).lower())


def _whole(value: Any, allowed: range) -> int | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, float) and not value.is_integer():
        return None
    number = int(value, 0) if isinstance(value, str) and value.lower().startswith("0x") else int(value)
    return number if number in allowed else None


def _real(value: Any) -> float | None:
    return None if isinstance(value, bool) or value is None else float(value)


def _decimal(value: Any) -> Decimal | None:
    if isinstance(value, bool) or value is None:
        return None
    number = Decimal(str(value))
    return number if number.is_finite() else None


def _string(value: Any) -> str | None:
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bytes | bytearray | dict | list | tuple | set) or value is None:
        return None
    if isinstance(value, float) and math.isnan(value):
        return None
    return str(value)


def _datetime(value: Any) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, datetime | date | timedelta | str | int | float):
        return None
    return parse_moment(value)


_KUSTO_SPAN: Final = re.compile(r"(-?)(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2}(?:\.\d+)?)")


def _timespan(value: Any) -> timedelta | None:
    if isinstance(value, timedelta):
        return value
    if not isinstance(value, str):
        return None
    match = _KUSTO_SPAN.fullmatch(value.strip())
    if match is None:
        return parse_length(value)
    sign, days, hours, minutes, seconds = match.groups()
    length = timedelta(days=int(days or 0), hours=int(hours), minutes=int(minutes), seconds=float(seconds))
    return -length if sign else length


def _guid(value: Any) -> str | None:
    if isinstance(value, UUID):
        return str(value)
    return str(UUID(value)) if isinstance(value, str) else None


def _dynamic(value: Any, depth: int = 0) -> Any:
    """A JSON value; None has no meaning of its own here, so it is refused at the top and kept inside."""
    if depth > _MAX_DEPTH:
        raise ValueError("too deep")
    if isinstance(value, dict):
        return {str(key): _dynamic(_plain(item), depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_dynamic(_plain(item), depth + 1) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, datetime | date):
        return value.isoformat()
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)


_READERS: Final[dict[str, Callable[[Any], Any]]] = {
    "bool": _bool,
    "int": lambda value: _whole(value, _INT),
    "long": lambda value: _whole(value, _LONG),
    "real": _real,
    "decimal": _decimal,
    "string": _string,
    "datetime": _datetime,
    "timespan": _timespan,
    "guid": _guid,
    "dynamic": _dynamic,
}
