"""Random queries over random small tables: DuckDB against a plain evaluation of the same operators in Python."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from huntlens.kql.schema import Schema
from huntlens.providers import query

Row = dict[str, Any]
TYPES = {"k": "string", "K": "string", "n": "long", "a b": "long"}
ARROW = {"string": pa.string(), "long": pa.int64()}
TEXTS = st.sampled_from(["", "a", "A", "'", '"; drop table T --', "é", "É", "%", "_", "a\\", "\n", None])
NUMBERS = st.sampled_from([None, 0, 1, -1, 2, -7, 5, 10**12])
TABLES = st.lists(st.fixed_dictionaries({"k": TEXTS, "K": TEXTS, "n": NUMBERS, "a b": NUMBERS}), max_size=6)


@dataclass
class State:
    """A query so far, and its answer."""

    text: str
    types: dict[str, str]
    rows: list[Row]

    def names(self, kind: str) -> list[str]:
        return [name for name, found in self.types.items() if found == kind]


def _name(name: str) -> str:
    return f"['{name}']"


def _sort_key(value: Any) -> tuple[bool, Any]:
    return (value is not None, value if value is not None else 0)


# --- values: KQL and what it means ---------------------------------------------------------------------------------

Value = tuple[str, Callable[[Row], Any]]


def _compare(op: str, left: Any, right: Any) -> bool | None:
    if op == "==":
        return None if left is None and right is None else left == right
    if op == "!=":
        return None if left is None and right is None else left != right
    if left is None or right is None:
        return None
    return bool({"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[op])


def _and(left: bool | None, right: bool | None) -> bool | None:
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


@st.composite
def numbers(draw: st.DrawFn, state: State) -> Value:
    """A value of type long."""
    names = state.names("long")
    constant = draw(st.integers(-9, 9))
    if not names or draw(st.integers(0, 5)) == 0:
        return f"tolong({constant})", lambda _: constant
    name = draw(st.sampled_from(names))
    plain: Value = (_name(name), lambda row: row[name])
    size = draw(st.integers(1, 7))
    made: list[Value] = [
        plain,
        (f"{_name(name)} + {constant}", lambda row: None if row[name] is None else row[name] + constant),
        (f"-{_name(name)}", lambda row: None if row[name] is None else -row[name]),
        (f"{_name(name)} * {constant}", lambda row: None if row[name] is None else row[name] * constant),
        (f"bin({_name(name)}, {size})", lambda row: None if row[name] is None else row[name] // size * size),
        (f"{_name(name)} % {size}", lambda row: None if row[name] is None else row[name] % size),
        (f"{_name(name)} / {size}", lambda row: None if row[name] is None else _quotient(row[name], size)),
        (f"coalesce({_name(name)}, {constant})", lambda row: constant if row[name] is None else row[name]),
    ]
    return draw(st.sampled_from(made))


def _quotient(value: int, size: int) -> int:
    return abs(value) // size * (1 if value >= 0 else -1)


@st.composite
def texts(draw: st.DrawFn, state: State) -> Value:
    """A value of type string."""
    names = state.names("string")
    constant = draw(TEXTS) or ""
    quoted = '"' + constant.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if not names or draw(st.integers(0, 5)) == 0:
        return quoted, lambda _: constant
    name = draw(st.sampled_from(names))
    made: list[Value] = [
        (_name(name), lambda row: row[name]),
        (f"strcat({_name(name)}, {quoted})", lambda row: row[name] + constant),
        (f"toupper({_name(name)})", lambda row: row[name].upper()),
        (f"coalesce({_name(name)}, {quoted})", lambda row: row[name] or constant),
        (f"substring({_name(name)}, 1)", lambda row: row[name][1:]),
    ]
    return draw(st.sampled_from(made))


@st.composite
def truths(draw: st.DrawFn, state: State) -> Value:
    """A value of type bool."""
    kind = draw(st.integers(0, 12))
    if kind <= 1:
        op = draw(st.sampled_from(["==", "!=", "<", "<=", ">", ">="]))
        (a, left), (b, right) = draw(numbers(state)), draw(numbers(state))
        return f"({a}) {op} ({b})", lambda row: _compare(op, left(row), right(row))
    a, left = draw(texts(state))
    b, right = draw(texts(state))
    if kind == 2:
        return f"({a}) == ({b})", lambda row: left(row) == right(row)
    if kind == 3:
        return f"({a}) =~ ({b})", lambda row: left(row).lower() == right(row).lower()
    if kind == 4:
        return f"({a}) contains ({b})", lambda row: right(row).lower() in left(row).lower()
    if kind == 5:
        return f"isempty({a})", lambda row: left(row) == ""
    if kind == 6:
        return f"({a}) < ({b})", lambda row: left(row) < right(row)
    if kind == 7:
        return f"({a}) !startswith_cs ({b})", lambda row: not left(row).startswith(right(row))
    if kind == 8:
        (c, number), low = draw(numbers(state)), draw(st.integers(-3, 3))
        return f"({c}) between ({low} .. {low + 3})", lambda row: _between(number(row), low, low + 3)
    if kind == 9:
        (c, number), items = draw(numbers(state)), draw(st.lists(st.integers(-3, 5), min_size=1, max_size=3))
        listed = ", ".join(map(str, items))
        return f"({c}) !in ({listed})", lambda row: number(row) not in items
    if kind == 10:
        items = [item or "" for item in draw(st.lists(st.sampled_from(["a", "A", "é", ""]), min_size=1, max_size=2))]
        listed = ", ".join(f"'{item}'" for item in items)
        return f"({a}) in~ ({listed})", lambda row: left(row).lower() in [item.lower() for item in items]
    one, first = draw(truths(state))
    if kind == 11:
        return f"not({one})", lambda row: None if first(row) is None else not first(row)
    two, second = draw(truths(state))
    return f"({one}) and ({two})", lambda row: _and(first(row), second(row))


def _between(value: int | None, low: int, high: int) -> bool | None:
    return None if value is None else low <= value <= high


# --- operators -------------------------------------------------------------------------------------------------


def _where(draw: st.DrawFn, state: State) -> State:
    text, meaning = draw(truths(state))
    return State(f"where {text}", state.types, [row for row in state.rows if meaning(row) is True])


def _extend(draw: st.DrawFn, state: State) -> State:
    name = draw(st.sampled_from(["z", "Z", *state.types]))
    kind = draw(st.sampled_from(["long", "string"]))
    if draw(st.booleans()):
        condition, holds = draw(truths(state))
        (a, one), (b, two) = [draw(numbers(state) if kind == "long" else texts(state)) for _ in range(2)]
        text = f"iff({condition}, {a}, {b})"
        rows = [{**row, name: one(row) if holds(row) is True else two(row)} for row in state.rows]
    else:
        text, meaning = draw(numbers(state) if kind == "long" else texts(state))
        rows = [{**row, name: meaning(row)} for row in state.rows]
    return State(f"extend {_name(name)} = {text}", {**state.types, name: kind}, rows)


def _summarize(draw: st.DrawFn, state: State) -> State:
    (number, of_number), (text, of_text) = draw(numbers(state)), draw(texts(state))
    kind = draw(st.sampled_from(["long", "string"]))
    key, of_key = draw(numbers(state) if kind == "long" else texts(state))
    keyed = draw(st.booleans())
    groups: dict[Any, list[Row]] = {} if keyed else {None: state.rows}
    for row in state.rows if keyed else []:
        groups.setdefault(of_key(row), []).append(row)
    made = []
    for value, rows in groups.items():
        found = [item for item in map(of_number, rows) if item is not None]
        made.append({
            **({"g": value} if keyed else {}), "c": len(rows), "s": sum(found), "hi": max(found, default=None),
            "lo": min(found, default=None), "d": len(set(map(of_text, rows))), "i": sum(item > 1 for item in found),
        })  # fmt: skip
    parts = f"c=count(), s=sum({number}), hi=max({number}), lo=min({number}), d=dcount({text}), i=countif(({number})>1)"
    types = {**({"g": kind} if keyed else {}), **dict.fromkeys(("c", "s", "hi", "lo", "d", "i"), "long")}
    return State(f"summarize {parts}" + (f" by g = {key}" if keyed else ""), types, made)


def _distinct(draw: st.DrawFn, state: State) -> State:
    names = draw(st.lists(st.sampled_from(list(state.types)), min_size=1, max_size=2, unique=True))
    rows = list(
        {tuple(row[name] for name in names): {name: row[name] for name in names} for row in state.rows}.values()
    )
    return State("distinct " + ", ".join(map(_name, names)), {name: state.types[name] for name in names}, rows)


def _ordered(draw: st.DrawFn, state: State) -> tuple[str, list[Row]]:
    """Sort keys that leave no choice, and the rows in that order."""
    rows, keys = list(state.rows), []
    for name in reversed(state.types):
        falling, last = draw(st.booleans()), draw(st.booleans())
        rows.sort(key=lambda row: _sort_key(row[name]), reverse=falling)
        if last is not falling:  # else it is where nulls stand anyway
            rows.sort(key=lambda row: (row[name] is None) is last)
        nulls = "" if last is falling else f" nulls {'last' if last else 'first'}"
        keys.insert(0, f"{_name(name)} {'desc' if falling else 'asc'}{nulls}")
    return ", ".join(keys), rows


def _take_sorted(draw: st.DrawFn, state: State) -> State:
    count = draw(st.integers(0, 4))
    keys, rows = _ordered(draw, state)
    return State(f"sort by {keys} | take {count}", state.types, rows[:count])


def _top(draw: st.DrawFn, state: State) -> State:
    name, falling, count = draw(st.sampled_from(list(state.types))), draw(st.booleans()), draw(st.integers(1, 4))
    rows = sorted(state.rows, key=lambda row: _sort_key(row[name]), reverse=falling)[:count]
    text = f"top {count} by {_name(name)}{'' if falling else ' asc'} | project {_name(name)}"
    return State(text, {name: state.types[name]}, [{name: row[name]} for row in rows])


def _windows(draw: st.DrawFn, state: State) -> State:
    keys, rows = _ordered(draw, state)
    number, meaning = draw(numbers(state))
    restart, holds = draw(truths(state))
    made, total, place = [], 0, 0
    values = [meaning(row) for row in rows]
    for at, row in enumerate(rows):
        if holds(row) is True:
            total, place = 0, 0
        total, place = total + (values[at] or 0), place + 1
        made.append({
            **row, "pv": values[at - 1] if at else None, "nx": values[at + 1] if at + 1 < len(rows) else -5,
            "rn": place, "cs": total,
        })  # fmt: skip
    text = (
        f"sort by {keys} | extend v_ = {number}, r_ = {restart} "
        "| extend pv = prev(v_), nx = next(v_, 1, -5), rn = row_number(1, r_), cs = row_cumsum(v_, r_) "
        "| project-away v_, r_"
    )
    return State(text, {**state.types, **dict.fromkeys(("pv", "nx", "rn", "cs"), "long")}, made)


def _scan(draw: st.DrawFn, state: State) -> State:
    if "sum_" in state.types:
        return _count(draw, state)
    keys, rows = _ordered(draw, state)
    number, meaning = draw(numbers(state))
    made, total = [], 0
    for row in rows:
        total += meaning(row) or 0
        made.append({**row, "sum_": total})
    text = (
        f"sort by {keys} | extend v_ = {number} "
        "| scan declare (sum_: long = 0) with (step s: true => sum_ = coalesce(v_, 0) + coalesce(s.sum_, 0);) "
        "| project-away v_"
    )
    return State(text, {**state.types, "sum_": "long"}, made)


def _columns(draw: st.DrawFn, state: State) -> State:
    """`project-away`, `project-keep`, `project-rename`, `project-reorder`."""
    names = draw(st.lists(st.sampled_from(list(state.types)), min_size=1, max_size=2, unique=True))
    listed = ", ".join(map(_name, names))
    word = draw(st.sampled_from(["away", "keep", "reorder", "rename"]))
    types = dict(state.types)
    if word == "rename":
        new = draw(st.sampled_from(["z", "Z", "w w"]))
        if new in types:
            return _count(draw, state)
        types = {new if name == names[0] else name: kind for name, kind in types.items()}
        rows = [{new if name == names[0] else name: value for name, value in row.items()} for row in state.rows]
        return State(f"project-rename {_name(new)} = {_name(names[0])}", types, rows)
    if word == "reorder":
        types = {**{name: types[name] for name in names}, **types}
    elif word == "keep":
        types = {name: kind for name, kind in types.items() if name in names}
    else:
        types = {name: kind for name, kind in types.items() if name not in names}
        if not types:
            return _count(draw, state)
    return State(f"project-{word} {listed}", types, [{name: row[name] for name in types} for row in state.rows])


def _gather(draw: st.DrawFn, state: State) -> State:
    """Arrays of values, as their text."""
    number, meaning = draw(numbers(state))
    key, of_key = draw(texts(state))
    groups: dict[str, list[int]] = {}
    for row in state.rows:
        found = meaning(row)
        groups.setdefault(of_key(row), []).extend([] if found is None else [found])
    rows = [
        {"g": value, "all": _text_of(sorted(found)), "some": _text_of(sorted(set(found))), "size": len(set(found))}
        for value, found in groups.items()
    ]
    text = (
        f"summarize all = tostring(array_sort_asc(make_list({number}))), some = tostring(make_set({number})), "
        f"size = array_length(make_set({number})) by g = {key}"
    )
    return State(text, {"g": "string", "all": "string", "some": "string", "size": "long"}, rows)


def _text_of(values: list[int]) -> str:
    return "[" + ",".join(map(str, values)) + "]"


def _expand(draw: st.DrawFn, state: State) -> State:
    (a, one), (b, two) = draw(numbers(state)), draw(numbers(state))
    rows = [{**row, "e": made(row)} for row in state.rows for made in (one, two)]
    return State(f"extend e = pack_array({a}, {b}) | mv-expand e to typeof(long)", {**state.types, "e": "long"}, rows)


def _count(draw: st.DrawFn, state: State) -> State:
    return State("count", {"Count": "long"}, [{"Count": len(state.rows)}])


def _join(draw: st.DrawFn, state: State, other: list[Row]) -> State:
    kinds = [
        "innerunique",
        "inner",
        "leftouter",
        "rightouter",
        "fullouter",
        "leftsemi",
        "leftanti",
        "rightsemi",
        "rightanti",
    ]
    kind = draw(st.sampled_from(kinds))
    shared = [name for name in state.types if state.types[name] == TYPES.get(name)]
    if not shared:
        return _count(draw, state)
    keys = draw(st.lists(st.sampled_from(shared), min_size=1, max_size=2, unique=True))

    def key(row: Row) -> tuple[Any, ...]:
        return tuple(row[name] for name in keys)

    def match(one: Row, two: Row) -> bool:
        return None not in key(one) and key(one) == key(two)

    text = f"join kind={kind} U on {', '.join(map(_name, keys))}"
    if kind.startswith(("left", "right")) and not kind.endswith("outer"):
        kept, others = (state.rows, other) if kind.startswith("left") else (other, state.rows)
        wanted = kind.endswith("semi")
        rows = [row for row in kept if any(match(row, two) for two in others) is wanted]
        return State(text, state.types if kind.startswith("left") else TYPES, rows)
    if kind == "innerunique":  # which row stands for its key is left open: only keys and the right side are kept
        rights = [{**{name: two[name] for name in keys}, **two} for one in _firsts(state.rows, key)
                  for two in other if match(one, two)]  # fmt: skip
        others = [name for name in TYPES if name not in keys]
        made = [_free(name, {*state.types}, TYPES) for name in others]
        types = {**{name: TYPES[name] for name in keys},
                 **dict(zip(made, (TYPES[name] for name in others), strict=True))}  # fmt: skip
        columns = dict(zip([*keys, *others], [*keys, *made], strict=True))
        rows = [{new: two[name] for name, new in columns.items()} for two in rights]
        return State(f"{text} | project {', '.join(map(_name, types))}", types, rows)
    renamed = {name: _free(name, {*state.types}, TYPES) for name in TYPES}
    empty_left = {name: "" if found == "string" else None for name, found in state.types.items()}
    empty_right = {name: "" if found == "string" else None for name, found in TYPES.items()}
    pairs = [(one, two) for one in state.rows for two in other if match(one, two)]
    if kind in ("leftouter", "fullouter"):
        pairs += [(one, empty_right) for one in state.rows if not any(match(one, two) for two in other)]
    if kind in ("rightouter", "fullouter"):
        pairs += [(empty_left, two) for two in other if not any(match(one, two) for one in state.rows)]
    rows = [{**one, **{renamed[name]: value for name, value in two.items()}} for one, two in pairs]
    return State(text, {**state.types, **{renamed[name]: found for name, found in TYPES.items()}}, rows)


def _firsts(rows: list[Row], key: Callable[[Row], tuple[Any, ...]]) -> list[Row]:
    return list({key(row): row for row in reversed(rows)}.values())


def _free(name: str, taken: set[str], others: dict[str, str]) -> str:
    number, free = 0, name
    while free in taken:
        number += 1
        free = f"{name}{number}"
    return free


def _union(draw: st.DrawFn, state: State, other: list[Row]) -> State:
    if any(TYPES.get(name, found) != found for name, found in state.types.items()):
        return _count(draw, state)
    types = {**state.types, **TYPES}
    rows = [
        {name: row.get(name, "" if found == "string" else None) for name, found in types.items()}
        for row in (*state.rows, *other)
    ]
    return State("union U", types, rows)


_STEPS = (
    _where,
    _where,
    _extend,
    _extend,
    _summarize,
    _distinct,
    _take_sorted,
    _expand,
    _count,
    _top,
    _windows,
    _scan,
    _columns,
    _columns,
    _gather,
)


@st.composite
def runs(draw: st.DrawFn) -> tuple[list[Row], list[Row], State]:
    """Two tables, a query over them and its answer."""
    first, second = draw(TABLES), draw(TABLES)
    clean = [[{name: row[name] or ("" if TYPES[name] == "string" else row[name]) for name in row} for row in table]
             for table in (first, second)]  # fmt: skip
    state, text = State("T", dict(TYPES), clean[0]), "T"
    for _ in range(draw(st.integers(1, 4))):
        choice = draw(st.integers(0, len(_STEPS) + 2))
        if choice < len(_STEPS):
            state = _STEPS[choice](draw, state)
        else:
            state = (_union if choice == len(_STEPS) else _join)(draw, state, clean[1])
        text += f"\n| {state.text}"
    return first, second, State(text, state.types, state.rows)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(runs())
def test_the_same_rows_as_in_python(run: tuple[list[Row], list[Row], State]) -> None:
    first, second, state = run
    tables = {
        name: pa.table({column: pa.array([row[column] for row in rows], ARROW[kind]) for column, kind in TYPES.items()})
        for name, rows in (("T", first), ("U", second))
    }
    schema = Schema.from_dict({"tables": {"T": TYPES, "U": TYPES}})
    result = query(state.text, tables, schema)
    assert dict(result.types) == state.types, state.text
    wanted = Counter(tuple(row[name] for name in state.types) for row in state.rows)
    assert Counter(result.rows) == wanted, state.text
