"""What a hunt has found, in order: each finding with its rows, a score, tags and ATT&CK techniques."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from huntlens.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

COLUMNS: Final = ("caption", "score", "rows", "tags", "techniques", "description", "link", "time")
_TECHNIQUE: Final = re.compile(r"T\d{4}(?:\.\d{3})?|TA\d{4}")


@dataclass(frozen=True)
class Observation:
    """One finding. `score` runs from 0 (noted) to 10; `time` is when it was noted, in UTC."""

    caption: str
    data: pd.DataFrame | None = field(default=None, repr=False)
    score: float = 0
    tags: tuple[str, ...] = ()
    techniques: tuple[str, ...] = ()
    description: str = ""
    link: str = ""
    time: datetime = field(default_factory=lambda: datetime.now(UTC), repr=False)


@dataclass(frozen=True)
class Observations:
    """Findings in the order in which they were noted; adding gives a new list.

    >>> found = Observations().add("Logs were cleared", score=7, techniques="T1070.001")
    >>> found.to_frame()[["caption", "score", "rows"]].values.tolist()
    [['Logs were cleared', 7, 0]]
    """

    items: tuple[Observation, ...] = ()

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Observation]:
        return iter(self.items)

    def __getitem__(self, caption: str) -> Observation:
        """The finding with a caption. Raises `DataError` if there is none."""
        found = next((one for one in self.items if one.caption == caption), None)
        if found is None:
            known = ", ".join(one.caption for one in self.items) or "nothing yet"
            raise DataError(f"no finding is called '{caption}'; noted so far: {known}")
        return found

    def add(
        self,
        caption: str,
        data: pd.DataFrame | None = None,
        *,
        where: Any = None,
        score: float = 0,
        tags: str | Iterable[str] = (),
        techniques: str | Iterable[str] = (),
        description: str = "",
        link: str = "",
    ) -> Observations:
        """These and one more; one of the same caption is replaced where it stands.

        `data` is copied, so that later changes to the frame do not alter what was found. `where` keeps some of its
        rows: a condition for `frame.loc`, or a callable that gives one. Raises `DataError` for an empty caption, a
        score out of 0 to 10, a link that is no web address, or a text that is no technique.
        """
        if not caption.strip():
            raise DataError("a finding needs a caption")
        if not 0 <= score <= 10:
            raise DataError(f"a score runs from 0 to 10, not {score}")
        if link and not link.lower().startswith(("https://", "http://")):
            raise DataError("a link starts with https:// or http://")
        known = _words(techniques)
        wrong = [name for name in known if not _TECHNIQUE.fullmatch(name)]
        if wrong:
            raise DataError(f"'{wrong[0]}' is no ATT&CK id; they look like T1059.001")
        kept = data if data is None or where is None else data.loc[where]
        item = Observation(
            caption, None if kept is None else kept.copy(), score, _words(tags), known, description, link
        )  # fmt: skip
        same = [at for at, one in enumerate(self.items) if one.caption == caption]
        if same:
            return replace(self, items=(*self.items[: same[0]], item, *self.items[same[0] + 1 :]))
        return replace(self, items=(*self.items, item))

    def remove(self, caption: str) -> Observations:
        """These without one. Raises `DataError` if there is none of that caption."""
        gone = self[caption]
        return replace(self, items=tuple(one for one in self.items if one is not gone))

    def tagged(self, *tags: str) -> Observations:
        """Those that have all of some tags or techniques; a technique includes its sub-techniques."""
        return replace(self, items=tuple(one for one in self.items if all(_has(one, tag) for tag in tags)))

    def ranked(self) -> Observations:
        """The same, by score, the gravest first."""
        return replace(self, items=tuple(sorted(self.items, key=lambda one: -one.score)))

    def to_frame(self) -> pd.DataFrame:
        """One row for each: `caption`, `score`, `rows`, `tags`, `techniques`, `description`, `link`, `time`."""
        rows = [
            (one.caption, one.score, 0 if one.data is None else len(one.data), list(one.tags), list(one.techniques),
             one.description, one.link, one.time)
            for one in self.items
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=list(COLUMNS))


def _words(given: str | Iterable[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _has(one: Observation, tag: str) -> bool:
    return tag in one.tags or any(name == tag or name.startswith(f"{tag}.") for name in one.techniques)
