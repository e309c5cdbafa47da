"""`%pivot`: ask about an entity, and carry the answer on to the next pivot behind a `|`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from huntlens_kernel.display import Table
from huntlens_kernel.errors import HuntError
from huntlens_kernel.progress import Progress
from huntlens_kernel.providers import reach

if TYPE_CHECKING:
    from huntlens.assist.magic_line import Line
    from huntlens_kernel.session import Session

__all__ = ["pivot"]


def pivot(session: Session, line: Line, cell: str | None) -> Any:
    """The answer of the last pivot of the line, as a table with the input in front."""
    del cell
    from huntlens.pivots.namespace import named
    from huntlens.pivots.session import Session as Pivots

    first, *later = _segments(line)
    name = line.value("pivot")
    options: dict[str, Any] = dict(line.pairs())
    if line.given("join"):
        options["join"] = line.value("join")
    with Progress(session.shell, name) as progress:
        asked = reach(session, line.value("connection"), line.value("timespan"), progress.tick)
        known = Pivots(tuple(reversed(asked)))
        found = named(name, known)(_input(session, line, first), column=line.value("column"), **options)
        for words in later:
            name = words[0]
            found = named(name, known)(found, column=words[1] if len(words) > 1 else "")
    caption = line.value("pivot") if not later else f"{line.value('pivot')} … {name}"
    return Table(found, caption, "" if len(found) else f"nothing was found · {_where(session, line)}")


def _where(session: Session, line: Line) -> str:
    """Where was looked, and in what time."""
    used = session.connection(line.value("connection"))
    return f"{used.name} · {session.range(line.value('timespan'), used) or 'all time'}"


def _segments(line: Line) -> list[list[str]]:
    """The words behind the pivot, cut at each `|`."""
    segments: list[list[str]] = [[]]
    for word in line.values("values"):
        if word == "|":
            segments.append([])
        else:
            segments[-1].append(word)
    if any(not words for words in segments[1:]):
        raise HuntError(["behind | stands a further pivot: %pivot Host.windows.logons web01 | Account.windows.logons"])
    return segments


def _input(session: Session, line: Line, words: list[str]) -> Any:
    """The value of a variable, or the words themselves: one value, or a list of them."""
    if not words:
        raise HuntError([f"%pivot needs something to ask about: a value, or a variable; {line.spec.usage}"])
    if len(words) == 1 and words[0].isidentifier() and words[0] in session.names:
        value = session.names[words[0]]
        return getattr(value, "df", value)
    return words[0] if len(words) == 1 else words
