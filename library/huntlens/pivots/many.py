"""Asking about many values: several at a time, or all at once and then telling the rows apart."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, Final, TypeVar

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

T = TypeVar("T")

WORKERS: Final = 4
"""Questions to a service at the same time; services allow few,."""


def several(ask: Callable[[Any], T], values: Sequence[Any], *, workers: int = WORKERS) -> list[T]:
    """The answers in order; after an error or Ctrl-C nothing more is asked.

    >>> several(str.upper, ["a", "b"], workers=2)
    ['A', 'B']
    """
    if workers <= 1 or len(values) < 2:
        return [ask(value) for value in values]
    pool = ThreadPoolExecutor(min(workers, len(values)), thread_name_prefix="huntlens-pivot")
    try:
        waiting = [pool.submit(copy_context().run, ask, value) for value in values]
        return [future.result() for future in waiting]
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def rows_of(
    frame: pd.DataFrame, forms: Callable[[Any], Iterable[str]], wanted: Mapping[str, Sequence[int]]
) -> tuple[list[int], list[int]]:
    """Positions of rows and the keys that they belong to, by key; a row may belong to several, or to none."""
    found: set[tuple[int, int]] = set()
    for name in frame.columns:
        codes, uniques = pd.factorize(frame[name])
        keys = [sorted({key for form in forms(cell) for key in wanted.get(form, ())}) for cell in uniques.tolist()]
        found.update((key, row) for row, code in enumerate(codes.tolist()) if code >= 0 for key in keys[code])
    ordered = sorted(found)
    return [row for _, row in ordered], [key for key, _ in ordered]
