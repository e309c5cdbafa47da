"""What a hunt has found, as a report: each finding with its score, techniques and rows."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from huntlens.analyze.observations import Observation, Observations
from huntlens.errors import DataError
from huntlens.viz import table, theme
from huntlens.viz import text as texts
from huntlens.viz.data import frame_of
from huntlens.viz.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["observations"]

_ROWS: Final = 100
_MOST: Final = 500
_HEAD, _LINE, _MOST_HEIGHT = 60, 74, 2_000
_GRAVE: Final = ((7.0, "high"), (4.0, "medium"), (0.5, "low"))


def observations(data: Any, *, title: str = "", rows: int = _ROWS) -> Figure:
    """The findings in their order, each with its rows behind a click.

    `data` is an `Observations` list, or a frame like its `to_frame()`, with a column `caption` and any of `score`,
    `tags`, `techniques`, `description`, `link`, `time`. At most `rows` rows of each finding are in the page.
    """
    found = list(data) if isinstance(data, Observations) else list(_read(data))
    if not found:
        raise DataError("nothing was noted yet; Observations().add(...) notes a finding")
    title = title or "Findings"
    grave = sum(one.score >= _GRAVE[0][0] for one in found)
    summary = f"{title}: {len(found):,} findings" + (f", {grave:,} of them grave" if grave else "")
    left_out = f"<p>{len(found) - _MOST:,} further findings are left out</p>" if len(found) > _MOST else ""
    body = "".join(_item(one, rows) for one in found[:_MOST])
    fragment = (
        f'<div class="huntlens-findings" role="figure" aria-label="{texts.escape(title)}"><style>{_css()}</style>'
        f'<div class="hl-bar" style="padding:3px 0"><b>{texts.escape(title)}</b> '
        f'<span class="hl-count">{texts.escape(summary.removeprefix(f"{title}: "))}</span></div>'
        f'<ol style="list-style:none;margin:0;padding:0">{body}</ol>{left_out}</div>'
    )
    height = min(_MOST_HEIGHT, _HEAD + _LINE * len(found))
    return Figure({}, texts.visible(title), texts.visible(summary), height, fragment)


def _read(data: Any) -> Iterable[Observation]:
    """The findings of a frame; what does not fit in a column is left out."""
    frame = frame_of(data)
    if "caption" not in frame.columns:
        raise DataError("findings have a column 'caption'; pass Observations or a frame like Observations.to_frame()")
    for row in frame.to_dict("records"):
        score = row.get("score")
        number = float(score) if isinstance(score, int | float) and score == score else 0.0  # noqa: PLR0124  (NaN)
        yield Observation(
            texts.show(row["caption"]) or "(no caption)", None, number, _words(row.get("tags")),
            _words(row.get("techniques")), texts.show(row.get("description")) or "", texts.show(row.get("link")) or "",
            **({"time": row["time"]} if hasattr(row.get("time"), "strftime") else {}),
        )  # fmt: skip


def _words(value: Any) -> tuple[str, ...]:
    several = value if isinstance(value, list | tuple | set) else [value]
    return tuple(word for one in several if (word := texts.show(one, 80)))


def _item(one: Observation, rows: int) -> str:
    level = next((name for least, name in _GRAVE if one.score >= least), "none")
    chips = "".join(
        f'<span class="hl-chip {kind}">{texts.escape(texts.clip(word, 80))}</span>'
        for kind, words in (("hl-technique", one.techniques), ("hl-tag", one.tags))
        for word in words
    )
    when = texts.show(one.time, 40) or ""
    return (
        f'<li class="hl-finding hl-{level}" style="margin:6px 0;padding:4px 10px;border-left:4px solid #8a8f98">'
        f'<div class="hl-line"><span class="hl-score" title="score, 0 to 10">{one.score:g}</span> '
        f"<b>{texts.escape(texts.clip(one.caption, 400))}</b> {chips}"
        f'<span class="hl-time">{texts.escape(when[:16])}</span></div>'
        f"{_paragraph(one.description)}{_link(one.link)}{_table(one, rows)}</li>"
    )


def _paragraph(text: str) -> str:
    return f'<div class="hl-text">{texts.escape(texts.clip(text, 4_000))}</div>' if text else ""


def _link(link: str) -> str:
    """The address as text: a page of hostile data holds nothing to click on."""
    return f'<div class="hl-link">{texts.escape(texts.clip(link, 400))}</div>' if link else ""


def _table(one: Observation, rows: int) -> str:
    if one.data is None:
        return ""
    count = len(one.data)
    words = f"{count:,} row{'' if count == 1 else 's'}"
    shown = table.to_html(one.data, limit=rows) if count and one.data.shape[1] else ""
    return f"<details><summary>{words}</summary>{shown}</details>"


@cache
def _css() -> str:
    return texts.asset("findings.css", high=theme.RISK["high"], medium=theme.RISK["medium"], low=theme.RISK["low"])
