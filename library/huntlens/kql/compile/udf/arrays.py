"""Arrays and sets as Python values; a value that is no array gives None."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Array = list[Any]

_LIMIT: Final = 1_048_576


def _key(value: object) -> str:
    return json.dumps(value, sort_keys=True)


def _distinct(items: Iterable[Any]) -> Array:
    return list({_key(item): item for item in items if item is not None}.values())


def array_concat(*arrays: object) -> Array:
    return [item for array in arrays if isinstance(array, list) for item in array]


def array_slice(array: object, start: int, end: int) -> Array | None:
    if not isinstance(array, list):
        return None
    first = max(start + len(array), 0) if start < 0 else start
    last = end + len(array) if end < 0 else end
    return array[first : last + 1]


def array_reverse(array: object) -> Array | None:
    return array[::-1] if isinstance(array, list) else None


def array_sum(array: object) -> float | None:
    return float(sum(array)) if isinstance(array, list) else None


def array_index_of(array: object, value: object, start: int = 0, length: int = -1, occurrence: int = 1) -> int | None:
    if not isinstance(array, list):
        return None
    first = max(start + len(array), 0) if start < 0 else start
    last = len(array) if length < 0 else first + length
    found = [index for index, item in enumerate(array) if first <= index < last and _key(item) == _key(value)]
    place = occurrence - 1 if occurrence > 0 else occurrence
    return found[place] if -len(found) <= place < len(found) else -1


def array_iff(conditions: Array, when_true: object, when_false: object) -> Array:
    def item(source: object, index: int) -> object:
        if isinstance(source, list):
            return source[index] if index < len(source) else None
        return source

    def is_true(value: object) -> bool | None:
        return None if value is None or isinstance(value, str | list | dict) else bool(value)

    picks = [(is_true(condition), index) for index, condition in enumerate(conditions)]
    return [None if pick is None else item(when_true if pick else when_false, index) for pick, index in picks]


def array_rotate_left(array: Array, count: int) -> Array:
    shift = count % len(array) if array else 0
    return array[shift:] + array[:shift]


def array_rotate_right(array: Array, count: int) -> Array:
    return array_rotate_left(array, -count)


def array_shift_left(array: Array, count: int, default: object = None) -> Array:
    if count < 0:
        return array_shift_right(array, -count, default)
    fill = "" if default is None and array and all(isinstance(item, str) for item in array) else default
    return array[count:] + [fill] * min(count, len(array))


def array_shift_right(array: Array, count: int, default: object = None) -> Array:
    if count < 0:
        return array_shift_left(array, -count, default)
    fill = "" if default is None and array and all(isinstance(item, str) for item in array) else default
    return [fill] * min(count, len(array)) + array[: max(len(array) - count, 0)]


def array_split(array: Array, indices: int | Array) -> Array:
    places = indices if isinstance(indices, list) else [indices]
    borders = [max(place + len(array), 0) if place < 0 else min(place, len(array)) for place in places]
    cuts = [0, *borders, len(array)]
    return [array[low:high] for low, high in pairwise(cuts)]


def _order(value: object) -> tuple[int, object]:
    if isinstance(value, bool):
        return 0, value
    if isinstance(value, int | float):
        return 1, value
    return (2, value) if isinstance(value, str) else (3, _key(value))


def _sorted(arrays: tuple[object, ...], *, falling: bool) -> object:
    nulls_last = True
    if arrays and isinstance(arrays[-1], bool):
        nulls_last, arrays = arrays[-1], arrays[:-1]
    first, *others = arrays
    if not isinstance(first, list):
        return None
    places = [index for index, item in enumerate(first) if item is not None]
    places.sort(key=lambda index: _order(first[index]), reverse=falling)
    nulls = [index for index, item in enumerate(first) if item is None]
    order = places + nulls if nulls_last else nulls + places
    if not others:
        return [first[index] for index in order]
    return [
        [array[index] for index in order] if isinstance(array, list) and len(array) == len(first) else None
            for array in (first, *others)]  # fmt: skip


def array_sort_asc(*arrays: object) -> object:
    return _sorted(arrays, falling=False)


def array_sort_desc(*arrays: object) -> object:
    return _sorted(arrays, falling=True)


def zip_(*arrays: object) -> Array:
    lists = [array if isinstance(array, list) else [array] for array in arrays]
    longest = max(len(array) for array in lists)
    return [[array[i] if i < len(array) else None for array in lists] for i in range(longest)]


def set_union(*sets: Array) -> Array:
    return _distinct(item for items in sets if items is not None for item in items)


def set_intersect(first: Array, *others: Array) -> Array:
    kept = [{_key(item) for item in items} for items in others]
    return [item for item in _distinct(first) if all(_key(item) in keys for keys in kept)]


def set_difference(first: Array, *others: Array) -> Array:
    gone = {_key(item) for items in others if items is not None for item in items}
    return [item for item in _distinct(first) if _key(item) not in gone]


def set_equals(first: Array, second: Array) -> bool:
    return {_key(item) for item in first} == {_key(item) for item in second}


def set_has_element(items: Array, value: object) -> bool:
    return isinstance(items, list) and _key(value) in {_key(item) for item in items}


def jaccard_index(first: Array, second: Array) -> float:
    left, right = {_key(item) for item in first}, {_key(item) for item in second}
    return len(left & right) / len(left | right) if left | right else float("nan")


def range_(kind: str, start: float, stop: float, step: float | None = None) -> Array | None:
    if step is None:
        step = (
            1 if kind not in ("datetime", "timespan") else (864_000_000_000 if kind == "datetime" else 36_000_000_000)
        )
    if not step or start is None or stop is None:
        return None
    count = min(int((stop - start) / step + 1e-9) + 1, _LIMIT)
    values = [start + step * index for index in range(count)]
    if kind == "datetime":
        moments = (datetime(1, 1, 1) + timedelta(microseconds=ticks // 10) for ticks in values)
        return [f"{moment:%Y-%m-%dT%H:%M:%S.%f}0Z" for moment in moments]
    return [_span(int(ticks)) for ticks in values] if kind == "timespan" else values


def _span(ticks: int) -> str:
    days, rest = divmod(abs(ticks), 864_000_000_000)
    seconds, fraction = divmod(rest, 10_000_000)
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{'-' if ticks < 0 else ''}{f'{days}.' if days else ''}{clock}{f'.{fraction:07}' if fraction else ''}"


def percentiles(values: Array, weights: Array | None, shares: Array) -> Array:
    """Values at shares of the whole, by nearest rank; each value counts as often as its weight says."""
    counts = weights or [1] * len(values)
    pairs = sorted(
        (value, weight) for value, weight in zip(values, counts, strict=True) if value is not None and weight
    )
    total = sum(weight for _, weight in pairs)
    made: Array = []
    for share in shares:
        reached = 0
        found = pairs[-1][0] if pairs else None
        for value, weight in pairs:
            reached += weight
            if reached >= share * total - 1e-9:
                found = value
                break
        made.append(found)
    return made


PACKED: Final[Mapping[str, tuple[str, Callable[..., object]]]] = {
    "array_concat": ("dynamic", array_concat),
    "array_slice": ("dynamic", array_slice),
    "array_reverse": ("dynamic", array_reverse),
    "array_sum": ("real", array_sum),
    "array_index_of": ("long", array_index_of),
    "array_iff": ("dynamic", array_iff),
    "array_rotate_left": ("dynamic", array_rotate_left),
    "array_rotate_right": ("dynamic", array_rotate_right),
    "array_shift_left": ("dynamic", array_shift_left),
    "array_shift_right": ("dynamic", array_shift_right),
    "array_split": ("dynamic", array_split),
    "array_sort_asc": ("dynamic", array_sort_asc),
    "array_sort_desc": ("dynamic", array_sort_desc),
    "zip": ("dynamic", zip_),
    "set_union": ("dynamic", set_union),
    "set_intersect": ("dynamic", set_intersect),
    "set_difference": ("dynamic", set_difference),
    "set_equals": ("bool", set_equals),
    "set_has_element": ("bool", set_has_element),
    "jaccard_index": ("real", jaccard_index),
    "range": ("dynamic", range_),
}
