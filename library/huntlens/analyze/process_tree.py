"""Which process started which: a tree over process creation events, and the ways through it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from huntlens.analyze.process_links import COLUMNS, linked
from huntlens.analyze.process_schema import SCHEMAS, ProcessSchema, chosen_schema, infer_schema
from huntlens.errors import DataError
from huntlens.frames import lean_arrow

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["COLUMNS", "SCHEMAS", "ProcessSchema", "ProcessTree", "build", "infer_schema"]


@dataclass(frozen=True)
class ProcessTree:
    """The processes of `build`, in the order of a printed tree (parents before children).

    `frame` has the columns `key` and `parent_key` (whole numbers, -1 for no parent), `host`, `process_id`,
    `parent_id`, `time`, `path`, `name`, `parent_path`, `command_line`, `user`, `logon`, `inferred`, `row` (index label
    of the log row, None for inferred ones), `depth`, `order` and `label`; its index is the key.
    """

    frame: pd.DataFrame
    schema: ProcessSchema

    def __len__(self) -> int:
        return len(self.frame)

    def roots(self) -> pd.DataFrame:
        """The processes without a parent."""
        return self.frame[self.frame["parent_key"] < 0]

    def parent(self, key: int) -> pd.DataFrame:
        """The process that started this one; no row for a root."""
        above = int(self._at(key, "parent_key"))
        return self.frame.loc[[above]] if above >= 0 else self.frame.iloc[:0]

    def children(self, key: int) -> pd.DataFrame:
        """The processes that this one started, by time."""
        self._at(key, "key")
        return self.frame[self.frame["parent_key"] == key].sort_values("time")

    def siblings(self, key: int) -> pd.DataFrame:
        """The other children of its parent."""
        above = self._at(key, "parent_key")
        return self.frame[(self.frame["parent_key"] == above) & (self.frame["key"] != key)]

    def path(self, key: int) -> pd.DataFrame:
        """From the root down to this process."""
        keys = [key]
        while (above := int(self._at(keys[-1], "parent_key"))) >= 0:
            keys.append(above)
        return self.frame.loc[keys[::-1]]

    def ancestors(self, key: int) -> pd.DataFrame:
        """From the root down to its parent."""
        return self.path(key).iloc[:-1]

    def subtree(self, key: int) -> pd.DataFrame:
        """This process and all below it, in tree order."""
        start = int(self._at(key, "order"))
        depths = self.frame["depth"].to_numpy()[start + 1 :]
        past = np.flatnonzero(depths <= depths.dtype.type(self._at(key, "depth")))
        return self.frame.iloc[start : start + 1 + (int(past[0]) if len(past) else len(depths))]

    def descendants(self, key: int) -> pd.DataFrame:
        """All below this process, in tree order."""
        return self.subtree(key).iloc[1:]

    def root_of(self, key: int) -> pd.DataFrame:
        """The root above this process."""
        return self.path(key).iloc[:1]

    def find(self, text: str) -> pd.DataFrame:
        """The processes whose path or command line contains a text, in any case."""
        lowered = text.lower()
        lines = self.frame["path"].fillna("") + "\0" + self.frame["command_line"].fillna("")
        return self.frame[lines.str.lower().str.contains(lowered, regex=False)]

    @cached_property
    def rarity(self) -> pd.Series[float]:
        """How rare each pair of parent and child names is here: 1 for one that stands alone, near 0 for the usual."""
        names = self.frame["name"].str.lower().fillna("")
        above = names.reindex(self.frame["parent_key"]).fillna("").to_numpy()
        pairs = pd.Series(above, index=self.frame.index) + "\0" + names
        return 1 / pairs.map(pairs.value_counts())

    def to_text(self, key: int | None = None, *, limit: int = 200) -> str:
        """The tree, or what is below a process, as indented lines."""
        shown = self.frame if key is None else self.subtree(key)
        top = 0 if shown.empty else int(shown["depth"].iloc[0])
        lines = [
            "  " * (depth - top) + label
            for depth, label in zip(shown["depth"][:limit], shown["label"][:limit], strict=True)
        ]
        return "\n".join(lines + ([f"... {len(shown) - limit} more"] if len(shown) > limit else []))

    def _at(self, key: int, column: str) -> int:
        if key not in self.frame.index:
            raise DataError(f"the tree has no process with key {key}; keys run from 0 to {len(self.frame) - 1}")
        return int(self.frame.at[key, column])  # type: ignore[arg-type]  # whole-number columns only


@lean_arrow()
def build(data: pd.DataFrame, schema: ProcessSchema | str | Mapping[str, str] | None = None) -> ProcessTree:
    """The tree of the processes in a frame of creation events.

    `schema` is one of `SCHEMAS` or its name, or a mapping from the fields of `ProcessSchema` to columns; it is
    inferred where it is not given. Raises `DataError` if the columns do not fit.
    """
    chosen = chosen_schema(data, schema)
    return ProcessTree(linked(data, chosen), chosen)
