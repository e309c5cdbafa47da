"""What services say about indicators, as cards: a card an indicator, a line a service, the worst verdict first.

Links are texts that nobody follows by accident: one click shows the way, a second one goes there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from huntlens.analyze.ioc import defang
from huntlens.errors import DataError
from huntlens.frames import to_frame
from huntlens.viz import theme
from huntlens.viz.card import PLAIN
from huntlens.viz.text import clip, escape, show, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

SEVERITIES: Final = ("high", "medium", "low", "none", "unknown")
_SAME: Final[Mapping[str, str]] = {
    "critical": "high",
    "warning": "medium",
    "information": "low",
    "informational": "low",
}
_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "indicator": ("indicator", "ioc", "value", "observable"),
    "type": ("type", "ioctype"),
    "service": ("service", "provider"),
    "severity": ("severity", "verdict"),
    "details": ("details", "summary"),
    "link": ("link", "reference", "url"),
    "status": ("status",),
}
"""What a column may be called, in small letters."""
_CARDS: Final = 50
_DETAILS: Final = 400
_GONE: Final = "(no value)"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one service says about one indicator."""

    indicator: str
    type: str = ""
    service: str = ""
    severity: str = "unknown"
    details: str = ""
    link: str = ""

    @property
    def rank(self) -> int:
        """Its place in the order, the worst first."""
        return SEVERITIES.index(self.severity)


class Verdicts:
    """Verdicts that show themselves as cards; `df` is the frame that they were read from."""

    def __init__(self, df: pd.DataFrame, verdicts: Iterable[Verdict]) -> None:
        self.df = df
        by_name: dict[str, list[Verdict]] = {}
        for one in verdicts:
            by_name.setdefault(one.indicator, []).append(one)
        told = [sorted(group, key=lambda one: one.rank) for group in by_name.values()]
        self.groups = sorted(told, key=lambda group: group[0].rank)

    def to_html(self) -> str:
        """The cards as a part of a page, for readers with and without scripts and styles."""
        cards = "".join(_card(group) for group in self.groups[:_CARDS])
        more = len(self.groups) - _CARDS
        rest = f'<div style="opacity:.8">and {more:,} more indicators: they are in the frame</div>' if more > 0 else ""
        return f'<div style="font-family:system-ui,sans-serif;font-size:12px;max-width:64em">{cards}{rest}</div>'

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        del include, exclude
        return {"text/plain": self._plain(), "text/html": self.to_html()}

    def _plain(self) -> str:
        lines = [
            f"{one.severity:8} {clip(defang(one.indicator), 80)}  {one.service}: {clip(one.details, 80)}"
            for group in self.groups[:_CARDS]
            for one in group
        ]
        return visible("\n".join(lines)) or "no verdicts"

    def __repr__(self) -> str:
        return f"<Verdicts about {len(self.groups):,} indicators>"


def verdicts(data: Any) -> Verdicts:
    """The rows of a look-up, with columns such as `indicator`, `service`, `severity`, `details`, `link`, as cards.

    >>> import pandas as pd
    >>> verdicts(pd.DataFrame({"Ioc": ["evil.example"], "Provider": ["VT"], "Severity": ["warning"]}))
    <Verdicts about 1 indicators>
    """
    frame = to_frame(data)
    small = {str(name).lower(): name for name in reversed(frame.columns)}
    found = {field: next((small[name] for name in names if name in small), None) for field, names in _COLUMNS.items()}
    if found["indicator"] is None:
        raise DataError(f"verdicts need a column with the indicator: {', '.join(_COLUMNS['indicator'])}")
    columns = {field: frame[name].tolist() for field, name in found.items() if name is not None}
    rows = zip(*columns.values(), strict=True)
    return Verdicts(frame, (_verdict(dict(zip(columns, row, strict=True))) for row in rows))


def _verdict(row: Mapping[str, Any]) -> Verdict:
    known = {name: _told(value) if isinstance(value, dict) else show(value, 4096) or "" for name, value in row.items()}
    word = known.get("severity", "").lower()
    severity = _SAME.get(word, word)
    return Verdict(
        indicator=known["indicator"] or _GONE,
        type=known.get("type", ""),
        service=known.get("service", ""),
        severity=severity if severity in SEVERITIES else "unknown",
        details=clip(known.get("details") or known.get("status", ""), _DETAILS),
        link=known.get("link", ""),
    )


def _told(details: Mapping[str, Any]) -> str:
    """Facts by name as one line: `engines 40 of 68 · tags a, b`."""
    return " · ".join(f"{name} {_fact(value)}" for name, value in details.items())


def _fact(value: object) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else value
    return show(text, _DETAILS) or ""


def _card(group: list[Verdict]) -> str:
    """One indicator: a coloured edge, and the verdict in words as well."""
    worst = group[0]
    colour = theme.RISK.get(worst.severity, theme.QUIET)
    head = (
        f'<b style="overflow-wrap:anywhere">{escape(clip(defang(worst.indicator), 300))}</b> '
        f'<span style="opacity:.8">{escape(worst.type)}</span> · <b>{escape(worst.severity)}</b>'
    )
    lines = "".join(
        f'<dt style="opacity:.8;{PLAIN}">{escape(one.service or "?")}</dt>'
        f'<dd style="{PLAIN}">{escape(one.severity)}</dd>'
        f'<dd style="{PLAIN};overflow-wrap:anywhere">{escape(one.details)}{_link(one.link)}</dd>'
        for one in group
    )
    return (
        f'<div style="border:1px solid #8886;border-left:5px solid {colour};border-radius:4px;padding:6px 12px;'
        f'margin:0 0 6px">{head}<dl style="display:grid;grid-template-columns:max-content max-content 1fr;'
        f'gap:2px 14px;margin:4px 0 0">{lines}</dl></div>'
    )


def _link(link: str) -> str:
    """The address as text; where it is one of the web, a click on it shows where a second one would lead."""
    if not link:
        return ""
    shown = escape(clip(defang(link), 300))
    if not _is_web(link):
        return f"<div>{shown}</div>"
    style = "color:inherit;text-decoration:underline"
    where = f'href="{escape(link)}" target="_blank" rel="noopener noreferrer nofollow"'
    way = f'<a {where} style="{style}">open it in a new tab</a>'
    return f'<details><summary style="overflow-wrap:anywhere">{shown}</summary>{way}</details>'


def _is_web(link: str) -> bool:
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return (
        parts.scheme in ("http", "https")
        and bool(parts.hostname)
        and link.isascii()
        and not set(link) & set(" \"'<>\\`")
    )
