"""Running a pivot: every distinct value once, and each answer with the input that it belongs to.

Inputs are told apart by their position in the list of distinct values, never by joining on a value, so rows of equal
values do not multiply and missing values match nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import pandas as pd

from huntlens._lazy import resolve
from huntlens.entities import find
from huntlens.entities.base import Entity
from huntlens.errors import DataError, KqlError, PivotError
from huntlens.frames import is_frame, to_frame
from huntlens.pivots.many import WORKERS, rows_of, several

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from huntlens.catalog.model import Parameter, Pivot, Query
    from huntlens.pivots.session import Session

JOINS: Final = ("none", "left", "inner", "right", "outer")
_KEY: Final = "\x00key"
"""Names the column that tells which distinct value a row of an answer belongs to."""
_NO_TABLE: Final = "KQL101"
"""The code of the diagnostic that says so."""
_AT_ONCE: Final = 1_000
"""Values in one question."""


def run(
    pivot: Pivot,
    data: object,
    *,
    session: Session,
    column: str = "",
    join: str = "none",
    parameters: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """The answer of a pivot for a value, a list, a Series or a frame.

    `none` gives the rows of the answer with the input value in front, each distinct value once; `inner` and `right`
    repeat them for each row of the input, with its columns; `left` and `outer` keep rows that have no answer too.
    """
    if join not in JOINS:
        raise PivotError(f"join='{join}' is not known; there are: {', '.join(JOINS)}")
    given = dict(parameters or {})
    query = session.provider_for(pivot).catalog.get(pivot.target) if pivot.kind == "query" else None
    frame, column = _input(pivot, data, column, query)
    series = frame[column]
    # A parameter that is left empty means all, so an empty cell must not be asked about.
    codes, distinct = _distinct(series.where(series != "", None) if query is not None else series)
    fixed = _others(pivot, data, given, query) if isinstance(data, Entity) else given
    answer = _ask(pivot, distinct, fixed, session)
    if join == "none":
        return _alone(answer, distinct, column, pivot)
    return _joined(frame, codes, answer, join, pivot)


def _input(pivot: Pivot, data: object, column: str, query: Query | None) -> tuple[pd.DataFrame, str]:
    """The input as a frame, and the column that holds the values."""
    if is_frame(data):
        frame = to_frame(data)
        if not column and pivot.attribute in frame.columns:
            column = pivot.attribute
        if not column and frame.shape[1] == 1:
            column = frame.columns[0]
        if not column or column not in frame.columns:
            raise PivotError(
                f"column='{column}' names no column of the frame; it has: {', '.join(map(str, frame.columns))}"
            )
        if not isinstance(frame[column], pd.Series):
            raise PivotError(f"the frame has several columns named '{column}'")
        return frame, column
    if isinstance(data, pd.Series):
        name = column or (str(data.name) if data.name is not None else pivot.attribute)
        return data.to_frame(name=name), name
    name = column or pivot.attribute
    values = (
        [data] if isinstance(data, Entity | str | bytes) or not hasattr(data, "__iter__") else list(_iterable(data))
    )
    return pd.DataFrame({name: pd.Series([_value(pivot, value, query) for value in values], dtype=object)}), name


def _iterable(data: Any) -> Iterable[object]:
    if hasattr(data, "keys"):
        raise PivotError("a pivot takes a value, a list, a Series or a frame, not a mapping")
    found: Iterable[object] = data
    return found


def _value(pivot: Pivot, value: object, query: Query | None) -> object:
    """What an entity is asked about by: the attribute of the pivot, else another one that the query takes."""
    if not isinstance(value, Entity):
        return value
    attributes = [pivot.attribute, *(item.entity.attribute for item in _of_entity(pivot, query) if item.entity)]
    for name in attributes:
        if getattr(value, name, None) not in (None, ""):
            return getattr(value, name)
    raise PivotError(f"{value!r} has no value for {' or '.join(dict.fromkeys(attributes))}")


def _of_entity(pivot: Pivot, query: Query | None) -> list[Parameter]:
    """The parameters of a query that take attributes of the pivot's entity, that of the pivot first."""
    found = [item for item in (query.parameters if query else ()) if item.entity and item.entity.entity == pivot.entity]
    return sorted(found, key=lambda item: item.name != pivot.parameter)


def _distinct(series: pd.Series[Any]) -> tuple[Any, list[Any]]:
    """For each row the number of its distinct value, -1 for a missing one; and the distinct values."""
    if series.dtype == object:
        series = series.map(lambda value: value if _hashable(value) else str(value))
    codes, uniques = pd.factorize(series)
    return codes, uniques.tolist()


def _hashable(value: object) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


def _others(pivot: Pivot, entity: Entity, given: Mapping[str, Any], query: Query | None) -> dict[str, Any]:
    """The parameters that other attributes of the same entity give, then those that were given."""
    found = {
        item.name: value
        for item in _of_entity(pivot, query)
        if item.name != pivot.parameter and item.entity is not None
        if (value := getattr(entity, item.entity.attribute, None)) not in (None, "")
    }
    return {**found, **given}


def _ask(pivot: Pivot, values: Sequence[Any], parameters: Mapping[str, Any], session: Session) -> pd.DataFrame:
    """The answer for distinct values; its column `_KEY` numbers the value that a row belongs to."""
    if pivot.kind == "query":
        try:
            return _ask_query(pivot, values, parameters, session)
        except KqlError as error:
            if any(getattr(found, "code", "") == _NO_TABLE for found in error.diagnostics):
                raise PivotError(f"{pivot.entity}.{pivot.name} has nothing to ask: {error}") from error
            raise
    function = resolve(pivot.target)
    if pivot.shape == "value":
        return _ask_each(pivot, function, values, parameters)
    argument: Any = list(values) if pivot.shape == "list" else pd.DataFrame({pivot.attribute: list(values)})
    answer: pd.DataFrame = function(argument, **parameters) if values else function([], **parameters)
    if "row" not in answer.columns:
        raise PivotError(f"{pivot.target} gives no column 'row', so its rows cannot be told apart")
    keyed: pd.DataFrame = answer.rename(columns={"row": _KEY}).astype({_KEY: "int64"})
    return keyed.drop(columns="column", errors="ignore")


def _ask_each(pivot: Pivot, function: Any, values: Sequence[Any], parameters: Mapping[str, Any]) -> pd.DataFrame:
    """A function of one value: its texts and numbers become a column, its mappings columns, its frames rows."""
    answers = [function(value, **parameters) for value in values]
    if any(isinstance(answer, pd.DataFrame) for answer in answers):
        parts = [answer.assign(**{_KEY: key}) for key, answer in enumerate(answers)]
        rows: pd.DataFrame = pd.concat(parts, ignore_index=True)
        return rows
    if any(hasattr(answer, "keys") for answer in answers):
        return pd.DataFrame(answers).assign(**{_KEY: range(len(answers))})
    return pd.DataFrame({_KEY: range(len(answers)), pivot.name.rpartition(".")[2]: answers})


def _ask_query(pivot: Pivot, values: Sequence[Any], parameters: Mapping[str, Any], session: Session) -> pd.DataFrame:
    provider = session.provider_for(pivot)
    query = provider.catalog.get(pivot.target)
    ask = provider.queries[pivot.target]
    if not values:
        return pd.DataFrame({_KEY: pd.Series(dtype="int64"), **({} if pivot.then else _empty_columns(query))})
    parameters = {**dict(pivot.fixed), **parameters}
    if pivot.columns and (not pivot.parameter or len(values) > 1):
        found = _ask_at_once(pivot, values, parameters, ask)
        if found is not None:
            return found

    def one(value: Any) -> pd.DataFrame:
        name, argument = _argument(pivot, query, value)
        return _made_of(pivot, ask(**{**parameters, name: argument}).df)

    answers = several(one, values, workers=1 if provider.environment == "local" else WORKERS)
    parts = [answer.assign(**{_KEY: key}) for key, answer in enumerate(answers)]
    filled = [part for part in parts if len(part)] or parts[:1]
    together: pd.DataFrame = pd.concat(filled, ignore_index=True)
    return together


def _made_of(pivot: Pivot, answer: pd.DataFrame) -> pd.DataFrame:
    """What the pivot's function makes of the answer of its query: a frame, or something that has one."""
    made = resolve(pivot.then)(answer) if pivot.then else answer
    frame: pd.DataFrame = getattr(made, "frame", made)
    return frame


def _ask_at_once(
    pivot: Pivot, values: Sequence[Any], parameters: Mapping[str, Any], ask: Callable[..., Any]
) -> pd.DataFrame | None:
    """The answer about all values; None where it was cut off, so that some would seem to have no rows."""
    if not pivot.parameter:
        return _by_column(ask(**parameters).df, values, pivot)
    parts = []
    for first in range(0, len(values), _AT_ONCE):
        chunk = values[first : first + _AT_ONCE]
        wanted = list(dict.fromkeys(form for value in chunk for form in _forms(pivot, value)))
        result = ask(**{**parameters, pivot.parameter: wanted})
        if getattr(result, "truncated", False):
            return None
        part = _by_column(result.df, chunk, pivot)
        parts.append(part.assign(**{_KEY: part[_KEY] + first}))
    filled = [part for part in parts if len(part)] or parts[:1]
    rows: pd.DataFrame = pd.concat(filled, ignore_index=True)
    return rows


def _by_column(answer: pd.DataFrame, values: Sequence[Any], pivot: Pivot) -> pd.DataFrame:
    """The rows of an answer about many values, with the number of the value that a column of the pivot holds."""
    columns = [name for name in pivot.columns if name in answer.columns]
    if not columns:
        raise PivotError(f"the result of {pivot.target} has no column {' or '.join(pivot.columns)} to find values in")
    wanted: dict[str, list[int]] = {}
    for key, value in enumerate(values):
        for form in _forms(pivot, value):
            wanted.setdefault(form.lower(), []).append(key)
    places, keys = rows_of(answer[columns], lambda cell: [form.lower() for form in _forms(pivot, cell)], wanted)
    found: pd.DataFrame = answer.take(places).assign(**{_KEY: keys})
    return found.reset_index(drop=True)


def _forms(pivot: Pivot, value: Any) -> list[str]:
    """A value as it is written, and as its entity writes it: `web01.contoso.com` is the host `web01` too."""
    made = getattr(_made(pivot, value), pivot.attribute, None)
    return list(dict.fromkeys((str(value), str(made)))) if made not in (None, "") else [str(value)]


def _empty_columns(query: Query) -> dict[str, pd.Series[Any]]:
    return {name: pd.Series(dtype=object) for name in query.columns}


def _argument(pivot: Pivot, query: Query, value: Any) -> tuple[str, Any]:
    r"""The parameter and the value to ask with.

    Texts are read as the entity reads them: `CONTOSO\\bob` is the account `bob`, a hash is no file name. What is no
    such entity stays as it is.
    """
    first, *others = _of_entity(pivot, query)
    made = _made(pivot, value)
    for item in (first,) if first.required else (first, *others):
        found = getattr(made, item.entity.attribute, None) if item.entity else None
        if found not in (None, ""):
            return item.name, [found] if item.is_list else found
    return first.name, [value] if first.is_list else value


def _made(pivot: Pivot, value: Any) -> Entity | None:
    cls = find(pivot.entity)
    try:
        return cls.of(value) if cls is not None and isinstance(value, str) else None
    except (DataError, TypeError):
        return None


def _alone(answer: pd.DataFrame, distinct: Sequence[Any], column: str, pivot: Pivot) -> pd.DataFrame:
    """The rows of the answer, the input value in front."""
    renamed = _without_clash(answer, [column], pivot)
    values = pd.Series(list(distinct), dtype=object if not distinct else None)
    front = values.take(answer[_KEY].to_numpy(dtype="int64")).reset_index(drop=True)
    result = renamed.drop(columns=_KEY).reset_index(drop=True)
    result.insert(0, column, front)
    return result


def _joined(frame: pd.DataFrame, codes: Any, answer: pd.DataFrame, join: str, pivot: Pivot) -> pd.DataFrame:
    """Each row of the input with its rows of the answer, in the order of the input."""
    renamed = _without_clash(answer, frame.columns, pivot)
    how: Literal["left", "inner"] = "left" if join in ("left", "outer") else "inner"
    rows = pd.DataFrame({_KEY: codes, "\x00row": range(len(codes))})
    merged = rows.merge(renamed, on=_KEY, how=how, sort=False)
    if how == "inner":
        merged = merged.sort_values("\x00row", kind="stable")
    left = frame.take(merged["\x00row"].to_numpy())
    right = merged.drop(columns=[_KEY, "\x00row"])
    right.index = left.index
    return pd.concat([left, right], axis=1)


def _without_clash(answer: pd.DataFrame, taken: Iterable[Any], pivot: Pivot) -> pd.DataFrame:
    """The answer with names that the input has too marked by the name of the pivot."""
    known = set(taken)
    suffix = pivot.name.rpartition(".")[2]
    return answer.rename(columns={name: f"{name}_{suffix}" for name in answer.columns if name in known})
