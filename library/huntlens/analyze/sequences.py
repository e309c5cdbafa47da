"""Sessions that are unlike the others: a Markov chain over what follows what, and how likely each session is under it.

An event is a text, or a `Command` with parameters: then it counts as well which parameters a command comes with, and
which values those have. Every count is smoothed, so what was never seen is unlikely, not impossible.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import log
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from huntlens.analyze.columns import need
from huntlens.errors import DataError
from huntlens.frames import lean_arrow

if TYPE_CHECKING:
    from numpy.typing import NDArray

_START: Final = "\0start"
_END: Final = "\0end"


@dataclass(frozen=True)
class Command:
    """An event with parameters; `parameters` are names, or names with values."""

    name: str
    parameters: Mapping[str, object] | Sequence[str] = field(default_factory=tuple)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the parameters."""
        return tuple(map(str, self.parameters))

    @property
    def values(self) -> tuple[tuple[str, str], ...]:
        """Names and values, where there are values."""
        if not isinstance(self.parameters, Mapping):
            return ()
        return tuple((str(name), str(value)) for name, value in self.parameters.items())


Event = str | Command


@dataclass(frozen=True)
class Model:
    """What `train` has counted: transitions between events, parameters of commands, values of parameters.

    `smoothing` is added to each count (Laplace); probabilities are natural logarithms.
    """

    events: Mapping[str, int]
    transitions: Mapping[tuple[str, str], int]
    parameters: Mapping[tuple[str, str], int]
    values: Mapping[tuple[str, str], int]
    value_totals: Mapping[str, int]
    smoothing: float

    def transition(self, before: str, after: str) -> float:
        """How likely `after` follows `before`."""
        seen = self.transitions.get((before, after), 0) + self.smoothing
        return log(seen / (self.events.get(before, 0) + self.smoothing * (len(self.events) + 1)))

    def event(self, event: Event) -> float:
        """How likely a command has just these parameters and values; 0 for one without."""
        if isinstance(event, str):
            return 0.0
        uses = self.events.get(event.name, 0)
        found = 0.0
        for name in event.names:
            found += log((self.parameters.get((event.name, name), 0) + self.smoothing) / (uses + 2 * self.smoothing))
        for name, value in event.values:
            total = self.value_totals.get(name, 0)
            kinds = max(2, total)
            found += log((self.values.get((name, value), 0) + self.smoothing) / (total + self.smoothing * kinds))
        return found


def train(sessions: Iterable[Sequence[Event]], *, smoothing: float = 1.0) -> Model:
    """Count what follows what over sessions, each a list of events."""
    return _train(_Flat.of(sessions), smoothing)


@dataclass(frozen=True)
class _Flat:
    """All events of all sessions in one row: `codes` into `names`, and where each session begins.

    `before` is the code of the event in front, that of the start for the first of a session; `commands` are the events
    that have parameters, with their places.
    """

    commands: list[tuple[int, Command]]
    names: list[str]
    codes: NDArray[np.int64]
    before: NDArray[np.int64]
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]

    @classmethod
    def of(cls, sessions: Iterable[Sequence[Event]]) -> _Flat:
        lists = list(sessions)
        lengths = np.fromiter(map(len, lists), dtype=np.int64, count=len(lists))
        starts = np.cumsum(lengths) - lengths
        events = [event for session in lists for event in session]
        commands = [(at, event) for at, event in enumerate(events) if isinstance(event, Command)]
        plain = (event if isinstance(event, str) else event.name for event in events)
        codes, names = pd.factorize(np.fromiter(plain, dtype=object, count=len(events)))
        before = np.concatenate([[-1], codes[:-1]]) if len(codes) else codes
        before[starts[lengths > 0]] = len(names)
        return cls(commands, [*names.tolist(), _START, _END], codes, before, starts, lengths)


def _train(flat: _Flat, smoothing: float) -> Model:
    names, size = flat.names, len(flat.names)
    ends = (flat.starts + flat.lengths - 1)[flat.lengths > 0]
    pairs = np.concatenate([flat.before * size + flat.codes, flat.codes[ends] * size + (size - 1)])
    keys, counts = np.unique(pairs, return_counts=True)
    transitions = {
        (names[key // size], names[key % size]): n for key, n in zip(keys.tolist(), counts.tolist(), strict=True)
    }
    uses = np.bincount(flat.codes, minlength=size)
    uses[-2:] = len(ends)
    parameters: Counter[tuple[str, str]] = Counter()
    values: Counter[tuple[str, str]] = Counter()
    for _, command in flat.commands:
        parameters.update((command.name, name) for name in command.names)
        values.update(command.values)
    totals: Counter[str] = Counter()
    for (name, _), count in values.items():
        totals[name] += count
    return Model(dict(zip(names, uses.tolist(), strict=True)), transitions, parameters, values, totals, smoothing)


@lean_arrow()
def score(
    sessions: pd.DataFrame | Sequence[Sequence[Event]],
    column: str = "",
    *,
    window: int = 3,
    model: Model | None = None,
    smoothing: float = 1.0,
) -> pd.DataFrame:
    """How likely each session is, the least likely first.

    `sessions` is a list of lists of events, or a frame with such a `column` (see `sessions.sessionize`), whose other
    columns are kept. New columns: `likelihood`, the geometric mean of the probabilities of its steps, so that long
    sessions are not unlikely by their length; `rarest_window`, the `window` events in a row that are least likely, and
    `rarest_likelihood`, the geometric mean over them. `model` is what to judge by, else the sessions themselves.

    >>> often, once = ["open", "read", "close"], ["open", "delete", "close"]
    >>> score([often] * 20 + [once]).rarest_window.iloc[0]
    ['open', 'delete', 'close']
    """
    frame = _frame(sessions, column)
    name = column or "events"
    if window < 1:
        raise DataError("a window has at least one event")
    order, judged = _judged(frame[name], model, window, smoothing)
    return frame.take(order).assign(**judged)


def _judged(
    sessions: Iterable[Sequence[Event]], model: Model | None, window: int, smoothing: float
) -> tuple[NDArray[np.int64], dict[str, NDArray[Any]]]:
    """The places of the sessions, the least likely first, and in that order the columns that `score` adds."""
    flat = _Flat.of(sessions)
    steps = _steps(model if model is not None else _train(flat, smoothing), flat)
    means = _session_means(steps, flat)
    places, rarest, width = _rarest(steps, flat, means, window)
    order = np.lexsort((means, rarest))
    names = [flat.names[code] for code in flat.codes.data]
    shown = (names[at : at + n] for at, n in zip(places[order].data, width[order].data, strict=True))
    return order, {
        "likelihood": np.exp(means[order]),
        "rarest_window": np.fromiter(shown, dtype=object, count=len(order)),
        "rarest_likelihood": np.exp(rarest[order]),
    }


def _frame(sessions: pd.DataFrame | Sequence[Sequence[Event]], column: str) -> pd.DataFrame:
    if isinstance(sessions, pd.DataFrame):
        if not column:
            raise DataError(f"name the column of events: column=... of {', '.join(map(str, sessions.columns))}")
        need(sessions, column)
        return sessions
    return pd.DataFrame({column or "events": pd.Series([list(one) for one in sessions], dtype=object)})


def _steps(model: Model, flat: _Flat) -> NDArray[np.float64]:
    """The logarithm of the probability of each event; each pair of names is looked up once."""
    size = len(flat.names)
    keys, place = np.unique(flat.before * size + flat.codes, return_inverse=True)
    pairs = [(flat.names[key // size], flat.names[key % size]) for key in keys.tolist()]
    steps = np.array([model.transition(*pair) for pair in pairs], dtype=np.float64)[place]
    for at, command in flat.commands:
        steps[at] += model.event(command)
    return steps


def _session_means(steps: NDArray[np.float64], flat: _Flat) -> NDArray[np.float64]:
    sums = np.insert(np.cumsum(steps), 0, 0.0)
    with np.errstate(invalid="ignore"):
        means: NDArray[np.float64] = (sums[flat.starts + flat.lengths] - sums[flat.starts]) / flat.lengths
    return means


def _rarest(
    steps: NDArray[np.float64], flat: _Flat, means: NDArray[np.float64], window: int
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    """Where the least likely window of each session begins, its mean, and its width; short sessions are one window."""
    sums = np.insert(np.cumsum(steps), 0, 0.0)
    long = flat.lengths >= window
    places, rarest = flat.starts.copy(), means.copy()
    if long.any():
        owner = np.repeat(np.arange(len(flat.lengths)), flat.lengths)
        at = np.arange(len(steps))
        whole = at + window <= (flat.starts + flat.lengths)[owner]
        at, owner = at[whole], owner[whole]
        moving = (sums[at + window] - sums[at]) / window
        order = np.lexsort((at, moving, owner))
        first = order[np.flatnonzero(np.diff(owner[order], prepend=-1))]
        places[owner[first]], rarest[owner[first]] = at[first], moving[first]
    return places, rarest, np.minimum(flat.lengths, window)
