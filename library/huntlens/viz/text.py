"""Values from data as texts that may be shown: nothing hidden, nothing endless, the same in every renderer."""

from __future__ import annotations

import html
import json
import re
from datetime import date, datetime, timedelta
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping

# What a reader cannot see, or what moves the letters around it: control characters, zero width and
# bidirectional marks, tags, and halves of surrogate pairs, which no encoding can write.
_HIDDEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_MARK_UP: Final = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}
_HALVES: Final = re.compile("[\ud800-\udfff]")
_DEPTH: Final = 12


def visible(text: str) -> str:
    r"""The text with every hidden character spelled out.

    >>> visible("exe\u202egpj")
    'exe‹U+202E›gpj'
    """
    return _HIDDEN.sub(_spell, text.replace("\r\n", "\n"))


def _spell(match: re.Match[str]) -> str:
    return f"‹U+{ord(match[0]):04X}›"


def clip(text: str, limit: int) -> str:
    """At most `limit` characters of the text, saying how many there are if some are left out.

    >>> clip("abcdef", 3)
    'abc… [6 characters]'
    """
    if len(text) <= limit:
        return text
    noted = _NOTE.search(text)
    return text[:limit] + (noted[0] if noted else f"… [{len(text):,} characters]")


def short(text: str, limit: int) -> str:
    """A name for an axis or a legend: what is too long ends in `…`, and line breaks are blanks.

    >>> short("powershell.exe", 8)
    'powersh…'
    """
    line = " ".join(clip(visible(text), 4 * limit).split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


_NOTE: Final = re.compile(r"… \[[\d,]+ characters\]\Z")
"""A text that was clipped before says how long it was."""


def show(value: Any, limit: int = 4096) -> str | None:
    """A value as text, `None` where there is no value.

    >>> show(0.1 + 0.2), show(None), show([1, "a"])
    ('0.3', None, '[1, "a"]')
    """
    text = value if isinstance(value, str) else _plain(value)
    if text is None or len(text) <= limit:
        return None if text is None else visible(text)
    return f"{visible(text[:limit])}… [{len(text):,} characters]"


def _plain(value: Any) -> str | None:
    if value is None or value is pd.NA or _is_no_time(value):
        return None
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, int | np.integer):
        return str(int(value))
    if isinstance(value, float | np.floating):
        return None if np.isnan(value) else f"{value:.15g}"
    if isinstance(value, datetime | np.datetime64):
        return _moment(pd.Timestamp(value))
    if isinstance(value, timedelta | np.timedelta64):
        return _length(pd.Timedelta(value))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | bytearray):
        return "0x" + bytes(value[:4096]).hex()
    if isinstance(value, dict | list | tuple | set | np.ndarray):
        return json.dumps(_json_value(value, _DEPTH), ensure_ascii=False, default=str)
    return str(value)


def _is_no_time(value: Any) -> bool:
    return value is pd.NaT or (isinstance(value, np.datetime64 | np.timedelta64) and bool(np.isnat(value)))


def _moment(value: pd.Timestamp) -> str:
    if value.tzinfo is not None:
        value = value.tz_convert("UTC").tz_localize(None)
    text = value.isoformat(sep=" ")
    return text.rstrip("0") if "." in text else text


def _length(value: pd.Timedelta) -> str:
    """A timespan as Kusto writes it: `1.02:03:04.5`."""
    sign, value = ("-", -value) if value < pd.Timedelta(0) else ("", value)
    parts = value.components
    days = f"{parts.days}." if parts.days else ""
    ticks = parts.milliseconds * 1_000_000 + parts.microseconds * 1_000 + parts.nanoseconds
    fraction = f".{ticks:09d}".rstrip("0") if ticks else ""
    return f"{sign}{days}{parts.hours:02d}:{parts.minutes:02d}:{parts.seconds:02d}{fraction}"


def _json_value(value: Any, depth: int) -> Any:
    if depth == 0:
        return "…"
    if isinstance(value, dict):
        return {str(key): _json_value(item, depth - 1) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, list | tuple | set):
        return [_json_value(item, depth - 1) for item in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return _plain(value)


def escape(text: str) -> str:
    """Text for a page: every character that means something to HTML is escaped, hidden ones are spelled out."""
    return html.escape(visible(text))


def page_json(value: Any) -> str:
    r"""JSON that is inert inside `<script type="application/json">`: it can neither end the element nor open a comment.

    >>> page_json("</script>")
    '"\\u003c/script\\u003e"'
    """
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False).translate(_MARK_UP)
    return _HALVES.sub(lambda half: f"\\u{ord(half[0]):04x}", text)


def asset(name: str, **words: str) -> str:
    """A script or a style sheet of this package, without its comments and indentation; `@word@` is filled in."""
    text = (resources.files("huntlens.viz") / "assets" / name).read_text("utf-8")
    lines = (line.strip() for line in text.splitlines())
    joined = "\n".join(line for line in lines if line and not line.startswith("//"))
    return _fill(joined, words)


def _fill(text: str, words: Mapping[str, str]) -> str:
    for word, value in words.items():
        text = text.replace(f"@{word}@", value)
    return text


def kql_type(series: pd.Series[Any]) -> str:
    """The KQL type that the values of a column have, judged by its dtype.

    >>> kql_type(pd.Series([1, 2]))
    'long'
    """
    dtype = series.dtype
    if isinstance(dtype, pd.DatetimeTZDtype) or dtype.kind == "M":
        return "datetime"
    kinds = {"b": "bool", "i": "long", "u": "long", "f": "real", "m": "timespan"}
    if dtype.kind in kinds:
        return kinds[dtype.kind]
    sample = next((value for value in series.head(50) if value is not None), None)
    return "dynamic" if isinstance(sample, dict | list | np.ndarray) else "string"
