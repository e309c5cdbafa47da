"""Python functions with parameters of their own: conversions, searches, JSON as a whole."""

from __future__ import annotations

import json
import re
import zoneinfo
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from huntlens.kql.compile.udf import MISFITS, Udf, to_json
from huntlens.kql.compile.udf.arrays import percentiles
from huntlens.kql.compile.udf.bags import bag_merge_all
from huntlens.kql.compile.udf.timespans import parse_datetime, parse_timespan

if TYPE_CHECKING:
    from collections.abc import Callable

_GUID: Final = re.compile(
    r"[{(]?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})[})]?", re.IGNORECASE
)
_TERM: Final = re.compile("[0-9A-Za-z]")


def guid(text: str | None) -> str | None:
    match = _GUID.fullmatch((text or "").strip())
    return None if match is None else "-".join(match.groups()).lower()


def _load(text: str | None) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text


def json_text(text: str | None) -> str | None:
    value = _load(text)
    if value is None or isinstance(value, str):
        return value
    return to_json(value)


def parse_json(text: str | None) -> str | None:
    return to_json(_load(text)) if text else None


def json_quote(text: str | None) -> str | None:
    return None if text is None else to_json(text)


def canonical_json(text: str | None) -> str | None:
    if text is None:
        return None
    return json.dumps(json.loads(text), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def get(text: str | None, key: str | None) -> str | None:
    value = _load(text)
    if isinstance(value, dict):
        found = value.get(key)
    elif isinstance(value, list) and re.fullmatch(r"-?\d+", key or ""):
        place = int(key or 0)
        found = value[place] if -len(value) <= place < len(value) else None
    else:
        return None
    return None if found is None else to_json(found)


def items(text: str | None, pairs: str | None) -> str:
    """What `mv-expand` makes rows of: the items of an array, the pairs of a bag, or the value; each as JSON text.

    >>> items("[1, [2]]", "bags"), items("5", "bags")
    ('["1","[2]"]', '["5"]')
    """
    value = _load(text)
    if isinstance(value, dict):
        value = [[key, item] if pairs == "arrays" else {key: item} for key, item in value.items()]
    elif not isinstance(value, list):
        return to_json([None if value is None else text])
    return to_json([None if item is None else to_json(item) for item in value])


def gettype(text: str | None) -> str:
    value = _load(text)
    for kind, name in (
        (bool, "bool"),
        (int, "long"),
        (float, "double"),
        (str, "string"),
        (list, "array"),
        (dict, "dictionary"),
    ):
        if isinstance(value, kind):
            return name
    return "null"


def replace_strings(text: str | None, lookups: str | None, rewrites: str | None) -> str | None:
    old, new = _load(lookups), _load(rewrites)
    if not isinstance(old, list) or not isinstance(new, list) or len(old) != len(new):
        return text
    # Earlier lookups claim their places first; what is claimed is not looked at again.
    pieces: list[tuple[str, bool]] = [(text or "", False)]
    for before, after in zip(old, new, strict=True):
        pieces = [part for piece in pieces for part in _claimed(piece, str(before), str(after))]
    return "".join(piece for piece, _ in pieces)


def _claimed(piece: tuple[str, bool], before: str, after: str) -> list[tuple[str, bool]]:
    if piece[1] or not before:
        return [piece]
    first, *others = piece[0].split(before)
    return [(first, False), *(part for other in others for part in ((after, True), (other, False)))]


def indexof(source: str, match: str, start: int, length: int, occurrence: int) -> int | None:
    if occurrence < 1 or length < -1:
        return None
    place = (max(len(source) + start, 0) if start < 0 else start) - 1
    for _ in range(occurrence):
        # The length counts from where each search begins.
        end = len(source) if length < 0 else place + 1 + length
        place = source.find(match, place + 1, end)
        if place < 0:
            return -1
    return place


def indexof_regex(source: str, match: str, start: int, length: int, occurrence: int) -> int | None:
    if occurrence < 1 or length < -1:
        return None
    first = max(len(source) + start, 0) if start < 0 else start
    end = len(source) if length < 0 else first + length
    try:
        found = [item.start() for item in re.compile(match).finditer(source, first, end)]
    except re.error:
        return None
    return found[occurrence - 1] if len(found) >= occurrence else -1


def countof(source: str, search: str) -> int:
    return sum(source.startswith(search, place) for place in range(len(source))) if search else 0


def has_any_index(source: str, values: str | None) -> int:
    for index, term in enumerate(_load(values) or []):
        if has_term(source, str(term)):
            return index
    return -1


def has_term(source: str, term: str) -> bool:
    """Whether a text holds a term as a whole, whatever its case."""
    if not term:
        return True
    before = "(?<![0-9A-Za-z])" if _TERM.match(term[0]) else ""
    after = "(?![0-9A-Za-z])" if _TERM.match(term[-1]) else ""
    return re.search(f"{before}{re.escape(term)}{after}", source, re.IGNORECASE) is not None


def regex_quote(text: str) -> str:
    return re.sub(r"([^0-9A-Za-z_\s])", r"\\\1", text)


def codepoints(text: str) -> str:
    return to_json([ord(character) for character in text])


def from_codepoints(values: str | None) -> str | None:
    flat: list[int] = []
    for item in _load(values) or []:
        flat.extend(item if isinstance(item, list) else [item])
    try:
        return "".join(map(chr, flat)).encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    except (TypeError, ValueError, OverflowError):
        return None


def timezones(_: str) -> str:
    return to_json(sorted(zoneinfo.available_timezones()))


def bag_merge(bags: str | None) -> str | None:
    return to_json(bag_merge_all(*(bag for bag in _load(bags) or [] if isinstance(bag, dict))))


def without_nulls(bag: str | None) -> str | None:
    value = _load(bag)
    return to_json({key: item for key, item in value.items() if item is not None}) if isinstance(value, dict) else bag


def _schema(values: list[Any]) -> Any:
    bags = [value for value in values if isinstance(value, dict)]
    arrays = [value for value in values if isinstance(value, list)]
    found: list[Any] = []
    for value in values:
        kind = gettype(to_json(value))
        if kind not in ("dictionary", "array", "null") and kind not in found:
            found.append(kind)
    if bags:
        keys = dict.fromkeys(key for bag in bags for key in bag)
        found.append({key: _schema([bag[key] for bag in bags if key in bag]) for key in keys})
    if arrays:
        found.append({"`indexer`": _schema([item for array in arrays for item in array])})
    return found[0] if len(found) == 1 else found or "null"


def buildschema(values: str | None) -> str:
    return to_json(_schema(_load(values) or []))


def percentile_values(values: str | None, weights: str | None, shares: str | None) -> str:
    return to_json(percentiles(_load(values) or [], _load(weights) or None, _load(shares) or []))


def flatten(lists: str | None) -> str:
    return to_json([item for array in _load(lists) or [] for item in (array if isinstance(array, list) else [array])])


def set_of(values: str | None) -> str:
    flat = json.loads(flatten(values))
    return to_json(list({to_json(item): item for item in sorted(flat, key=to_json)}.values()))


_FORMAT: Final = re.compile(r"d+|f+|F+|h+|H+|m+|M+|s+|y+|tt?|.", re.DOTALL)


def _fraction(token: str, ticks: int) -> str:
    digits = f"{ticks:07}"[: len(token)]
    return digits.rstrip("0") if token[0] == "F" else digits


def format_datetime(micros: int | None, form: str) -> str:
    if micros is None:
        return ""
    moment = datetime(1970, 1, 1) + timedelta(microseconds=micros)
    numbers = {"d": moment.day, "h": moment.hour % 12 or 12, "H": moment.hour, "m": moment.minute, "M": moment.month,
               "s": moment.second, "y": moment.year % 100}  # fmt: skip
    made = []
    for token in _FORMAT.findall(form):
        if token[0] in "fF":
            made.append(_fraction(token, moment.microsecond * 10))
        elif token[0] == "y" and len(token) > 2:
            made.append(f"{moment.year:04}")
        elif token in ("ddd", "dddd", "MMM", "MMMM"):
            made.append(moment.strftime({"ddd": "%a", "dddd": "%A", "MMM": "%b", "MMMM": "%B"}[token]))
        elif token in ("tt", "t"):
            made.append("AM" if moment.hour < 12 else "PM")
        elif token[0] in numbers:
            made.append(f"{numbers[token[0]]:0{min(len(token), 2)}}")
        else:
            made.append(token)
    return "".join(made)


def format_timespan(ticks: int | None, form: str) -> str:
    if ticks is None:
        return ""
    whole, fraction = divmod(abs(ticks), 10_000_000)
    numbers = {
        "d": whole // 86400,
        "h": whole // 3600 % 24,
        "H": whole // 3600 % 24,
        "m": whole // 60 % 60,
        "s": whole % 60,
    }
    made = []
    for token in _FORMAT.findall(form):
        if token[0] in "fF":
            made.append(_fraction(token, fraction))
        else:
            made.append(f"{numbers[token[0]]:0{len(token)}}" if token[0] in numbers else token)
    return "".join(made)


def _udf(name: str, parameters: str, returns: str, function: Callable[..., object]) -> Udf:
    """A function that gives NULL for a NULL, and for what does not fit it."""

    def strict(*arguments: object) -> object:
        if None in arguments:
            return None
        try:
            return function(*arguments)
        except MISFITS:
            return None

    return Udf(f"kql_{name}", tuple(parameters.split()), returns, strict)


DIRECT: Final = (
    _udf("datetime", "VARCHAR", "TIMESTAMP", parse_datetime),
    _udf("timespan", "VARCHAR", "BIGINT", parse_timespan),
    _udf("guid", "VARCHAR", "VARCHAR", guid),
    _udf("json_text", "VARCHAR", "VARCHAR", json_text),
    _udf("json_quote", "VARCHAR", "VARCHAR", json_quote),
    _udf("parse_json", "VARCHAR", "VARCHAR", parse_json),
    _udf("canonical_json", "VARCHAR", "VARCHAR", canonical_json),
    _udf("get", "VARCHAR VARCHAR", "VARCHAR", get),
    _udf("items", "VARCHAR VARCHAR", "VARCHAR", items),
    _udf("gettype", "VARCHAR", "VARCHAR", gettype),
    _udf("replace_strings", "VARCHAR VARCHAR VARCHAR", "VARCHAR", replace_strings),
    _udf("indexof", "VARCHAR VARCHAR BIGINT BIGINT BIGINT", "BIGINT", indexof),
    _udf("indexof_regex", "VARCHAR VARCHAR BIGINT BIGINT BIGINT", "BIGINT", indexof_regex),
    _udf("countof", "VARCHAR VARCHAR", "BIGINT", countof),
    _udf("has_any_index", "VARCHAR VARCHAR", "BIGINT", has_any_index),
    _udf("regex_quote", "VARCHAR", "VARCHAR", regex_quote),
    _udf("codepoints", "VARCHAR", "VARCHAR", codepoints),
    _udf("from_codepoints", "VARCHAR", "VARCHAR", from_codepoints),
    _udf("timezones", "VARCHAR", "VARCHAR", timezones),
    _udf("bag_merge", "VARCHAR", "VARCHAR", bag_merge),
    _udf("without_nulls", "VARCHAR", "VARCHAR", without_nulls),
    _udf("buildschema", "VARCHAR", "VARCHAR", buildschema),
    _udf("percentiles", "VARCHAR VARCHAR VARCHAR", "VARCHAR", percentile_values),
    _udf("flatten", "VARCHAR", "VARCHAR", flatten),
    _udf("set_of", "VARCHAR", "VARCHAR", set_of),
    _udf("format_datetime", "BIGINT VARCHAR", "VARCHAR", format_datetime),
    _udf("format_timespan", "BIGINT VARCHAR", "VARCHAR", format_timespan),
)
